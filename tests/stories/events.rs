//! What happened is told: audit and events in the transaction of the change, and each event to each handler, in order for
//! each record, whatever fails.

use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value as Json, json};
use shoal_core::module::Modules;
use shoal_testkit::{Options, TestApp};

use crate::catalogue::rows;
use crate::support::{NUMBERED, Record, both_databases, change, change_many, contact, try_change};

both_databases!(
    a_refused_change_leaves_nothing,
    a_failure_holds_up_its_record_only,
    an_event_is_tried_again_later_and_later,
    an_administrator_retries_or_discards,
    a_handler_that_panics_or_loses_a_race,
    suspended_modules_are_told_later_disabled_ones_never,
    old_events_go,
);

/// With several threads.
mod parallel {
    use shoal_testkit::TestApp;

    use super::{each_change_leaves_one_trace, events_of_a_record_come_in_order};
    use crate::support::in_parallel;

    in_parallel!(traces, order);

    async fn traces(app: TestApp) {
        Box::pin(each_change_leaves_one_trace(app)).await;
    }

    async fn order(app: TestApp) {
        Box::pin(events_of_a_record_come_in_order(app)).await;
    }
}

fn modules() -> Modules {
    Modules::new().with(shoal_contacts::Contacts).with(shoal_tests::Witness)
}

/// The same with somebody who is told.
async fn witnessed(app: &TestApp) -> TestApp {
    TestApp::start_with(app.backend(), Options { modules, ..Options::default() }).await
}

/// How many rows there are.
async fn count(app: &TestApp, rows_of: &str) -> i64 {
    let found = rows(app, &format!("SELECT count(*) FROM {rows_of}")).await;
    found[0].try_get_by_index(0).unwrap()
}

/// `name version` of what the witness was told of a contact, in the order in which it was told.
async fn told(app: &TestApp, contact: &Record) -> Vec<String> {
    let query =
        "query($id: ID!) { sightings(first: 100, orderBy: {id: ASC}, filter: {contactId: {eq: $id}}) {
        nodes { name version number eventId } } }";
    let data = app.data(query, json!({"id": contact.id})).await;
    let nodes = data["sightings"]["nodes"].as_array().unwrap();
    let short = |node: &Json| {
        let name = node["name"].as_str().unwrap().trim_start_matches("contacts.contact_").to_owned();
        format!("{name} {}", node["version"])
    };
    nodes.iter().map(short).collect()
}

/// What is not delivered: `(id, "STATE attempts error")`, oldest first.
async fn undelivered(app: &TestApp) -> Vec<(String, String)> {
    let query = "{ eventDeliveries(orderBy: {id: ASC}) { nodes { id state attempts error handler event { name recordType } } } }";
    let data = app.data(query, json!({})).await;
    let nodes = data["eventDeliveries"]["nodes"].as_array().unwrap();
    let short = |node: &Json| {
        assert_eq!(node["handler"], "witness.watch");
        assert_eq!(node["event"]["recordType"], "Contact");
        let state = node["state"].as_str().unwrap();
        let text = format!("{state} {} {}", node["attempts"], node["error"].as_str().unwrap_or("-"));
        (node["id"].as_str().unwrap().to_owned(), text)
    };
    nodes.iter().map(short).collect()
}

fn states(undelivered: &[(String, String)]) -> Vec<&str> {
    undelivered.iter().map(|(_, state)| state.as_str()).collect()
}

async fn named(app: &TestApp, name: &str, title: &str) -> Record {
    contact(app, json!({"familyName": name, "jobTitle": title})).await
}

async fn retitle(app: &TestApp, record: &Record, title: &str) -> Record {
    let input = record.update(&json!({"jobTitle": title}));
    Record::of(&change(app, "contactUpdate", input, "id version").await)
}

