//! `/graphql`.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::{Method, Request as HttpRequest, Response as HttpResponse};
use bytes::Bytes;
use futures::FutureExt;
use shoal_graphql::request::{Outcome, Request, Response};
use tokio::time::{Instant, timeout_at};

use super::{Media, accept, body, content_type, envelope, event_stream, query_string, reply, websocket};
use crate::app::{App, id_of};
use crate::credentials::bearer;
use crate::problem::Problem;
use crate::{RequestId, edge};

/// Answers a GraphQL request.
pub(crate) async fn handle(State(app): State<Arc<App>>, request: HttpRequest<Body>) -> HttpResponse<Body> {
    let id = id_of(&request);
    if websocket::is_wanted(request.headers()) {
        let token = bearer(request.headers()).map(str::to_owned);
        let result = websocket::answer(Arc::clone(&app), request, token, &id).await;
        return result.unwrap_or_else(|problem| problem.into_response(Media::Json, &id));
    }
    if event_stream::is_wanted(request.headers()) {
        let result = subscribe(&app, request, &id).await;
        return result.unwrap_or_else(|problem| problem.into_response(Media::Json, &id));
    }
    let media = accept::negotiate(request.headers());
    let gzip = app.server.compression && reply::takes_gzip(request.headers());
    let result = run(&app, request, media, &id).await;
    // A client that takes neither type still gets a readable refusal.
    let media = media.unwrap_or(Media::Json);
    match result {
        Ok(response) if response.outcome == Outcome::MutationRefused => {
            Problem::method_not_allowed("Mutations need POST: GET only reads.", "POST")
                .into_response(media, &id)
        }
        Ok(response) => reply::success(response, media, gzip),
        Err(problem) => problem.into_response(media, &id),
    }
}

/// Answers with events.
async fn subscribe(
    app: &Arc<App>,
    request: HttpRequest<Body>,
    id: &RequestId,
) -> Result<HttpResponse<Body>, Problem> {
    let deadline = Instant::now() + Duration::from_secs(app.server.request_timeout_seconds);
    let token = bearer(request.headers()).map(str::to_owned);
    let after = event_stream::resume_after(request.headers())?;
    let received = receive(app, request, Some(Media::Json), deadline).await?;
    let full = || Problem::unavailable("The server has too much to do at the moment.");
    let entering = timeout_at(deadline, app.gate.enter(received.len())).await;
    let _place = entering.map_err(|_| full())?.map_err(|_| full())?;
    let request = received.parse()?;
    let work =
        AssertUnwindSafe(async { app.service.open(request, token.as_deref(), id.clone(), after).await });
    match timeout_at(deadline, work.catch_unwind()).await {
        Ok(Ok(opened)) => Ok(event_stream::answer(app, opened.map_err(Problem::denied)?, id)),
        Ok(Err(panic)) => Err(edge::panicked(panic.as_ref(), id)),
        Err(_) => Err(Problem::timeout()),
    }
}

async fn run(
    app: &App,
    request: HttpRequest<Body>,
    media: Option<Media>,
    id: &RequestId,
) -> Result<Response, Problem> {
    let deadline = Instant::now() + Duration::from_secs(app.server.request_timeout_seconds);
    if app.shutdown.is_draining() {
        return Err(Problem::unavailable("The server is shutting down."));
    }
    let token = bearer(request.headers()).map(str::to_owned);
    let received = receive(app, request, media, deadline).await?;
    execute(app, received, (token, id), deadline).await
}

/// A request as it came. It takes several times as much memory once it is parsed, which waits for its turn.
enum Received {
    Query(String),
    Body(Bytes),
}

impl Received {
    fn len(&self) -> usize {
        match self {
            Self::Query(text) => text.len(),
            Self::Body(bytes) => bytes.len(),
        }
    }

    fn parse(self) -> Result<Request, Problem> {
        match self {
            Self::Query(text) => query_string::parse(&text),
            Self::Body(bytes) => envelope::parse(&bytes),
        }
    }
}

/// Checks and reads the HTTP request.
async fn receive(
    app: &App,
    request: HttpRequest<Body>,
    media: Option<Media>,
    deadline: Instant,
) -> Result<Received, Problem> {
    let method = request.method();
    let post = method == Method::POST;
    if !post && method != Method::GET && method != Method::HEAD {
        return Err(Problem::method_not_allowed("Use POST or GET.", "GET, HEAD, POST"));
    }
    if media.is_none() {
        return Err(Problem::not_acceptable());
    }
    if !post {
        return Ok(Received::Query(request.uri().query().unwrap_or_default().to_owned()));
    }
    content_type::check(request.headers())?;
    let reading = body::read(request.into_body(), app.server.max_body_bytes);
    timeout_at(deadline, reading).await.map_err(|_| Problem::slow_body())?.map(Received::Body)
}

/// Runs the request when there is room for it, until the deadline.
async fn execute(
    app: &App,
    received: Received,
    (token, id): (Option<String>, &RequestId),
    deadline: Instant,
) -> Result<Response, Problem> {
    let full = || Problem::unavailable("The server has too much to do at the moment.");
    let entering = timeout_at(deadline, app.gate.enter(received.len())).await;
    let _place = entering.map_err(|_| full())?.map_err(|_| full())?;
    let request = received.parse()?;
    // Inside `async`, so that a panic of `execute` itself is caught as well.
    let work = AssertUnwindSafe(async { app.service.execute(request, token.as_deref(), id.clone()).await });
    match timeout_at(deadline, work.catch_unwind()).await {
        Ok(Ok(answer)) => answer.map_err(Problem::denied),
        Ok(Err(panic)) => Err(edge::panicked(panic.as_ref(), id)),
        Err(_) => Err(Problem::timeout()),
    }
}
