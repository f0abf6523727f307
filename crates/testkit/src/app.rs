//! Shoal on a free port over a database of its own, with a clock and ids that a test decides about.

mod answer;
mod http;
mod program;
mod sql_log;
mod time;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value as Json, json};
use shoal_core::clock::{Clock as _, Ids as _};
use shoal_core::context::Tenant;
use shoal_core::database::{Database, Options as DatabaseOptions};
use shoal_gateway::config::{Config, Loader};
use shoal_gateway::{Application, Drained, Gateway, Shutdown, serve};
use shoal_graphql::catalog::Catalog;
use shoal_graphql::declare::Registry;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use uuid::Uuid;

pub use answer::Answer;
pub use http::Exchange;
pub use program::{Program, Running};
pub use sql_log::SqlLog;
pub use time::{CountedIds, FixedClock};

use crate::database::{Backend, Template, TestDatabase};

/// Connections of each test; many tests share a server.
const CONNECTIONS: u32 = 8;

/// What a test may want otherwise than usual.
#[derive(Debug, Clone)]
pub struct Options {
    /// After this long the database stops a statement.
    pub statement_timeout: Duration,
    /// Country of phone numbers without a prefix.
    pub phone_region: Option<String>,
    /// The settings of the gateway.
    pub config: Config,
}

impl Default for Options {
    fn default() -> Self {
        let variables = [("SHOAL_CONFIG_DIR", "/nonexistent"), ("SHOAL__SERVER__PORT", "0")];
        let settings = Loader::new(variables.map(|(key, value)| (key.to_owned(), value.to_owned())));
        match settings.load() {
            Ok(loaded) => {
                Self { statement_timeout: Duration::from_secs(30), phone_region: None, config: loaded.config }
            }
            Err(error) => panic!("the default settings cannot be read: {error}"),
        }
    }
}

/// A running Shoal for one test. It ends, and its database goes, when this value and those of its other
/// [tenants](TestApp::tenant) are dropped.
#[derive(Debug)]
pub struct TestApp {
    address: SocketAddr,
    tenant: Tenant,
    shutdown: Shutdown,
    running: Option<JoinHandle<Drained>>,
    shared: Arc<Shared>,
}

/// What all tenants of a test have in common. The database goes last.
#[derive(Debug)]
struct Shared {
    options: Options,
    clock: Arc<FixedClock>,
    ids: Arc<CountedIds>,
    connections: Database,
    database: Arc<TestDatabase>,
}

impl TestApp {
    /// Shoal with every module, over an empty database.
    pub async fn start(backend: Backend) -> Self {
        Self::start_with(backend, Options::default()).await
    }

    /// The same with other settings.
    ///
    /// # Panics
    /// When it cannot be started, as everything here.
    pub async fn start_with(backend: Backend, options: Options) -> Self {
        let version = shoal_migrations::version();
        let template = Template { key: "shoal", version: &version };
        let database = Arc::new(TestDatabase::create(backend, template, migrate).await);
        let connections = connect(database.url(), options.statement_timeout).await;
        let tenant = Tenant { phone_region: options.phone_region.clone(), ..Tenant::first() };
        let (clock, ids) = (Arc::default(), Arc::default());
        Self::serve(Arc::new(Shared { options, clock, ids, connections, database }), tenant).await
    }

    /// The same installation as another tenant sees it: same database, clock and ids. `number` tells tenants apart;
    /// 1 is the first.
    pub async fn tenant(&self, number: u16) -> Self {
        let id = Uuid::from_u128(Tenant::first().id.as_u128() + u128::from(number) - 1);
        Self::serve(Arc::clone(&self.shared), Tenant { id, ..self.tenant.clone() }).await
    }

    /// The same installation with another time-out of statements, on connections of its own.
    ///
    /// # Panics
    /// When the database cannot be opened a second time.
    pub async fn with_statement_timeout(&self, timeout: Duration) -> Self {
        let options = Options { statement_timeout: timeout, ..self.shared.options.clone() };
        let connections = connect(self.database_url(), timeout).await;
        let Shared { clock, ids, database, .. } = &*self.shared;
        let (clock, ids, database) = (Arc::clone(clock), Arc::clone(ids), Arc::clone(database));
        Self::serve(Arc::new(Shared { options, clock, ids, connections, database }), self.tenant.clone())
            .await
    }

