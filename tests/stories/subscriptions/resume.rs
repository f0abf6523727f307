//! Whoever was away resumes behind the last event they saw.

use serde_json::{Value as Json, json};
use shoal_testkit::TestApp;

use super::client::Events;
use crate::bulk::execute;
use crate::support::{both_databases, change_many, contact};

both_databases!(missed_events_come_once_and_in_order, what_is_gone_cannot_be_resumed, nonsense_is_refused);

const CONTACTS: &str = "subscription($filter: ContactFilter) {
    contactChanged(filter: $filter) { record: contact { displayName } }
}";

async fn contacts(app: &TestApp, from: u32, to: u32) {
    let rows: Vec<Json> = (from..to).map(|number| json!({"givenName": format!("N{number:05}")})).collect();
    let answer = change_many(app, "contactCreateMany", json!(rows), "id").await;
    assert!(answer.errors().is_empty(), "{answer}");
}

/// Every name in this order, each once, and nothing else.
async fn expect(events: &mut Events, from: u32, to: u32) {
    let mut last = 0;
    for number in from..to {
        let event = events.next().await.unwrap();
        let name = &event.data["data"]["contactChanged"]["record"]["displayName"];
        assert_eq!(*name, format!("N{number:05}"), "{event:?}");
        assert!(event.id.unwrap() > last);
        last = event.id.unwrap();
    }
    events.is_quiet().await;
}

async fn missed_events_come_once_and_in_order(app: TestApp) {
    let other = app.tenant(2).await;
    let mut events = Events::of(&app, CONTACTS, Json::Null).await;
    contacts(&app, 0, 10).await;
    app.deliver().await;
    expect(&mut events, 0, 10).await;
    let seen = events.last_id.unwrap().to_string();
    drop(events);
    // More than is read at once, with events of others and of other types in between.
    contacts(&app, 10, 500).await;
    contacts(&other, 0, 300).await;
    contacts(&app, 500, 1_300).await;
    app.deliver().await;
    let mut resumed = Events::after(&app, CONTACTS, Json::Null, Some(&seen)).await.unwrap();
    contacts(&app, 1_300, 1_350).await;
    app.deliver().await;
    expect(&mut resumed, 10, 1_350).await;
    // On another node, which has never told anybody anything.
    let node = app.second_node().await;
    let mut resumed = Events::after(&node, CONTACTS, Json::Null, Some(&seen)).await.unwrap();
    expect(&mut resumed, 10, 1_350).await;
    // With a filter, half-way.
    let half = (seen.parse::<i64>().unwrap() + 100).to_string();
    let filter = json!({"filter": {"displayName": {"startsWith": "N013"}}});
    let mut resumed = Events::after(&app, CONTACTS, filter, Some(&half)).await.unwrap();
    expect(&mut resumed, 1_300, 1_350).await;
    // From the very first event on.
    let mut resumed = Events::after(&app, CONTACTS, Json::Null, Some("0")).await.unwrap();
    expect(&mut resumed, 0, 1_350).await;
}

async fn what_is_gone_cannot_be_resumed(app: TestApp) {
    let other = app.tenant(2).await;
    contact(&other, json!({"givenName": "Old"})).await;
    contacts(&app, 0, 10).await;
    app.deliver().await;
    let mut events = Events::of(&app, CONTACTS, Json::Null).await;
    contacts(&app, 10, 11).await;
    app.deliver().await;
    expect(&mut events, 10, 11).await;
    let old = events.last_id.unwrap();
    contacts(&app, 11, 12).await;
    app.deliver().await;
    app.clock().advance_days(8);
    let (app, other) = (app.signed_in_again().await, other.signed_in_again().await);
    contact(&other, json!({"givenName": "New"})).await;
    app.deliver().await;
    // Only one company has thrown away what is old: the other's first event has a lower number.
    app.do_job("core.clean_up").await;
    for number in [0, old - 1, old, old + 1] {
        let (status, body) =
            Events::after(&app, CONTACTS, Json::Null, Some(&number.to_string())).await.err().unwrap();
        assert_eq!(
            (status, &body["errors"][0]["extensions"]["code"]),
            (410, &json!("RESUME_TOO_OLD")),
            "{number}"
        );
    }
    // The last one can always be resumed, as nothing comes behind it.
    let mut events = Events::after(&app, CONTACTS, Json::Null, Some(&(old + 2).to_string())).await.unwrap();
    contacts(&app, 12, 13).await;
    app.deliver().await;
    expect(&mut events, 12, 13).await;
    // A number that was never given, as after a database was put back.
    execute(&app, "DELETE FROM core_commit WHERE number > 12").await;
    let refused = Events::after(&app, CONTACTS, Json::Null, Some("999999")).await.err().unwrap();
    assert_eq!(refused.0, 410);
}

async fn nonsense_is_refused(app: TestApp) {
    for id in ["-1", "x", "1.5", "9223372036854775808", "1 2", ""] {
        let (status, body) = Events::after(&app, CONTACTS, Json::Null, Some(id)).await.err().unwrap();
        assert_eq!(
            (status, &body["errors"][0]["extensions"]["code"]),
            (400, &json!("BAD_REQUEST")),
            "{id:?}"
        );
    }
}
