//! Links that work once, and their page.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::future::join_all;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use shoal_core::sign_in::link::Purpose;
use shoal_core::{role, setup, user};
use shoal_testkit::{Backend, Exchange, Options, TestApp};

use super::{EMAIL, PASSWORD, link_for, post, session_of, sign_in, stored_sessions, verdict};
use crate::support::{both_databases, in_parallel};

both_databases!(
    an_invitation_is_taken_once,
    links_grow_old,
    who_chooses_a_password_comes_in_alone,
    the_page_is_read_as_often_as_one_likes,
    the_form_says_what_is_wrong,
    the_page_speaks_ones_language,
);

mod races {
    use super::{TestApp, in_parallel, one_of_eight_wins};
    in_parallel!(of_eight);
    async fn of_eight(app: TestApp) {
        one_of_eight_wins(app).await;
    }
}

async fn an_invitation_is_taken_once(app: TestApp) {
    let anna = app.user(EMAIL, role::EMPLOYEE).await;
    let link = link_for(&anna, Purpose::Invitation).await;
    let other = link_for(&anna, Purpose::Invitation).await;
    let take = async |link: &str, password: &str| {
        post(&app, "/auth/link", &[], &json!({"token": link, "password": password})).await
    };
    let without = post(&app, "/auth/link", &[], &json!({"token": link})).await;
    assert_eq!(verdict(&without), "422 VALIDATION password REQUIRED");
    assert_eq!(verdict(&take(&link, "short").await), "422 VALIDATION password TOO_SHORT");
    let answer = take(&link, PASSWORD).await;
    assert_eq!(verdict(&answer), "200");
    assert_eq!(answer.json()["user"]["email"], EMAIL);
    assert_eq!(session_of(&app, answer.json()["token"].as_str().unwrap()).await, "200");
    assert_eq!(verdict(&sign_in(&app, EMAIL, PASSWORD).await), "200");
    assert_eq!(verdict(&take(&link, PASSWORD).await), "410 LINK_VOID", "twice");
    assert_eq!(verdict(&take(&other, PASSWORD).await), "410 LINK_VOID", "others like it went with it");
    for wrong in ["", "x", &link[..40], &link.replace("shoal_link_", "shoal_session_"), app.token()] {
        assert_eq!(verdict(&take(wrong, PASSWORD).await), "410 LINK_VOID", "{wrong}");
    }
    // A secret of one's own to the id of another link.
    let mut forged = link_for(&anna, Purpose::Start).await;
    forged.replace_range(forged.len() - 20.., "AAAAAAAAAAAAAAAAAAAA");
    assert_eq!(verdict(&take(&forged, PASSWORD).await), "410 LINK_VOID");
}

async fn links_grow_old(app: TestApp) {
    let anna = app.user(EMAIL, role::EMPLOYEE).await;
    let start = link_for(&anna, Purpose::Start).await;
    let invitation = link_for(&anna, Purpose::Invitation).await;
    app.clock().advance(std::time::Duration::from_hours(1));
    let body = json!({"token": start});
    assert_eq!(verdict(&post(&app, "/auth/link", &[], &body).await), "410 LINK_VOID");
    app.clock().advance_days(6);
    let page = app.http_as_nobody("GET", &format!("/auth/link/{invitation}"), &[], b"").await;
    assert_eq!(page.status, 200);
    app.clock().advance_days(1);
    let page = app.http_as_nobody("GET", &format!("/auth/link/{invitation}"), &[], b"").await;
    assert_eq!((page.status, text(&page).contains("This link no longer works")), (410, true));
    let body = json!({"token": invitation, "password": PASSWORD});
    assert_eq!(verdict(&post(&app, "/auth/link", &[], &body).await), "410 LINK_VOID");
}

async fn who_chooses_a_password_comes_in_alone(app: TestApp) {
    let anna = super::person(&app, EMAIL).await;
    let take = async |link: &str| {
        let body = json!({"token": link, "password": "a new long password"});
        verdict(&post(&app, "/auth/link", &[], &body).await)
    };
    let all = async |anna: &TestApp| {
        let purposes = [Purpose::Start, Purpose::Invitation, Purpose::Reset];
        join_all(purposes.map(|purpose| link_for(anna, purpose))).await
    };
    // By a link, and signed in.
    let (links, reset) = (all(&anna).await, link_for(&anna, Purpose::Reset).await);
    assert_eq!(take(&reset).await, "200");
    for link in links {
        assert_eq!(take(&link).await, "410 LINK_VOID");
    }
    let signed_in = sign_in(&app, EMAIL, "a new long password").await.json();
    let anna = anna.with_token(signed_in["token"].as_str().unwrap());
    let links = all(&anna).await;
    let body = json!({"current": "a new long password", "new": PASSWORD}).to_string();
    let changed = anna.http("POST", "/auth/password", &[super::JSON], body.as_bytes()).await;
    assert_eq!(changed.status, 204);
    for link in links {
        assert_eq!(take(&link).await, "410 LINK_VOID");
    }
    // Whoever only comes in says nothing of the others.
    let (start, reset) = (link_for(&anna, Purpose::Start).await, link_for(&anna, Purpose::Reset).await);
    assert_eq!((take(&start).await.as_str(), take(&reset).await.as_str()), ("200", "200"));
}

