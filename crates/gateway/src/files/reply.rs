//! The head of an answer with a file.

use std::fmt::Write as _;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use serde::Deserialize;
use shoal_core::file::rules::is_safe_image;

use super::range::Wanted;

/// What is said of a file.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Described {
    pub name: String,
    pub media_type: String,
    pub size: u64,
    pub sha256: String,
}

impl Described {
    /// Names these bytes for ever.
    pub(super) fn tag(&self) -> String {
        format!("\"{}\"", self.sha256)
    }
}

/// Whatever is in a file, nothing of it runs in the name of this server, and nobody keeps it for others.
const SAFE: [(HeaderName, HeaderValue); 4] = [
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
    (header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache")),
    (header::ACCEPT_RANGES, HeaderValue::from_static("bytes")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
];

/// An answer without its body.
pub(super) fn head(file: &Described, wanted: &Wanted) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    let (status, length) = match wanted {
        Wanted::Nothing => (StatusCode::NOT_MODIFIED, None),
        Wanted::Whole => (StatusCode::OK, Some(file.size)),
        Wanted::Part(range) => (StatusCode::PARTIAL_CONTENT, Some(range.end - range.start)),
        Wanted::Beyond => (StatusCode::RANGE_NOT_SATISFIABLE, Some(0)),
    };
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.extend(SAFE);
    let mut set = |name: HeaderName, value: String| {
        // All of it is plain ASCII.
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    };
    set(header::ETAG, file.tag());
    if let Some(length) = length {
        set(header::CONTENT_LENGTH, length.to_string());
    }
    match wanted {
        Wanted::Part(range) => {
            set(header::CONTENT_RANGE, format!("bytes {}-{}/{}", range.start, range.end - 1, file.size));
        }
        Wanted::Beyond => set(header::CONTENT_RANGE, format!("bytes */{}", file.size)),
        _ => {}
    }
    if matches!(wanted, Wanted::Whole | Wanted::Part(_)) {
        set(header::CONTENT_TYPE, file.media_type.clone());
        set(header::CONTENT_DISPOSITION, disposition(file));
    }
    response
}

/// To be stored under its name (RFC 6266); images in which nothing can run may be shown.
fn disposition(file: &Described) -> String {
    let kind = if is_safe_image(&file.media_type) { "inline" } else { "attachment" };
    let plain = |character: char| {
        let fits =
            (character.is_ascii_graphic() || character == ' ') && !['"', '\\', '%'].contains(&character);
        if fits { character } else { '_' }
    };
    let old: String = file.name.chars().map(plain).collect();
    let mut exact = String::with_capacity(file.name.len());
    for byte in file.name.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            exact.push(char::from(byte));
        } else {
            let _ = write!(exact, "%{byte:02X}");
        }
    }
    format!("{kind}; filename=\"{old}\"; filename*=UTF-8''{exact}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let said = |name: &str, media_type: &str| {
            let (name, media_type) = (name.to_owned(), media_type.to_owned());
            disposition(&Described { name, media_type, size: 1, sha256: String::new() })
        };
        assert_eq!(
            said("a b.csv", "text/plain"),
            "attachment; filename=\"a b.csv\"; filename*=UTF-8''a%20b.csv"
        );
        assert_eq!(
            said("客户\"%.csv", "text/plain"),
            "attachment; filename=\"____.csv\"; filename*=UTF-8''%E5%AE%A2%E6%88%B7%22%25.csv"
        );
        assert!(said("x.png", "image/png").starts_with("inline; "));
        assert!(said("x.svg", "image/svg+xml").starts_with("attachment; "));
    }
}
