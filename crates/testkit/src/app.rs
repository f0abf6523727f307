//! Shoal on a free port over a database of its own, with a clock and ids that a test decides about.

mod answer;
mod background;
mod http;
mod installation;
mod modules;
mod people;
mod program;
mod sql_log;
mod template;
mod time;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value as Json, json};
use shoal_core::clock::{Clock as _, Ids as _};
use shoal_core::database::{Database, Options as DatabaseOptions};
use shoal_core::file::Files;
use shoal_core::kernel::Sources;
use shoal_core::module::{Composition, Modules};
use shoal_core::tenancy::Tenant;
use shoal_core::tenant::rules::Details;
use shoal_core::{Kernel, RequestContext, job, outbox, tenant};
use shoal_gateway::config::{Config, Loader};
use shoal_gateway::{Application, Drained, Gateway, Shutdown, serve};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use uuid::Uuid;

pub use answer::Answer;
pub use http::Exchange;
pub use installation::Installation;
pub use program::{Program, Running};
pub use sql_log::SqlLog;
pub use time::{CountedIds, FixedClock};

use crate::database::{Backend, TestDatabase};
use crate::scratch::run_folder;

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
    /// The modules.
    pub modules: fn() -> Modules,
    /// Whether events are delivered and jobs done in the background, as `shoal serve` does; else [`TestApp::deliver`] and
    /// [`TestApp::work`] do.
    pub background: bool,
}

impl Default for Options {
    fn default() -> Self {
        let variables = [("SHOAL_CONFIG_DIR", "/nonexistent"), ("SHOAL__SERVER__PORT", "0")];
        let settings = Loader::new(variables.map(|(key, value)| (key.to_owned(), value.to_owned())));
        Self {
            statement_timeout: Duration::from_secs(30),
            phone_region: None,
            config: good(settings.load(), "the default settings").config,
            modules,
            background: false,
        }
    }
}

/// A running Shoal for one test, as an administrator of one company sees it. It ends, and its database goes, when this
/// value and those of its other [companies](TestApp::tenant) and [people](TestApp::user) are dropped.
#[derive(Debug, Clone)]
pub struct TestApp {
    server: Arc<Server>,
    tenant: Arc<Tenant>,
    user: Uuid,
    token: String,
}

/// A server. What others may share goes last.
#[derive(Debug)]
struct Server {
    address: SocketAddr,
    shutdown: Shutdown,
    running: Mutex<Option<JoinHandle<Drained>>>,
    kernel: Arc<Kernel>,
    options: Options,
    shared: Shared,
}

/// What servers on the same database share. The database goes last.
#[derive(Debug, Clone)]
struct Shared {
    clock: Arc<FixedClock>,
    ids: Arc<CountedIds>,
    files: Arc<TempDir>,
    database: Arc<TestDatabase>,
}

impl Shared {
    fn new(database: TestDatabase) -> Self {
        let place = good(run_folder(), "a place for files");
        let files = good(tempfile::Builder::new().prefix("files-").tempdir_in(place), "a folder for files");
        Self {
            clock: Arc::default(),
            ids: Arc::default(),
            files: Arc::new(files),
            database: Arc::new(database),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let running = self.running.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = running {
            running.abort();
        }
        self.shutdown.begin();
    }
}

/// The id of the `number`th company of a test.
fn tenant_id(number: u16) -> Uuid {
    Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0000 | u128::from(number))
}

impl TestApp {
    /// Shoal with every module, over an empty database, and an administrator of a company.
    pub async fn start(backend: Backend) -> Self {
        Self::start_with(backend, Options::default()).await
    }

    /// The same with other settings.
    ///
    /// # Panics
    /// When it cannot be started, as everything here.
    pub async fn start_with(backend: Backend, options: Options) -> Self {
        let database = template::database(backend, options.modules).await;
        let server = serve_on(Shared::new(database), options).await;
        let tenant = make_tenant(&server, 1).await;
        Self::administrator(server, tenant).await
    }

    /// An administrator of the `number`th company on the same server; 1 is the first, which is there already.
    pub async fn tenant(&self, number: u16) -> Self {
        let tenant = make_tenant(&self.server, number).await;
        Self::administrator(Arc::clone(&self.server), tenant).await
    }

    /// The same installation with another time-out of statements, on a server and connections of its own.
    pub async fn with_statement_timeout(&self, timeout: Duration) -> Self {
        let options = Options { statement_timeout: timeout, ..self.server.options.clone() };
        self.node(options).await
    }

    /// A second server on the same database, for the same person.
    pub async fn second_node(&self) -> Self {
        self.node(self.server.options.clone()).await
    }

    async fn node(&self, options: Options) -> Self {
        let server = serve_on(self.server.shared.clone(), options).await;
        Self { server, tenant: Arc::clone(&self.tenant), user: self.user, token: self.token.clone() }
    }

