//! Addresses and passwords.

use std::time::Duration;

use serde_json::{Value as Json, json};
use shoal_core::{role, setup, user};
use shoal_testkit::TestApp;

use super::{EMAIL, PASSWORD, person, post, session_of, sign_in, verdict};
use crate::support::both_databases;

both_databases!(
    a_password_opens,
    wrong_passwords_make_wait,
    guesses_at_once_do_not_pass_the_lock,
    nobody_learns_which_addresses_there_are,
    one_address_in_two_companies,
    changing_ones_password,
    bodies_that_are_none,
);

async fn a_password_opens(app: TestApp) {
    let anna = person(&app, EMAIL).await;
    assert_eq!(verdict(&sign_in(&app, EMAIL, "wrong horse battery").await), "401 INVALID_CREDENTIALS");
    let answer = sign_in(&app, " Anna@Company.example", PASSWORD).await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("set-cookie"), None);
    let mut json = answer.json();
    let token = json["token"].take().as_str().unwrap().to_owned();
    assert!(token.starts_with("shoal_session_"), "{token}");
    let expected = json!({
        "token": null,
        "expiresAt": "2026-04-01T09:30:00.000000Z",
        "user": {"id": anna.user_id(), "name": EMAIL, "email": EMAIL, "language": "en"},
        "company": {"slug": "company-1", "name": "Company 1"},
    });
    assert_eq!(json, expected);
    let anna = anna.with_token(&token);
    anna.data("{ __typename accounts { totalCount } }", Json::Null).await;
    let session = anna.http("GET", "/auth/session", &[], b"").await.json();
    assert_eq!(
        session,
        json!({
            "user": expected["user"], "apiKey": null, "company": expected["company"],
            "expiresAt": expected["expiresAt"], "credential": "BEARER",
        })
    );
    assert_eq!(session_of(&app, "shoal_session_x").await, "401 UNAUTHENTICATED");
    let nobody = app.http_as_nobody("GET", "/auth/session", &[], b"").await;
    assert_eq!(verdict(&nobody), "401 UNAUTHENTICATED");
}

async fn wrong_passwords_make_wait(app: TestApp) {
    person(&app, EMAIL).await;
    for _ in 0..5 {
        assert_eq!(verdict(&sign_in(&app, EMAIL, "wrong").await), "401 INVALID_CREDENTIALS");
    }
    let locked = sign_in(&app, EMAIL, PASSWORD).await;
    assert_eq!((verdict(&locked).as_str(), locked.header("retry-after")), ("429 SIGN_IN_LOCKED", Some("30")));
    app.clock().advance(Duration::from_secs(29));
    let locked = sign_in(&app, EMAIL, PASSWORD).await;
    assert_eq!((verdict(&locked).as_str(), locked.header("retry-after")), ("429 SIGN_IN_LOCKED", Some("1")));
    app.clock().advance(Duration::from_secs(1));
    assert_eq!(verdict(&sign_in(&app, EMAIL, "wrong").await), "401 INVALID_CREDENTIALS");
    let locked = sign_in(&app, EMAIL, PASSWORD).await;
    assert_eq!(locked.header("retry-after"), Some("60"), "the wait doubles");
    app.clock().advance(Duration::from_mins(1));
    assert_eq!(verdict(&sign_in(&app, EMAIL, PASSWORD).await), "200");
    for _ in 0..4 {
        sign_in(&app, EMAIL, "wrong").await;
    }
    assert_eq!(verdict(&sign_in(&app, EMAIL, PASSWORD).await), "200", "a right one counts from anew");
}

async fn guesses_at_once_do_not_pass_the_lock(app: TestApp) {
    person(&app, EMAIL).await;
    for _ in 0..4 {
        sign_in(&app, EMAIL, "wrong").await;
    }
    let guesses = (0..12).map(|guess| {
        let app = app.clone();
        async move { verdict(&sign_in(&app, EMAIL, &format!("wrong {guess}")).await) }
    });
    let verdicts = futures::future::join_all(guesses).await;
    let read = verdicts.iter().filter(|verdict| *verdict != "429 SIGN_IN_LOCKED").count();
    assert_eq!(read, 1, "those behind the lock are told what the right one is told: {verdicts:?}");
    let locked = sign_in(&app, EMAIL, PASSWORD).await;
    assert_eq!(verdict(&locked), "429 SIGN_IN_LOCKED");
    assert_eq!(locked.header("retry-after"), Some("30"), "nobody is locked out for longer by many at once");
    let odd = sign_in(&app, "a\0@company.example", PASSWORD).await;
    assert_eq!(odd.status, 401, "an address that no database takes is nobody's");
}

