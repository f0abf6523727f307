//! Who guesses passwords, and whom it stops.

use std::time::Duration;

use serde_json::json;
use shoal_gateway::config::Proxies;
use shoal_testkit::{Backend, Exchange, Options, TestApp};

use super::{EMAIL, PASSWORD, person, post, sign_in, verdict};
use crate::support::both_databases;

/// The tests say from where they come, as a proxy would.
async fn start(backend: Backend) -> TestApp {
    let mut options = Options::default();
    options.config.server.trusted_proxies = Proxies::read(["127.0.0.0/8"]).unwrap();
    TestApp::start_with(backend, options).await
}

both_databases!(
    with start,
    nodes_count_together,
    a_network_locks_out_itself,
    many_networks_have_one_limit,
    what_fits_in_one_company_tells_little_of_another,
    counts_are_kept_as_long_as_they_count,
);

async fn from(app: &TestApp, network: &str, cookie: Option<&str>, password: &str) -> Exchange {
    let mut headers = vec![("x-forwarded-for", network)];
    headers.extend(cookie.map(|cookie| ("cookie", cookie)));
    post(app, "/auth/sign-in", &headers, &json!({"email": EMAIL, "password": password, "cookie": true})).await
}

/// What a browser keeps when it has been signed out.
fn device_cookie(answer: &Exchange) -> String {
    let cookies = answer.headers.iter().filter(|(name, _)| name == "set-cookie");
    let mut pairs = cookies.map(|(_, cookie)| cookie.split_once("; ").unwrap());
    let (pair, attributes) = pairs.find(|(pair, _)| pair.starts_with("shoal-device-00000001=")).unwrap();
    assert_eq!(attributes, "Path=/; Max-Age=34560000; HttpOnly; SameSite=Lax");
    pair.to_owned()
}

async fn nodes_count_together(app: TestApp) {
    person(&app, EMAIL).await;
    let there = app.second_node().await;
    for (attempt, node) in [&app, &there, &app, &there, &there, &app, &there].into_iter().enumerate() {
        let known = sign_in(node, EMAIL, "wrong").await;
        let unknown = sign_in(node, "nobody@company.example", "wrong").await;
        let told = |answer: &Exchange| (verdict(answer), answer.header("retry-after").map(str::to_owned));
        assert_eq!(told(&known), told(&unknown), "{attempt}");
        assert_eq!(known.status, if attempt < 5 { 401 } else { 429 }, "{attempt}");
    }
    let stored = crate::catalogue::rows(&app, "SELECT id FROM core_guess").await;
    assert_eq!(stored.len(), 4, "each for a network, and for the address");
}

async fn a_network_locks_out_itself(app: TestApp) {
    person(&app, EMAIL).await;
    for _ in 0..5 {
        assert_eq!(verdict(&from(&app, "203.0.113.9", None, "wrong").await), "401 INVALID_CREDENTIALS");
    }
    assert_eq!(verdict(&from(&app, "203.0.113.9", None, PASSWORD).await), "429 SIGN_IN_LOCKED");
    assert_eq!(verdict(&from(&app, "198.51.100.7", None, PASSWORD).await), "200");
    assert_eq!(verdict(&from(&app, "203.0.113.9", None, PASSWORD).await), "429 SIGN_IN_LOCKED", "still");
}