    async fn serve(shared: Arc<Shared>, tenant: Tenant) -> Self {
        let config = &shared.options.config;
        let (clock, ids) = (Arc::clone(&shared.clock), Arc::clone(&shared.ids));
        let application = Application::with_clock(catalog(), shared.connections.clone(), config, clock, ids)
            .for_tenant(tenant.clone());
        let ids = Arc::clone(&shared.ids);
        let gateway = Gateway::new(Arc::new(application), config, Arc::new(move || ids.next()));
        let shutdown = Shutdown::new();
        let bound = async {
            let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
            listener.local_addr().map(|address| (listener, address))
        };
        match bound.await {
            Ok((listener, address)) => {
                let running = Some(tokio::spawn(serve(listener, gateway, shutdown.clone())));
                Self { address, tenant, shutdown, running, shared }
            }
            Err(error) => panic!("no free port: {error}"),
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it runs on.
    pub fn backend(&self) -> Backend {
        self.shared.database.backend()
    }

    /// Where its database is.
    pub fn database_url(&self) -> &str {
        self.shared.database.url()
    }

    /// Its database, for looking at what is stored and for filling tables in bulk.
    pub fn database(&self) -> &Database {
        &self.shared.connections
    }

    /// The tenant it answers for.
    pub fn tenant_id(&self) -> Uuid {
        self.tenant.id
    }

    /// Its clock, which stands still.
    pub fn clock(&self) -> &FixedClock {
        &self.shared.clock
    }

    /// Today by its clock, as the API writes a day; `days` later or, if negative, earlier.
    pub fn day(&self, days: i64) -> String {
        let day = self.shared.clock.now().date_naive() + chrono::Duration::days(days);
        day.to_string()
    }

    /// Its ids.
    pub fn ids(&self) -> &CountedIds {
        &self.shared.ids
    }

    /// The handle by which it is told to end.
    pub fn shutdown(&self) -> &Shutdown {
        &self.shutdown
    }

    /// Waits until it has ended.
    ///
    /// # Panics
    /// When it panicked, or was waited for before.
    pub async fn ended(&mut self) -> Drained {
        match self.running.take() {
            Some(running) => match running.await {
                Ok(drained) => drained,
                Err(error) => panic!("the server did not end well: {error}"),
            },
            None => panic!("the server was waited for twice"),
        }
    }

    /// Asks by POST, with what a client of today accepts.
    pub async fn graphql(&self, query: &str, variables: Json) -> Answer {
        self.graphql_body(&json!({"query": query, "variables": variables})).await
    }

    /// Asks by POST with this body.
    pub async fn graphql_body(&self, body: &Json) -> Answer {
        let accept = [("content-type", "application/json"), ("accept", "application/graphql-response+json")];
        self.http("POST", "/graphql", &accept, body.to_string().as_bytes()).await.into()
    }

    /// The data of a query or mutation that has no errors.
    pub async fn data(&self, query: &str, variables: Json) -> Json {
        self.graphql(query, variables).await.expect_data()
    }

    /// Any HTTP request, on a connection of its own.
    ///
    /// # Panics
    /// When there is no answer.
    pub async fn http(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Exchange {
        match http::exchange(self.address, method, path, headers, body).await {
            Ok(exchange) => exchange,
            Err(error) => panic!("{method} {path}: {error}"),
        }
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if let Some(running) = &self.running {
            running.abort();
        }
    }
}

async fn connect(url: &str, statement_timeout: Duration) -> Database {
    let options = DatabaseOptions { url: url.to_owned(), max_connections: CONNECTIONS, statement_timeout };
    match Database::connect(&options).await {
        Ok(connections) => connections,
        Err(error) => panic!("the test database cannot be opened: {error}"),
    }
}

/// All modules.
fn catalog() -> Arc<Catalog> {
    let mut registry = Registry::default();
    shoal_contacts::declare(&mut registry);
    match registry.compose() {
        Ok(catalog) => Arc::new(catalog),
        Err(error) => panic!("the modules do not fit together: {error}"),
    }
}

async fn migrate(url: String) -> Result<(), sea_orm::DbErr> {
    let connection = sea_orm::Database::connect(url).await?;
    shoal_migrations::migrate(&connection).await?;
    connection.close().await
}
