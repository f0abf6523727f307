//! `GET /files/<id>`.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::request::Parts;
use axum::http::{Method, Request, Response};
use futures::TryStreamExt as _;
use serde::Deserialize as _;
use serde_json::json;
use shoal_core::module::RouteRequest;
use shoal_core::{RequestContext, file};
use shoal_graphql::error::{Error, code};
use tokio::time::Instant;
use uuid::Uuid;

use super::range::{Wanted, wanted};
use super::reply::{Described, head};
use super::{Counter, answer};
use crate::app::id_of;
use crate::graphql::Media;
use crate::problem::Problem;
use crate::work;

/// Whoever may see a file may have it.
const FILE: &str = "query File($id: ID!) { file(id: $id) { name mediaType size sha256 } }";

impl Counter {
    /// Sends a file.
    pub(super) async fn download(
        self,
        path: Result<Path<Uuid>, PathRejection>,
        request: Request<Body>,
    ) -> Response<Body> {
        let id = id_of(&request);
        let deadline = Instant::now() + Duration::from_secs(self.app.server.request_timeout_seconds);
        let (parts, _) = request.into_parts();
        match Box::pin(self.signed_in(&parts, &id)).await {
            Ok(context) => {
                let working = Box::pin(self.give(&context, &parts, path.ok().map(|Path(id)| id)));
                let result = work::run(&self.app, &id, (0, deadline), working).await;
                answer(&context, result, ("GET /files", &id))
            }
            Err(problem) => problem.into_response(Media::Json, &id),
        }
    }

    async fn give(
        &self,
        context: &RequestContext,
        parts: &Parts,
        id: Option<Uuid>,
    ) -> Result<Response<Body>, Problem> {
        let id = id.ok_or_else(Problem::not_found)?;
        let found = self.described(context, id).await.map_err(Problem::failed)?;
        let found = found.ok_or_else(Problem::not_found)?;
        let wanted = wanted(&parts.headers, &found.tag(), found.size);
        let response = head(&found, &wanted);
        let range = match wanted {
            Wanted::Whole => 0..found.size,
            Wanted::Part(range) => range,
            Wanted::Nothing | Wanted::Beyond => return Ok(response),
        };
        if parts.method == Method::HEAD {
            return Ok(response);
        }
        let bytes = file::open(context, id, Some(range)).await.map_err(Problem::failed)?;
        // The status is out already: the client sees that less comes than was announced.
        let bytes = bytes.inspect_err(move |error| tracing::error!(%error, file = %id, "a file broke off"));
        Ok(response.map(|_| Body::from_stream(bytes)))
    }

    /// What the caller may know of a file; `None` if it is not there for them.
    async fn described(&self, context: &RequestContext, id: Uuid) -> Result<Option<Described>, Error> {
        let asking = RouteRequest {
            parameters: std::collections::BTreeMap::default(),
            query: Vec::new(),
            headers: axum::http::HeaderMap::new(),
            body: Vec::new(),
            api: Arc::clone(&self.application) as _,
        };
        match asking.data(context, FILE, json!({ "id": id })).await {
            Ok(data) => Option::deserialize(&data["file"]).map_err(Error::fault),
            // Who may see no files cannot tell whether there is this one.
            Err(Error::Refused(refusal)) if refusal.code == code::FORBIDDEN => Ok(None),
            Err(error) => Err(error),
        }
    }
}
