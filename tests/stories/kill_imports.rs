//! `kill -9` in the middle of an import, again and again: in the end each row has made its contact, once.

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;
use std::time::Duration;

use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection};
use serde_json::{Value as Json, json};
use shoal_testkit::{Backend, Installation, Program, Running};
use tokio::time::{Instant, sleep};

use crate::kill::{all_is_told, count, each_version_is_told, modules, say};

/// Rows of the file.
const ROWS: i64 = if cfg!(feature = "slow-tests") { 40_000 } else { 6_000 };

/// Kills while rows are brought in; one more while the file is read.
const KILLS: usize = if cfg!(feature = "slow-tests") { 30 } else { 9 };

/// One row of so many is refused.
const BAD: i64 = 500;

/// Accounts that rows name.
const FIRMS: i64 = 40;

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_goes_on_with_the_import_of_a_killed_server() {
    kill_again_and_again(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_goes_on_with_the_import_of_a_killed_server() {
    kill_again_and_again(Backend::Postgres).await;
}

async fn kill_again_and_again(backend: Backend) {
    let place = Installation::new(backend, modules).await;
    let program = Path::new(env!("CARGO_BIN_EXE_witness"));
    let serve = || Program::at(program, place.database.url(), ["serve"]).serve();
    let mut server = serve();
    let file = upload(&server, &place.token, &people());
    let input = json!({"fileId": file, "recordType": "Contact"});
    let id = change(&server, &place.token, "importCreate", "ImportCreate", input);
    server.kill();
    stored_rows(&place).await;
    server = serve();
    until(&server, &place.token, &id, "READY").await;
    change(&server, &place.token, "importStart", "ImportChoice", json!({ "id": id }));
    // How long a server may live. It shrinks and grows, so that the kills gather around the end of a step.
    let mut lifetime = Duration::from_millis(500);
    let (mut before, mut stored, mut prevented) = (0, 0, 0);
    for _ in 0..KILLS {
        sleep(lifetime).await;
        server.kill();
        let now = stored_rows(&place).await;
        say(&format!("{now} rows after a life of {lifetime:?}"));
        if now == before {
            prevented += 1;
            lifetime = lifetime * 3 / 2;
        } else {
            (before, stored) = (now, stored + 1);
            lifetime = lifetime * 2 / 3;
        }
        server = serve();
    }
    let import = import(&server, &place.token, &id);
    // All of the kills were in the middle, or nothing was proven.
    assert_eq!(import["state"], "RUNNING", "{import}");
    assert!(stored >= 2 && prevented >= 2, "{stored} stored, {prevented} prevented");
    let import = until(&server, &place.token, &id, "DONE").await;
    let refused = ROWS / BAD;
    assert_eq!(
        (&import["createdRows"], &import["refusedRows"], &import["job"]["done"]),
        (&json!(ROWS - refused), &json!(refused), &json!(ROWS)),
        "{import}"
    );
    found(&server, &place.token);
    let connection = Database::connect(place.database.url()).await.unwrap();
    all_is_told(&connection).await;
    server.kill();
    check(&connection).await;
    connection.close().await.unwrap();
}

/// A file of people with addresses, numbers, tags and days; one of ten works for a firm that nobody has made.
fn people() -> String {
    let mut file = "First name,Last name,E-mail,Mobile,Tags,Birthday,Company\n".to_owned();
    for row in 1..=ROWS {
        let at = if row % BAD == 7 { '#' } else { '@' };
        let (number, tag, day) = (1_000_000 + row, row % 7, row % 28 + 1);
        let firm = if row % 10 == 0 { format!("Firm {}", row / 10 % FIRMS) } else { String::new() };
        writeln!(
            file,
            "G{row},F{row},a{row}{at}b.example,+49 170 {number},t{tag}; all,1990-05-{day:02},{firm}"
        )
        .unwrap();
    }
    file
}

fn upload(server: &Running, token: &str, file: &str) -> Json {
    let mut stream = server.send("/files?name=people.csv", Some(token), file).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    serde_json::from_str::<Json>(body).unwrap_or_else(|error| panic!("{error}: {answer}"))["id"].clone()
}

/// The id of the import that a mutation is about.
fn change(server: &Running, token: &str, mutation: &str, ty: &str, input: Json) -> Json {
    let query = format!("mutation($input: {ty}!) {{ {mutation}(input: $input) {{ id }} }}");
    let answer =
        server.post("/graphql", Some(token), &json!({"query": query, "variables": {"input": input}}));
    let id = answer["data"][mutation]["id"].clone();
    assert!(id.is_string(), "{answer}");
    id
}

fn import(server: &Running, token: &str, id: &Json) -> Json {
    let query = "query($id: ID!) { import(id: $id) { state createdRows refusedRows error job { state done error } } }";
    let answer = server.post("/graphql", Some(token), &json!({"query": query, "variables": {"id": id}}));
    answer["data"]["import"].clone()
}

async fn until(server: &Running, token: &str, id: &Json, state: &str) -> Json {
    let end = Instant::now() + Duration::from_mins(2);
    loop {
        let import = import(server, token, id);
        if import["state"] == state {
            return import;
        }
        assert!(Instant::now() < end, "{import}");
        sleep(Duration::from_millis(50)).await;
    }
}

/// The rows that a dead server has stored. What it was at is nobody's any more, as if its ten seconds were over.
async fn stored_rows(place: &Installation) -> i64 {
    // Nobody else may have the file open when a server dies, so that the next one finds what a crash leaves.
    let connection = Database::connect(place.database.url()).await.unwrap();
    let lapse = "UPDATE core_job SET due_at = created_at WHERE finished_at IS NULL";
    connection.execute_unprepared(lapse).await.unwrap();
    let rows = count(&connection, "core_import_row").await;
    connection.close().await.unwrap();
    rows
}

/// What the last rows have brought is found.
fn found(server: &Running, token: &str) {
    let query = format!(
        "{{ contacts(filter: {{search: \"F{ROWS}\"}}) {{ nodes {{ displayName birthday emails {{ address }} phones {{ e164 }}
            tags {{ name }} account {{ name contacts {{ totalCount }} }} }} }} }}"
    );
    let answer = server.post("/graphql", Some(token), &json!({ "query": query }));
    let nodes = answer["data"]["contacts"]["nodes"].as_array().unwrap_or_else(|| panic!("{answer}"));
    let name = format!("G{ROWS} F{ROWS}");
    let last = nodes.iter().find(|node| node["displayName"] == name).unwrap_or_else(|| panic!("{answer}"));
    assert_eq!(last["emails"], json!([{"address": format!("a{ROWS}@b.example")}]));
    assert_eq!(last["phones"], json!([{"e164": format!("+49170{}", 1_000_000 + ROWS)}]));
    assert_eq!(last["tags"].as_array().unwrap().len(), 2);
    let firm =
        json!({"name": format!("Firm {}", ROWS / 10 % FIRMS), "contacts": {"totalCount": ROWS / 10 / FIRMS}});
    assert_eq!(last["account"], firm);
}

