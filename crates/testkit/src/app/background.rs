//! What a server does beside answering.

use std::sync::Arc;

use shoal_core::{Kernel, job, outbox};
use shoal_gateway::Shutdown;

/// Delivers events, does jobs with two workers, and talks of events to other nodes, until the end begins.
pub(super) fn start(kernel: &Arc<Kernel>, database_url: &str, shutdown: &Shutdown) {
    let (delivering, working, talking) = (shutdown.clone(), shutdown.clone(), shutdown.clone());
    let url = database_url.to_owned();
    tokio::spawn(outbox::run(Arc::clone(kernel), async move { delivering.begun().await }));
    tokio::spawn(job::run(Arc::clone(kernel), 2, async move { working.begun().await }));
    tokio::spawn(outbox::neighbours::run(Arc::clone(kernel), url, async move { talking.begun().await }));
}