async fn a_refused_change_leaves_nothing(app: TestApp) {
    let one = named(&app, "One", "Clerk").await;
    let before = (count(&app, "core_audit").await, count(&app, "core_event").await);
    let refused = [
        ("contactCreate", json!({"familyName": "Two", "emails": [{"address": "nonsense"}]})),
        ("contactUpdate", json!({"id": one.id, "expectedVersion": 7, "familyName": "Three"})),
        ("contactDelete", json!({"id": one.id, "expectedVersion": 7})),
    ];
    for (mutation, input) in refused {
        assert!(!try_change(&app, mutation, input, "id").await.errors().is_empty(), "{mutation}");
    }
    // Of a batch the good rows leave theirs.
    let batch = json!([{"familyName": "Good"}, {"familyName": "Bad", "emails": [{"address": "nonsense"}]}]);
    let answer = change_many(&app, "contactCreateMany", batch, "id").await;
    assert_eq!(answer.rows("contactCreateMany")[0], "ok");
    let after = (count(&app, "core_audit").await, count(&app, "core_event").await);
    assert_eq!(after, (before.0 + 1, before.1 + 1));
}

async fn each_change_leaves_one_trace(app: TestApp) {
    // They all make the same tags, and run again on what the fastest has made.
    let input = |number| json!({"familyName": format!("N{number}"), "tags": ["one", "two", "three"]});
    let made =
        join_all((0..16).map(|number| change(&app, "contactCreate", input(number), "id version"))).await;
    assert_eq!(made.len(), 16);
    let of = async |name: &str, ty: &str, action: &str| {
        let events = count(&app, &format!("core_event WHERE name = '{name}'")).await;
        let audits = format!("core_audit WHERE record_type = '{ty}' AND action = '{action}'");
        (events, count(&app, &audits).await)
    };
    assert_eq!(of("contacts.contact_created", "Contact", "CREATED").await, (16, 16));
    assert_eq!(of("contacts.tag_created", "Tag", "CREATED").await, (3, 3));
    assert_eq!(count(&app, "contacts_tag").await, 3);
    let first = Record::of(&made[0]);
    // One of them wins.
    let rename = |number| first.update(&json!({"givenName": format!("G{number}")}));
    join_all((0..16).map(|number| try_change(&app, "contactUpdate", rename(number), "id"))).await;
    assert_eq!(of("contacts.contact_updated", "Contact", "UPDATED").await, (1, 1));
}

async fn events_of_a_record_come_in_order(app: TestApp) {
    let app = witnessed(&app).await;
    let other = app.second_node().await;
    let mut contacts = Vec::new();
    for number in 0..6 {
        contacts.push(named(&app, &format!("Contact {number}"), "Clerk").await);
    }
    let writer = async |number: usize| {
        let node = if number.is_multiple_of(2) { &app } else { &other };
        let contact = &contacts[number % contacts.len()];
        let mut done = 0;
        while done < 4 {
            let query = "query($id: ID!) { contact(id: $id) { id version } }";
            let now = Record::of(&node.data(query, json!({"id": contact.id})).await["contact"]);
            let input = now.update(&json!({"givenName": format!("{number} {done}")}));
            done += usize::from(try_change(node, "contactUpdate", input, "id").await.errors().is_empty());
        }
    };
    let writing = async {
        join_all((0..32).map(writer)).await;
    };
    let done = tokio::sync::watch::Sender::new(false);
    let dispatch = async |node: &TestApp| {
        while !*done.borrow() {
            node.deliver().await;
        }
    };
    tokio::join!(
        async {
            writing.await;
            done.send_replace(true);
        },
        dispatch(&app),
        dispatch(&other),
    );
    app.deliver().await;
    let mut all = 0;
    for contact in &contacts {
        let told = told(&app, contact).await;
        let expected: Vec<String> = (1..=told.len())
            .map(|version| if version == 1 { "created 1".to_owned() } else { format!("updated {version}") })
            .collect();
        assert_eq!(told, expected);
        all += told.len();
    }
    assert_eq!(all, 6 + 32 * 4);
    assert_eq!(count(&app, "core_delivery").await, 0);
    assert_numbers_have_no_gaps(&app).await;
}

pub async fn assert_numbers_have_no_gaps(app: &TestApp) {
    let found =
        rows(app, &format!("SELECT count(*), count(DISTINCT number), max(number) FROM {NUMBERED}")).await;
    let [all, distinct, last]: [i64; 3] = [0, 1, 2].map(|column| found[0].try_get_by_index(column).unwrap());
    assert_eq!((all, distinct), (last, last));
}

