//! Where a client is, behind proxies.

use serde_json::json;
use shoal_core::sign_in::link::Purpose;
use shoal_gateway::config::Proxies;
use shoal_testkit::{Backend, Options, TestApp};

use super::{link_for, post, stored_sessions, verdict};

async fn start(trusted: &[&str]) -> TestApp {
    let mut options = Options::default();
    options.config.server.trusted_proxies = Proxies::read(trusted.iter().copied()).unwrap();
    TestApp::start_with(Backend::Sqlite, options).await
}

const SAID: [(&str, &str); 3] = [
    ("x-forwarded-for", "198.51.100.1, 203.0.113.9"),
    ("x-forwarded-proto", "https"),
    ("x-forwarded-host", "crm.example"),
];

/// The address of a new session, its cookie, and what a request with that cookie from this origin is answered.
async fn came_in(app: &TestApp, origin: &str) -> (String, String, String) {
    let body = json!({"token": link_for(app, Purpose::Start).await, "cookie": true});
    let answer = post(app, "/auth/link", &SAID, &body).await;
    assert_eq!(verdict(&answer), "200");
    let pair = answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let session = stored_sessions(app).await.pop().unwrap();
    let headers = [&SAID[..], &[("cookie", pair.as_str()), ("origin", origin)]].concat();
    let answer = post(app, "/graphql", &headers, &json!({"query": "{ __typename }"})).await;
    let name = pair.split('=').next().unwrap().to_owned();
    (session.address.unwrap(), name, verdict(&answer))
}

fn told(address: &str, name: &str, verdict: &str) -> (String, String, String) {
    (address.to_owned(), name.to_owned(), verdict.to_owned())
}

#[tokio::test]
async fn a_trusted_proxy_is_believed() {
    let app = start(&["127.0.0.0/8"]).await;
    let name = "__Host-shoal-00000001";
    assert_eq!(came_in(&app, "https://crm.example").await, told("203.0.113.9", name, "200"));
    assert_eq!(came_in(&app, "http://crm.example").await, told("203.0.113.9", name, "403 CSRF"));
    assert_eq!(came_in(&app, "https://evil.example").await, told("203.0.113.9", name, "403 CSRF"));
}

#[tokio::test]
async fn nobody_else_is() {
    let app = start(&["10.0.0.0/8"]).await;
    let here = format!("http://{}", app.address());
    assert_eq!(came_in(&app, &here).await, told("127.0.0.1", "shoal-00000001", "200"));
    assert_eq!(came_in(&app, "https://crm.example").await, told("127.0.0.1", "shoal-00000001", "403 CSRF"));
}

#[tokio::test]
async fn proxies_in_a_row_are_passed_over() {
    let app = start(&["127.0.0.1", "203.0.113.0/24"]).await;
    let (address, ..) = came_in(&app, "https://crm.example").await;
    assert_eq!(address, "198.51.100.1");
}
