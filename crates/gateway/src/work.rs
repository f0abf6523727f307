//! What bounds the work on a request, whatever it is about.

use std::panic::AssertUnwindSafe;

use futures::FutureExt;
use tokio::time::{Instant, timeout_at};

use crate::app::App;
use crate::problem::Problem;
use crate::{RequestId, edge};

/// Works on a request of so many bytes when there is room for it, until the deadline. A panic becomes a refusal.
pub(crate) async fn run<T>(
    app: &App,
    id: &RequestId,
    (bytes, deadline): (usize, Instant),
    work: impl Future<Output = Result<T, Problem>>,
) -> Result<T, Problem> {
    let full = || Problem::unavailable("The server has too much to do at the moment.");
    let entering = timeout_at(deadline, app.gate.enter(bytes)).await;
    let _place = entering.map_err(|_| full())?.map_err(|_| full())?;
    match timeout_at(deadline, AssertUnwindSafe(work).catch_unwind()).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(panic)) => Err(edge::panicked(panic.as_ref(), id)),
        Err(_) => Err(Problem::timeout()),
    }
}
