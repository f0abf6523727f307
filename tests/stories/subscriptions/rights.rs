//! Who may be told what, and what happens when that changes while somebody listens.

use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use shoal_core::module::Modules;
use shoal_testkit::{Backend, Options, TestApp};
use uuid::Uuid;

use super::client::{Events, Socket};
use crate::bulk::{execute, literal};
use crate::support::{account, both_databases, change, contact};

both_databases!(
    only_visible_records_are_told,
    fields_without_a_right_are_refused,
    rights_taken_away_end_it,
    what_waits_is_worked_out_anew,
    the_end_of_a_session_ends_it,
);

const CONTACTS: &str = "subscription { contactChanged { kind record: contact { displayName } } }";

/// So soon whatever was taken away is gone.
const SOON: Duration = Duration::from_millis(1_500);

/// Changes the company's access in the database, as another node does.
async fn elsewhere(app: &TestApp, sql: &str) {
    execute(app, sql).await;
    execute(app, "UPDATE core_tenant SET access_revision = access_revision + 1").await;
}

/// Somebody with these rights and scopes and no others.
async fn somebody(app: &TestApp, email: &str, rights: &[(&str, &str)]) -> TestApp {
    let person = app.user(email, "EMPLOYEE").await;
    let role = Uuid::from_u128(person.user_id().as_u128() ^ 1);
    let (role_id, user_id) = (literal(app, role), literal(app, person.user_id()));
    execute(
        app,
        &format!(
            "INSERT INTO core_role (tenant_id, id, name, name_sort, created_at, updated_at, version)
            SELECT tenant_id, {role_id}, '{email}', '{email}', created_at, updated_at, 1 FROM core_role WHERE built_in = 'EMPLOYEE'"
        ),
    )
    .await;
    for (number, (right, scope)) in (10_u128..).zip(rights) {
        let id = literal(app, Uuid::from_u128(role.as_u128() ^ (number << 64)));
        execute(
            app,
            &format!(
                "INSERT INTO core_role_right (tenant_id, id, role_id, name, scope)
                SELECT tenant_id, {id}, id, '{right}', '{scope}' FROM core_role WHERE id = {role_id}"
            ),
        )
        .await;
    }
    elsewhere(app, &format!("UPDATE core_user_role SET role_id = {role_id} WHERE user_id = {user_id}")).await;
    person.kernel().forget(app.tenant_id());
    person
}

const READER: &str = "contacts.contact.read";
const CREATOR: &str = "contacts.contact.create";

async fn only_visible_records_are_told(app: TestApp) {
    let own = somebody(&app, "own@company.example", &[(READER, "OWN"), (CREATOR, "OWN")]).await;
    let team = somebody(&app, "team@company.example", &[(READER, "TEAM"), (CREATOR, "TEAM")]).await;
    let mate = somebody(&app, "mate@company.example", &[(READER, "TEAM"), (CREATOR, "TEAM")]).await;
    let group = literal(&app, Uuid::from_u128(77));
    execute(
        &app,
        &format!(
            "INSERT INTO core_team (tenant_id, id, name, name_sort, created_at, updated_at, version)
            SELECT tenant_id, {group}, 'T', 't', created_at, updated_at, 1 FROM core_role WHERE built_in = 'EMPLOYEE'"
        ),
    )
    .await;
    for person in [&team, &mate] {
        let (tenant, user) = (literal(&app, app.tenant_id()), literal(&app, person.user_id()));
        elsewhere(&app, &format!("INSERT INTO core_team_member (tenant_id, team_id, user_id) VALUES ({tenant}, {group}, {user})"))
            .await;
    }
    app.kernel().forget(app.tenant_id());
    let mut heard = Vec::new();
    for person in [&app, &own, &team] {
        heard.push(Events::of(person, CONTACTS, Json::Null).await);
    }
    for (person, name) in [(&app, "Boss"), (&own, "Own"), (&mate, "Mate"), (&team, "Team")] {
        contact(person, json!({"givenName": name})).await;
    }
    app.deliver().await;
    for (events, expected) in
        heard.iter_mut().zip([vec!["Boss", "Own", "Mate", "Team"], vec!["Own"], vec!["Mate", "Team"]])
    {
        for name in expected {
            assert_eq!(events.told().await["contactChanged"]["record"]["displayName"], name);
        }
        events.is_quiet().await;
    }
}

async fn fields_without_a_right_are_refused(app: TestApp) {
    let reader = somebody(&app, "reader@company.example", &[(READER, "ALL")]).await;
    let mut socket = Socket::of(&reader).await;
    for query in [
        "subscription { contactChanged { record: contact { emails { address } } } }",
        "subscription { contactChanged(filter: {account: {name: {eq: \"a\"}}}) { id } }",
        "subscription { accountChanged { id } }",
    ] {
        socket.subscribe("s", query, Json::Null).await;
        assert_eq!(socket.refused("s").await, "FORBIDDEN", "{query}");
    }
    let mut events =
        Events::of(&reader, "subscription { contactChanged { changedFields } }", Json::Null).await;
    let one = contact(&app, json!({"givenName": "A"})).await;
    let account = account(&app, "A").await;
    let changes = json!({"jobTitle": "CEO", "accountId": account.id, "emails": {"replace": [{"address": "a@example.com"}]}});
    let answer = crate::support::try_change(&app, "contactUpdate", one.update(&changes), "id").await;
    // Whichever way lists are written, the job title is changed.
    if !answer.errors().is_empty() {
        let changes = json!({"jobTitle": "CEO", "emails": [{"address": "a@example.com"}]});
        change(&app, "contactUpdate", one.update(&changes), "id").await;
    }
    app.deliver().await;
    events.told().await;
    let fields = events.told().await["contactChanged"]["changedFields"].clone();
    assert!(fields.to_string().contains("jobTitle") && !fields.to_string().contains("emails"), "{fields}");
}

