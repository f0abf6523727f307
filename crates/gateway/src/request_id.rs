//! The name of one request in headers, logs and errors.

use std::fmt;
use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

/// The header that carries the id, in both directions.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Longest id that is taken from a client.
const MAX_LENGTH: usize = 64;

/// Makes ids. It comes from outside, so that tests are exact.
pub type IdSource = Arc<dyn Fn() -> Uuid + Send + Sync>;

/// The id of one request: the client's own if it is short and plain, else a new one. Cloning is cheap.
#[derive(Clone, PartialEq, Eq)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// The id that a request brings along, if it may be used as it is.
    ///
    /// Only `[A-Za-z0-9._-]` is accepted: the value ends up in logs, where anything else could forge lines.
    pub(crate) fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let value = headers.get(HEADER)?;
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        let length = value.as_bytes().len();
        ((1..=MAX_LENGTH).contains(&length) && value.as_bytes().iter().all(plain))
            .then(|| Self(value.clone()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    /// The id as a header value.
    pub(crate) fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

impl From<Uuid> for RequestId {
    fn from(id: Uuid) -> Self {
        let mut buffer = Uuid::encode_buffer();
        let text: &str = id.hyphenated().encode_lower(&mut buffer);
        // A UUID is always a valid header value; the other branch cannot be reached.
        Self(HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("none")))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &'static str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(HEADER, HeaderValue::from_static(value));
        RequestId::from_headers(&headers).map(|id| id.to_string())
    }

    #[test]
    fn takes_plain_ids_only() {
        assert_eq!(read("a-B.9_c").as_deref(), Some("a-B.9_c"));
        for bad in [
            "",
            "a b",
            "a\"b",
            "a/b",
            "a,b",
            "0123456789012345678901234567890123456789012345678901234567890123X",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn formats_uuids() {
        assert_eq!(RequestId::from(Uuid::from_u128(10)).as_str(), "00000000-0000-0000-0000-00000000000a");
    }
}
