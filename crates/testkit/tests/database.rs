//! Every test gets a database of its own, on both backends.
#![expect(clippy::unwrap_used, reason = "helpers of tests; a panic is the report")]

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, Statement};
use shoal_testkit::{Backend, DatabaseError, Template, TestDatabase, URL_VARIABLE};

const SCHEMA: &str = "CREATE TABLE fish (name varchar(20) NOT NULL)";

/// A template that no other test of this run shares.
fn template(key: &'static str) -> Template<'static> {
    Template { key, version: concat!(module_path!(), " 1") }
}

async fn migrate(url: String) -> Result<(), DbErr> {
    let connection = Database::connect(url).await?;
    if connection.get_database_backend() == DbBackend::Sqlite {
        connection.execute_unprepared("PRAGMA journal_mode = WAL").await?;
    }
    connection.execute_unprepared(SCHEMA).await?;
    connection.execute_unprepared("INSERT INTO fish VALUES ('herring')").await?;
    Ok(())
}

async fn connect(database: &TestDatabase) -> DatabaseConnection {
    Database::connect(database.url()).await.unwrap()
}

async fn count(connection: &DatabaseConnection) -> i64 {
    let backend = connection.get_database_backend();
    let row =
        connection.query_one_raw(Statement::from_string(backend, "SELECT count(*) AS n FROM fish")).await;
    row.unwrap().unwrap().try_get("", "n").unwrap()
}

/// The names of the tests' databases on the server.
async fn databases_called(name: &str) -> i64 {
    let server = Database::connect(std::env::var(URL_VARIABLE).unwrap()).await.unwrap();
    let query = "SELECT count(*) AS n FROM pg_database WHERE datname = $1";
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, query, [name.into()]);
    server.query_one_raw(statement).await.unwrap().unwrap().try_get("", "n").unwrap()
}

async fn clones_are_isolated(backend: Backend) {
    let key = template("isolated");
    let first = TestDatabase::create(backend, key, migrate).await;
    let second = TestDatabase::create(backend, key, migrate).await;
    assert_ne!(first.url(), second.url());
    assert_eq!(first.backend(), backend);

    let (in_first, in_second) = (connect(&first).await, connect(&second).await);
    in_first.execute_unprepared("INSERT INTO fish VALUES ('sprat')").await.unwrap();
    assert_eq!((count(&in_first).await, count(&in_second).await), (2, 1));

    let third = TestDatabase::create(backend, key, migrate).await;
    assert_eq!(count(&connect(&third).await).await, 1, "the template must not see what a test does");
}

#[tokio::test]
async fn clones_are_isolated_on_sqlite() {
    clones_are_isolated(Backend::Sqlite).await;
}

#[tokio::test]
async fn clones_are_isolated_on_postgres() {
    clones_are_isolated(Backend::Postgres).await;
}

async fn migrates_once_when_many_ask_at_once(backend: Backend) {
    let runs = AtomicUsize::new(0);
    // The process id keeps a server that outlives the run from having this template already.
    let version = std::process::id().to_string();
    let key = Template { key: "once", version: &version };
    let create = || {
        TestDatabase::create(backend, key, async |url| {
            runs.fetch_add(1, Ordering::SeqCst);
            migrate(url).await
        })
    };
    let (a, b, c, d) = tokio::join!(create(), create(), create(), create());
    for database in [a, b, c, d] {
        assert_eq!(count(&connect(&database).await).await, 1);
    }
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn migrates_once_when_many_ask_at_once_on_sqlite() {
    migrates_once_when_many_ask_at_once(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn migrates_once_when_many_ask_at_once_on_postgres() {
    migrates_once_when_many_ask_at_once(Backend::Postgres).await;
}

#[tokio::test]
async fn another_version_is_another_template() {
    for backend in Backend::ALL {
        let old = Template { key: "versions", version: "1" };
        let new = Template { key: "versions", version: "2" };
        let _old = TestDatabase::create(backend, old, async |_| Ok::<_, DbErr>(())).await;
        let new = TestDatabase::create(backend, new, migrate).await;
        assert_eq!(count(&connect(&new).await).await, 1);
    }
}

#[tokio::test]
async fn drop_removes_the_file_while_it_is_open() {
    let database = TestDatabase::create(Backend::Sqlite, template("dropped"), migrate).await;
    let connection = connect(&database).await;
    connection.execute_unprepared("INSERT INTO fish VALUES ('sprat')").await.unwrap();
    let path = database.url().strip_prefix("sqlite://").and_then(|url| url.strip_suffix("?mode=rwc"));
    let file = PathBuf::from(path.unwrap());
    assert!(file.is_absolute() && file.is_file());
    drop(database);
    assert!(!file.parent().unwrap().exists());
}

#[tokio::test]
async fn drop_removes_the_database_while_it_is_in_use() {
    let database = TestDatabase::create(Backend::Postgres, template("dropped"), migrate).await;
    let _connection = connect(&database).await;
    let name = database.url().rsplit('/').next().unwrap().to_owned();
    assert_eq!(databases_called(&name).await, 1);
    drop(database);
    assert_eq!(databases_called(&name).await, 0);
}

#[tokio::test]
async fn a_failed_migration_is_told_and_tried_again() {
    for backend in Backend::ALL {
        let version = std::process::id().to_string();
        let key = Template { key: "failing", version: &version };
        let failing = async |url: String| {
            migrate(url).await?;
            Err(DbErr::Custom("the shoal is elsewhere".to_owned()))
        };
        let error = TestDatabase::try_create(backend, key, failing).await.unwrap_err();
        assert!(matches!(error, DatabaseError::Migration(_)));
        let sentence = error.to_string();
        assert!(sentence.starts_with("the migration of the test database failed: "), "{sentence}");
        assert!(sentence.contains("the shoal is elsewhere"), "{sentence}");

        let database = TestDatabase::create(backend, key, migrate).await;
        assert_eq!(count(&connect(&database).await).await, 1, "half a migration must not be left");
    }
}