async fn many_networks_have_one_limit(app: TestApp) {
    person(&app, EMAIL).await;
    let cookie = device_cookie(&from(&app, "198.51.100.7", None, PASSWORD).await);
    for networks in 0..5 {
        let guesses = (0..20).map(|guess| {
            let (app, network) = (app.clone(), format!("203.0.113.{}", networks * 5 + guess % 5));
            async move { verdict(&from(&app, &network, None, "wrong").await) }
        });
        let verdicts = futures::future::join_all(guesses).await;
        assert!(verdicts.iter().all(|verdict| verdict == "401 INVALID_CREDENTIALS"), "{verdicts:?}");
    }
    let strange = from(&app, "192.0.2.1", None, PASSWORD).await;
    assert_eq!(
        (verdict(&strange).as_str(), strange.header("retry-after")),
        ("429 SIGN_IN_LOCKED", Some("30"))
    );
    let forged = cookie.replace(&cookie[cookie.len() - 4..], "AAAA");
    assert_eq!(verdict(&from(&app, "192.0.2.1", Some(&forged), PASSWORD).await), "429 SIGN_IN_LOCKED");
    // Whoever signed in here before waits for nobody, and has guesses of their own.
    for _ in 0..4 {
        assert_eq!(
            verdict(&from(&app, "192.0.2.1", Some(&cookie), "wrong").await),
            "401 INVALID_CREDENTIALS"
        );
    }
    let known = from(&app, "192.0.2.1", Some(&cookie), PASSWORD).await;
    assert_eq!((verdict(&known).as_str(), device_cookie(&known)), ("200", cookie.clone()));
    for _ in 0..5 {
        from(&app, "192.0.2.1", Some(&cookie), "wrong").await;
    }
    assert_eq!(verdict(&from(&app, "192.0.2.1", Some(&cookie), PASSWORD).await), "429 SIGN_IN_LOCKED");
    // It is the cookie of one person, and opens nothing for others.
    person(&app, "ben@company.example").await;
    for attempt in 0..6 {
        let body = json!({"email": "ben@company.example", "password": "wrong"});
        let headers = [("x-forwarded-for", "192.0.2.1"), ("cookie", cookie.as_str())];
        let expected = if attempt < 5 { 401 } else { 429 };
        assert_eq!(post(&app, "/auth/sign-in", &headers, &body).await.status, expected);
    }
    app.clock().advance(Duration::from_hours(24));
    for _ in 0..2 {
        assert_eq!(verdict(&from(&app, "192.0.2.2", None, "wrong").await), "401 INVALID_CREDENTIALS");
    }
}

/// Somebody who may invite anybody into a company of his own, and so comes in by their address, guesses at another.
/// Whoever makes users of the same address in a company of their own could guess by them what fits in another.
async fn what_fits_in_one_company_tells_little_of_another(app: TestApp) {
    let second = app.tenant(2).await;
    person(&app, EMAIL).await;
    let there = person(&second, EMAIL).await;
    let change = async |from: &str, to: &str| {
        let body = json!({"current": from, "new": to}).to_string();
        let answer = there.http("POST", "/auth/password", &[super::JSON], body.as_bytes()).await;
        assert_eq!(answer.status, 204);
    };
    let guess = "another horse battery";
    change(PASSWORD, guess).await;
    // It is right, and locks nobody out, however often.
    for _ in 0..10 {
        let answer = sign_in(&app, EMAIL, guess).await;
        assert_eq!(answer.json()["company"]["slug"], "company-2");
    }
    let body = json!({"email": EMAIL, "password": PASSWORD, "company": "company-1"});
    assert_eq!(verdict(&post(&app, "/auth/sign-in", &[], &body).await), "200");
    // After some that were wrong elsewhere nobody is told of a right one.
    change(guess, PASSWORD).await;
    let answer = sign_in(&app, EMAIL, PASSWORD).await;
    assert_eq!(answer.json()["company"]["slug"], "company-2");
    app.clock().advance(Duration::from_hours(1));
    assert_eq!(verdict(&sign_in(&app, EMAIL, PASSWORD).await), "409 COMPANY_NEEDED");
}

async fn counts_are_kept_as_long_as_they_count(app: TestApp) {
    let kept = async || {
        app.do_job("core.clean_up").await;
        crate::catalogue::rows(&app, "SELECT id FROM core_guess").await.len()
    };
    sign_in(&app, EMAIL, "wrong").await;
    app.clock().advance(Duration::from_hours(23));
    for _ in 0..5 {
        sign_in(&app, "ben@company.example", "wrong").await;
    }
    assert_eq!(kept().await, 4);
    app.clock().advance(Duration::from_hours(1));
    assert_eq!(kept().await, 2, "a day after the first");
    app.clock().advance(Duration::from_hours(23));
    assert_eq!(kept().await, 0);
}
