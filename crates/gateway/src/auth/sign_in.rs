//! `POST /auth/sign-in`, and what everybody gets who comes in.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use serde::{Deserialize, Serialize};
use shoal_core::sign_in::{self, DEVICE_COOKIE_SECONDS, SignIn, SignedIn};
use shoal_core::tenancy::Tenant;
use shoal_core::user;
use shoal_graphql::value::INSTANT_FORMAT;
use tokio::time::Instant;
use uuid::Uuid;

use super::{Answer, Door, Entry, Silence, Visit, cookie};
use crate::client::Client;
use crate::problem::{Company, Problem};

/// A refusal takes at least so long: what is written for a known address and not for others cannot be measured then.
const REFUSAL: Duration = Duration::from_millis(200);

#[derive(Deserialize)]
struct Given {
    email: String,
    password: String,
    company: Option<String>,
    cookie: Option<bool>,
}

/// Signs in with an address and a password.
pub(super) async fn sign_in(entry: Entry, visit: Visit) -> Answer {
    visit.check_origin(&entry.door, Silence::Allowed)?;
    let Given { email, password, company, cookie } = visit.json()?;
    let attempt = SignIn { email, password, company };
    let place = visit.place(&entry.door).await?;
    let begun = Instant::now();
    let signed_in = sign_in::sign_in(&entry.door.kernel, attempt, place).await;
    let signed_in = signed_in.map_err(|error| Problem::not_signed_in(error).not_before(begun + REFUSAL))?;
    welcome(&entry.door, &visit.client, &signed_in, cookie.unwrap_or(false)).await
}

/// Tells who came in, and hands out the token in the body or in a cookie.
pub(super) async fn welcome(door: &Door, client: &Client, signed_in: &SignedIn, as_cookie: bool) -> Answer {
    let token = signed_in.token.text();
    let body = Welcome {
        token: (!as_cookie).then_some(token.as_str()),
        expires_at: signed_in.expires_at.format(INSTANT_FORMAT).to_string(),
        user: Person::of(&signed_in.user, &signed_in.tenant),
        company: company(&signed_in.tenant),
    };
    let mut response = json(StatusCode::OK, &body);
    if as_cookie {
        set_cookies(&mut response, door, client, signed_in).await?;
    }
    Ok(response)
}

/// Gives a browser the cookie of a new session, and the one that stays when that has ended.
pub(super) async fn set_cookies(
    response: &mut Response<Body>,
    door: &Door,
    client: &Client,
    signed_in: &SignedIn,
) -> Result<(), Problem> {
    let instance = door.instance().await?.ok_or_else(Problem::internal)?;
    let secure = door.is_secure(client);
    let seconds = (signed_in.expires_at - door.kernel.clock.now()).num_seconds();
    for (name, value, seconds) in [
        (cookie::name(instance, secure), signed_in.token.text(), seconds),
        (cookie::device_name(instance, secure), signed_in.device_cookie.clone(), DEVICE_COOKIE_SECONDS),
    ] {
        let cookie = cookie::set(&name, &value, seconds).ok_or_else(Problem::internal)?;
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(())
}

/// An answer in JSON.
pub(super) fn json(status: StatusCode, body: &impl Serialize) -> Response<Body> {
    // Plain structs of text always serialize.
    let mut response = Response::new(Body::from(serde_json::to_vec(body).unwrap_or_default()));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Welcome<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
    expires_at: String,
    user: Person<'a>,
    company: Company<'a>,
}

/// A user in an answer.
#[derive(Serialize)]
pub(super) struct Person<'a> {
    id: Uuid,
    name: &'a str,
    email: &'a str,
    /// What they read: their own choice, or the company's language.
    language: &'a str,
}

impl<'a> Person<'a> {
    pub(super) fn of(user: &'a user::Model, tenant: &'a Tenant) -> Self {
        let language = user.language.as_deref().unwrap_or(&tenant.locale);
        Self { id: user.id, name: &user.name, email: &user.email, language }
    }
}

/// The company in an answer.
pub(super) fn company(tenant: &Tenant) -> Company<'_> {
    Company { slug: &tenant.slug, name: &tenant.name }
}