async fn check(connection: &DatabaseConnection) {
    let refused = ROWS / BAD;
    let made = ROWS - refused;
    for (what, expected) in [
        ("contacts_contact WHERE version = 1", made),
        ("contacts_contact", made),
        ("contacts_email_address", made),
        ("contacts_phone_number", made),
        ("contacts_account", FIRMS),
        ("contacts_contact_role WHERE is_primary", ROWS / 10),
        // Each row has one outcome, and its own contact.
        ("core_import_row", ROWS),
        ("(SELECT DISTINCT row FROM core_import_row) AS numbers", ROWS),
        ("core_import_row WHERE outcome = 'REFUSED' AND record_id IS NULL", refused),
        ("core_import_row WHERE outcome = 'CREATED'", made),
        ("(SELECT DISTINCT record_id FROM core_import_row WHERE record_id IS NOT NULL) AS records", made),
        (
            "core_import_row AS r JOIN contacts_contact AS c ON c.tenant_id = r.tenant_id AND c.id = r.record_id",
            made,
        ),
        ("core_event WHERE name = 'contacts.account_created'", FIRMS),
        ("core_event WHERE name = 'contacts.contact_created'", made),
    ] {
        assert_eq!(count(connection, what).await, expected, "{what}");
    }
    each_version_is_told(connection).await;
}
