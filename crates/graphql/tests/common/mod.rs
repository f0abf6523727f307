//! The library on a database of its own, and a short way to ask it.

pub mod data;
pub mod entities;
pub mod mutations;
pub mod schema;
pub mod tables;
pub mod world;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use chrono::NaiveDate;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, EntityTrait, IdenStatic as _, Iterable as _,
    ModelTrait as _, Statement, Value,
};
use serde_json::{Value as Json, json};
use shoal_graphql::catalog::Entity;
use shoal_graphql::compose::{Compositions, ModuleSet};
use shoal_graphql::context::{Allowance, Context, Predicate, RightSet};
use shoal_graphql::database::{Dialect, Reader};
use shoal_graphql::engine::{Engine, Limits, TextRules};
use shoal_graphql::error::{Refusal, code};
use shoal_graphql::request::{Request, Response};
use shoal_graphql::search::Word;
use shoal_graphql::value::instant_value;
pub use shoal_testkit::Backend;
use shoal_testkit::{Template, TestDatabase};
use uuid::Uuid;

/// How the tests fold text: a sort key is the text in small letters.
pub fn fold(text: &str) -> String {
    text.to_lowercase()
}

pub const TEXT: TextRules = TextRules {
    fold,
    is_literal: |text| text.chars().any(|character| ('\u{4E00}'..='\u{9FFF}').contains(&character)),
    terms: "library_term",
    words: |text| {
        let word = |text: &str| Word { text: text.to_lowercase(), also: None, inside: true, digits: None };
        Ok(text.split_whitespace().map(word).collect())
    },
    currency_digits: |code| match code {
        "EUR" | "USD" => Some(2),
        "JPY" => Some(0),
        "KWD" => Some(3),
        _ => None,
    },
};

/// A request's surroundings.
#[derive(Clone)]
pub struct LibraryContext {
    pub reader: Reader,
    pub tenant: Uuid,
    pub rights: RightSet,
    pub predicates: HashMap<String, Predicate>,
    /// Modules that can only be read.
    pub suspended: Vec<&'static str>,
    pub today: NaiveDate,
    /// What may be spent still, if that is limited, and what was spent each time.
    pub allowance: Arc<Mutex<(Option<u64>, Vec<u64>)>>,
    ids: Arc<AtomicU64>,
}

impl Context for LibraryContext {
    fn reader(&self) -> &Reader {
        &self.reader
    }
    fn partition(&self) -> Value {
        self.tenant.into()
    }
    fn rights(&self) -> &RightSet {
        &self.rights
    }
    fn predicate(&self, entity: &Entity) -> Predicate {
        self.predicates.get(entity.name()).cloned().unwrap_or(Predicate::All)
    }
    fn today(&self) -> NaiveDate {
        self.today
    }
    fn may_change(&self, module: &'static str) -> Result<(), Refusal> {
        if self.suspended.contains(&module) {
            return Err(Refusal::new(code::MODULE_SUSPENDED, "only reading").of_module(module));
        }
        Ok(())
    }
    fn spend(&self, cost: u64) -> Result<(), Refusal> {
        let mut allowance = self.allowance.lock().expect("no panic");
        allowance.1.push(cost);
        if let Some(left) = allowance.0 {
            allowance.0 = Some(left.checked_sub(cost).ok_or_else(|| Refusal::rate_limited(9))?);
        }
        Ok(())
    }
    fn refund(&self, points: u64) {
        if let Some(left) = &mut self.allowance.lock().expect("no panic").0 {
            *left += points;
        }
    }
    fn allowance(&self) -> Option<Allowance> {
        let remaining = self.allowance.lock().expect("no panic").0?;
        Some(Allowance { most: 1_000, remaining, restored_in: 1, window: 2 })
    }
}

impl LibraryContext {
    pub fn next_id(&self) -> Uuid {
        Uuid::from_u64_pair(0xF000_0000_0000_0000, self.ids.fetch_add(1, Ordering::Relaxed))
    }