async fn a_failure_holds_up_its_record_only(app: TestApp) {
    let app = witnessed(&app).await;
    let mut bad = named(&app, "Bad", "refuse").await;
    let mut good = Vec::new();
    for number in 0..20 {
        good.push(named(&app, &format!("Good {number}"), "Clerk").await);
        if number == 10 {
            bad = Record::of(
                &change(&app, "contactUpdate", bad.update(&json!({"givenName": "So"})), "id version").await,
            );
        }
    }
    assert_eq!(app.deliver().await, 21, "twenty are delivered, one fails");
    for contact in &good {
        assert_eq!(told(&app, contact).await, ["created 1"]);
    }
    assert!(told(&app, &bad).await.is_empty());
    let refused = "PENDING 1 WITNESS_REFUSES: I have seen nothing";
    assert_eq!(states(&undelivered(&app).await), [refused, "BLOCKED 0 -"]);
    // Nothing is tried before its time.
    assert_eq!(app.deliver().await, 0);
    // What comes later about it waits as well, and heals it here.
    retitle(&app, &bad, "Clerk").await;
    assert_eq!(app.deliver().await, 0);
    assert_eq!(states(&undelivered(&app).await), [refused, "BLOCKED 0 -", "BLOCKED 0 -"]);
    app.clock().advance(Duration::from_secs(1));
    assert_eq!(app.deliver().await, 3);
    assert_eq!(told(&app, &bad).await, ["created 1", "updated 2", "updated 3"]);
    assert!(undelivered(&app).await.is_empty());
}

async fn an_event_is_tried_again_later_and_later(app: TestApp) {
    let app = witnessed(&app).await;
    let bad = named(&app, "Bad", "refuse").await;
    let mut waits = vec![];
    assert_eq!(app.deliver().await, 1);
    while states(&undelivered(&app).await)[0].starts_with("PENDING") {
        let mut waited = 0_u64;
        while app.deliver().await == 0 {
            // Half the way is too early.
            let step = if waited == 0 { 1 } else { waited };
            app.clock().advance(Duration::from_secs(step));
            waited += step;
        }
        waits.push(waited);
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]);
    let dead = "DEAD 12 WITNESS_REFUSES: I have seen nothing";
    assert_eq!(states(&undelivered(&app).await), [dead]);
    app.clock().advance_days(1);
    let app = app.signed_in_again().await;
    retitle(&app, &bad, "Clerk").await;
    assert_eq!(app.deliver().await, 0);
    assert_eq!(states(&undelivered(&app).await), [dead, "BLOCKED 0 -"]);
}

async fn an_administrator_retries_or_discards(app: TestApp) {
    let app = witnessed(&app).await;
    let (one, two) = (named(&app, "One", "refuse").await, named(&app, "Two", "refuse").await);
    app.deliver().await;
    let (one, two) = (retitle(&app, &one, "Clerk").await, retitle(&app, &two, "Clerk").await);
    app.deliver().await;
    let waiting = undelivered(&app).await;
    let refused = "PENDING 1 WITNESS_REFUSES: I have seen nothing";
    assert_eq!(states(&waiting), [refused, refused, "BLOCKED 0 -", "BLOCKED 0 -"]);
    let ask = async |app: &TestApp, mutation: &str, id: &str| {
        let document = format!(
            "mutation($id: ID!) {{ {mutation}(input: {{id: $id}}) {{ id eventDelivery {{ state attempts }} }} }}"
        );
        app.graphql(&document, json!({"id": id})).await
    };
    let employee = app.user("employee@company.example", shoal_core::role::EMPLOYEE).await;
    let refused = ask(&employee, "eventDeliveryRetry", &waiting[0].0).await;
    assert_eq!(refused.errors()[0]["extensions"]["code"], "FORBIDDEN");
    let stranger = app.tenant(2).await;
    assert_eq!(ask(&stranger, "eventDeliveryRetry", &waiting[0].0).await.code(), "NOT_FOUND");
    assert_eq!(ask(&app, "eventDeliveryRetry", &waiting[2].0).await.code(), "CONFLICT");
    let retried = ask(&app, "eventDeliveryRetry", &waiting[0].0).await.expect_data();
    assert_eq!(retried["eventDeliveryRetry"]["eventDelivery"], json!({"state": "PENDING", "attempts": 0}));
    let discarded = ask(&app, "eventDeliveryDiscard", &waiting[1].0).await.expect_data();
    assert_eq!(discarded["eventDeliveryDiscard"], json!({"id": waiting[1].0, "eventDelivery": null}));
    assert_eq!(ask(&app, "eventDeliveryDiscard", &waiting[1].0).await.code(), "NOT_FOUND");
    assert_eq!(app.deliver().await, 3);
    assert_eq!(told(&app, &one).await, ["created 1", "updated 2"]);
    assert_eq!(told(&app, &two).await, ["updated 2"]);
    // Both are in the audit; neither is an event.
    let audit = "query($ids: [ID!]) { auditEntries(orderBy: {id: ASC}, filter: {recordId: {in: $ids}}) {
        nodes { recordType action changes actorKind } } }";
    let ids = json!({"ids": [waiting[0].0, waiting[1].0]});
    let entries = app.data(audit, ids).await["auditEntries"]["nodes"].clone();
    assert_eq!(entries[0]["changes"], json!({"state": ["PENDING", "PENDING"], "attempts": [1, 0]}));
    assert_eq!(entries[1]["action"], "REMOVED");
    assert_eq!(entries[1]["changes"]["recordId"], json!([two.id, null]));
    for entry in entries.as_array().unwrap() {
        assert_eq!((&entry["recordType"], &entry["actorKind"]), (&json!("EventDelivery"), &json!("USER")));
    }
}

