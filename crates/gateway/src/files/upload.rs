//! `POST /files`: the body is the file, or a form with one.

use std::time::Duration;

use axum::body::{Body, HttpBody as _};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Request, Response, StatusCode, Uri, header};
use bytes::Bytes;
use http_body_util::BodyExt as _;
use serde_json::json;
use shoal_core::file::{self, FileWriter, Stored};
use shoal_core::permission::FILE_CREATE;
use shoal_core::{RequestContext, rate_limit};
use shoal_graphql::context::Context as _;
use shoal_graphql::error::{Refusal, code};
use shoal_graphql::message;
use tokio::time::{Instant, timeout};

use super::{Counter, answer, form};
use crate::app::id_of;
use crate::graphql::Media;
use crate::problem::Problem;

/// Bytes in a second that a client sends at least, on the average.
const SLOWEST: u64 = 16 * 1024;

impl Counter {
    /// Takes a file.
    pub(super) async fn upload(self, request: Request<Body>) -> Response<Body> {
        let id = id_of(&request);
        let (parts, body) = request.into_parts();
        match Box::pin(self.signed_in(&parts, &id)).await {
            Ok(context) => {
                let result = Box::pin(self.take(&context, &parts, body)).await;
                answer(&context, result.map_err(Problem::closing), ("POST /files", &id))
            }
            Err(problem) => problem.closing().into_response(Media::Json, &id),
        }
    }

    async fn take(
        &self,
        context: &RequestContext,
        parts: &Parts,
        body: Body,
    ) -> Result<Response<Body>, Problem> {
        if !context.caller.rights.holds(FILE_CREATE) {
            let message = message!("page-right-missing", "this needs the right {right}", right = FILE_CREATE);
            return Err(Problem::refused(Refusal::new(code::FORBIDDEN, message)));
        }
        context.spend(rate_limit::PAGE).map_err(Problem::refused)?;
        if parts.headers.get(header::CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
            return Err(Problem::compressed_body());
        }
        let full = || message!("server-full", "The server has too much to do at the moment.");
        let _place = self.places.try_acquire().map_err(|_| Problem::unavailable(full()))?;
        let patience = Duration::from_secs(self.app.server.request_timeout_seconds);
        let announced = body.size_hint().lower();
        let mut pieces = Pieces { body, patience, waited: Duration::ZERO, received: 0 };
        let name = name(&parts.uri);
        let stored = if let Some(boundary) = form::boundary(&parts.headers)? {
            form::store(context, (boundary, name), announced, pieces).await?
        } else {
            let mut writer = begin(context, name.as_deref().unwrap_or_default(), announced).await?;
            while let Some(piece) = pieces.next().await? {
                writer.write(&piece).await.map_err(Problem::failed)?;
            }
            writer.finish().await.map_err(Problem::failed)?
        };
        stored.keep(context).await.map_err(Problem::failed)?;
        Ok(made(&stored))
    }
}

/// Begins a file, unless it is known already that it is too large.
pub(super) async fn begin(
    context: &RequestContext,
    name: &str,
    announced: u64,
) -> Result<FileWriter, Problem> {
    let writer = file::create(context, name).await.map_err(Problem::failed)?;
    writer.expect_fits(announced).map_err(Problem::refused)?;
    Ok(writer)
}

fn made(stored: &Stored) -> Response<Body> {
    let Stored { id, name, media_type, size, sha256 } = stored;
    let told = json!({"id": id, "name": name, "size": size, "mediaType": media_type, "sha256": sha256});
    let mut response = Response::new(Body::from(told.to_string()));
    *response.status_mut() = StatusCode::CREATED;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(place) = HeaderValue::try_from(format!("/files/{id}")) {
        headers.insert(header::LOCATION, place);
    }
    response
}

/// What `?name=…` says.
fn name(uri: &Uri) -> Option<String> {
    let mut values = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    values.find(|(name, _)| name == "name").map(|(_, value)| value.into_owned())
}

/// Why a body ended too soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Broken {
    #[error("the client is too slow")]
    Slow,
    #[error("the client has gone")]
    Off,
    #[error("there is too much around the file")]
    Wordy,
}

impl From<Broken> for Problem {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Slow => Self::slow_body(),
            Broken::Wordy => Self::bad_request("The form has too much beside its file."),
            Broken::Off => Self::bad_request("The request body broke off."),
        }
    }
}

/// The pieces of a body. Whoever sends them may take longer for more of them.
pub(super) struct Pieces {
    body: Body,
    patience: Duration,
    waited: Duration,
    received: u64,
}

impl Pieces {
    /// The next piece; `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, Broken> {
        loop {
            let allowed = self.patience + Duration::from_secs(self.received / SLOWEST);
            let began = Instant::now();
            let frame = timeout(allowed.saturating_sub(self.waited), self.body.frame()).await;
            let Some(frame) = frame.map_err(|_| Broken::Slow)? else { return Ok(None) };
            self.waited += began.elapsed();
            if let Ok(data) = frame.map_err(|_| Broken::Off)?.into_data() {
                self.received += data.len() as u64;
                return Ok(Some(data));
            }
        }
    }
}
