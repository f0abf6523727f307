//! Several processes over one database.

use std::time::{Duration, Instant};

use sea_orm::sqlx::postgres::PgListener;
use sea_orm::sqlx::{Connection as _, Executor as _, PgConnection, Row as _};
use serde_json::{Value as Json, json};
use shoal_testkit::{Backend, Options, TestApp};

use super::client::{Events, Socket};
use crate::support::contact;

const CONTACTS: &str = "subscription { contactChanged { record: contact { displayName } } }";

async fn nodes(backend: Backend) -> (TestApp, TestApp) {
    let app = TestApp::start_with(backend, Options { background: true, ..Options::default() }).await;
    let node = app.second_node().await;
    (app, node)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_on_one_node_is_told_on_the_other() {
    for backend in Backend::ALL {
        let (one, two) = nodes(backend).await;
        let (mut here, mut there) =
            (Events::of(&one, CONTACTS, Json::Null).await, Events::of(&two, CONTACTS, Json::Null).await);
        let mut latencies = [Vec::new(), Vec::new()];
        for number in 0..100 {
            // By turns, so that each node is the other one.
            let writer = if number % 2 == 0 { &one } else { &two };
            contact(writer, json!({"givenName": format!("N{number}")})).await;
            let begin = Instant::now();
            let near = number % 2;
            for (position, events) in [&mut here, &mut there].into_iter().enumerate() {
                let told = events.told().await;
                assert_eq!(told["contactChanged"]["record"]["displayName"], format!("N{number}"));
                let far = usize::from(position != near);
                latencies[far].push(begin.elapsed());
            }
        }
        for (what, latencies) in ["same node", "other node"].into_iter().zip(&mut latencies) {
            latencies.sort();
            let (p50, p99) = (latencies[latencies.len() / 2], latencies[latencies.len() * 99 / 100]);
            println!("{backend}, {what}: p50 {p50:?}, p99 {p99:?}");
            assert!(p99 < Duration::from_secs(2), "{backend}, {what}: {p50:?} {p99:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_moves_to_the_other_node() {
    for backend in Backend::ALL {
        let (one, two) = nodes(backend).await;
        let mut events = Events::of(&one, CONTACTS, Json::Null).await;
        let mut socket = Socket::of(&one).await;
        contact(&two, json!({"givenName": "A"})).await;
        events.told().await;
        one.shutdown().begin();
        assert_eq!(events.next().await, None);
        assert_eq!(socket.hear_or_end().await, Err(1001));
        contact(&two, json!({"givenName": "B"})).await;
        let seen = events.last_id.unwrap().to_string();
        let mut events = Events::after(&two, CONTACTS, Json::Null, Some(&seen)).await.unwrap();
        assert_eq!(events.told().await["contactChanged"]["record"]["displayName"], "B");
    }
}

/// Every connection to the database is lost, those that listen too: subscribers stay, and are told of what comes then.
#[tokio::test(flavor = "multi_thread")]
async fn the_database_goes_away_and_comes_back() {
    let (one, two) = nodes(Backend::Postgres).await;
    let mut events = Events::of(&two, CONTACTS, Json::Null).await;
    contact(&one, json!({"givenName": "Before"})).await;
    events.told().await;
    let mut other = PgConnection::connect(one.database_url()).await.unwrap();
    let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    assert!(other.execute(kill).await.is_ok());
    // A write may find that its connection is gone.
    let mut attempts = 0;
    while !crate::support::try_change(&one, "contactCreate", json!({"givenName": "After"}), "id")
        .await
        .errors()
        .is_empty()
    {
        attempts += 1;
        assert!(attempts < 20);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(events.told().await["contactChanged"]["record"]["displayName"], "After");
    // They listen again after a moment.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let listening =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN %'";
    let row = other.fetch_one(listening).await.unwrap();
    assert_eq!(row.get::<i64, _>(0), 2);
}

/// Many commits are one notification, which comes after them.
#[tokio::test(flavor = "multi_thread")]
async fn notifications_are_few() {
    let (one, _two) = nodes(Backend::Postgres).await;
    let mut listener = PgListener::connect(one.database_url()).await.unwrap();
    listener.listen("shoal_events").await.unwrap();
    let begin = Instant::now();
    let writes = (0..100).map(|number| contact(&one, json!({"givenName": format!("N{number}")})));
    futures::future::join_all(writes).await;
    let (mut count, most) = (0, begin.elapsed().as_millis() / 10 + 20);
    while tokio::time::timeout(Duration::from_millis(500), listener.recv())
        .await
        .is_ok_and(|heard| heard.is_ok())
    {
        count += 1;
    }
    // Two nodes, and each at most every 20 ms.
    assert!(count > 0 && count <= most, "{count} notifications, {most} may be");
}
