//! `/files`: files come in, and go out. Their bytes stream, so that a large one takes no more memory than a small one.

mod download;
mod form;
mod range;
mod reply;
mod upload;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{Request, Response};
use axum::routing::{get, post};
use shoal_core::RequestContext;
use tokio::sync::Semaphore;

use crate::app::{App, id_of};
use crate::credentials::{Credential, credential};
use crate::edge::Facts;
use crate::graphql::Media;
use crate::graphql::rate_limit::tell_left;
use crate::problem::Problem;
use crate::{Application, RequestId};

/// Files that come in at once. Beyond that the answer is 503.
const UPLOADS: usize = 64;

/// What files need of the gateway.
#[derive(Clone)]
struct Counter {
    app: Arc<App>,
    application: Arc<Application>,
    places: Arc<Semaphore>,
}

/// `/files` and `/files/<id>`.
pub(crate) fn routes(app: &Arc<App>, application: &Arc<Application>) -> Router {
    let counter = Counter {
        app: Arc::clone(app),
        application: Arc::clone(application),
        places: Arc::new(Semaphore::new(UPLOADS)),
    };
    let taking = counter.clone();
    let upload =
        post(move |request| taking.upload(request)).fallback(async |request| not_allowed("POST", &request));
    let download = get(move |path, request| counter.download(path, request))
        .fallback(async |request| not_allowed("GET, HEAD", &request));
    Router::new().route("/files", upload).route("/files/{id}", download)
}

fn not_allowed(allowed: &str, request: &Request<Body>) -> Response<Body> {
    let problem = Problem::method_not_allowed(format!("Use {allowed}."), allowed);
    problem.closing().into_response(Media::Json, &id_of(request))
}

impl Counter {
    /// The context of the caller.
    async fn signed_in(&self, parts: &Parts, id: &RequestId) -> Result<RequestContext, Problem> {
        if self.app.shutdown.is_draining() {
            return Err(Problem::shutting_down());
        }
        let credential = credential(self.app.door.as_ref(), parts).await?;
        let token = credential.as_ref().map(Credential::token);
        let known = self.application.known(token).await.map_err(Problem::denied)?;
        Ok(self.application.context(&known, id))
    }
}

/// The answer to somebody who is known, with what the log and they may know of it.
fn answer(
    context: &RequestContext,
    result: Result<Response<Body>, Problem>,
    (operation, id): (&str, &RequestId),
) -> Response<Body> {
    let told = |problem: Problem| problem.in_language(context.language()).into_response(Media::Json, id);
    let mut response = result.unwrap_or_else(told);
    tell_left(response.headers_mut(), shoal_graphql::context::Context::allowance(context));
    let facts = response.extensions_mut().get_or_insert_default::<Facts>();
    facts.operation = Some(operation.to_owned());
    facts.tenant = Some(context.tenant.slug.clone());
    response
}