async fn one_of_eight_wins(app: TestApp) {
    for (email, purpose) in [(EMAIL, Purpose::Start), ("ben@company.example", Purpose::Invitation)] {
        let person = app.user(email, role::EMPLOYEE).await;
        let before = stored_sessions(&person).await.len();
        let link = link_for(&person, purpose).await;
        let there = app.second_node().await;
        let takes = (0..8).map(|number| {
            let node = if number % 2 == 0 { app.clone() } else { there.clone() };
            let body = json!({"token": link, "password": format!("the password {number}")});
            tokio::spawn(async move { verdict(&post(&node, "/auth/link", &[], &body).await) })
        });
        let mut counted: BTreeMap<String, usize> = BTreeMap::new();
        for taken in join_all(takes).await {
            *counted.entry(taken.unwrap()).or_default() += 1;
        }
        let expected = [("200".to_owned(), 1), ("410 LINK_VOID".to_owned(), 7)];
        assert_eq!(counted, BTreeMap::from(expected), "{purpose:?}");
        assert_eq!(stored_sessions(&person).await.len(), before + 1);
    }
}

fn text(exchange: &Exchange) -> String {
    String::from_utf8(exchange.body.clone()).unwrap()
}

async fn named(app: &TestApp, name: &str, language: Option<&str>) -> TestApp {
    let details = user::rules::Details {
        email: EMAIL.to_owned(),
        name: name.to_owned(),
        language: language.map(str::to_owned),
        time_zone: None,
    };
    let user = setup::add_user(app.kernel(), app.company(), details, role::EMPLOYEE).await.unwrap();
    app.with_session_of(user.id).await
}

async fn the_page_is_read_as_often_as_one_likes(app: TestApp) {
    let anna = named(&app, "Anna <b>O'Neil</b> & \"Co\"", None).await;
    let link = link_for(&anna, Purpose::Invitation).await;
    let path = format!("/auth/link/{link}");
    for method in ["GET", "HEAD", "GET"] {
        let page = app.http_as_nobody(method, &path, &[], b"").await;
        assert_eq!(page.status, 200);
    }
    let page = app.http_as_nobody("GET", &path, &[], b"").await;
    let html = text(&page);
    assert!(
        html.contains("Anna &lt;b&gt;O&#39;Neil&lt;/b&gt; &amp; &quot;Co&quot; (anna@company.example)"),
        "{html}"
    );
    assert!(html.contains("Company 1") && !html.contains("<script"), "{html}");
    for part in [
        "<html lang=\"en\">",
        "name=\"viewport\"",
        "<label for=\"password\">",
        "autocomplete=\"new-password\"",
        "autocomplete=\"username\"",
        "minlength=\"10\"",
        &format!("<form method=\"post\" action=\"{path}\">"),
    ] {
        assert!(html.contains(part), "{part}: {html}");
    }
    let style = html.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
    let hash = STANDARD.encode(Sha256::digest(style));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    );
    assert_eq!(page.header("content-security-policy"), Some(policy.as_str()));
    assert_eq!(page.header("cache-control"), Some("no-store"));
    // With `no-referrer` browsers would send the form with `Origin: null`.
    assert_eq!(page.header("referrer-policy"), Some("strict-origin"));

    let form = ("content-type", "application/x-www-form-urlencoded");
    let ours = format!("http://{}", app.address());
    let body = b"email=x&password=correct+horse%20b%C3%A4ttery";
    let done = app.http_as_nobody("POST", &path, &[form, ("origin", &ours)], body).await;
    assert_eq!((done.status, done.header("location")), (303, Some("/graphiql")));
    let pair = done.header("set-cookie").unwrap().split(';').next().unwrap();
    let session = app.http_as_nobody("GET", "/auth/session", &[("cookie", pair)], b"").await;
    assert_eq!(session.json()["user"]["email"], EMAIL);
    assert_eq!(verdict(&sign_in(&app, EMAIL, "correct horse b\u{e4}ttery").await), "200");
    let again = app.http_as_nobody("POST", &path, &[form, ("origin", &ours)], body).await;
    assert_eq!((again.status, text(&again).contains("This link no longer works")), (410, true));
}

