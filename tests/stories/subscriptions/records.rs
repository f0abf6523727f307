//! What is told of records.

use serde_json::{Value as Json, json};
use shoal_testkit::TestApp;

use super::client::{Events, Socket};
use crate::support::{Record, account, both_databases, change, contact};

both_databases!(what_happens_is_told_once_and_in_order, filters_reach_through_relations, companies_are_apart);

const CONTACTS: &str = "subscription($filter: ContactFilter) { contactChanged(filter: $filter) {
    kind id changedFields record: contact { displayName version account { name } }
} }";

async fn what_happens_is_told_once_and_in_order(app: TestApp) {
    let mut socket = Socket::of(&app).await;
    socket.subscribe("s", CONTACTS, Json::Null).await;
    socket.settle().await;
    let mut events = Events::of(&app, CONTACTS, Json::Null).await;
    let company = account(&app, "A").await;
    let one = contact(&app, json!({"givenName": "Ada", "accountId": company.id})).await;
    app.deliver().await;
    let told = |kind: &str, changed: Json, record: Json| json!({"contactChanged": {"kind": kind, "id": one.id, "changedFields": changed, "record": record}});
    let record =
        |name: &str, version: i64| json!({"displayName": name, "version": version, "account": {"name": "A"}});
    let mut both = async |expected: Json| {
        assert_eq!(socket.told("s").await["data"], expected);
        assert_eq!(events.told().await, expected);
    };
    both(told("CREATED", json!([]), record("Ada", 1))).await;
    let renamed = json!({"givenName": "Bea", "jobTitle": "CEO"});
    let two = Record::of(&change(&app, "contactUpdate", one.update(&renamed), "id version").await);
    app.deliver().await;
    both(told("UPDATED", json!(["displayName", "givenName", "jobTitle"]), record("Bea", 2))).await;
    change(&app, "contactDelete", two.input(), "id").await;
    app.deliver().await;
    both(told("DELETED", json!([]), Json::Null)).await;
    let three = Record { id: one.id.clone(), version: 3 };
    change(&app, "contactRestore", three.input(), "id").await;
    app.deliver().await;
    both(told("RESTORED", json!([]), record("Bea", 4))).await;
    // Several at once come in their order, each once. Records are shown as they are now.
    let mut next = Record { id: one.id.clone(), version: 4 };
    for number in 0..30 {
        let renamed = json!({"givenName": format!("C{number}")});
        next = Record::of(&change(&app, "contactUpdate", next.update(&renamed), "id version").await);
    }
    app.deliver().await;
    for _ in 0..30 {
        both(told("UPDATED", json!(["displayName", "givenName"]), record("C29", 34))).await;
    }
    socket.is_quiet().await;
    events.is_quiet().await;
}

async fn filters_reach_through_relations(app: TestApp) {
    let (gold, other) = (account(&app, "Gold").await, account(&app, "Other").await);
    let filter = json!({"filter": {"account": {"name": {"eq": "Gold"}}}});
    let mut socket = Socket::of(&app).await;
    socket.subscribe("s", CONTACTS, filter.clone()).await;
    socket.settle().await;
    let mut events = Events::of(&app, CONTACTS, filter).await;
    contact(&app, json!({"givenName": "No", "accountId": other.id})).await;
    contact(&app, json!({"givenName": "Nor"})).await;
    contact(&app, json!({"givenName": "Yes", "accountId": gold.id})).await;
    app.deliver().await;
    for told in [socket.told("s").await["data"].clone(), events.told().await] {
        assert_eq!(told["contactChanged"]["record"]["displayName"], "Yes");
    }
    socket.is_quiet().await;
    events.is_quiet().await;
}

async fn companies_are_apart(app: TestApp) {
    let other = app.tenant(2).await;
    let mut ours = Events::of(&app, CONTACTS, Json::Null).await;
    let mut theirs = Events::of(&other, CONTACTS, Json::Null).await;
    for number in 0..5 {
        contact(&app, json!({"givenName": format!("Our {number}")})).await;
        contact(&other, json!({"givenName": format!("Their {number}")})).await;
    }
    app.deliver().await;
    for number in 0..5 {
        let (our, their) = (ours.told().await, theirs.told().await);
        assert_eq!(our["contactChanged"]["record"]["displayName"], format!("Our {number}"));
        assert_eq!(their["contactChanged"]["record"]["displayName"], format!("Their {number}"));
    }
    ours.is_quiet().await;
    theirs.is_quiet().await;
    // Nor by resuming, whoever the number was of.
    let number = theirs.last_id.unwrap().to_string();
    contact(&other, json!({"givenName": "Secret"})).await;
    app.deliver().await;
    let mut resumed = Events::after(&app, CONTACTS, Json::Null, Some(&number)).await.unwrap();
    resumed.is_quiet().await;
}
