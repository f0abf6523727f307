//! What a client presents to say who it is.

use axum::http::{HeaderMap, header, request::Parts};

/// The token that came with a request: queries, event streams and the handshakes of web sockets alike. Whoever takes a
/// cookie, too, has to guard it here: browsers send one with the handshake of a web socket whoever opens it, and what is
/// asked over that may change something.
pub(crate) fn token(parts: &Parts) -> Option<String> {
    bearer(&parts.headers).map(str::to_owned)
}

/// The token of `Authorization: Bearer …`.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
