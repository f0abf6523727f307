//! One's own session and password.

use axum::body::Body;
use axum::http::{Response, StatusCode, header};
use serde::{Deserialize, Serialize};
use shoal_core::caller::Actor;
use shoal_core::sign_in::{self, INVALID_CREDENTIALS, SignInError};
use shoal_graphql::error::{Refusal, code};
use shoal_graphql::message;
use shoal_graphql::value::INSTANT_FORMAT;
use uuid::Uuid;

use super::sign_in::{Person, company, json};
use super::{Answer, Entry, Visit, cookie};
use crate::credentials::Credential;
use crate::problem::{Company, Problem};

/// `GET /auth/session`: who is signed in.
pub(super) async fn session(entry: Entry, visit: Visit) -> Answer {
    let (known, credential) = visit.known(&entry).await?;
    let api_key = match known.caller.actor {
        Actor::ApiKey(id) => Some(Key { id }),
        _ => None,
    };
    Ok(json(
        StatusCode::OK,
        &Session {
            user: known.user().map(|user| Person::of(user, &known.tenant)),
            api_key,
            company: company(&known.tenant),
            expires_at: known.expires_at().map(|at| at.format(INSTANT_FORMAT).to_string()),
            credential: match credential {
                Credential::Bearer(_) => "BEARER",
                Credential::Cookie(_) => "COOKIE",
            },
        },
    ))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Session<'a> {
    user: Option<Person<'a>>,
    api_key: Option<Key>,
    company: Company<'a>,
    expires_at: Option<String>,
    credential: &'static str,
}

#[derive(Serialize)]
struct Key {
    id: Uuid,
}

/// `POST /auth/sign-out`: ends the session, if there is one, and takes the cookie away.
pub(super) async fn sign_out(entry: Entry, visit: Visit) -> Answer {
    let door = &entry.door;
    if let Some(credential) = visit.credential(&entry).await? {
        sign_in::sign_out(&door.kernel, credential.token()).await.map_err(Problem::failed)?;
    }
    let mut response = nothing();
    let name = door.cookie_name(door.is_secure(&visit.client)).await?;
    if let Some(gone) = name.and_then(|name| cookie::set(&name, "", 0)) {
        response.headers_mut().insert(header::SET_COOKIE, gone);
    }
    Ok(response)
}

#[derive(Deserialize)]
struct Passwords {
    current: String,
    new: String,
}

/// `POST /auth/password`: changes one's own password, which ends all other sessions.
pub(super) async fn password(entry: Entry, visit: Visit) -> Answer {
    let (known, _) = visit.known(&entry).await?;
    let Passwords { current, new } = visit.json()?;
    if known.user().is_none() {
        return Err(Problem::refused(Refusal::new(
            code::FORBIDDEN,
            message!("api-key-without-password", "An API key has no password."),
        )));
    }
    let changed = match sign_in::change_password(&entry.door.kernel, &known, current, new).await {
        Ok(()) => Ok(nothing()),
        // 401 would say that the session is over.
        Err(SignInError::Invalid) => {
            let message = message!("password-wrong", "this is not the current password");
            Err(Problem::refused(Refusal::field(["current"], INVALID_CREDENTIALS, message)))
        }
        Err(error) => Err(Problem::not_signed_in(error)),
    };
    changed.map_err(|problem| problem.in_language(known.caller.language))
}

/// 204
fn nothing() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}
