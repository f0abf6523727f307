//! Subscriptions and the allowance: beginning one is paid for like a query; what happens in the company is paid from another
//! one, and only told later to whom that is not enough.

use std::time::Duration;

use serde_json::{Value as Json, json};
use shoal_testkit::{Backend, Options, TestApp};

use super::client::{Events, Socket};
use crate::staff::role;
use crate::support::{Record, account, change_many};

/// A change costs 2.
const ACCOUNTS: &str = "subscription { accountChanged { record: account { name } } }";

/// A change costs 2, and its contacts a statement and five: 8 in all.
const COSTLY: &str =
    "subscription { accountChanged { record: account { name contacts(first: 5) { nodes { id } } } } }";

/// A query that costs so much, whatever there is: ten for each aggregate.
fn costing(points: u32) -> String {
    let fields: Vec<_> = (0..points / 10).map(|n| format!("a{n}: accountsAggregate {{ count }}")).collect();
    format!("{{ {} }}", fields.join(" "))
}

/// A point a second, and at most a hundred.
async fn limited(backend: Backend) -> TestApp {
    let mut options = Options::default();
    let graphql = &mut options.config.graphql;
    (graphql.max_cost, graphql.rate_limit_burst, graphql.rate_limit_per_minute) = (100, 100, 60);
    TestApp::start_with(backend, options).await
}

#[tokio::test]
async fn over_web_sockets_the_error_says_when_to_come_again() {
    for backend in Backend::ALL {
        let app = limited(backend).await;
        let mut socket = Socket::of(&app).await;
        socket.subscribe("1", &costing(90), Json::Null).await;
        let cost = json!({"requested": 90, "limit": 100, "actual": 90, "remaining": 10});
        assert_eq!(socket.told("1").await["extensions"]["cost"], cost, "{backend}");
        assert_eq!(socket.hear().await["type"], "complete");
        for (query, wait) in [(costing(90), 80), (COSTLY.replace('5', "9"), 2)] {
            socket.subscribe("2", &query, Json::Null).await;
            let message = socket.hear().await;
            assert_eq!((&message["type"], &message["id"]), (&json!("error"), &json!("2")), "{message}");
            let extensions = &message["payload"][0]["extensions"];
            assert_eq!(extensions["code"], "RATE_LIMITED", "{backend}: {message}");
            assert_eq!(extensions["retryAfter"], wait, "{backend}: {message}");
        }
        // The connection stays.
        app.clock().advance(Duration::from_secs(80));
        socket.subscribe("2", &costing(90), Json::Null).await;
        assert_eq!(socket.told("2").await["extensions"]["cost"]["remaining"], 0, "{backend}");
    }
}

#[tokio::test]
async fn event_streams_tell_it_in_their_headers() {
    for backend in Backend::ALL {
        let app = limited(backend).await;
        let events = Events::of(&app, COSTLY, Json::Null).await;
        assert_eq!(events.header("ratelimit"), Some("\"cost\";r=92;t=8"), "{backend}");
        let policy = "\"cost\";q=100;qu=\"points\";w=100";
        assert_eq!(events.header("ratelimit-policy"), Some(policy), "{backend}");
        app.data(&costing(90), json!({})).await;
        let headers = [("accept", "text/event-stream"), ("content-type", "application/json")];
        let body = json!({ "query": COSTLY }).to_string();
        let refused = app.http("POST", "/graphql", &headers, body.as_bytes()).await;
        assert_eq!((refused.status, refused.header("retry-after")), (429, Some("6")), "{backend}");
        assert_eq!(refused.header("ratelimit"), Some("\"cost\";r=2;t=98"), "{backend}");
        let text = String::from_utf8(refused.body).unwrap();
        assert!(text.starts_with("event: next\ndata: {") && text.contains("\"retryAfter\":6"), "{text}");
    }
}

const MANY: usize = 24;

