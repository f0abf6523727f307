//! Who asks for much in a short time: everybody has an allowance of their own, answers tell what is left of it, and what is
//! refused does nothing.

use std::time::Duration;

use serde_json::{Value as Json, json};
use shoal_testkit::{Answer, Backend, Exchange, Options, SqlLog, TestApp};

use crate::staff::built_in;

/// Ten points a second, and at most a thousand.
async fn limited(backend: Backend) -> TestApp {
    let mut options = Options::default();
    let graphql = &mut options.config.graphql;
    (graphql.max_cost, graphql.rate_limit_burst, graphql.rate_limit_per_minute) = (1_000, 1_000, 600);
    TestApp::start_with(backend, options).await
}

/// A query that costs so much.
fn costing(points: u32) -> String {
    format!("{{ accounts(first: {}) {{ nodes {{ id }} }} }}", points - 1)
}

async fn ask(app: &TestApp, query: &str) -> Exchange {
    let headers = [("content-type", "application/json"), ("accept", "application/graphql-response+json")];
    let body = json!({ "query": query }).to_string();
    app.http("POST", "/graphql", &headers, body.as_bytes()).await
}

/// What is left, and in how many seconds all of it is back, by the header.
#[track_caller]
fn told(exchange: &Exchange) -> (u64, u64) {
    let text = exchange.header("ratelimit").expect("a header");
    let numbers = text.strip_prefix("\"cost\";r=").and_then(|text| text.split_once(";t="));
    let (remaining, seconds) = numbers.unwrap_or_else(|| panic!("{text}"));
    (remaining.parse().unwrap(), seconds.parse().unwrap())
}

/// What is left to whom nothing is taken by asking.
async fn left(app: &TestApp) -> u64 {
    told(&ask(app, "{ __typename }").await).0
}

#[tokio::test]
async fn answers_tell_what_is_left_and_when_to_come_again() {
    for backend in Backend::ALL {
        let app = limited(backend).await;
        let first = ask(&app, &costing(600)).await;
        assert_eq!(
            first.header("ratelimit-policy"),
            Some("\"cost\";q=1000;qu=\"points\";w=100"),
            "{backend}"
        );
        assert_eq!((first.status, told(&first), first.header("retry-after")), (200, (400, 60), None));
        let cost = json!({"requested": 600, "limit": 1_000, "remaining": 400});
        assert_eq!(first.json()["extensions"]["cost"], cost, "{backend}");

        // What is wrong costs nothing, and tells the same.
        for (wrong, status) in [("{ nothing }", 400), ("{", 400), (&costing(1_001), 400)] {
            let answer = ask(&app, wrong).await;
            assert_eq!((answer.status, told(&answer)), (status, (400, 60)), "{backend}: {wrong}");
        }

        let refused = ask(&app, &costing(405)).await;
        assert_eq!((refused.status, refused.header("retry-after")), (429, Some("1")), "{backend}");
        assert_eq!(told(&refused), (400, 60), "nothing is taken for what does not run");
        let json = refused.json();
        let error = &json["errors"][0]["extensions"];
        assert_eq!((&error["code"], &error["retryAfter"]), (&json!("RATE_LIMITED"), &json!(1)), "{json}");
        assert_eq!(json["extensions"]["cost"], json!({"requested": 405, "limit": 1_000, "remaining": 400}));
        assert!(json.get("data").is_none(), "{json}");
        // Also by GET, and for clients who know of no other type.
        let path = format!("/graphql?query={}", costing(600).replace(' ', "%20"));
        let refused = app.http("GET", &path, &[("accept", "application/json")], b"").await;
        assert_eq!((refused.status, refused.header("retry-after")), (429, Some("20")), "{backend}");
        let smaller = ask(&app, &costing(400)).await;
        assert_eq!(
            (smaller.status, told(&smaller)),
            (200, (0, 100)),
            "{backend}: what there is can be spent"
        );

        app.clock().advance(Duration::from_millis(19_900));
        assert_eq!(ask(&app, &costing(200)).await.status, 429, "{backend}");
        app.clock().advance(Duration::from_millis(100));
        let answer = ask(&app, &costing(200)).await;
        assert_eq!((answer.status, told(&answer)), (200, (0, 100)), "{backend}: as soon as it was told");
        app.clock().advance(Duration::from_secs(10_000));
        assert_eq!(left(&app).await, 1_000, "{backend}: never more than that");
    }
}

