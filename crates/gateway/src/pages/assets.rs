//! Files inside the binary, stored compressed.

use std::io::Read;
use std::sync::LazyLock;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use bytes::Bytes;
use flate2::read::GzDecoder;

use super::page;
use crate::graphql::takes_gzip;

/// One embedded file.
pub(super) struct Asset {
    pub(super) name: &'static str,
    pub(super) content_type: &'static str,
    pub(super) gzip: &'static [u8],
}

/// One tag for all files: any change gives every file a new address. Computed once.
pub(super) struct Bundle {
    pub(super) files: &'static [Asset],
    pub(super) version: LazyLock<String>,
}

impl Bundle {
    /// The file at `version`/`name`. The address changes with the content, so that it may be kept for ever.
    pub(super) fn serve(&self, version: &str, name: &str, headers: &HeaderMap) -> Option<Response<Body>> {
        let file = self.files.iter().find(|file| file.name == name && version == *self.version)?;
        // Weak, because it stands for both encodings of the file.
        let tag = HeaderValue::from_str(&format!("W/\"{version}\"")).ok()?;
        let mut response = if matches(headers, &tag) {
            page(StatusCode::NOT_MODIFIED, "", [])
        } else if takes_gzip(headers) {
            page(StatusCode::OK, file.gzip, [(header::CONTENT_ENCODING, "gzip")])
        } else {
            page(StatusCode::OK, file.plain()?, [])
        };
        let answer = response.headers_mut();
        answer.insert(header::ETAG, tag);
        answer.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.content_type));
        answer.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
        answer.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        Some(response)
    }
}

impl Asset {
    fn plain(&self) -> Option<Bytes> {
        let mut plain = Vec::new();
        GzDecoder::new(self.gzip).read_to_end(&mut plain).ok()?;
        Some(plain.into())
    }
}

/// A 64-bit FNV-1a hash: it tells versions apart, nothing more.
pub(super) fn hash<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> String {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = pieces.into_iter().flatten().fold(0xcbf2_9ce4_8422_2325, step);
    format!("{hash:016x}")
}

/// An entity tag for `content`.
pub(super) fn etag(content: &[u8]) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{}\"", hash([content]))).unwrap_or(HeaderValue::from_static("\"\""))
}

/// Whether `If-None-Match` names the tag (weakly compared, RFC 9110, 13.1.2).
pub(super) fn matches(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    let values = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let wanted = opaque(tag.to_str().unwrap_or_default());
    values.flat_map(|value| value.split(',')).map(opaque).any(|value| value == "*" || value == wanted)
}
