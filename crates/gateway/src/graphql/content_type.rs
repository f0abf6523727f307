//! Is the body UTF-8 JSON? And the small grammar that `Accept` and `Content-Type` share.

use axum::http::{HeaderMap, header};

use crate::problem::Problem;

/// Refuses every body that is not `application/json` in UTF-8, uncompressed.
///
/// This is also what keeps other sites out: a browser sends `text/plain`, forms and multipart across origins without
/// asking first, but not `application/json`.
pub(crate) fn check(headers: &HeaderMap) -> Result<(), Problem> {
    if headers
        .get(header::CONTENT_ENCODING)
        .is_some_and(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity"))
    {
        return Err(Problem::compressed_body());
    }
    let mut values = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(Problem::unsupported_media_type("Send exactly one Content-Type: application/json."));
    };
    // What nearly every client sends, without parsing.
    if value == "application/json" {
        return Ok(());
    }
    let mut parts = split(value.to_str().unwrap_or_default(), ';');
    if !parts.next().is_some_and(|name| name.eq_ignore_ascii_case("application/json")) {
        return Err(Problem::unsupported_media_type("Send the request as application/json."));
    }
    let foreign = |(key, value): (&str, &str)| {
        key.eq_ignore_ascii_case("charset") && !value.eq_ignore_ascii_case("utf-8")
    };
    if parameters(parts).any(foreign) {
        return Err(Problem::unsupported_media_type("Send the request in UTF-8."));
    }
    Ok(())
}

/// The non-empty parts between `separator`s, trimmed; a separator inside quotes does not count.
pub(super) fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    let mut escaped = false;
    text.split(move |character| {
        if escaped {
            escaped = false;
            return false;
        }
        match character {
            '"' => quoted = !quoted,
            '\\' if quoted => escaped = true,
            _ => return character == separator && !quoted,
        }
        false
    })
    .map(str::trim)
    .filter(|part| !part.is_empty())
}

/// `key=value` parts, with quotes around a value taken away.
pub(super) fn parameters<'a>(
    parts: impl Iterator<Item = &'a str>,
) -> impl Iterator<Item = (&'a str, &'a str)> {
    parts.map(|part| {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        let value = value.trim();
        let bare = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
        (key.trim(), bare.unwrap_or(value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn takes_utf8_json_only() {
        let good = [
            "application/json",
            "Application/JSON",
            "application/json;charset=utf-8",
            "application/json; charset=\"UTF-8\"",
            "application/json; profile=\"x;charset=latin1\"",
        ];
        let bad = [
            "",
            "text/plain",
            "application/json; charset=latin1",
            "application/jsonp",
            "application/graphql",
            "multipart/form-data; boundary=x",
            "application/x-www-form-urlencoded",
            "application/json, text/plain",
        ];
        let verdict = |value: &'static str| {
            check(&HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(value))])).is_ok()
        };
        for value in good {
            assert!(verdict(value), "{value}");
        }
        for value in bad {
            assert!(!verdict(value), "{value}");
        }
        assert!(check(&HeaderMap::new()).is_err());
    }
}