#[tokio::test]
async fn everybody_has_an_allowance_of_their_own() {
    for backend in Backend::ALL {
        let app = limited(backend).await;
        let administrator = built_in(&app, "ADMINISTRATOR").await;
        let create = "mutation($input: ApiKeyCreate!) { apiKeyCreate(input: $input) { secret } }";
        let mut programs = Vec::new();
        for name in ["ERP", "Shop"] {
            let input = json!({"name": name, "roleIds": [administrator]});
            let secret = app.data(create, json!({ "input": input })).await["apiKeyCreate"]["secret"].clone();
            programs.push(app.with_token(secret.as_str().unwrap()));
        }
        let elsewhere = app.tenant(2).await;
        let colleague = app.user("colleague@company.example", "EMPLOYEE").await;
        app.clock().advance(Duration::from_secs(100));

        let same = app.signed_in_again().await;
        assert_eq!(ask(&app, &costing(1_000)).await.status, 200, "{backend}");
        assert_eq!(ask(&same, &costing(2)).await.status, 429, "{backend}: all sessions of a person are one");
        for (other, who) in [(&colleague, "person"), (&programs[0], "key"), (&elsewhere, "company")] {
            assert_eq!(left(other).await, 1_000, "{backend}: another {who}");
            assert_eq!(ask(other, &costing(1_000)).await.status, 200, "{backend}: another {who}");
            assert_eq!(ask(other, &costing(2)).await.status, 429, "{backend}: another {who}");
        }
        assert_eq!(left(&programs[1]).await, 1_000, "{backend}: each key");
        // Each process counts for itself, as the documentation says.
        assert_eq!(left(&app.second_node().await).await, 1_000, "{backend}");
        // Whom nobody knows has nothing to spend.
        let stranger = ask(&app.with_token("nobody"), &costing(2)).await;
        assert_eq!((stranger.status, stranger.header("ratelimit")), (401, None), "{backend}");
    }
}

#[tokio::test]
async fn what_is_refused_does_nothing() {
    for backend in Backend::ALL {
        let app = limited(backend).await;
        let create = async |rows: usize| -> Answer {
            let rows: Vec<Json> = (0..rows).map(|number| json!({"name": format!("A{number}")})).collect();
            let document = "mutation($rows: [AccountCreate!]!) {
                accountCreateMany(input: $rows) { results { account { id } } } }";
            app.graphql(document, json!({ "rows": rows })).await
        };
        // A mutation, a statement that reads, and for each row the change and the record.
        let answer = create(100).await;
        assert_eq!(answer.json["extensions"]["cost"]["requested"], 10 + 1 + 200, "{backend}: {answer}");
        assert_eq!(left(&app).await, 1_000 - 211, "{backend}");
        let log = SqlLog::start();
        let refused = create(400).await;
        assert_eq!((refused.status, refused.code()), (429, "RATE_LIMITED"), "{backend}: {refused}");
        assert_eq!(ask(&app, &costing(800)).await.status, 429, "{backend}");
        let statements = log.take();
        let touched = statements.iter().filter(|sql| sql.contains("contacts_account")).count();
        assert_eq!(touched, 0, "{backend}: {statements:?}");
        let data = app.data("{ accounts { totalCount } }", json!({})).await;
        assert_eq!(data["accounts"]["totalCount"], 100, "{backend}");
        assert!(log.take().iter().any(|sql| sql.contains("contacts_account")), "{backend}: the log works");
    }
}

/// With the settings that nobody has changed.
#[tokio::test]
async fn nobody_is_limited_who_works_with_a_front_end() {
    for backend in Backend::ALL {
        let app = TestApp::start(backend).await;
        let page = "{
            contacts(first: 50) { totalCount nodes { displayName account { name } emails { address } phones { e164 } } }
            accounts(first: 50) { nodes { name contacts(first: 5) { nodes { displayName } } } }
            viewer { user { name } }
        }";
        let mut spent = 0;
        for _ in 0..20 {
            let answer = ask(&app, page).await;
            assert_eq!(answer.status, 200, "{backend}");
            spent += answer.json()["extensions"]["cost"]["requested"].as_u64().unwrap();
        }
        // The clock stands: all of it at the same instant. Twenty such pages are back after some minutes at most.
        assert_eq!(left(&app).await, 1_000_000 - spent, "{backend}");
        assert!(spent < 300_000 * 2, "{backend}: {spent}");
    }
}

#[tokio::test]
async fn without_a_limit_nothing_is_told() {
    let mut options = Options::default();
    options.config.graphql.rate_limit_per_minute = 0;
    let app = TestApp::start_with(Backend::Sqlite, options).await;
    let answer = ask(&app, &costing(500)).await;
    let headers = ["ratelimit", "ratelimit-policy", "retry-after"].map(|name| answer.header(name));
    assert_eq!((answer.status, headers), (200, [None, None, None]));
    let cost = json!({"requested": 500, "limit": 1_000_000});
    assert_eq!(answer.json()["extensions"]["cost"], cost);
}
