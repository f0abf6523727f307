//! `/`: where a person who opens the address in a browser should go.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{Response, StatusCode, header};

use super::page;
use crate::app::App;

const PAGE: &str = "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Shoal</title>\
    <h1>Shoal</h1><p>The API is at <code>/graphql</code>.</p></html>\n";

/// Sends people to the editor where there is one.
pub(crate) async fn root(State(app): State<Arc<App>>) -> Response<Body> {
    if app.graphql.graphiql {
        return page(StatusCode::TEMPORARY_REDIRECT, "", [(header::LOCATION, "/graphiql")]);
    }
    page(
        StatusCode::OK,
        PAGE,
        [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CONTENT_SECURITY_POLICY, "default-src 'none'"),
        ],
    )
}