    /// The same place with another token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: token.to_owned(), ..self.clone() }
    }

    /// Who it is.
    pub fn user_id(&self) -> Uuid {
        self.user
    }

    /// What it presents to say who it is.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Delivers every event that can be delivered now. How many were.
    ///
    /// # Panics
    /// When the database fails.
    pub async fn deliver(&self) -> usize {
        good(outbox::dispatcher::drain(&self.server.kernel).await, "events to be delivered")
    }

    /// Does every job that can be done now, and enqueues before what is due by itself. How often one was taken up.
    ///
    /// # Panics
    /// When the database fails.
    pub async fn work(&self) -> usize {
        good(job::drain(&self.server.kernel).await, "jobs to be done")
    }

    /// Does a job that begins by itself, now.
    ///
    /// # Panics
    /// When there is none of this name, or the database fails.
    pub async fn do_job(&self, kind: &str) {
        let context = RequestContext::system(&self.server.kernel, &self.tenant);
        good(job::schedule::begin(&context, kind).await, "a job that begins by itself");
        self.work().await;
    }

    /// The kernel behind the server.
    pub fn kernel(&self) -> &Arc<Kernel> {
        &self.server.kernel
    }

    /// The company.
    pub fn company(&self) -> &Arc<Tenant> {
        &self.tenant
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.server.address
    }

    /// What it runs on.
    pub fn backend(&self) -> Backend {
        self.server.shared.database.backend()
    }

    /// Where its database is.
    pub fn database_url(&self) -> &str {
        self.server.shared.database.url()
    }

    /// Its database, for looking at what is stored and for filling tables in bulk.
    pub fn database(&self) -> &Database {
        &self.server.kernel.database
    }

    /// The tenant it answers for.
    pub fn tenant_id(&self) -> Uuid {
        self.tenant.id
    }

    /// Its clock, which stands still.
    pub fn clock(&self) -> &FixedClock {
        &self.server.shared.clock
    }

    /// Today by its clock, as the API writes a day; `days` later or, if negative, earlier.
    pub fn day(&self, days: i64) -> String {
        let day = self.server.shared.clock.now().date_naive() + chrono::Duration::days(days);
        day.to_string()
    }

    /// Where the bytes of its files are.
    pub fn files(&self) -> &Path {
        self.server.shared.files.path()
    }

    /// Its ids.
    pub fn ids(&self) -> &CountedIds {
        &self.server.shared.ids
    }

    /// The handle by which it is told to end.
    pub fn shutdown(&self) -> &Shutdown {
        &self.server.shutdown
    }

    /// Waits until it has ended.
    ///
    /// # Panics
    /// When it panicked, or was waited for before.
    pub async fn ended(&self) -> Drained {
        let running = self.server.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        match running {
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
        let headers = [("content-type", "application/json"), ("accept", "application/graphql-response+json")];
        self.http("POST", "/graphql", &headers, body.to_string().as_bytes()).await.into()
    }

    /// The data of a query or mutation that has no errors.
    pub async fn data(&self, query: &str, variables: Json) -> Json {
        self.graphql(query, variables).await.expect_data()
    }

    /// Any HTTP request of this person, on a connection of its own.
    ///
    /// # Panics
    /// When there is no answer.
    pub async fn http(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Exchange {
        let authorization = format!("Bearer {}", self.token);
        let headers = [headers, &[("authorization", &authorization)]].concat();
        self.http_as_nobody(method, path, &headers, body).await
    }

    /// Any HTTP request with nothing but these headers.
    ///
    /// # Panics
    /// When there is no answer.
    pub async fn http_as_nobody(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Exchange {
        match http::exchange(self.server.address, method, path, headers, body).await {
            Ok(exchange) => exchange,
            Err(error) => panic!("{method} {path}: {error}"),
        }
    }
}

fn good<T, E: std::fmt::Display>(result: Result<T, E>, what: &str) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("the test needs {what}: {error}"),
    }
}

async fn make_tenant(server: &Server, number: u16) -> Arc<Tenant> {
    let mut details = Details::new(&format!("company-{number}"), &format!("Company {number}"));
    details.phone_region.clone_from(&server.options.phone_region);
    let kernel = people::seeding(server);
    good(tenant::service::create_as(&kernel, tenant_id(number), details, None).await, "a company")
}

async fn serve_on(shared: Shared, options: Options) -> Arc<Server> {
    let Shared { clock, ids, files, database } = &shared;
    let connections = connect(database.url(), options.statement_timeout).await;
    let files = Files::in_folder(files.path(), options.config.files.limits());
    let sources = Sources {
        clock: Arc::clone(clock) as _,
        ids: Arc::clone(ids) as _,
        files: good(files, "a folder for files"),
        installed: options.config.modules.clone(),
        ..Sources::default()
    };
    let kernel = Kernel::with_sources(connections, composition(options.modules), sources);
    let application = Application::new(Arc::clone(&kernel), &options.config);
    let counted = Arc::clone(ids);
    let gateway =
        Gateway::new(Arc::clone(&application) as _, &options.config, Arc::new(move || counted.next()))
            .with_sign_in(Arc::clone(&kernel))
            .with_routes(application);
    let shutdown = Shutdown::new();
    if options.background {
        background::start(&kernel, database.url(), &shutdown);
    }
    let listener = good(TcpListener::bind(("127.0.0.1", 0)).await, "a free port");
    let address = good(listener.local_addr(), "an address");
    let running = Mutex::new(Some(tokio::spawn(serve(listener, gateway, shutdown.clone()))));
    Arc::new(Server { address, shutdown, running, kernel, options, shared })
}

async fn connect(url: &str, statement_timeout: Duration) -> Database {
    let options = DatabaseOptions { url: url.to_owned(), max_connections: CONNECTIONS, statement_timeout };
    good(Database::connect(&options).await, "an open database")
}

/// The modules that fit together, put together once for each program: it takes longer than most tests.
fn composition(modules: fn() -> Modules) -> Arc<Composition> {
    static KNOWN: Mutex<Vec<(usize, Arc<Composition>)>> = Mutex::new(Vec::new());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let name = modules as usize;
    if let Some((_, composition)) = known.iter().find(|(known, _)| *known == name) {
        return Arc::clone(composition);
    }
    let composition = Arc::new(good(modules().compose(), "modules that fit together"));
    known.push((name, Arc::clone(&composition)));
    composition
}

/// The modules of Shoal itself.
fn modules() -> Modules {
    Modules::new().with(shoal_contacts::Contacts)
}
