//! Many subscribers, and such as do not read.

use std::time::{Duration, Instant};

use futures::future::join_all;
use serde_json::{Value as Json, json};
use shoal_testkit::{Backend, Options, TestApp};

use super::client::{Events, Socket};
use crate::support::{change_many, contact};

const CONTACTS: &str = "subscription { contactChanged { kind record: contact { displayName } } }";

/// What fills the buffers of a connection.
const LONG: &str = "subscription { contactChanged { record: contact {
    displayName a: displayName b: displayName c: displayName d: displayName e: displayName f: displayName
} } }";

const SUBSCRIBERS: usize = 1_000;
const EVENTS: usize = 20;

/// Bytes of memory that this process has.
fn memory() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    pages.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or_default() * 4096
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_subscribers_are_told_everything() {
    for backend in Backend::ALL {
        let app = TestApp::start(backend).await;
        let mut people = Vec::new();
        for number in 0..100 {
            people.push(app.user(&format!("p{number}@company.example"), "EMPLOYEE").await);
        }
        let before = memory();
        let mut all = Vec::new();
        for number in 0..SUBSCRIBERS / 50 {
            let some = (0..50).map(|position| &people[(number * 50 + position) % people.len()]);
            all.extend(join_all(some.map(|person| Events::of(person, CONTACTS, Json::Null))).await);
        }
        let held = memory().saturating_sub(before);
        let begin = Instant::now();
        let rows: Vec<Json> = (0..EVENTS).map(|number| json!({"givenName": format!("N{number}")})).collect();
        change_many(&app, "contactCreateMany", json!(rows), "id").await;
        app.deliver().await;
        let told = all.iter_mut().map(async |events| {
            for number in 0..EVENTS {
                let told = events.told().await;
                assert_eq!(told["contactChanged"]["record"]["displayName"], format!("N{number}"));
            }
        });
        join_all(told).await;
        let took = begin.elapsed();
        println!(
            "{backend}: {} KiB for each subscriber and its client; {EVENTS} events to all in {took:?}",
            held / 1024 / SUBSCRIBERS
        );
        assert!(took < Duration::from_secs(30), "{backend}: {took:?}");
    }
}

/// Others do not wait for who does not read, and nothing is kept for them but what the connection holds.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_does_not_read_holds_up_nobody() {
    for backend in Backend::ALL {
        let mut options = Options::default();
        options.config.server.request_timeout_seconds = 300;
        let app = TestApp::start_with(backend, options).await;
        let mut slow = Events::of(&app, LONG, Json::Null).await;
        let mut stuck = Socket::of(&app).await;
        stuck.subscribe("s", LONG, Json::Null).await;
        stuck.settle().await;
        let mut quick = Events::of(&app, CONTACTS, Json::Null).await;
        let name = "x".repeat(90);
        let mut count = 0;
        for _ in 0..8 {
            let rows: Vec<Json> = (0..1_000)
                .map(|number| json!({"givenName": format!("{number} {name}"), "familyName": name}))
                .collect();
            change_many(&app, "contactCreateMany", json!(rows), "id").await;
            app.deliver().await;
            for _ in 0..1_000 {
                quick.told().await;
                count += 1;
            }
        }
        // They catch up from the database, without a gap and in order.
        let mut last = 0;
        for number in 0..count {
            let event = slow.next().await.unwrap();
            assert!(event.id.unwrap() > last, "{event:?}");
            last = event.id.unwrap();
            let told = stuck.told("s").await;
            let name = told["data"]["contactChanged"]["record"]["displayName"].as_str().unwrap();
            assert!(name.starts_with(&format!("{} ", number % 1_000)), "{number}: {name}");
        }
        contact(&app, json!({"givenName": "Last"})).await;
        app.deliver().await;
        assert_eq!(slow.told().await["contactChanged"]["record"]["displayName"], "Last");
        stuck.told("s").await;
    }
}
