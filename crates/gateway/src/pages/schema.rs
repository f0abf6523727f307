//! `/schema.graphql`: the SDL.

use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Request, Response, StatusCode, header};
use bytes::Bytes;

use super::assets::{etag, matches};
use super::page;
use crate::app::{App, id_of};
use crate::credentials::{Credential, credential};
use crate::graphql::Media;
use crate::problem::Problem;

/// The SDL with its tag, made anew only when the engine hands out another text.
#[derive(Default)]
pub(crate) struct SchemaPage {
    last: Mutex<Option<(Arc<str>, HeaderValue)>>,
}

impl SchemaPage {
    fn tag(&self, sdl: &Arc<str>) -> HeaderValue {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some((seen, tag)) if Arc::ptr_eq(seen, sdl) => tag.clone(),
            _ => {
                let tag = etag(sdl.as_bytes());
                *last = Some((Arc::clone(sdl), tag.clone()));
                tag
            }
        }
    }
}

/// The SDL as text, so that a browser shows it.
pub(crate) async fn schema(State(app): State<Arc<App>>, request: Request<Body>) -> Response<Body> {
    let id = id_of(&request);
    let (parts, _) = request.into_parts();
    let sdl = match read(&app, &parts).await {
        Ok(sdl) => sdl,
        Err(problem) => return problem.into_response(Media::Json, &id),
    };
    let tag = app.schema.tag(&sdl);
    let mut response = if matches(&parts.headers, &tag) {
        page(StatusCode::NOT_MODIFIED, "", [])
    } else {
        let body = Bytes::from_owner(Text(sdl));
        page(StatusCode::OK, body, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")])
    };
    response.headers_mut().insert(header::ETAG, tag);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    // Whoever may use less sees less.
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("Authorization, Cookie"));
    response
}

async fn read(app: &App, parts: &Parts) -> Result<Arc<str>, Problem> {
    let credential = credential(app.door.as_ref(), parts).await?;
    let token = credential.as_ref().map(Credential::token);
    app.service.sdl(token).await.map_err(Problem::denied)
}

/// Lets the shared text be sent without a copy.
struct Text(Arc<str>);

impl AsRef<[u8]> for Text {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}
