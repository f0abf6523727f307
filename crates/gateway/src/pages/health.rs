//! `/health/live`: the process runs. `/health/ready`: it can answer requests.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::{Response, StatusCode, header};
use futures::FutureExt;
use tokio::time::timeout;

use super::page;
use crate::app::App;

/// A probe that hangs is as bad as one that fails, and probes usually give up after a few seconds.
const PATIENCE: Duration = Duration::from_secs(3);

/// Answers as long as the process can answer at all.
pub(crate) async fn live() -> Response<Body> {
    status(StatusCode::OK, r#"{"status":"ok"}"#)
}

/// 200 while requests are welcome; 503 during shutdown, or while the engine cannot reach what it needs.
pub(crate) async fn ready(State(app): State<Arc<App>>) -> Response<Body> {
    if app.shutdown.is_leaving() {
        return status(StatusCode::SERVICE_UNAVAILABLE, r#"{"status":"shutting_down"}"#);
    }
    let asking = AssertUnwindSafe(async { app.service.ready().await }).catch_unwind();
    let reason = match timeout(PATIENCE, asking).await {
        Ok(Ok(Ok(()))) => return status(StatusCode::OK, r#"{"status":"ready"}"#),
        Ok(Ok(Err(reason))) => reason,
        Ok(Err(_)) => "the check panicked".to_owned(),
        Err(_) => "the check took too long".to_owned(),
    };
    // The reason may name hosts and users of the database: it is for the log only.
    tracing::warn!(reason, "not ready");
    status(StatusCode::SERVICE_UNAVAILABLE, r#"{"status":"unavailable"}"#)
}

fn status(status: StatusCode, body: &'static str) -> Response<Body> {
    page(
        status,
        body,
        [(header::CONTENT_TYPE, "application/json; charset=utf-8"), (header::CACHE_CONTROL, "no-store")],
    )
}
