//! `kill -9` at any moment: afterwards every change has its audit and its event, every event was delivered, and what
//! handlers did is there exactly once.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection, Statement};
use serde_json::{Value as Json, json};
use shoal_core::module::Modules;
use shoal_testkit::{Backend, Installation, Program, Running};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

use crate::support::NUMBERED;

/// Kills of a run.
const KILLS: usize = if cfg!(feature = "slow-tests") { 50 } else { 10 };

/// Clients that write.
const CLIENTS: usize = 12;

/// The longest life of a server, once it listens.
const LIFE: u64 = 600;

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_delivers_all_of_a_killed_server_once() {
    kill_again_and_again(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_delivers_all_of_a_killed_server_once() {
    kill_again_and_again(Backend::Postgres).await;
}

/// The product, an integrator's module, and one that writes down what it is told.
pub fn modules() -> Modules {
    shoal::modules().with(shoal_property::Property).with(shoal_tests::Witness)
}

async fn kill_again_and_again(backend: Backend) {
    let place = Installation::new(backend, modules).await;
    prepare(&place).await;
    let program = Path::new(env!("CARGO_BIN_EXE_witness"));
    let serve = || Program::at(program, place.database.url(), ["serve"]).serve();
    let seed = u64::from(std::process::id());
    say(&format!("seed {seed}"));
    for kill in 0..KILLS {
        let mut server = serve();
        let clients = clients(&server, &place.token);
        // Spread over the life of a server by the golden ratio: near its start, in the middle of it.
        let part = (seed + kill as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        sleep(Duration::from_millis(part % LIFE)).await;
        server.kill();
        clients.stopped().await;
    }
    let mut server = serve();
    let clients = clients(&server, &place.token);
    while clients.done.load(Ordering::Relaxed) < 20 {
        sleep(Duration::from_millis(10)).await;
    }
    clients.stop.store(true, Ordering::Relaxed);
    clients.stopped().await;
    let connection = Database::connect(place.database.url()).await.unwrap();
    all_is_told(&connection).await;
    check(&connection).await;
    connection.close().await.unwrap();
    server.kill();
}

/// A building with a unit, in which the clients' contacts live.
async fn prepare(place: &Installation) {
    let connection = Database::connect(place.database.url()).await.unwrap();
    let tenant = literal(&connection, place.tenant);
    let id = literal(&connection, uuid::Uuid::from_u128(1));
    for sql in [
        format!(
            "INSERT INTO property_building (tenant_id, id, name, name_sort, city, updated_at, version) VALUES ({tenant}, {id}, 'B', 'b', 'C', CURRENT_TIMESTAMP, 1)"
        ),
        format!(
            "INSERT INTO property_unit (tenant_id, id, building_id, number, floor) VALUES ({tenant}, {id}, {id}, '1', 1)"
        ),
        move_in(&connection),
    ] {
        connection.execute_unprepared(&sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
    connection.close().await.unwrap();
}

/// Whoever is made lives in the unit from that moment on: there is no mutation for it.
fn move_in(connection: &DatabaseConnection) -> String {
    let unit = literal(connection, uuid::Uuid::from_u128(1));
    let insert = format!(
        "INSERT INTO property_residency (tenant_id, id, unit_id, contact_id, kind) VALUES (new.tenant_id, new.id, {unit}, new.id, 'USER');"
    );
    if is_postgres(connection) {
        format!(
            "CREATE FUNCTION move_in() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {insert} RETURN NULL; END $$;
            CREATE TRIGGER move_in AFTER INSERT ON contacts_contact FOR EACH ROW EXECUTE FUNCTION move_in()"
        )
    } else {
        format!("CREATE TRIGGER move_in AFTER INSERT ON contacts_contact BEGIN {insert} END")
    }
}

fn is_postgres(connection: &DatabaseConnection) -> bool {
    connection.get_database_backend() == sea_orm::DbBackend::Postgres
}

fn literal(connection: &DatabaseConnection, id: uuid::Uuid) -> String {
    if is_postgres(connection) { format!("'{id}'") } else { format!("x'{}'", id.simple()) }
}

/// Clients at work.
struct Clients {
    tasks: Vec<tokio::task::JoinHandle<()>>,
    stop: Arc<AtomicBool>,
    /// Changes that were answered.
    done: Arc<AtomicU64>,
}

impl Clients {
    async fn stopped(self) {
        for task in self.tasks {
            task.await.unwrap();
        }
    }
}

/// Clients that make, change, delete and restore contacts until the server is gone.
fn clients(server: &Running, token: &str) -> Clients {
    let (stop, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let tasks = (0..CLIENTS).map(|number| {
        let (address, token) = (server.address.clone(), token.to_owned());
        let (stop, done) = (Arc::clone(&stop), Arc::clone(&done));
        tokio::spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                if one_life(&address, &token, number, &done).await.is_none() {
                    return;
                }
            }
        })
    });
    Clients { tasks: tasks.collect(), stop, done }
}

/// A contact from its first day to its last, and now and then back again; `None` when the server is gone.
async fn one_life(address: &str, token: &str, client: usize, done: &AtomicU64) -> Option<()> {
    let change = async |mutation: &str, ty: &str, input: Json| -> Option<(String, i64)> {
        let query =
            format!("mutation($input: {ty}!) {{ {mutation}(input: $input) {{ id contact {{ version }} }} }}");
        let answer = ask(address, token, &json!({"query": query, "variables": {"input": input}})).await?;
        let payload = &answer["data"][mutation];
        assert!(payload["id"].is_string(), "{mutation}: {answer}");
        done.fetch_add(1, Ordering::Relaxed);
        // A deleted contact is not shown.
        Some((payload["id"].as_str()?.to_owned(), payload["contact"]["version"].as_i64().unwrap_or(0)))
    };
    let input = json!({"familyName": format!("Client {client}"), "tags": [format!("tag {client}"), "all"]});
    let (id, _) = change("contactCreate", "ContactCreate", input).await?;
    let update = json!({"id": id, "expectedVersion": 1, "givenName": "Somebody"});
    change("contactUpdate", "ContactUpdate", update).await?;
    change("contactDelete", "RecordVersion", json!({"id": id, "expectedVersion": 2})).await?;
    if client.is_multiple_of(2) {
        change("contactRestore", "RecordVersion", json!({"id": id, "expectedVersion": 3})).await?;
    }
    Some(())
}

/// An answer in time; `None` when the server is gone.
pub async fn ask(address: &str, token: &str, body: &Json) -> Option<Json> {
    let body = body.to_string();
    let request = format!(
        "POST /graphql HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(address).await.ok()?;
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.ok()?;
    let (_, body) = answer.split_once("\r\n\r\n")?;
    serde_json::from_str(body).ok()
}

pub async fn count(connection: &DatabaseConnection, rows: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM {rows}");
    let asked = Statement::from_string(connection.get_database_backend(), sql.clone());
    let row = connection.query_one_raw(asked).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    row.unwrap().try_get_by_index(0).unwrap()
}

/// Waits until every event has a number and is delivered.
pub async fn all_is_told(connection: &DatabaseConnection) {
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        let unnumbered = count(connection, "core_commit WHERE number IS NULL").await;
        let waiting = count(connection, "core_delivery").await;
        if unnumbered + waiting == 0 {
            return;
        }
        assert!(Instant::now() < end, "{unnumbered} without a number, {waiting} not delivered");
        sleep(Duration::from_millis(20)).await;
    }
}

/// Each version of a contact has one audit, one event, and was told once: a contact of version n has n of each.
pub async fn each_version_is_told(connection: &DatabaseConnection) {
    for (what, mine) in [
        ("audit", "core_audit AS x WHERE x.record_type = 'Contact'"),
        ("event", "core_event AS x WHERE x.record_type = 'Contact'"),
        ("sighting", "(SELECT tenant_id, contact_id AS record_id FROM witness_sighting) AS x WHERE true"),
    ] {
        let told =
            format!("(SELECT x.tenant_id, x.record_id, count(*) AS times FROM {mine} GROUP BY 1, 2) AS t");
        let same = "t.tenant_id = c.tenant_id AND t.record_id = c.id";
        let wrong = format!(
            "contacts_contact AS c LEFT JOIN {told} ON {same} WHERE c.version <> coalesce(t.times, 0)"
        );
        assert_eq!(count(connection, &wrong).await, 0, "contacts with another number of {what} rows");
        let orphans = format!("{told} LEFT JOIN contacts_contact AS c ON {same} WHERE c.id IS NULL");
        assert_eq!(count(connection, &orphans).await, 0, "{what} rows of no contact");
    }
    let sightings = count(connection, "witness_sighting").await;
    let events = "(SELECT DISTINCT event_id FROM witness_sighting) AS events";
    assert_eq!(count(connection, events).await, sightings);
}

async fn check(connection: &DatabaseConnection) {
    let contacts = count(connection, "contacts_contact").await;
    assert!(contacts > 5, "{contacts}");
    each_version_is_told(connection).await;
    // Told in order: of two sightings of a contact the later one has the greater version.
    let disorder = "witness_sighting AS a JOIN witness_sighting AS b ON a.contact_id = b.contact_id
        WHERE a.id < b.id AND (a.version >= b.version OR a.number >= b.number)";
    assert_eq!(count(connection, disorder).await, 0);
    // Whoever was deleted has moved out, nobody else.
    let deleted = "core_event AS e WHERE e.name = 'contacts.contact_deleted' AND e.record_id = r.contact_id";
    let wrong =
        format!("property_residency AS r WHERE (r.valid_to IS NOT NULL) <> EXISTS (SELECT 1 FROM {deleted})");
    assert_eq!(count(connection, &wrong).await, 0, "residencies");
    assert!(count(connection, "property_residency WHERE valid_to IS NOT NULL").await > 10);
    let all = count(connection, "core_event").await;
    assert_eq!(count(connection, &format!("(SELECT DISTINCT number FROM {NUMBERED}) AS numbers")).await, all);
    let last = count(connection, &format!("{NUMBERED} WHERE number = {all} OR number = 1")).await;
    assert_eq!(last, 2, "{all} numbers from 1 on, without gaps");
    say(&format!("{contacts} contacts, {all} events"));
}

/// What a person needs to repeat a run that failed.
#[expect(clippy::print_stdout, reason = "shown with the failure of a test")]
pub fn say(text: &str) {
    println!("{text}");
}
