//! GraphQL over HTTP: a sample of what the gateway's own tests go through.

use serde_json::{Value as Json, json};
use shoal_testkit::{Backend, Exchange, Options, TestApp};

const JSON: (&str, &str) = ("content-type", "application/json");
const MODERN: (&str, &str) = ("accept", "application/graphql-response+json");

async fn post(app: &TestApp, headers: &[(&str, &str)], body: &[u8]) -> Exchange {
    app.http("POST", "/graphql", headers, body).await
}

/// `400 BAD_REQUEST`
fn verdict(exchange: &Exchange) -> String {
    let json = exchange.json();
    let code = json["errors"][0]["extensions"]["code"].as_str().unwrap_or("-").to_owned();
    if code != "-" {
        let id = json["errors"][0]["extensions"]["requestId"].as_str();
        assert_eq!(id, exchange.header("x-request-id"), "{json}");
    }
    format!("{} {code}", exchange.status)
}

#[tokio::test]
async fn bodies_that_are_none_are_refused() {
    let app = TestApp::start(Backend::Sqlite).await;
    let huge = format!("{{\"query\":\"{{ __typename }}\",\"x\":\"{}\"}}", "x".repeat(10_000_000));
    let cases: [(&[u8], &str); 9] = [
        (b"{\"query\":\"{ a\xff }\"}", "400 BAD_REQUEST"),
        (huge.as_bytes(), "413 LIMIT_EXCEEDED"),
        (b"", "400 BAD_REQUEST"),
        (b"{", "400 BAD_REQUEST"),
        (b"[]", "400 BAD_REQUEST"),
        (b"{\"query\":5}", "400 BAD_REQUEST"),
        (b"{\"query\":\"{ __typename }\",\"variables\":[]}", "400 BAD_REQUEST"),
        (
            b"{\"query\":\"query A { __typename } query B { __typename }\",\"operationName\":\"C\"}",
            "400 GRAPHQL_VALIDATION",
        ),
        (b"{\"query\":\"{ __typename }\"}", "200 -"),
    ];
    for (body, expected) in cases {
        let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        assert_eq!(verdict(&post(&app, &[JSON, MODERN], body).await), expected, "{shown}");
    }
}

#[tokio::test]
async fn methods_and_media_types() {
    let app = TestApp::start(Backend::Sqlite).await;
    let query = br#"{"query":"{ accounts { totalCount } }"}"#;
    let wrong = br#"{"query":"{ nothing }"}"#;
    let plain = ("accept", "application/json");
    assert_eq!(verdict(&post(&app, &[JSON, plain], wrong).await), "200 GRAPHQL_VALIDATION");
    assert_eq!(verdict(&post(&app, &[JSON, MODERN], wrong).await), "400 GRAPHQL_VALIDATION");
    let answer = post(&app, &[JSON, plain], query).await;
    assert!(answer.header("content-type").unwrap().starts_with("application/json"), "{:?}", answer.headers);
    let answer = post(&app, &[JSON, MODERN], query).await;
    assert!(answer.header("content-type").unwrap().starts_with("application/graphql-response+json"));
    assert_eq!(verdict(&post(&app, &[JSON, ("accept", "text/html")], query).await), "406 NOT_ACCEPTABLE");
    assert_eq!(
        verdict(&post(&app, &[("content-type", "text/plain"), MODERN], query).await),
        "415 UNSUPPORTED_MEDIA_TYPE"
    );

    let get = async |query: &str| app.http("GET", &format!("/graphql?query={query}"), &[MODERN], b"").await;
    assert_eq!(verdict(&get("%7Baccounts%7BtotalCount%7D%7D").await), "200 -");
    let create = "mutation%7BaccountCreate(input:%7Bname:%22A%22%7D)%7Bid%7D%7D";
    let refused = get(create).await;
    assert_eq!(
        (verdict(&refused).as_str(), refused.header("allow")),
        ("405 METHOD_NOT_ALLOWED", Some("POST"))
    );
    let data = app.data("{ accounts { totalCount } }", json!({})).await;
    assert_eq!(data["accounts"]["totalCount"], 0, "nothing was created");
}

#[tokio::test]
async fn the_request_id_goes_through() {
    let app = TestApp::start(Backend::Sqlite).await;
    let body = br#"{"query":"mutation { accountCreate(input: {name: \"\"}) { id } }"}"#;
    let answer = post(&app, &[JSON, MODERN, ("x-request-id", "my-request.7")], body).await;
    assert_eq!(answer.header("x-request-id"), Some("my-request.7"));
    assert_eq!(answer.json()["errors"][0]["extensions"]["requestId"], "my-request.7");
    let answer = post(&app, &[JSON, MODERN], body).await;
    let id: Json = answer.json()["errors"][0]["extensions"]["requestId"].clone();
    assert!(id.as_str().is_some_and(|id| uuid::Uuid::parse_str(id).is_ok()), "{id}");
}

#[tokio::test]
async fn pages_for_people_and_machines() {
    for backend in Backend::ALL {
        let app = TestApp::start(backend).await;
        for (path, status, part) in [
            ("/health/live", 200, ""),
            ("/health/ready", 200, ""),
            ("/schema.graphql", 200, "type Account implements Node"),
            ("/graphiql", 200, "<html"),
            ("/nothing", 404, "NOT_FOUND"),
        ] {
            let answer = app.http("GET", path, &[], b"").await;
            let body = String::from_utf8_lossy(&answer.body);
            assert!(answer.status == status && body.contains(part), "{path}: {} {body}", answer.status);
        }
    }
}

#[tokio::test]
async fn a_schema_that_is_not_shown() {
    let mut options = Options::default();
    options.config.graphql.introspection = false;
    let app = TestApp::start_with(Backend::Sqlite, options).await;
    let answer = app.graphql("{ __schema { queryType { name } } }", Json::Null).await;
    assert_eq!(answer.code(), "FORBIDDEN");
    assert_eq!(app.http("GET", "/schema.graphql", &[], b"").await.status, 404);
}
