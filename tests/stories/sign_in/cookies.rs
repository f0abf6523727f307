//! The session in a cookie, and who may use it.

use serde_json::json;
use shoal_core::role;
use shoal_core::sign_in::link::Purpose;
use shoal_testkit::{Backend, Options, TestApp};

use super::{EMAIL, PASSWORD, link_for, person, post, session_of, verdict};
use crate::support::both_databases;

both_databases!(a_browser_signs_in_and_out, only_our_own_pages_use_the_cookie, bearer_counts);

/// The cookie of an answer as `name=value`, and its attributes.
fn cookie(answer: &shoal_testkit::Exchange) -> (String, String) {
    let header = answer.header("set-cookie").unwrap();
    let (pair, attributes) = header.split_once("; ").unwrap();
    (pair.to_owned(), attributes.to_owned())
}

async fn signed_in(app: &TestApp, headers: &[(&str, &str)]) -> (String, String) {
    let body = json!({"email": EMAIL, "password": PASSWORD, "cookie": true});
    let answer = post(app, "/auth/sign-in", headers, &body).await;
    assert_eq!(verdict(&answer), "200");
    assert!(answer.json().get("token").is_none(), "scripts do not get at it");
    cookie(&answer)
}

const SAME: (&str, &str) = ("sec-fetch-site", "same-origin");

async fn a_browser_signs_in_and_out(app: TestApp) {
    person(&app, EMAIL).await;
    let (pair, attributes) = signed_in(&app, &[SAME]).await;
    // The last digits of the first company's id.
    assert!(pair.starts_with("shoal-00000001=shoal_session_"), "{pair}");
    assert_eq!(attributes, "Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax");
    let cookie = ("cookie", pair.as_str());
    let query = json!({"query": "{ accounts { totalCount } }"});
    let answer = post(&app, "/graphql", &[cookie, SAME], &query).await;
    assert_eq!(answer.json()["data"]["accounts"]["totalCount"], 0);
    let among = format!("a=b; {pair}; c=d");
    for path in ["/auth/session", "/schema.graphql", "/graphql?query=%7B__typename%7D"] {
        assert_eq!(app.http_as_nobody("GET", path, &[("cookie", &among)], b"").await.status, 200, "{path}");
    }
    let session = app.http_as_nobody("GET", "/auth/session", &[cookie], b"").await.json();
    assert_eq!((&session["credential"], &session["user"]["email"]), (&"COOKIE".into(), &EMAIL.into()));
    let there = app.second_node().await;
    assert_eq!(
        there.http_as_nobody("GET", "/auth/session", &[cookie], b"").await.status,
        200,
        "on every node"
    );

    let foreign = post(&app, "/auth/sign-out", &[cookie, ("sec-fetch-site", "cross-site")], &json!({})).await;
    assert_eq!(verdict(&foreign), "403 CSRF");
    let answer = post(&app, "/auth/sign-out", &[cookie, SAME], &json!({})).await;
    assert_eq!(answer.status, 204);
    assert_eq!(
        answer.header("set-cookie"),
        Some("shoal-00000001=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax")
    );
    let answer = app.http_as_nobody("GET", "/auth/session", &[cookie], b"").await;
    assert_eq!(verdict(&answer), "401 UNAUTHENTICATED");
}

