//! `/graphiql`: the editor, from files inside the binary, under a policy that lets nothing in from elsewhere.

use std::sync::LazyLock;

use axum::body::Body;
use axum::extract::{Path, Request};
use axum::http::{Response, StatusCode, header};

use super::assets::{Asset, Bundle, hash};
use super::page;
use crate::app::id_of;
use crate::graphql::Media;
use crate::problem::Problem;

macro_rules! asset {
    ($name:literal, $content_type:literal) => {
        Asset {
            name: $name,
            content_type: $content_type,
            gzip: include_bytes!(concat!("../../assets/graphiql/", $name, ".gz")),
        }
    };
}

static BUNDLE: Bundle = Bundle {
    files: &[
        asset!("graphiql.min.js", "text/javascript; charset=utf-8"),
        asset!("graphiql.min.css", "text/css; charset=utf-8"),
        asset!("react.production.min.js", "text/javascript; charset=utf-8"),
        asset!("react-dom.production.min.js", "text/javascript; charset=utf-8"),
        asset!("start.js", "text/javascript; charset=utf-8"),
        asset!("start.css", "text/css; charset=utf-8"),
    ],
    version: LazyLock::new(|| hash(BUNDLE.files.iter().map(|file| file.gzip))),
};

static PAGE: LazyLock<String> =
    LazyLock::new(|| include_str!("graphiql.html").replace("{version}", &BUNDLE.version));

/// Fonts and icons of the editor are `data:` addresses inside its style sheet, and its dialogs add a style element that
/// locks scrolling. Scripts come from here only.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; \
    img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The page itself; small, and asked for every time, so that a new version of the files is noticed.
pub(crate) async fn graphiql() -> Response<Body> {
    page(
        StatusCode::OK,
        PAGE.as_str(),
        [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CACHE_CONTROL, "no-cache"),
            (header::CONTENT_SECURITY_POLICY, POLICY),
            (header::REFERRER_POLICY, "no-referrer"),
        ],
    )
}

/// One of its files.
pub(crate) async fn asset(Path((version, file)): Path<(String, String)>, request: Request) -> Response<Body> {
    let found = BUNDLE.serve(&version, &file, request.headers());
    found.unwrap_or_else(|| Problem::not_found().into_response(Media::Json, &id_of(&request)))
}
