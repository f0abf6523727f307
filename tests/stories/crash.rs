//! `kill -9` in the middle of writing leaves all of a mutation or nothing.

use std::convert::Infallible;
use std::io::Read as _;
use std::time::Duration;

use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DbBackend, Statement};
use serde_json::{Value as Json, json};
use shoal_testkit::{Backend, Program, Running, Template, TestDatabase};
use tokio::time::{sleep, timeout};

/// Rows of a batch.
const ROWS: u64 = 500;

/// So many kills must have prevented what the server was at, and so many must have come too late for that.
const EACH: u64 = 4;

/// So many kills may be needed.
const MOST: u64 = 40;

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_has_all_or_nothing_of_a_killed_server() {
    kill_in_the_middle(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_has_all_or_nothing_of_a_killed_server() {
    kill_in_the_middle(Backend::Postgres).await;
}

async fn kill_in_the_middle(backend: Backend) {
    let template = Template { key: "empty", version: "1" };
    let database = TestDatabase::create(backend, template, async |_| Ok::<_, Infallible>(())).await;
    let serve = || Program::new(database.url(), ["serve"]).serve();
    let (mut server, mut stored, mut prevented) = (serve(), 0, 0);
    let token = server.sign_in();
    // How long a transaction may live. It shrinks and grows, so that the kills gather around its end.
    let mut lifetime = Duration::from_millis(20);
    while stored < EACH || prevented < EACH {
        assert!(stored + prevented < MOST, "{prevented} prevented, {stored} stored");
        let watch = watch(&database).await;
        let mut request = server.send("/graphql", Some(&token), &batch()).unwrap();
        wait(&watch, true).await;
        // Nobody else may have the file open when the server dies, so that the next one finds what a crash leaves.
        watch.close().await.unwrap();
        request.set_read_timeout(Some(lifetime)).unwrap();
        let answered = request.read(&mut [0]).is_ok();
        server.kill();
        server = serve();
        let now = whole_batches(&server, &token, &database).await;
        if now == stored {
            assert!(!answered, "an answer was given for what is not there");
            prevented += 1;
            lifetime = lifetime * 4 / 3;
        } else {
            assert_eq!(now, stored + 1);
            stored = now;
            lifetime = lifetime * 2 / 3;
        }
    }
}

/// A mutation of many contacts, each with rows in other tables.
fn batch() -> String {
    let row = |row| json!({"givenName": format!("G{row}"), "tags": [format!("t{row}")], "emails": [{"address": format!("a{row}@b.example")}]});
    let rows: Vec<Json> = (0..ROWS).map(row).collect();
    let query = "mutation($rows: [ContactCreate!]!) { contactCreateMany(input: $rows) { results { id } } }";
    json!({"query": query, "variables": {"rows": rows}}).to_string()
}

/// How many batches there are, each of them whole.
async fn whole_batches(server: &Running, token: &str, database: &TestDatabase) -> u64 {
    // PostgreSQL ends what it is at before it sees that the one who asked is dead.
    let watch = watch(database).await;
    wait(&watch, false).await;
    watch.close().await.unwrap();
    let query = "{ contacts { totalCount } tags { totalCount }
        mailed: contacts(filter: {emails: {some: {position: {eq: 0}}}}) { totalCount }
        tagged: contacts(filter: {tags: {some: {name: {startsWith: \"t\"}}}}) { totalCount } }";
    let data = &server.post("/graphql", Some(token), &json!({"query": query}))["data"];
    let count = |field: &str| data[field]["totalCount"].as_u64().unwrap();
    let contacts = count("contacts");
    assert_eq!(contacts % ROWS, 0, "{data}");
    let rest = (count("mailed"), count("tagged"), count("tags"));
    assert_eq!(rest, (contacts, contacts, contacts.min(ROWS)), "{data}");
    contacts / ROWS
}

/// A connection that sees what the server does.
async fn watch(database: &TestDatabase) -> DatabaseConnection {
    let mut options = ConnectOptions::new(database.url());
    options.max_connections(1);
    let connection = Database::connect(options).await.unwrap();
    if database.backend() == Backend::Sqlite {
        connection.execute_unprepared("PRAGMA busy_timeout = 0").await.unwrap();
    }
    connection
}

/// Waits until a server is in a transaction that writes, or is not.
async fn wait(watch: &DatabaseConnection, writing: bool) {
    let waiting = async {
        while is_written_to(watch).await != writing {
            sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(Duration::from_secs(10), waiting).await.unwrap();
}

/// Whether a server is in a transaction that writes.
async fn is_written_to(watch: &DatabaseConnection) -> bool {
    if watch.get_database_backend() == DbBackend::Postgres {
        let sql =
            "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND backend_xid IS NOT NULL";
        return watch
            .query_one_raw(Statement::from_string(DbBackend::Postgres, sql))
            .await
            .unwrap()
            .is_some();
    }
    // There is one writer at a time.
    if watch.execute_unprepared("BEGIN IMMEDIATE").await.is_err() {
        return true;
    }
    watch.execute_unprepared("ROLLBACK").await.unwrap();
    false
}