async fn a_handler_that_panics_or_loses_a_race(app: TestApp) {
    let app = witnessed(&app).await;
    let ghost = named(&app, "Ghost", "panic").await;
    let racer = named(&app, &format!("Racer on {:?}", app.backend()), "race").await;
    let calm = named(&app, "Calm", "Clerk").await;
    app.deliver().await;
    assert_eq!(told(&app, &calm).await, ["created 1"]);
    // That another writer was faster is no failure.
    assert_eq!(told(&app, &racer).await, ["created 1"]);
    assert!(told(&app, &ghost).await.is_empty());
    let error = "PENDING 1 internal error; the log has the details under the delivery's id";
    assert_eq!(states(&undelivered(&app).await), [error]);
}

async fn suspended_modules_are_told_later_disabled_ones_never(app: TestApp) {
    let app = witnessed(&app).await;
    app.change_module("witness", "SUSPEND", json!({})).await;
    let held = named(&app, "Held", "Clerk").await;
    assert_eq!(app.deliver().await, 0);
    assert!(told(&app, &held).await.is_empty());
    app.enable("witness").await;
    assert_eq!(app.deliver().await, 1);
    assert_eq!(told(&app, &held).await, ["created 1"]);
    app.change_module("witness", "DISABLE", json!({})).await;
    let missed = named(&app, "Missed", "Clerk").await;
    assert_eq!(app.deliver().await, 0);
    assert_eq!(count(&app, "core_delivery").await, 0);
    app.enable("witness").await;
    assert_eq!(app.deliver().await, 0);
    assert!(told(&app, &missed).await.is_empty());
    retitle(&app, &missed, "Manager").await;
    assert_eq!(app.deliver().await, 1);
    assert_eq!(told(&app, &missed).await, ["updated 2"]);
}

async fn old_events_go(app: TestApp) {
    let app = witnessed(&app).await;
    named(&app, "Bad", "refuse").await;
    for number in 0..5 {
        named(&app, &format!("Old {number}"), "Clerk").await;
    }
    app.deliver().await;
    app.do_job("core.clean_up").await;
    // What the job itself has told.
    app.deliver().await;
    let last = count(&app, "core_event").await;
    assert_numbers_have_no_gaps(&app).await;
    app.clock().advance_days(8);
    app.do_job("core.clean_up").await;
    // What is not delivered stays, and the last number.
    let left = rows(&app, &format!("SELECT name, number FROM {NUMBERED} ORDER BY number")).await;
    let left: Vec<(String, i64)> =
        left.iter().map(|row| (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap())).collect();
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!(left[0].0.as_str(), "contacts.contact_created");
    let commits = rows(&app, "SELECT number FROM core_commit WHERE number > 0 ORDER BY number").await;
    let commits: Vec<i64> = commits.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
    assert_eq!(commits.len(), 2);
    assert_eq!((commits[0], commits[1]), (left[0].1, last));
    let app = app.signed_in_again().await;
    named(&app, "New", "Clerk").await;
    app.deliver().await;
    let numbers = rows(&app, &format!("SELECT min(number), max(number) FROM {NUMBERED}")).await;
    assert!(numbers[0].try_get_by_index::<i64>(1).unwrap() > last);
}