async fn only_our_own_pages_use_the_cookie(app: TestApp) {
    let anna = person(&app, EMAIL).await;
    let (pair, _) = signed_in(&app, &[]).await;
    let ours = format!("http://{}", app.address());
    let other_port = format!("http://{}:1", app.address().ip());
    let (ours, other_port) = (ours.as_str(), other_port.as_str());
    let site = |value| ("sec-fetch-site", value);
    let origin = |value| ("origin", value);
    let forwarded = ("x-forwarded-host", "evil.example");
    let cases: [(&[(&str, &str)], &str); 14] = [
        (&[], "403 CSRF"),
        (&[site("same-origin")], "200"),
        (&[site("none")], "200"),
        (&[site("same-site")], "403 CSRF"),
        (&[site("cross-site")], "403 CSRF"),
        (&[site("")], "403 CSRF"),
        (&[site("cross-site"), origin(ours)], "403 CSRF"),
        (&[site("same-origin"), origin("https://evil.example")], "200"),
        (&[origin(ours)], "200"),
        (&[origin(other_port)], "403 CSRF"),
        (&[origin("https://evil.example")], "403 CSRF"),
        (&[origin("null")], "403 CSRF"),
        (&[origin("https://evil.example"), forwarded], "403 CSRF"),
        (&[("referer", ours)], "403 CSRF"),
    ];
    let query = json!({"query": "{ __typename }"});
    for (headers, expected) in cases {
        let with_cookie = [headers, &[("cookie", pair.as_str())]].concat();
        assert_eq!(verdict(&post(&app, "/graphql", &with_cookie, &query).await), expected, "{headers:?}");
        // A header with a token is sent on purpose.
        let bearer = format!("Bearer {}", anna.token());
        let with_token = [headers, &[("authorization", bearer.as_str())]].concat();
        assert_eq!(verdict(&post(&app, "/graphql", &with_token, &query).await), "200", "{headers:?}");
        // Nobody is made to sign in as somebody else either; programs say nothing of where they come from.
        let body = json!({"email": EMAIL, "password": PASSWORD, "cookie": true});
        let silent = headers.iter().all(|(name, _)| !matches!(*name, "origin" | "sec-fetch-site"));
        let expected = if silent { "200" } else { expected };
        assert_eq!(verdict(&post(&app, "/auth/sign-in", headers, &body).await), expected, "{headers:?}");
    }
    let message = post(&app, "/graphql", &[("cookie", &pair)], &query).await.json();
    let message = message["errors"][0]["message"].as_str().unwrap().to_owned();
    assert!(message.contains("Authorization: Bearer") && message.contains("Origin"), "{message}");
    // A web socket begins with GET; this handshake says too little to be one, once it is let in.
    let cookie = ("cookie", pair.as_str());
    for (origin, expected) in [("https://evil.example", "403 CSRF"), (ours, "400 BAD_REQUEST")] {
        let headers = [("upgrade", "websocket"), ("origin", origin), cookie];
        assert_eq!(
            verdict(&app.http_as_nobody("GET", "/graphql", &headers, b"").await),
            expected,
            "{origin}"
        );
    }
    let preflight = [("origin", "https://evil.example"), ("access-control-request-method", "POST")];
    let answer = app.http_as_nobody("OPTIONS", "/graphql", &preflight, b"").await;
    assert!(answer.headers.iter().all(|(name, _)| !name.starts_with("access-control")), "{answer:?}");
}

async fn bearer_counts(app: TestApp) {
    person(&app, EMAIL).await;
    let (pair, _) = signed_in(&app, &[]).await;
    let cookie = ("cookie", pair.as_str());
    let session = app.http("GET", "/auth/session", &[cookie], b"").await.json();
    assert_eq!(session["user"]["email"], "admin@company.example");
    let wrong = [cookie, ("authorization", "Bearer shoal_session_x")];
    let answer = app.http_as_nobody("GET", "/auth/session", &wrong, b"").await;
    assert_eq!(verdict(&answer), "401 UNAUTHENTICATED", "a wrong token is not made good by a cookie");
    // Signing out ends what was presented, and no more.
    assert_eq!(app.http("POST", "/auth/sign-out", &[cookie], b"").await.status, 204);
    assert_eq!(session_of(&app, app.token()).await, "401 UNAUTHENTICATED");
    assert_eq!(app.http_as_nobody("GET", "/auth/session", &[cookie], b"").await.status, 200);
}

#[tokio::test]
async fn behind_https_the_cookie_is_for_this_host_only() {
    let mut options = Options::default();
    options.config.server.public_url = Some("https://crm.example".to_owned());
    let app = TestApp::start_with(Backend::Sqlite, options).await;
    let ben = app.user("ben@company.example", role::EMPLOYEE).await;
    let body = json!({"token": link_for(&ben, Purpose::Start).await, "cookie": true});
    let answer = post(&app, "/auth/link", &[("origin", "https://crm.example")], &body).await;
    let (pair, attributes) = cookie(&answer);
    assert!(pair.starts_with("__Host-shoal-00000001="), "{pair}");
    assert_eq!(attributes, "Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure");
    let query = json!({"query": "{ __typename }"});
    let here = format!("http://{}", app.address());
    for (origin, expected) in [
        ("https://crm.example", "200"),
        ("https://crm.example:443", "200"),
        ("http://crm.example", "403 CSRF"),
        ("https://crm.example:8443", "403 CSRF"),
        (&here, "200"),
    ] {
        let headers = [("cookie", pair.as_str()), ("origin", origin)];
        assert_eq!(verdict(&post(&app, "/graphql", &headers, &query).await), expected, "{origin}");
    }
    // A page of another host under the same domain could have set this one.
    let plain = pair.replace("__Host-", "");
    let headers = [("cookie", plain.as_str()), ("origin", "https://crm.example")];
    assert_eq!(verdict(&post(&app, "/graphql", &headers, &query).await), "401 UNAUTHENTICATED");
}