/// Accounts with five contacts each. Nobody has spent anything afterwards.
async fn accounts(app: &TestApp) -> Vec<Record> {
    let rows: Vec<Json> = (0..MANY).map(|number| json!({"name": format!("A{number:02}")})).collect();
    let answer = change_many(app, "accountCreateMany", json!(rows), "id version").await;
    let results = answer.expect_data()["accountCreateMany"]["results"].clone();
    let accounts = results.as_array().unwrap().iter().map(|row| Record::of(&row["account"]));
    let accounts: Vec<Record> = accounts.collect();
    let people = |account: &Record| vec![json!({"givenName": "P", "accountId": account.id}); 5];
    for rows in accounts.iter().flat_map(people).collect::<Vec<_>>().chunks(40) {
        app.clock().advance(Duration::from_secs(100));
        change_many(app, "contactCreateMany", json!(rows), "id").await.expect_data();
    }
    app.deliver().await;
    app.clock().advance(Duration::from_secs(100));
    accounts
}

#[tokio::test]
async fn who_is_told_much_is_told_later_and_can_still_ask() {
    for backend in Backend::ALL {
        let app = limited(backend).await;
        let accounts = accounts(&app).await;
        let colleague = app.user("colleague@company.example", "EMPLOYEE").await;
        let mut events = Events::of(&colleague, COSTLY, Json::Null).await;
        let mut socket = Socket::of(&colleague).await;
        socket.subscribe("1", COSTLY, Json::Null).await;
        socket.settle().await;
        let rows: Vec<Json> =
            accounts.iter().map(|account| account.update(&json!({"industry": "Fish"}))).collect();
        change_many(&app, "accountUpdateMany", json!(rows), "id").await.expect_data();
        app.deliver().await;
        // Each change reads six records: all of them are more than a hundred.
        let mut told = events.told_until_quiet().await;
        assert!(told.len() < MANY, "{backend}: {}", told.len());
        // Meanwhile the same person asks as ever, limited only by what they have asked for.
        assert_eq!(colleague.graphql(&costing(90), json!({})).await.status, 429, "{backend}: 84 are left");
        colleague.data(&costing(80), json!({})).await;
        // Others are not held up.
        let mut other = Events::of(&app, ACCOUNTS, Json::Null).await;
        account(&app, "Last").await;
        app.deliver().await;
        assert_eq!(other.told().await["accountChanged"]["record"]["name"], "Last", "{backend}");
        // Later everything comes, once and in order.
        for _ in 0..20 {
            app.clock().advance(Duration::from_secs(100));
            told.extend(events.told_until_quiet().await);
            if told.len() == MANY + 1 {
                break;
            }
        }
        let names: Vec<_> =
            told.iter().map(|told| told["accountChanged"]["record"]["name"].clone()).collect();
        let expected: Vec<Json> =
            (0..MANY).map(|number| json!(format!("A{number:02}"))).chain([json!("Last")]).collect();
        assert_eq!(names, expected, "{backend}");
        for expected in &expected {
            app.clock().advance(Duration::from_secs(100));
            let told = socket.told("1").await;
            assert_eq!(&told["data"]["accountChanged"]["record"]["name"], expected, "{backend}");
        }
    }
}

/// A change of somebody's rights plans the subscription anew, which they are not to pay for.
#[tokio::test]
async fn changes_in_the_company_end_no_subscription() {
    for backend in Backend::ALL {
        let app = limited(backend).await;
        let mut events = Events::of(&app, COSTLY, Json::Null).await;
        app.data(&costing(90), json!({})).await;
        assert_eq!(app.graphql(&costing(90), json!({})).await.status, 429, "{backend}: all is spent");
        let colleague = app.user("colleague@company.example", "ADMINISTRATOR").await;
        role(&colleague, "Reader", &[]).await;
        tokio::time::sleep(Duration::from_millis(1_200)).await;
        account(&colleague, "A").await;
        app.deliver().await;
        assert_eq!(events.told().await["accountChanged"]["record"]["name"], "A", "{backend}");
    }
}
