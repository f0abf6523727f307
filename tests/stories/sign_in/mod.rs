//! Coming in over HTTP: passwords, sessions, cookies, links, mail.

mod cookies;
mod forgotten;
mod guesses;
mod links;
mod mailbox;
mod passwords;
mod places;
mod sessions;

use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};
use serde_json::{Value as Json, json};
use shoal_core::sign_in::link::Purpose;
use shoal_core::{role, session, setup};
use shoal_testkit::{Exchange, TestApp};

const JSON: (&str, &str) = ("content-type", "application/json");
const PASSWORD: &str = "correct horse battery";
const EMAIL: &str = "anna@company.example";

/// Posts JSON with nothing but these headers.
async fn post(app: &TestApp, path: &str, headers: &[(&str, &str)], body: &Json) -> Exchange {
    let headers = [&[JSON], headers].concat();
    app.http_as_nobody("POST", path, &headers, body.to_string().as_bytes()).await
}

/// `401 UNAUTHENTICATED`, or `200`; with fields `422 VALIDATION password TOO_SHORT`.
fn verdict(exchange: &Exchange) -> String {
    let json: Json = serde_json::from_slice(&exchange.body).unwrap_or_default();
    let mut verdict = exchange.status.to_string();
    let extensions = &json["errors"][0]["extensions"];
    if let Some(code) = extensions["code"].as_str() {
        assert_eq!(extensions["requestId"].as_str(), exchange.header("x-request-id"), "{json}");
        assert_eq!(exchange.header("cache-control"), Some("no-store"), "{json}");
        verdict = format!("{verdict} {code}");
    }
    for field in extensions["fields"].as_array().into_iter().flatten() {
        let path = field["path"][0].as_str().unwrap_or_default();
        verdict = format!("{verdict} {path} {}", field["code"].as_str().unwrap_or_default());
    }
    verdict
}

/// A link for a person, as it is told them once.
async fn link_for(person: &TestApp, purpose: Purpose) -> String {
    setup::link_for(person.kernel(), person.company(), person.user_id(), purpose).await.unwrap().text()
}

/// A person of the company who has chosen a password.
async fn person(app: &TestApp, email: &str) -> TestApp {
    let person = app.user(email, role::EMPLOYEE).await;
    let body = json!({"token": link_for(&person, Purpose::Invitation).await, "password": PASSWORD});
    let answer = post(app, "/auth/link", &[], &body).await;
    assert_eq!(verdict(&answer), "200");
    person.with_token(answer.json()["token"].as_str().unwrap())
}

async fn sign_in(app: &TestApp, email: &str, password: &str) -> Exchange {
    post(app, "/auth/sign-in", &[], &json!({"email": email, "password": password})).await
}

/// Whether a token is somebody's: `200` or `401 UNAUTHENTICATED`.
async fn session_of(app: &TestApp, token: &str) -> String {
    let authorization = format!("Bearer {token}");
    verdict(&app.http_as_nobody("GET", "/auth/session", &[("authorization", &authorization)], b"").await)
}

/// The sessions of a person that were begun over HTTP, the oldest first.
async fn stored_sessions(person: &TestApp) -> Vec<session::Model> {
    session::Entity::find()
        .filter(session::Column::TenantId.eq(person.tenant_id()))
        .filter(session::Column::UserId.eq(person.user_id()))
        .filter(session::Column::Address.is_not_null())
        .order_by_asc(session::Column::Id)
        .all(person.database().writer())
        .await
        .unwrap()
}
