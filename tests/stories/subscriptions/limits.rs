//! Subscriptions and the allowance: beginning one is paid for like a query; what happens in the company is paid from another
//! one, and only told later to whom that is not enough.

use std::time::Duration;

use serde_json::{Value as Json, json};
use shoal_testkit::{Backend, Options, TestApp};

use super::client::{Events, Socket};
use crate::staff::role;
use crate::support::{account, change_many};

/// A change costs 2.
const ACCOUNTS: &str = "subscription { accountChanged { record: account { name } } }";

/// A change costs 2, and each of the contacts 1 and a statement: 100 in all.
const COSTLY: &str =
    "subscription { accountChanged { record: account { name contacts(first: 97) { nodes { id } } } } }";

/// Costs 900.
const LARGE: &str = "{ accounts(first: 899) { nodes { id } } }";

/// Ten points a second, and at most a thousand.
async fn limited(backend: Backend) -> TestApp {
    let mut options = Options::default();
    let graphql = &mut options.config.graphql;
    (graphql.max_cost, graphql.rate_limit_burst, graphql.rate_limit_per_minute) = (1_000, 1_000, 600);
    TestApp::start_with(backend, options).await
}

#[tokio::test]
async fn over_web_sockets_the_error_says_when_to_come_again() {
    for backend in Backend::ALL {
        let app = limited(backend).await;
        let mut socket = Socket::of(&app).await;
        socket.subscribe("1", LARGE, Json::Null).await;
        let cost = json!({"requested": 900, "limit": 1_000, "remaining": 100});
        assert_eq!(socket.told("1").await["extensions"]["cost"], cost, "{backend}");
        assert_eq!(socket.hear().await["type"], "complete");
        for query in [LARGE, &COSTLY.replace("97", "98")] {
            socket.subscribe("2", query, Json::Null).await;
            let message = socket.hear().await;
            assert_eq!((&message["type"], &message["id"]), (&json!("error"), &json!("2")), "{message}");
            let extensions = &message["payload"][0]["extensions"];
            assert_eq!(extensions["code"], "RATE_LIMITED", "{backend}: {message}");
            let seconds = extensions["retryAfter"].as_u64().unwrap();
            assert_eq!(seconds, if query == LARGE { 80 } else { 1 }, "{backend}");
        }
        // The connection stays, and so do others of the same person who are limited alike.
        app.clock().advance(Duration::from_secs(80));
        socket.subscribe("2", LARGE, Json::Null).await;
        assert_eq!(socket.told("2").await["extensions"]["cost"]["remaining"], 0, "{backend}");
    }
}

#[tokio::test]
async fn event_streams_tell_it_in_their_headers() {
    for backend in Backend::ALL {
        let app = limited(backend).await;
        let events = Events::of(&app, COSTLY, Json::Null).await;
        assert_eq!(events.header("ratelimit"), Some("\"cost\";r=900;t=10"), "{backend}");
        let policy = "\"cost\";q=1000;qu=\"points\";w=100";
        assert_eq!(events.header("ratelimit-policy"), Some(policy), "{backend}");
        app.data(LARGE, json!({})).await;
        let headers = [("accept", "text/event-stream"), ("content-type", "application/json")];
        let body = json!({ "query": COSTLY }).to_string();
        let refused = app.http("POST", "/graphql", &headers, body.as_bytes()).await;
        assert_eq!((refused.status, refused.header("retry-after")), (429, Some("10")), "{backend}");
        assert_eq!(refused.header("ratelimit"), Some("\"cost\";r=0;t=100"), "{backend}");
        let text = String::from_utf8(refused.body).unwrap();
        assert!(text.starts_with("event: next\ndata: {") && text.contains("\"retryAfter\":10"), "{text}");
    }
}

#[tokio::test]
async fn who_is_told_much_is_told_later_and_can_still_ask() {
    for backend in Backend::ALL {
        let app = limited(backend).await;
        let colleague = app.user("colleague@company.example", "EMPLOYEE").await;
        let mut events = Events::of(&colleague, COSTLY, Json::Null).await;
        let mut socket = Socket::of(&colleague).await;
        socket.subscribe("1", COSTLY, Json::Null).await;
        socket.settle().await;
        let rows: Vec<Json> = (0..16).map(|number| json!({"name": format!("A{number}")})).collect();
        change_many(&app, "accountCreateMany", json!(rows), "id").await;
        app.deliver().await;
        // Sixteen changes for each of two are 3,200 points; there are a thousand, and as many may be owed.
        let mut told = vec![events.told().await];
        told.extend(events.told_until_quiet().await);
        let first = told.len();
        assert!(first < 16, "{backend}: {first}");
        // Meanwhile the same person asks and subscribes as ever, and is limited by that only.
        assert_eq!(colleague.graphql(LARGE, json!({})).await.status, 429, "{backend}: 800 are left");
        colleague.data("{ accounts(first: 699) { nodes { id } } }", json!({})).await;
        // Others are not held up.
        let mut other = Events::of(&app, ACCOUNTS, Json::Null).await;
        account(&app, "Last").await;
        app.deliver().await;
        assert_eq!(other.told().await["accountChanged"]["record"]["name"], "Last", "{backend}");
        // Later everything comes, once and in order.
        for _ in 0..20 {
            app.clock().advance(Duration::from_secs(100));
            told.extend(events.told_until_quiet().await);
            if told.len() == 17 {
                break;
            }
        }
        let names = told.iter().map(|told| told["accountChanged"]["record"]["name"].clone());
        let expected: Vec<Json> =
            (0..16).map(|number| json!(format!("A{number}"))).chain([json!("Last")]).collect();
        assert_eq!(names.collect::<Vec<_>>(), expected, "{backend}");
        for expected in &expected {
            app.clock().advance(Duration::from_secs(100));
            assert_eq!(
                &socket.told("1").await["data"]["accountChanged"]["record"]["name"],
                expected,
                "{backend}"
            );
        }
    }
}

/// A change of somebody's rights plans the subscription anew, which they are not to pay for.
#[tokio::test]
async fn changes_in_the_company_end_no_subscription() {
    for backend in Backend::ALL {
        let app = limited(backend).await;
        let mut events = Events::of(&app, COSTLY, Json::Null).await;
        app.data(LARGE, json!({})).await;
        assert_eq!(app.graphql(LARGE, json!({})).await.status, 429, "{backend}: all is spent");
        let colleague = app.user("colleague@company.example", "ADMINISTRATOR").await;
        role(&colleague, "Reader", &[]).await;
        tokio::time::sleep(Duration::from_millis(1_200)).await;
        account(&colleague, "A").await;
        app.deliver().await;
        assert_eq!(events.told().await["accountChanged"]["record"]["name"], "A", "{backend}");
    }
}
