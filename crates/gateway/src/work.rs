//! What bounds the work on a request, whatever it is about.

use std::panic::AssertUnwindSafe;

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{Method, Request};
use bytes::Bytes;
use futures::FutureExt;
use shoal_graphql::message;
use tokio::time::{Instant, timeout_at};

use crate::app::App;
use crate::graphql::body;
use crate::problem::Problem;
use crate::{RequestId, edge};

/// Reads a request with its whole body, unless there is an end.
pub(crate) async fn read(
    app: &App,
    request: Request<Body>,
    deadline: Instant,
) -> Result<(Parts, Bytes), Problem> {
    if app.shutdown.is_draining() {
        return Err(Problem::shutting_down());
    }
    let (parts, sent) = request.into_parts();
    if parts.method == Method::GET || parts.method == Method::HEAD {
        return Ok((parts, Bytes::new()));
    }
    let reading = body::read(sent, app.server.max_body_bytes);
    let body = timeout_at(deadline, reading).await.map_err(|_| Problem::slow_body())??;
    Ok((parts, body))
}

/// Works on a request of so many bytes when there is room for it, until the deadline. A panic becomes a refusal.
pub(crate) async fn run<T>(
    app: &App,
    id: &RequestId,
    (bytes, deadline): (usize, Instant),
    work: impl Future<Output = Result<T, Problem>>,
) -> Result<T, Problem> {
    let full = || {
        let message = message!("server-full", "The server has too much to do at the moment.");
        Problem::unavailable(message)
    };
    let entering = timeout_at(deadline, app.gate.enter(bytes)).await;
    let _place = entering.map_err(|_| full())?.map_err(|_| full())?;
    match timeout_at(deadline, AssertUnwindSafe(work).catch_unwind()).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(panic)) => Err(edge::panicked(panic.as_ref(), id)),
        Err(_) => Err(Problem::timeout()),
    }
}
