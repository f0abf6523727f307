//! Who asks for much in a short time: everybody has an allowance of their own, answers tell what is left of it, and what is
//! refused does nothing.

use std::time::Duration;

use serde_json::{Value as Json, json};
use shoal_testkit::{Answer, Backend, Exchange, Options, TestApp};

use crate::bulk;
use crate::staff::built_in;

/// A point a second, and at most a hundred.
async fn limited(backend: Backend) -> TestApp {
    let mut options = Options::default();
    let graphql = &mut options.config.graphql;
    (graphql.max_cost, graphql.rate_limit_burst, graphql.rate_limit_per_minute) = (100, 100, 60);
    TestApp::start_with(backend, options).await
}

/// A query that costs so much, whatever there is: ten for each aggregate.
fn costing(points: u32) -> String {
    let fields: Vec<_> = (0..points / 10).map(|n| format!("a{n}: accountsAggregate {{ count }}")).collect();
    format!("{{ {} }}", fields.join(" "))
}

async fn ask(app: &TestApp, query: &str) -> Exchange {
    let headers = [("content-type", "application/json"), ("accept", "application/graphql-response+json")];
    let body = json!({ "query": query }).to_string();
    app.http("POST", "/graphql", &headers, body.as_bytes()).await
}

/// What is left, and in how many seconds all of it is back, by the header.
#[track_caller]
fn told(exchange: &Exchange) -> (u64, u64) {
    let text = exchange.header("ratelimit").unwrap();
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
        let first = ask(&app, &costing(60)).await;
        assert_eq!(first.header("ratelimit-policy"), Some("\"cost\";q=100;qu=\"points\";w=100"), "{backend}");
        assert_eq!((first.status, told(&first), first.header("retry-after")), (200, (40, 60), None));
        let cost = json!({"requested": 60, "limit": 100, "actual": 60, "remaining": 40});
        assert_eq!(first.json()["extensions"]["cost"], cost, "{backend}");

        // What is wrong costs nothing, and tells the same.
        for wrong in ["{ nothing }", "{", &costing(110)] {
            let answer = ask(&app, wrong).await;
            assert_eq!((answer.status, told(&answer)), (400, (40, 60)), "{backend}: {wrong}");
        }

        let refused = ask(&app, &costing(50)).await;
        assert_eq!((refused.status, refused.header("retry-after")), (429, Some("10")), "{backend}");
        assert_eq!(told(&refused), (40, 60), "nothing is taken for what does not run");
        let json = refused.json();
        let error = &json["errors"][0]["extensions"];
        assert_eq!((&error["code"], &error["retryAfter"]), (&json!("RATE_LIMITED"), &json!(10)), "{json}");
        assert_eq!(json["extensions"]["cost"], json!({"requested": 50, "limit": 100, "remaining": 40}));
        assert!(json.get("data").is_none(), "{json}");
        // Also by GET, and for clients who know of no other type.
        let path = format!("/graphql?query={}", costing(60).replace(' ', "%20"));
        let refused = app.http("GET", &path, &[("accept", "application/json")], b"").await;
        assert_eq!((refused.status, refused.header("retry-after")), (429, Some("20")), "{backend}");
        let smaller = ask(&app, &costing(40)).await;
        assert_eq!(
            (smaller.status, told(&smaller)),
            (200, (0, 100)),
            "{backend}: what there is can be spent"
        );

        app.clock().advance(Duration::from_millis(19_900));
        assert_eq!(ask(&app, &costing(20)).await.status, 429, "{backend}");
        app.clock().advance(Duration::from_millis(100));
        let answer = ask(&app, &costing(20)).await;
        assert_eq!((answer.status, told(&answer)), (200, (0, 100)), "{backend}: as soon as it was told");
        app.clock().advance(Duration::from_secs(10_000));
        assert_eq!(left(&app).await, 100, "{backend}: never more than that");
    }
}