    /// Inserts rows; all have the same columns.
    pub async fn insert(&self, table: &str, rows: Vec<Vec<(&str, Value)>>) {
        let Some(first) = rows.first() else { return };
        let dialect = self.reader.dialect();
        let columns: Vec<_> = first.iter().map(|(column, _)| format!("\"{column}\"")).collect();
        for chunk in rows.chunks(500) {
            let mut number = 0;
            let tuples: Vec<String> = chunk
                .iter()
                .map(|row| {
                    let places = row.iter().map(|_| {
                        number += 1;
                        format!("${number}")
                    });
                    format!("({})", places.collect::<Vec<_>>().join(","))
                })
                .collect();
            let sql = format!("INSERT INTO {table} ({}) VALUES {}", columns.join(","), tuples.join(","));
            let values = chunk.iter().flatten().map(|(_, value)| kept(value.clone(), dialect));
            let statement =
                Statement::from_sql_and_values(dialect.backend(), sql, values.collect::<Vec<_>>());
            self.reader.connection().execute_raw(statement).await.expect("rows go in");
        }
    }

    /// Inserts models as they are.
    pub async fn insert_models<E: EntityTrait>(&self, models: &[E::Model]) {
        let row = |model: &E::Model| {
            E::Column::iter().map(|column| (column.as_str(), model.get(column))).collect::<Vec<_>>()
        };
        let rows: Vec<Vec<(&'static str, Value)>> = models.iter().map(row).collect();
        self.insert(E::default().table_name(), rows).await;
    }

    /// Runs a statement without values.
    pub async fn run(&self, sql: &str) {
        self.reader.connection().execute_unprepared(sql).await.expect("the statement runs");
    }
}

/// The value as this database keeps it.
fn kept(value: Value, dialect: Dialect) -> Value {
    match value {
        Value::ChronoDateTimeUtc(Some(at)) => instant_value(at, dialect),
        Value::ChronoDateTimeUtc(None) if dialect == Dialect::Sqlite => Value::String(None),
        other => other,
    }
}

/// A library on one database.
pub struct Library {
    pub backend: Backend,
    pub engine: Engine,
    pub compositions: Arc<Compositions>,
    pub context: LibraryContext,
    _database: TestDatabase,
}

pub const TENANT: Uuid = Uuid::from_u128(0x7e);

impl Library {
    /// Without rows.
    pub async fn empty(backend: Backend) -> Self {
        Self::with_limits(backend, Limits::default()).await
    }

    /// Settings of the session hold for all that follows.
    pub async fn on_one_connection(backend: Backend) -> Self {
        Self::with(backend, Limits::default(), 1).await
    }

    pub async fn with_limits(backend: Backend, limits: Limits) -> Self {
        Self::with(backend, limits, 4).await
    }

    async fn with(backend: Backend, limits: Limits, connections: u32) -> Self {
        let text = tables::tables(backend);
        let template = Template { key: "graphql-library", version: &text };
        let database = TestDatabase::create(backend, template, async |url| {
            let connection = Database::connect(url).await?;
            connection.execute_unprepared(&text).await?;
            connection.close().await
        })
        .await;
        let mut options = ConnectOptions::new(database.url());
        options.max_connections(connections).sqlx_logging(false).test_before_acquire(false);
        let connection = Database::connect(options).await.expect("the test's database");
        let context = LibraryContext {
            reader: Reader::new(connection),
            tenant: TENANT,
            rights: RightSet::all(),
            predicates: HashMap::new(),
            suspended: Vec::new(),
            today: NaiveDate::from_ymd_opt(2026, 3, 1).expect("a date"),
            allowance: Arc::new(Mutex::new((None, Vec::new()))),
            ids: Arc::default(),
        };
        let compositions = Arc::new(Compositions::new(schema::registry()).expect("the library composes"));
        let engine = Engine::new(Arc::clone(&compositions), compositions.modules().clone(), limits, TEXT);
        Self { backend, engine, compositions, context, _database: database }
    }

