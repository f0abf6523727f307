//! What headers tell of the caller's allowance: `RateLimit-Policy` and `RateLimit`, by the draft of the IETF
//! (draft-ietf-httpapi-ratelimit-headers-11), and `Retry-After`.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use shoal_graphql::context::Allowance;
use shoal_graphql::request::Outcome;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// Tells what is left, and when to come again if that was not enough.
pub(super) fn tell(headers: &mut HeaderMap, allowance: Option<Allowance>, outcome: Outcome) {
    tell_left(headers, allowance);
    if let Outcome::RateLimited { retry_after: Some(seconds) } = outcome {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
}

/// Tells what is left.
pub(crate) fn tell_left(headers: &mut HeaderMap, allowance: Option<Allowance>) {
    if let Some(Allowance { most, remaining, restored_in, window }) = allowance {
        // The draft knows units of requests and bytes only. Saying another is better than to be taken for requests.
        insert(headers, POLICY, &format!("\"cost\";q={most};qu=\"points\";w={window}"));
        insert(headers, LIMIT, &format!("\"cost\";r={remaining};t={restored_in}"));
    }
}

fn insert(headers: &mut HeaderMap, name: HeaderName, text: &str) {
    // Digits and plain letters are always a value.
    if let Ok(value) = HeaderValue::from_str(text) {
        headers.insert(name, value);
    }
}
