//! The answer of the engine as an HTTP response.

use std::io::Write;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Response as HttpResponse, StatusCode, header};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use shoal_graphql::request::{Outcome, Response};

use super::content_type::{parameters, split};
use super::{Media, rate_limit};
use crate::edge::Facts;
use crate::problem::Problem;

/// Below this, compressing costs more than it saves: the answer fits a packet anyway.
const WORTH_COMPRESSING: usize = 1400;

/// The body goes out as the engine wrote it; only the status depends on the media type. A mutation that came by GET is
/// refused.
pub(super) fn success(
    response: Response,
    media: Option<Media>,
    gzip: bool,
) -> Result<HttpResponse<Body>, Problem> {
    if response.outcome == Outcome::MutationRefused {
        return Err(Problem::method_not_allowed("Mutations need POST: GET only reads.", "POST"));
    }
    let media = media.unwrap_or(Media::Json);
    let Response { body, outcome, operation_name, statements, errors, spent, allowance, whose, .. } =
        response;
    let compressed = if gzip && body.len() >= WORTH_COMPRESSING { compress(&body) } else { None };
    let encoded = compressed.is_some();
    let mut reply = HttpResponse::new(Body::from(compressed.unwrap_or_else(|| body.into())));
    *reply.status_mut() = status(outcome, media);
    let headers = reply.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media.content_type()));
    // What one person may see is not for a shared cache.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    rate_limit::tell(headers, allowance, outcome);
    if encoded {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    let facts = Facts { operation: operation_name, tenant: whose, cost: Some(spent), statements, errors };
    reply.extensions_mut().insert(facts);
    Ok(reply)
}

/// Clients and proxies know by 429, whatever the media type, that they are to come again later.
const fn status(outcome: Outcome, media: Media) -> StatusCode {
    match (outcome, media) {
        (Outcome::RateLimited { .. }, _) => StatusCode::TOO_MANY_REQUESTS,
        (Outcome::Executed, _) | (_, Media::Json) => StatusCode::OK,
        (_, Media::GraphqlResponse) => StatusCode::BAD_REQUEST,
    }
}

fn compress(body: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
    encoder.write_all(body).ok()?;
    encoder.finish().ok().map(Bytes::from)
}

/// Whether `Accept-Encoding` allows gzip.
pub(crate) fn takes_gzip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let mut any = None;
    for coding in values.flat_map(|value| split(value, ',')) {
        let mut parts = split(coding, ';');
        let name = parts.next().unwrap_or_default();
        let refused = parameters(parts)
            .any(|(key, value)| key.eq_ignore_ascii_case("q") && value.trim_matches(['0', '.']).is_empty());
        if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") {
            return !refused;
        }
        if name == "*" {
            any = Some(!refused);
        }
    }
    any.unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_accept_encoding() {
        let takes = |value: &'static str| {
            takes_gzip(&HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(value))]))
        };
        for value in ["gzip", "br, GZIP;q=0.5", "*", "deflate, *;q=0.1", "gzip;q=1.000"] {
            assert!(takes(value), "{value}");
        }
        for value in ["", "br", "gzip;q=0", "gzip;q=0.000, *", "*;q=0", "identity"] {
            assert!(!takes(value), "{value}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}
