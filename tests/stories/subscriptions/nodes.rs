//! Several processes over one database.

use std::time::{Duration, Instant};

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
            let near = if number % 2 == 0 { 0 } else { 1 };
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
