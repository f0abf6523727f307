//! `/graphql`.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{Method, Request as HttpRequest, Response as HttpResponse};
use bytes::Bytes;
use shoal_graphql::request::{Outcome, Request, Response};
use tokio::time::{Instant, timeout_at};

use super::{Media, accept, body, content_type, envelope, event_stream, query_string, reply, websocket};
use crate::app::{App, id_of};
use crate::credentials::{Credential, credential, guard_cookie};
use crate::problem::Problem;
use crate::{Opened, RequestId, work};

/// Answers a GraphQL request.
pub(crate) async fn handle(State(app): State<Arc<App>>, request: HttpRequest<Body>) -> HttpResponse<Body> {
    let id = id_of(&request);
    if websocket::is_wanted(request.headers()) {
        let result = shake_hands(&app, request, &id).await;
        return result.unwrap_or_else(|problem| problem.into_response(Media::Json, &id));
    }
    let media = accept::negotiate(request.headers());
    let gzip = app.server.compression && reply::takes_gzip(request.headers());
    let result = if event_stream::is_wanted(request.method(), request.headers()) {
        subscribe(&app, request, (media, gzip), &id).await
    } else {
        run(&app, request, media, &id).await.and_then(|response| reply::success(response, media, gzip))
    };
    // A client that takes neither type still gets a readable refusal.
    result.unwrap_or_else(|problem| problem.into_response(media.unwrap_or(Media::Json), &id))
}

/// Changes to a web socket. Browsers let any page open one, and send the cookie along: it has to be a page of ours.
async fn shake_hands(
    app: &Arc<App>,
    request: HttpRequest<Body>,
    id: &RequestId,
) -> Result<HttpResponse<Body>, Problem> {
    let (parts, _) = request.into_parts();
    let credential = credential(app.door.as_ref(), &parts).await?;
    if let Some(Credential::Cookie(_)) = &credential {
        guard_cookie(app.door.as_ref(), &parts)?;
    }
    let token = credential.map(|credential| credential.token().to_owned());
    websocket::answer(Arc::clone(app), parts, token, id).await
}

/// Answers a client who takes events. Many say so with every request: only subscriptions are answered with them, unless
/// the client takes nothing else.
async fn subscribe(
    app: &Arc<App>,
    request: HttpRequest<Body>,
    (media, gzip): (Option<Media>, bool),
    id: &RequestId,
) -> Result<HttpResponse<Body>, Problem> {
    let deadline = Instant::now() + Duration::from_secs(app.server.request_timeout_seconds);
    if app.shutdown.is_draining() {
        return Err(Problem::shutting_down());
    }
    let (parts, body) = request.into_parts();
    let after = event_stream::resume_after(&parts.headers)?;
    let received = receive(app, (&parts, body), Some(Media::Json), deadline).await?;
    let limits = (received.len(), deadline);
    let opened = work::run(app, id, limits, async {
        let credential = credential(app.door.as_ref(), &parts).await?;
        let token = credential.as_ref().map(Credential::token);
        app.service.open(received.parse()?, token, id.clone(), after).await.map_err(Problem::denied)
    });
    match (opened.await?, media) {
        (Opened::Stream { .. }, _) if app.shutdown.is_leaving() => Err(Problem::shutting_down()),
        (Opened::Stream { told, allowance }, _) => Ok(event_stream::stream(app, (told, allowance), id)),
        (Opened::Answer(response), None) if response.outcome != Outcome::MutationRefused => {
            Ok(event_stream::answer(&response))
        }
        (Opened::Answer(response), media) => reply::success(response, media, gzip),
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
        return Err(Problem::shutting_down());
    }
    let (parts, body) = request.into_parts();
    let received = receive(app, (&parts, body), media, deadline).await?;
    let limits = (received.len(), deadline);
    work::run(app, id, limits, async {
        let credential = credential(app.door.as_ref(), &parts).await?;
        let token = credential.as_ref().map(Credential::token);
        app.service.execute(received.parse()?, token, id.clone()).await.map_err(Problem::denied)
    })
    .await
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
    (parts, sent): (&Parts, Body),
    media: Option<Media>,
    deadline: Instant,
) -> Result<Received, Problem> {
    let method = &parts.method;
    let post = method == Method::POST;
    if !post && method != Method::GET && method != Method::HEAD {
        return Err(Problem::method_not_allowed("Use POST or GET.", "GET, HEAD, POST"));
    }
    if media.is_none() {
        return Err(Problem::not_acceptable());
    }
    if !post {
        return Ok(Received::Query(parts.uri.query().unwrap_or_default().to_owned()));
    }
    content_type::check(&parts.headers)?;
    let reading = body::read(sent, app.server.max_body_bytes);
    timeout_at(deadline, reading).await.map_err(|_| Problem::slow_body())?.map(Received::Body)
}