async fn nobody_learns_which_addresses_there_are(app: TestApp) {
    person(&app, EMAIL).await;
    let told = async |email: &str, password: &str| {
        let answer = sign_in(&app, email, password).await;
        let mut json = answer.json();
        json["errors"][0]["extensions"]["requestId"].take();
        let mut names: Vec<String> = answer.headers.iter().map(|(name, _)| name.clone()).collect();
        names.sort();
        (answer.status, answer.header("retry-after").map(str::to_owned), names, json)
    };
    let long = "x".repeat(5_000);
    for password in ["wrong", "", &long, "wrong", "wrong", "wrong", "wrong"] {
        let (known, unknown) = (told(EMAIL, password).await, told("nobody@company.example", password).await);
        assert_eq!(known, unknown);
    }
    assert_eq!(told("nobody@company.example", "wrong").await.0, 429);
    // Nor who was invited and has no password yet.
    app.user("invited@company.example", role::EMPLOYEE).await;
    assert_eq!(told("invited@company.example", "wrong").await, told("other@company.example", "wrong").await);
    assert_eq!(verdict(&sign_in(&app, "not an address", "wrong").await), "401 INVALID_CREDENTIALS");
}

async fn one_address_in_two_companies(app: TestApp) {
    let second = app.tenant(2).await;
    person(&app, EMAIL).await;
    let there = person(&second, EMAIL).await;
    let answer = sign_in(&app, EMAIL, PASSWORD).await;
    assert_eq!(verdict(&answer), "409 COMPANY_NEEDED");
    let companies =
        json!([{"slug": "company-1", "name": "Company 1"}, {"slug": "company-2", "name": "Company 2"}]);
    assert_eq!(answer.json()["errors"][0]["extensions"]["companies"], companies);
    let named = async |company: &str, password: &str| {
        let body = json!({"email": EMAIL, "password": password, "company": company});
        post(&app, "/auth/sign-in", &[], &body).await
    };
    for slug in ["company-1", "company-2"] {
        assert_eq!(named(slug, PASSWORD).await.json()["company"]["slug"], slug);
    }
    assert_eq!(verdict(&named("company-3", PASSWORD).await), "401 INVALID_CREDENTIALS");
    assert_eq!(verdict(&named("company-2", "wrong").await), "401 INVALID_CREDENTIALS");
    let body = json!({"current": PASSWORD, "new": "another horse battery"});
    assert_eq!(
        there.http("POST", "/auth/password", &[super::JSON], body.to_string().as_bytes()).await.status,
        204
    );
    let answer = sign_in(&app, EMAIL, "another horse battery").await;
    assert_eq!(answer.json()["company"]["slug"], "company-2", "only one of them fits");
}

async fn changing_ones_password(app: TestApp) {
    let anna = person(&app, EMAIL).await;
    let other = sign_in(&app, EMAIL, PASSWORD).await.json()["token"].as_str().unwrap().to_owned();
    let change = async |current: &str, new: &str| {
        let body = json!({"current": current, "new": new}).to_string();
        verdict(&anna.http("POST", "/auth/password", &[super::JSON], body.as_bytes()).await)
    };
    assert_eq!(change("wrong", "a new long password").await, "422 VALIDATION current INVALID_CREDENTIALS");
    assert_eq!(change(PASSWORD, "short").await, "422 VALIDATION new TOO_SHORT");
    assert_eq!(change(PASSWORD, "aaaaaaaaaaaaaaa").await, "422 VALIDATION new WEAK_PASSWORD");
    assert_eq!(change(PASSWORD, &"long ".repeat(300)).await, "422 VALIDATION new TOO_LONG");
    assert_eq!(change(PASSWORD, EMAIL).await, "422 VALIDATION new WEAK_PASSWORD");
    assert_eq!(session_of(&app, &other).await, "200");
    assert_eq!(change(PASSWORD, "a new long password").await, "204");
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(session_of(&app, &other).await, "401 UNAUTHENTICATED", "other sessions have ended");
    assert_eq!(session_of(&app, anna.token()).await, "200", "one's own goes on");
    assert_eq!(verdict(&sign_in(&app, EMAIL, PASSWORD).await), "401 INVALID_CREDENTIALS");
    assert_eq!(verdict(&sign_in(&app, EMAIL, "a new long password").await), "200");
    for _ in 0..5 {
        change("wrong", "a new long password").await;
    }
    assert_eq!(change("a new long password", PASSWORD).await, "429 SIGN_IN_LOCKED");
}

