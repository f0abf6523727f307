//! What happens to every request, whatever its path: id, log line, and no panic that reaches a client.

use std::any::Any;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::http::{HeaderValue, Method, Request, Response, Uri, header};
use futures::FutureExt;
use hyper::body::Incoming;
use tower::Service as _;

use crate::app::App;
use crate::client::{Client, expect_host};
use crate::graphql::Media;
use crate::problem::{Problem, Tongue, accepted, translate};
use crate::request_id::{self, RequestId};
use crate::routes::PUBLIC;

/// What a handler tells the log about a request, by the response's extensions.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facts {
    pub(crate) operation: Option<String>,
    /// The company by its short name.
    pub(crate) tenant: Option<String>,
    /// Points.
    pub(crate) cost: Option<u64>,
    pub(crate) statements: u32,
    pub(crate) errors: u32,
}

/// Answers one request. It never fails and never panics.
pub(crate) async fn answer(
    app: Arc<App>,
    mut router: Router,
    mut request: Request<Incoming>,
    peer: SocketAddr,
) -> Result<Response<Body>, Infallible> {
    let id = RequestId::from_headers(request.headers()).unwrap_or_else(|| RequestId::from((app.ids)()));
    let client = Client::of(peer, request.headers(), &app.server.trusted_proxies);
    let line = Line::start(&request, &id, client.address);
    let host = expect_host(request.version(), request.headers());
    let language = accepted(request.headers());
    request.extensions_mut().insert(id.clone());
    request.extensions_mut().insert(client);
    let mut response = match host {
        Ok(()) => match AssertUnwindSafe(router.call(request)).catch_unwind().await {
            Ok(Ok(response)) => response,
            Ok(Err(never)) => match never {},
            Err(panic) => panicked(panic.as_ref(), &id).into_response(Media::Json, &id),
        },
        Err(problem) => problem.into_response(Media::Json, &id),
    };
    translate(&mut response, &id, Tongue::new(&app, language));
    let headers = response.headers_mut();
    headers.insert(request_id::HEADER, id.header());
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    line.finish(&response);
    Ok(response)
}

/// Logs a panic that was caught, and gives what the client may know of it.
pub(crate) fn panicked(panic: &(dyn Any + Send), id: &RequestId) -> Problem {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no text");
    tracing::error!(request_id = id.as_str(), panic = text, "a request panicked");
    Problem::internal()
}

/// The log line of a request. Dropped unfinished, it says that the client went away.
struct Line {
    method: Method,
    uri: Uri,
    id: RequestId,
    client: IpAddr,
    start: Instant,
    finished: bool,
}

/// Not a real status: what proxies log when the client did not wait for the answer.
const CLIENT_CLOSED: u16 = 499;

impl Line {
    fn start(request: &Request<Incoming>, id: &RequestId, client: IpAddr) -> Self {
        Self {
            method: request.method().clone(),
            uri: request.uri().clone(),
            id: id.clone(),
            client,
            start: Instant::now(),
            finished: false,
        }
    }

    fn finish(mut self, response: &Response<Body>) {
        self.finished = true;
        let facts = response.extensions().get::<Facts>();
        self.write(response.status().as_u16(), facts, response.body().size_hint().exact());
    }

    /// Only the path is written: the query string of a GET holds variables, which never go to the log.
    fn write(&self, status: u16, facts: Option<&Facts>, bytes: Option<u64>) {
        // Microseconds are enough; more digits would be noise.
        let duration_ms = (self.start.elapsed().as_secs_f64() * 1e6).round() / 1e3;
        macro_rules! line {
            ($level:expr) => {
                tracing::event!(
                    target: "shoal::request",
                    $level,
                    method = self.method.as_str(),
                    path = shown(self.uri.path()),
                    status,
                    duration_ms,
                    operation = facts.and_then(|facts| facts.operation.as_deref()),
                    tenant = facts.and_then(|facts| facts.tenant.as_deref()),
                    cost = facts.and_then(|facts| facts.cost),
                    statements = facts.map(|facts| facts.statements),
                    errors = facts.map(|facts| facts.errors),
                    bytes,
                    client = %self.client,
                    request_id = self.id.as_str(),
                    "request"
                )
            };
        }
        if status >= 500 {
            line!(tracing::Level::WARN);
        } else if self.uri.path().starts_with("/health/") {
            line!(tracing::Level::DEBUG);
        } else {
            line!(tracing::Level::INFO);
        }
    }
}

/// The path without the secret that the page of a link has in it, and the address of a public page may have.
fn shown(path: &str) -> &str {
    let secret = ["/auth/link/", PUBLIC].into_iter().find(|start| path.starts_with(start));
    secret.unwrap_or(path)
}

impl Drop for Line {
    fn drop(&mut self) {
        if !self.finished {
            self.write(CLIENT_CLOSED, None, None);
        }
    }
}
