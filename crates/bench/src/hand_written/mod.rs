//! What somebody would write for exactly these scenarios: axum, sea-orm and `serde_json`, one route for each, only the
//! columns that are needed, the rows of a relation loaded by `is_in`. It answers what Shoal answers, as many statements
//! in as many steps, through the same pool settings.

mod pages;
mod reads;
mod writes;

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use sea_orm::{DatabaseConnection, DbErr};
use serde::Serialize;
use shoal_core::database::Database;
use uuid::Uuid;

use crate::data::TENANT;

pub use pages::cursor_behind;

/// What handlers share.
#[derive(Debug, Clone)]
struct App {
    database: Database,
    tenant: Uuid,
}

impl App {
    fn reader(&self) -> &DatabaseConnection {
        self.database.reader().connection()
    }
}

/// The routes over a database.
pub fn router(database: Database) -> Router {
    Router::new()
        .route("/contacts/{id}", get(reads::contact))
        .route("/contacts", get(reads::contacts).post(writes::create))
        .route("/contacts/gold", get(reads::gold))
        .route("/contacts/by-name", get(pages::by_name))
        .route("/contacts/by-stage", get(reads::by_stage))
        .route("/contacts/many", post(writes::create_many))
        .route("/accounts/{id}", get(reads::account))
        .with_state(App { database, tenant: TENANT })
}

/// The envelope that Shoal has too, so that both send the same bytes.
#[derive(Debug, Serialize)]
struct Data<T> {
    data: T,
}

type Answer<T> = Result<axum::Json<Data<T>>, Failure>;

#[expect(clippy::unnecessary_wraps, reason = "the last line of every handler")]
fn answer<T>(data: T) -> Answer<T> {
    Ok(axum::Json(Data { data }))
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("database: {0}")]
    Database(#[from] DbErr),
    #[error("{0}")]
    Input(String),
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = match self {
            Self::Database(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Input(_) => StatusCode::UNPROCESSABLE_ENTITY,
        };
        (status, self.to_string()).into_response()
    }
}