async fn the_form_says_what_is_wrong(app: TestApp) {
    let anna = app.user(EMAIL, role::EMPLOYEE).await;
    let link = link_for(&anna, Purpose::Reset).await;
    let path = format!("/auth/link/{link}");
    let form = ("content-type", "application/x-www-form-urlencoded");
    let same = ("sec-fetch-site", "same-origin");
    let long = format!("password={}", "x".repeat(1_025));
    for (body, error) in [
        ("", "Choose a password."),
        ("password=", "Choose a password."),
        ("password=short", "The password needs at least 10 characters."),
        (&long, "The password is too long."),
        ("password=aaaaaaaaaaaa", "The password is too easy to guess."),
    ] {
        let page = app.http_as_nobody("POST", &path, &[form, same], body.as_bytes()).await;
        let html = text(&page);
        assert_eq!(page.status, 422, "{html}");
        let shown = format!("<p class=\"error\" id=\"error\" role=\"alert\">{error}</p>");
        assert!(html.contains(&shown) && html.contains("aria-invalid=\"true\""), "{html}");
        assert!(html.contains("aria-describedby=\"error hint\""), "{html}");
        assert!(!html.contains("xxxx") && page.header("set-cookie").is_none(), "{html}");
    }
    let good = format!("password={}", PASSWORD.replace(' ', "+"));
    for foreign in
        [&[form][..], &[form, ("sec-fetch-site", "cross-site")], &[form, ("origin", "https://evil.example")]]
    {
        let page = app.http_as_nobody("POST", &path, foreign, good.as_bytes()).await;
        assert_eq!((page.status, text(&page).contains("another site")), (403, true), "{foreign:?}");
    }
    let wrong =
        app.http_as_nobody("POST", &path, &[("content-type", "text/plain"), same], good.as_bytes()).await;
    assert_eq!(verdict(&wrong), "415 UNSUPPORTED_MEDIA_TYPE");
    assert_eq!(app.http_as_nobody("POST", &path, &[form, same], good.as_bytes()).await.status, 303);
    let start = link_for(&anna, Purpose::Start).await;
    let path = format!("/auth/link/{start}");
    let page = app.http_as_nobody("GET", &path, &[], b"").await;
    assert!(!text(&page).contains("type=\"password\""), "to sign in by a link one chooses no password");
    assert_eq!(app.http_as_nobody("POST", &path, &[form, same], b"").await.status, 303);
}

async fn the_page_speaks_ones_language(app: TestApp) {
    let anna = named(&app, "Anna", None).await;
    let link = link_for(&anna, Purpose::Reset).await;
    let title = async |path: &str, accepted: Option<&str>| {
        let headers: Vec<(&str, &str)> = accepted.map(|tags| ("accept-language", tags)).into_iter().collect();
        let html = text(&app.http_as_nobody("GET", &format!("/auth/link/{path}"), &headers, b"").await);
        html.split_once("<h1>").unwrap().1.split_once("</h1>").unwrap().0.to_owned()
    };
    assert_eq!(title(&link, None).await, "Choose a new password", "the company's");
    assert_eq!(title(&link, Some("ru-RU,ru;q=0.9,en;q=0.8")).await, "Новый пароль", "the browser's");
    assert_eq!(title(&link, Some("zh-TW")).await, "设置新密码");
    assert_eq!(title("x", Some("zh-CN")).await, "此链接已失效");
    assert_eq!(title("x", Some("ru")).await, "Ссылка больше не действует");
    let second = app.tenant(2).await;
    let chen = named(&second, "陈静", Some("zh-CN")).await;
    let link = link_for(&chen, Purpose::Invitation).await;
    assert_eq!(title(&link, Some("ru")).await, "欢迎使用 Shoal", "one's own choice");
}

#[tokio::test]
async fn without_the_editor_people_go_to_the_front_page() {
    let mut options = Options::default();
    options.config.graphql.graphiql = false;
    let app = TestApp::start_with(Backend::Sqlite, options).await;
    let link = link_for(&app, Purpose::Start).await;
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin")];
    let done = app.http_as_nobody("POST", &format!("/auth/link/{link}"), &headers, b"").await;
    assert_eq!((done.status, done.header("location")), (303, Some("/")));
}
