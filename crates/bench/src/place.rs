//! A database to measure on, filled.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use sea_orm::{ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _};
use serde_json::{Value as Json, json};
use shoal_contacts::contact;
use shoal_core::database::{Database, Options};
use shoal_core::module::Modules;
use shoal_core::tenant::rules::Details;
use shoal_core::{Kernel, RequestContext, role, setup, tenant, user};
use shoal_gateway::Application;
use shoal_graphql::request::Request;
use tempfile::TempDir;
use uuid::Uuid;

use crate::Failure;
use crate::data::{self, Sizes, TENANT};
use crate::postgres::Postgres;
use crate::scenario::World;
use crate::serve::config;

/// Loading, and VACUUM after it, may take longer than a request.
const PATIENCE: Duration = Duration::from_mins(10);

/// A filled database with what measuring needs of it.
pub(crate) struct Place {
    /// `SQLite` or `PostgreSQL`.
    pub name: &'static str,
    /// Its settings, for people.
    pub description: String,
    /// Where servers find it.
    pub url: String,
    /// The same application as in the server, in this process, for what is not measured.
    pub application: Arc<Application>,
    pub world: World,
    home: Home,
}

/// What has to go in the end.
enum Home {
    Folder(TempDir),
    Server(Postgres),
}

impl Place {
    /// A SQLite file in a temporary folder.
    pub async fn sqlite(sizes: Sizes, modules: fn() -> Modules) -> Result<Self, Failure> {
        let folder = tempfile::Builder::new().prefix("shoal-bench-").tempdir()?;
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("bench.db").display());
        let description = format!("a file in {}, WAL, synchronous NORMAL", folder.path().display());
        Self::fill("SQLite", url, description, Home::Folder(folder), (sizes, modules)).await
    }

    /// A database on the server at `url`, or on a private one.
    pub async fn postgres(
        url: Option<String>,
        sizes: Sizes,
        modules: fn() -> Modules,
    ) -> Result<Self, Failure> {
        let server = Postgres::create(url).await?;
        let (url, description) = (server.url.clone(), server.description.clone());
        Self::fill("PostgreSQL", url, description, Home::Server(server), (sizes, modules)).await
    }

    async fn fill(
        name: &'static str,
        url: String,
        description: String,
        home: Home,
        (sizes, modules): (Sizes, fn() -> Modules),
    ) -> Result<Self, Failure> {
        let start = Instant::now();
        let options = Options { url: url.clone(), max_connections: 4, statement_timeout: PATIENCE };
        let database = Database::connect(&options).await?;
        let modules = modules().compose()?;
        shoal_migrations::migrate(database.writer(), &modules.migrations()).await?;
        let kernel = Kernel::new(database.clone(), modules);
        let token = sign_in(&kernel).await?;
        data::fill(&database, sizes).await?;
        let description = format!("{description}; filled in {:.1} s", start.elapsed().as_secs_f64());
        let application = Application::new(kernel, &config(&url)?);
        let world = world(&application, sizes, token).await?;
        Ok(Self { name, description, url, application, world, home })
    }

    /// The database, with longer time-outs than a server has.
    pub fn database(&self) -> &Database {
        self.application.database()
    }

    /// How many contacts there are.
    pub async fn contacts(&self) -> Result<u64, Failure> {
        Ok(contact::Entity::find().count(self.database().writer()).await?)
    }

    /// Removes it.
    pub async fn close(self) -> Result<(), Failure> {
        match self.home {
            Home::Folder(folder) => Ok(folder.close()?),
            Home::Server(server) => server.close().await,
        }
    }
}

/// Makes the company, and a session of its administrator.
async fn sign_in(kernel: &Arc<Kernel>) -> Result<String, Failure> {
    let company = tenant::service::create_as(kernel, TENANT, Details::new("bench", "Bench"), None).await?;
    let details = user::rules::Details {
        email: "admin@company.example".to_owned(),
        name: "Administrator".to_owned(),
        language: None,
        time_zone: None,
    };
    let user = setup::add_user(kernel, &company, details, role::ADMINISTRATOR).await?;
    Ok(setup::session_for(kernel, &company, user.id).await?.text())
}

/// Finds the cursors in front of the last page.
async fn world(application: &Application, sizes: Sizes, token: String) -> Result<World, Failure> {
    let document =
        "{ contacts(last: 11, orderBy: [{displayName: ASC}]) { nodes { id } pageInfo { startCursor } } }";
    let page = &answer(application, document, &json!({})).await?["contacts"];
    let shoal_cursor = page["pageInfo"]["startCursor"].as_str().ok_or("there is no last page")?.to_owned();
    let id: Uuid = page["nodes"][0]["id"].as_str().unwrap_or_default().parse()?;
    let before = contact::Entity::find().filter(contact::Column::Id.eq(id));
    let before = before.one(application.database().writer()).await?.ok_or("there is no last page")?;
    Ok(World { sizes, token, shoal_cursor, hand_written_cursor: crate::hand_written::cursor_behind(&before) })
}

/// The data that the application answers in this process.
pub(crate) fn answer<'a>(
    application: &'a Application,
    document: &'a str,
    variables: &'a Json,
) -> BoxFuture<'a, Result<Json, Failure>> {
    Box::pin(async move {
        let request = Request {
            query: document.to_owned(),
            variables: variables.as_object().cloned(),
            ..Request::default()
        };
        let kernel = application.kernel();
        let company = kernel.tenant(TENANT).await?.ok_or("there is no company")?;
        let context = RequestContext::operator(kernel, &company);
        let response: Json = serde_json::from_slice(&application.answer(&request, context).await.body)?;
        match response.get("errors") {
            None => Ok(response["data"].clone()),
            Some(errors) => Err(format!("Shoal answers {errors}").into()),
        }
    })
}