async fn rights_taken_away_end_it(app: TestApp) {
    let employee = app.user("b@company.example", "EMPLOYEE").await;
    let mut socket = Socket::of(&employee).await;
    socket.subscribe("s", CONTACTS, Json::Null).await;
    socket.settle().await;
    let mut events = Events::of(&employee, CONTACTS, Json::Null).await;
    contact(&app, json!({"givenName": "A"})).await;
    app.deliver().await;
    socket.told("s").await;
    events.told().await;
    let user = literal(&app, employee.user_id());
    let begin = Instant::now();
    elsewhere(&app, &format!("DELETE FROM core_user_role WHERE user_id = {user}")).await;
    // Nothing happens, and still they are told.
    assert_eq!(socket.refused("s").await, "FORBIDDEN");
    assert_eq!(events.refused().await, "FORBIDDEN");
    assert!(begin.elapsed() < SOON, "{:?}", begin.elapsed());
    socket.subscribe("again", CONTACTS, Json::Null).await;
    assert_eq!(socket.refused("again").await, "FORBIDDEN");
    contact(&app, json!({"givenName": "B"})).await;
    app.deliver().await;
    socket.is_quiet().await;
}

/// A subscriber who does not read has much that waits; what was taken away meanwhile is not among it.
async fn what_waits_is_worked_out_anew(app: TestApp) {
    let employee = app.user("b@company.example", "EMPLOYEE").await;
    let long = "subscription { contactChanged { kind record: contact { displayName notes: displayName a: displayName b: displayName c: displayName d: displayName } } }";
    let mut events = Events::of(&employee, long, Json::Null).await;
    let name = "x".repeat(90);
    for _ in 0..20 {
        let rows: Vec<Json> = (0..500).map(|_| json!({"givenName": name, "familyName": name})).collect();
        crate::support::change_many(&app, "contactCreateMany", json!(rows), "id").await;
    }
    app.deliver().await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let user = literal(&app, employee.user_id());
    elsewhere(&app, &format!("DELETE FROM core_user_role WHERE user_id = {user}")).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let mut told = 0;
    let code = loop {
        let event = events.next().await.unwrap();
        match event.data["errors"][0]["extensions"]["code"].as_str() {
            Some(code) => break code.to_owned(),
            None => told += 1,
        }
    };
    assert_eq!(code, "FORBIDDEN");
    assert!(told < 9_000, "{told} of 10,000 were in the buffers of the connection");
}

async fn the_end_of_a_session_ends_it(app: TestApp) {
    let employee = app.user("b@company.example", "EMPLOYEE").await;
    let (mut idle, mut other) = (Events::of(&employee, CONTACTS, Json::Null).await, Socket::of(&app).await);
    other.subscribe("s", CONTACTS, Json::Null).await;
    other.settle().await;
    let user = literal(&app, employee.user_id());
    let begin = Instant::now();
    execute(&app, &format!("UPDATE core_session SET revoked_at = created_at WHERE user_id = {user}")).await;
    assert_eq!(idle.refused().await, "UNAUTHENTICATED");
    assert!(begin.elapsed() < SOON, "{:?}", begin.elapsed());
    contact(&app, json!({"givenName": "A"})).await;
    app.deliver().await;
    other.told("s").await;
    // Sessions end by the clock, too.
    app.clock().advance_days(400);
    assert_eq!(other.refused("s").await, "UNAUTHENTICATED");
    other.subscribe("again", CONTACTS, Json::Null).await;
    assert_eq!(other.refused("again").await, "UNAUTHENTICATED");
}

#[tokio::test]
async fn modules_come_and_go() {
    let modules = || Modules::new().with(shoal_contacts::Contacts).with(shoal_property::Property);
    for backend in Backend::ALL {
        let app = TestApp::start_with(backend, Options { modules, ..Options::default() }).await;
        let through = "subscription { contactChanged { record: contact { displayName repairRequests { totalCount } } } }";
        let of_it = "subscription { repairRequestChanged { id } }";
        let mut socket = Socket::of(&app).await;
        socket.subscribe("early", through, Json::Null).await;
        assert_eq!(socket.refused("early").await, "MODULE_DISABLED", "{backend}");
        app.enable("property").await;
        let mut events = Events::of(&app, through, Json::Null).await;
        let mut requests = Events::of(&app, of_it, Json::Null).await;
        let mut contacts = Events::of(&app, CONTACTS, Json::Null).await;
        contact(&app, json!({"givenName": "A"})).await;
        app.change_module("property", "SUSPEND", json!({})).await;
        contact(&app, json!({"givenName": "B"})).await;
        app.deliver().await;
        for name in ["A", "B"] {
            let expected = json!({"record": {"displayName": name, "repairRequests": {"totalCount": 0}}});
            assert_eq!(events.told().await["contactChanged"], expected, "suspended: it can be read");
            contacts.told().await;
        }
        let begin = Instant::now();
        app.change_module("property", "DISABLE", json!({})).await;
        assert_eq!(events.refused().await, "MODULE_DISABLED");
        assert_eq!(requests.refused().await, "MODULE_DISABLED");
        assert!(begin.elapsed() < SOON, "{backend}: {:?}", begin.elapsed());
        contact(&app, json!({"givenName": "C"})).await;
        app.deliver().await;
        assert_eq!(contacts.told().await["contactChanged"]["record"]["displayName"], "C", "goes on");
    }
}