async fn bodies_that_are_none(app: TestApp) {
    let huge = json!({"email": EMAIL, "password": "x".repeat(2_000_000)}).to_string();
    let token = json!({"token": "shoal_link_x"}).to_string();
    let form = ("content-type", "application/x-www-form-urlencoded");
    for (path, headers, body, expected) in [
        ("/auth/sign-in", super::JSON, huge.as_bytes(), "413 LIMIT_EXCEEDED"),
        ("/auth/sign-in", super::JSON, b"", "400 BAD_REQUEST"),
        ("/auth/sign-in", super::JSON, b"{", "400 BAD_REQUEST"),
        ("/auth/sign-in", super::JSON, b"[]", "400 BAD_REQUEST"),
        ("/auth/sign-in", super::JSON, b"{\"email\":\"a@b.example\"}", "400 BAD_REQUEST"),
        ("/auth/sign-in", super::JSON, b"{\"email\":1,\"password\":\"x\"}", "400 BAD_REQUEST"),
        ("/auth/sign-in", super::JSON, b"{\"email\":\"\xff\",\"password\":\"x\"}", "400 BAD_REQUEST"),
        ("/auth/sign-in", ("content-type", "text/plain"), b"{}", "415 UNSUPPORTED_MEDIA_TYPE"),
        ("/auth/sign-in", form, b"email=a&password=b", "415 UNSUPPORTED_MEDIA_TYPE"),
        ("/auth/link", form, b"token=a", "415 UNSUPPORTED_MEDIA_TYPE"),
        ("/auth/link", super::JSON, token.as_bytes(), "410 LINK_VOID"),
        ("/auth/forgotten", super::JSON, b"{}", "400 BAD_REQUEST"),
        ("/auth/password", super::JSON, b"{}", "401 UNAUTHENTICATED"),
    ] {
        let answer = app.http_as_nobody("POST", path, &[headers], body).await;
        let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
        assert_eq!(verdict(&answer), expected, "{path} {shown}");
    }
    let answer = app.http_as_nobody("GET", "/auth/sign-in", &[], b"").await;
    assert_eq!((verdict(&answer).as_str(), answer.header("allow")), ("405 METHOD_NOT_ALLOWED", Some("POST")));
    let answer = app.http("POST", "/auth/password", &[super::JSON], b"{\"current\":1}").await;
    assert_eq!(verdict(&answer), "400 BAD_REQUEST");
}

/// Neither in other letters.
#[tokio::test]
async fn the_name_is_not_a_password() {
    let app = TestApp::start(shoal_testkit::Backend::Sqlite).await;
    let details = user::rules::Details {
        email: "maria@company.example".to_owned(),
        name: "Maria Magdalena".to_owned(),
        language: None,
        time_zone: None,
    };
    let maria = setup::add_user(app.kernel(), app.company(), details, role::EMPLOYEE).await.unwrap();
    let maria = app.with_session_of(maria.id).await;
    let link = super::link_for(&maria, shoal_core::sign_in::link::Purpose::Invitation).await;
    for weak in ["maria magdalena", "MARIA@company.example"] {
        let answer = post(&app, "/auth/link", &[], &json!({"token": link, "password": weak})).await;
        assert_eq!(verdict(&answer), "422 VALIDATION password WEAK_PASSWORD", "{weak}");
    }
}

/// Each password takes much memory: beyond a queue people are told to come again.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_crowd_is_turned_away() {
    let app = TestApp::start(shoal_testkit::Backend::Sqlite).await;
    let attempts = (0..200).map(|number| {
        let app = app.clone();
        async move { sign_in(&app, &format!("{number}@company.example"), "wrong").await }
    });
    let answers = futures::future::join_all(attempts).await;
    let away: Vec<_> = answers.iter().filter(|answer| verdict(answer) == "503 UNAVAILABLE").collect();
    assert!(!away.is_empty() && away.iter().all(|answer| answer.header("retry-after") == Some("1")));
    let served = answers.iter().filter(|answer| verdict(answer) == "401 INVALID_CREDENTIALS").count();
    assert!(served >= 66 && served + away.len() == 200, "{served} were served");
    assert_eq!(
        verdict(&sign_in(&app, EMAIL, "wrong").await),
        "401 INVALID_CREDENTIALS",
        "and then all is well"
    );
}