#[tokio::test]
async fn what_is_not_there_to_be_read_is_given_back() {
    for backend in Backend::ALL {
        let app = limited(backend).await;
        let page = "{ accounts(first: 90) { nodes { id } } }";
        let answer = ask(&app, page).await;
        assert_eq!((answer.status, told(&answer)), (200, (99, 1)), "{backend}");
        let cost = json!({"requested": 91, "limit": 100, "actual": 1, "remaining": 99});
        assert_eq!(answer.json()["extensions"]["cost"], cost, "{backend}");
        // It is not known before, so that there has to be as much as it may cost.
        assert_eq!(ask(&app, &costing(20)).await.status, 200, "{backend}");
        let refused = ask(&app, page).await;
        assert_eq!((refused.status, refused.header("retry-after")), (429, Some("12")), "{backend}");
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
        assert_eq!(ask(&app, &costing(100)).await.status, 200, "{backend}");
        assert_eq!(ask(&same, &costing(10)).await.status, 429, "{backend}: all sessions of a person are one");
        for (other, who) in [(&colleague, "person"), (&programs[0], "key"), (&elsewhere, "company")] {
            assert_eq!(left(other).await, 100, "{backend}: another {who}");
            assert_eq!(ask(other, &costing(100)).await.status, 200, "{backend}: another {who}");
            assert_eq!(ask(other, &costing(10)).await.status, 429, "{backend}: another {who}");
        }
        assert_eq!(left(&programs[1]).await, 100, "{backend}: each key");
        // Each process counts for itself, as the documentation says.
        assert_eq!(left(&app.second_node().await).await, 100, "{backend}");
        // Whom nobody knows has nothing to spend.
        let stranger = ask(&app.with_token("nobody"), &costing(10)).await;
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
        let answer = create(30).await;
        assert_eq!(answer.json["extensions"]["cost"]["requested"], 10 + 1 + 60, "{backend}: {answer}");
        assert_eq!(left(&app).await, 100 - 71, "{backend}");
        // Whoever touches the table now fails otherwise.
        bulk::execute(&app, "ALTER TABLE contacts_account RENAME TO hidden").await;
        let refused = create(40).await;
        assert_eq!((refused.status, refused.code()), (429, "RATE_LIMITED"), "{backend}: {refused}");
        assert_eq!(ask(&app, &costing(30)).await.status, 429, "{backend}");
        assert_eq!(
            app.graphql("{ accounts { totalCount } }", json!({})).await.code(),
            "INTERNAL",
            "{backend}"
        );
        bulk::execute(&app, "ALTER TABLE hidden RENAME TO contacts_account").await;
        let data = app.data("{ accounts { totalCount } }", json!({})).await;
        assert_eq!(data["accounts"]["totalCount"], 30, "{backend}");
    }
}

/// With the settings that nobody has changed.
#[tokio::test]
async fn nobody_is_limited_who_works_with_a_front_end() {
    for backend in Backend::ALL {
        let app = TestApp::start(backend).await;
        bulk::people(&app, 400).await;
        let page = "{
            contacts(first: 50) {
                totalCount nodes { displayName account { name } emails { address } phones { e164 } tags { name } }
            }
            accounts(first: 20) { nodes { name contacts(first: 5) { nodes { displayName } } } }
            viewer { user { name } }
        }";
        // The clock stands: all of it at the same instant.
        for _ in 0..50 {
            assert_eq!(ask(&app, page).await.status, 200, "{backend}");
        }
        let spent = 1_000_000 - left(&app).await;
        // A point is about a statement or record that was read. It is all back after less than a minute.
        assert!((50 * 150..50 * 500).contains(&spent), "{backend}: {spent}");
    }
}

#[tokio::test]
async fn without_a_limit_nothing_is_told() {
    let mut options = Options::default();
    options.config.graphql.rate_limit_per_minute = 0;
    let app = TestApp::start_with(Backend::Sqlite, options).await;
    let answer = ask(&app, &costing(50)).await;
    let headers = ["ratelimit", "ratelimit-policy", "retry-after"].map(|name| answer.header(name));
    assert_eq!((answer.status, headers), (200, [None, None, None]));
    let cost = json!({"requested": 50, "limit": 1_000_000, "actual": 50});
    assert_eq!(answer.json()["extensions"]["cost"], cost);
}