    /// With these modules only.
    pub fn enable(&mut self, modules: &[&'static str]) {
        let modules: ModuleSet = modules.iter().copied().collect();
        self.engine = Engine::new(Arc::clone(&self.compositions), modules, Limits::default(), TEXT);
    }

    /// With the books of [`data`].
    pub async fn filled(backend: Backend) -> Self {
        let library = Self::empty(backend).await;
        data::small(&library.context).await;
        library
    }

    pub async fn execute(&self, request: &Request) -> Response {
        let context: Arc<dyn Context> = Arc::new(self.context.clone());
        self.engine.execute(request, &context).await
    }

    /// The whole response and the number of statements.
    pub async fn ask_counted(&self, query: &str, variables: Json) -> (Json, u32) {
        let variables = match variables {
            Json::Object(map) => Some(map),
            _ => None,
        };
        let request = Request { query: query.to_owned(), variables, ..Request::default() };
        let response = self.execute(&request).await;
        let body = serde_json::from_slice(&response.body).unwrap_or_else(|error| {
            panic!("{}: {query}: {error} in {}", self.backend, String::from_utf8_lossy(&response.body))
        });
        (body, response.statements)
    }

    /// As [`ask_counted`](Self::ask_counted), also of a subscription: nothing if it may be subscribed to.
    pub async fn try_counted(&self, query: &str, variables: Json) -> (Json, u32) {
        if !query.starts_with("subscription") {
            return self.ask_counted(query, variables).await;
        }
        let variables = variables.as_object().cloned();
        let request = Request { query: query.to_owned(), variables, ..Request::default() };
        let context: Arc<dyn Context> = Arc::new(self.context.clone());
        match self.engine.subscribe(&request, &context) {
            Ok(_) => (json!({}), 0),
            Err(refused) => (serde_json::from_slice(&refused.body).expect("JSON"), refused.statements),
        }
    }

    /// The whole response.
    pub async fn ask(&self, query: &str, variables: Json) -> Json {
        self.ask_counted(query, variables).await.0
    }

    /// The data of a response without errors.
    pub async fn data(&self, query: &str, variables: Json) -> Json {
        let mut body = self.ask(query, variables).await;
        assert!(body.get("errors").is_none(), "{}: {query}: {body:#}", self.backend);
        body["data"].take()
    }

    /// Asserts the data, key order included.
    pub async fn expect(&self, query: &str, data: Json) {
        let found = self.data(query, Json::Null).await;
        assert_eq!(found.to_string(), data.to_string(), "{}: {query}", self.backend);
    }

    /// Asserts the data and the number of statements.
    pub async fn expect_counted(&self, query: &str, statements: u32, data: Json) {
        let (body, used) = self.ask_counted(query, Json::Null).await;
        assert_eq!(body.to_string(), json!({ "data": data }).to_string(), "{}: {query}", self.backend);
        assert_eq!(used, statements, "{}: statements of {query}", self.backend);
    }
}

/// Runs a test on both databases, on the filled library.
pub async fn on_both(test: impl AsyncFn(&Library)) {
    for backend in Backend::ALL {
        test(&Library::filled(backend).await).await;
    }
}

/// For properties: proptest's closures are not asynchronous.
pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// Always the same cases, so that a failure can be repeated.
pub fn runner(cases: u32) -> TestRunner {
    TestRunner::new_with_rng(
        Config { cases, failure_persistence: None, max_shrink_iters: 200, ..Config::default() },
        TestRng::deterministic_rng(RngAlgorithm::ChaCha),
    )
}

/// The world on each database.
pub async fn stored(world: &world::World) -> Vec<Library> {
    let mut libraries = Vec::new();
    for backend in Backend::ALL {
        let library = Library::empty(backend).await;
        world.store(&library.context).await;
        libraries.push(library);
    }
    libraries
}
