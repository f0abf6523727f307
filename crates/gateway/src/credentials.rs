//! What a client presents to say who it is: a token as `Authorization: Bearer …`, or else the cookie of a session.

use std::sync::Arc;

use axum::http::{HeaderMap, Method, header, request::Parts};

use crate::auth::{Door, Silence, cookie, guard};
use crate::client::Client;
use crate::problem::Problem;

/// A token, and how it came.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Credential {
    Bearer(String),
    Cookie(String),
}

impl Credential {
    /// The token.
    pub(crate) fn token(&self) -> &str {
        match self {
            Self::Bearer(token) | Self::Cookie(token) => token,
        }
    }
}

/// What the request presents. Programs send a header on purpose; a cookie is sent by the browser itself, whoever made
/// it ask, so that a request that may change something has to come from a page of ours.
pub(crate) async fn credential(
    door: Option<&Arc<Door>>,
    parts: &Parts,
) -> Result<Option<Credential>, Problem> {
    if let Some(token) = bearer(&parts.headers) {
        return Ok(Some(Credential::Bearer(token.to_owned())));
    }
    let Some(door) = door else { return Ok(None) };
    // Most requests without a header have no cookie either: nothing needs to be looked up for them.
    let (Some(client), true) = (parts.extensions.get::<Client>(), parts.headers.contains_key(header::COOKIE))
    else {
        return Ok(None);
    };
    let name = door.cookie_name(door.is_secure(client)).await?;
    let Some(token) = name.as_deref().and_then(|name| cookie::read(&parts.headers, name)) else {
        return Ok(None);
    };
    if parts.method != Method::GET && parts.method != Method::HEAD {
        guard::check(door, (&parts.headers, client), Silence::Refused)?;
    }
    Ok(Some(Credential::Cookie(token.to_owned())))
}

/// Refuses what a page of somebody else made a browser ask, cookie and all.
pub(crate) fn guard_cookie(door: Option<&Arc<Door>>, parts: &Parts) -> Result<(), Problem> {
    match (door, parts.extensions.get::<Client>()) {
        (Some(door), Some(client)) => guard::check(door, (&parts.headers, client), Silence::Refused),
        _ => Ok(()),
    }
}

/// The token of `Authorization: Bearer …`.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
