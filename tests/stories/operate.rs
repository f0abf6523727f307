//! What an operator does from the command line.

use std::convert::Infallible;

use serde_json::{Value as Json, json};
use shoal_testkit::{Backend, Program, Template, TestDatabase};

async fn database(backend: Backend) -> TestDatabase {
    let template = Template { key: "empty", version: "1" };
    TestDatabase::create(backend, template, async |_| Ok::<_, Infallible>(())).await
}

fn run(database: &TestDatabase, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Program::new(database.url(), arguments).output();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[track_caller]
fn json(database: &TestDatabase, arguments: &[&str]) -> Json {
    let (code, out, err) = run(database, &[arguments, &["--json"]].concat());
    assert_eq!(code, Some(0), "{arguments:?}: {err}");
    serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}"))
}

#[tokio::test]
async fn on_sqlite() {
    operate(Backend::Sqlite).await;
}

#[tokio::test]
async fn on_postgres() {
    operate(Backend::Postgres).await;
}

async fn operate(backend: Backend) {
    let database = database(backend).await;
    let (code, _, err) = run(&database, &["user", "list"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("there is no company yet"), "{err}");
    // Two companies; the second begins with nothing.
    let north = [
        "tenant",
        "create",
        "north",
        "--name",
        "北方 GmbH",
        "--admin",
        "anna@north.example",
        "--locale",
        "zh-CN",
    ];
    let made = json(&database, &north);
    assert_eq!(made[0]["slug"], "north");
    assert!(made[0]["link"].as_str().unwrap().contains("/auth/link/shoal_link_"), "{made}");
    let (code, _, err) = run(&database, &north);
    assert_eq!(code, Some(2));
    assert!(err.contains("is taken"), "{err}");
    let south = [
        "tenant",
        "create",
        "south",
        "--name",
        "South",
        "--admin",
        "x@south.example",
        "--modules",
        "nonsense",
    ];
    let (code, _, err) = run(&database, &south);
    assert_eq!(
        (code, err.contains("there is no module nonsense; there are contacts")),
        (Some(2), true),
        "{err}"
    );
    let (code, _, err) = run(&database, &["tenant", "create", "So uth", "--name", "", "--admin", "x"]);
    assert_eq!((code, err.contains("slug")), (Some(2), true), "{err}");
    json(
        &database,
        &["tenant", "create", "south", "--name", "South", "--admin", "x@south.example", "--modules="],
    );
    let listed = json(&database, &["tenant", "list"]);
    assert_eq!((&listed[0]["name"], &listed[1]["slug"]), (&json!("北方 GmbH"), &json!("south")));
    // With several companies one has to be named.
    let (code, _, err) = run(&database, &["module", "list"]);
    assert_eq!((code, err.contains("name one by --tenant: north, south")), (Some(2), true), "{err}");
    // People.
    let added = json(&database, &["user", "add", "bo@north.example", "--name", "Bo Li", "--tenant", "north"]);
    assert_eq!(added[0]["email"], "bo@north.example");
    let (code, _, err) =
        run(&database, &["user", "add", "BO@north.example", "--name", "B", "--tenant", "north"]);
    assert_eq!((code, err.contains("somebody here has this address already")), (Some(2), true), "{err}");
    let recovered = json(&database, &["user", "recover", "bo@north.example", "--tenant", "north"]);
    assert!(recovered[0]["link"].as_str().unwrap().contains("/auth/link/"), "{recovered}");
    let (code, _, err) = run(&database, &["user", "link", "nobody@north.example", "--tenant", "north"]);
    assert_eq!(
        (code, err.contains("nobody in north has the address nobody@north.example")),
        (Some(2), true),
        "{err}"
    );
    assert_eq!(json(&database, &["user", "list", "--tenant", "north"]).as_array().unwrap().len(), 2);
    // Modules.
    let state = |tenant: &str| json(&database, &["module", "list", "--tenant", tenant])[0]["state"].clone();
    assert_eq!((state("north"), state("south")), (json!("ENABLED"), json!("AVAILABLE")));
    let plan = json(&database, &["module", "plan", "disable", "contacts", "--tenant", "north"]);
    assert_eq!((&plan[0]["from"], &plan[0]["to"]), (&json!("ENABLED"), &json!("DISABLED")));
    let (code, _, err) = run(&database, &["module", "change", "purge", "contacts", "--tenant", "north"]);
    assert_eq!((code, err.contains("only a disabled module can be purged")), (Some(2), true), "{err}");
    json(&database, &["demo", "--tenant", "north"]);
    json(&database, &["module", "change", "disable", "contacts", "--tenant", "north"]);
    let (code, _, err) = run(&database, &["module", "change", "purge", "contacts", "--tenant", "north"]);
    assert_eq!((code, err.contains("write contacts to confirm")), (Some(2), true), "{err}");
    json(&database, &["module", "change", "purge", "contacts", "--confirm", "contacts", "--tenant", "north"]);
    jobs(&database);
    assert_eq!(state("north"), "AVAILABLE");
    // The table for people, and the doctor.
    let (_, table, _) = run(&database, &["tenant", "list"]);
    assert!(table.starts_with("SLUG") && table.contains("北方 GmbH"), "{table}");
    let doctor = json(&database, &["doctor"]);
    let failed: Vec<&Json> =
        doctor["checks"].as_array().unwrap().iter().filter(|check| check["ok"] == false).collect();
    assert!(failed.is_empty(), "{failed:?}");
    assert!(!doctor.to_string().contains("postgres:postgres@"), "{doctor}");
}

/// The command has purged itself; the job of the change waits for a server, and will find nothing left to do.
fn jobs(database: &TestDatabase) {
    let north = |arguments: &[&str]| json(database, &[&["job"], arguments, &["--tenant", "north"]].concat());
    let listed = north(&["list"]);
    assert_eq!((&listed[0]["kind"], &listed[0]["state"]), (&json!("core.purge_module"), &json!("QUEUED")));
    let id = listed[0]["id"].as_str().unwrap();
    assert_eq!(north(&["list", "--state", "failed"]), json!([]));
    assert_eq!(north(&["cancel", id])[0]["state"], "CANCELLED");
    assert_eq!(north(&["list", "--state", "cancelled"])[0]["id"], id);
    assert_eq!(north(&["retry", id])[0]["state"], "QUEUED");
    let (code, _, err) = run(database, &["job", "retry", id, "--tenant", "north"]);
    assert_eq!((code, err.contains("only a job that has failed")), (Some(1), true), "{err}");
    let (code, out, _) = run(database, &["job", "cancel", id, "--tenant", "south"]);
    assert_eq!((code, out.lines().count()), (Some(1), 1), "{out}");
}

#[test]
fn the_schema_of_some_modules() {
    let sdl = |modules: &str| {
        let output = Program::new("sqlite::memory:", ["schema", "print", "--modules", modules]).output();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, contacts) = sdl("contacts");
    assert_eq!((code, contacts.contains("type Contact ")), (Some(0), true));
    let (code, kernel) = sdl("core");
    assert_eq!(
        (code, kernel.contains("type Contact "), kernel.contains("type User ")),
        (Some(0), false, true)
    );
    assert_eq!(sdl("nonsense").0, Some(2));
}
