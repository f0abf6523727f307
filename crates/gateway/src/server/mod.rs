//! Accepts connections, and ends without losing what is under way.

mod connection;
mod shutdown;
mod stream;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::sleep;

pub use shutdown::Shutdown;

use crate::Gateway;
use crate::app;
pub(crate) use connection::Held;
pub(crate) use shutdown::Phase;

/// How serving ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drained {
    /// Connections that were still busy when the time was over, or when a second signal came.
    pub aborted: usize,
}

/// Serves on `listener` until `shutdown`; the bound address is `listener.local_addr()`.
///
/// The end comes in three steps: for `server.shutdown_delay_seconds`, `/health/ready` says 503 while requests are
/// still taken, so that a load balancer can turn away; then the listener is closed and what is under way may take
/// `server.shutdown_seconds` more; then the rest is cut.
pub async fn serve(listener: TcpListener, gateway: Gateway, shutdown: Shutdown) -> Drained {
    let (app, router) = app::build(gateway, shutdown.clone(), listener.local_addr().ok());
    let settings = app.server.clone();
    let places = Arc::new(Semaphore::new(settings.max_connections));
    let mut connections = JoinSet::new();
    let stop = async {
        shutdown.reached(Phase::Leaving).await;
        tokio::select! {
            () = sleep(Duration::from_secs(settings.shutdown_delay_seconds)) => {}
            () = shutdown.reached(Phase::Aborting) => {}
        }
    };
    tokio::pin!(stop);
    loop {
        tokio::select! {
            biased;
            () = &mut stop => break,
            // Finished tasks are taken out as they come, so that the set does not grow.
            Some(_) = connections.join_next() => {}
            (accepted, place) = accept(&listener, &places) => {
                connections.spawn(connection::run(accepted, Arc::clone(&app), router.clone(), place));
            }
        }
    }
    drop(listener);
    shutdown.advance(Phase::Draining);
    let all_back = async {
        let all = u32::try_from(settings.max_connections).unwrap_or(u32::MAX);
        drop(places.acquire_many(all).await);
    };
    drain((connections, all_back), &shutdown, Duration::from_secs(settings.shutdown_seconds)).await
}

/// The next connection. While all places are taken, clients wait in the queue of the operating system.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> ((TcpStream, SocketAddr), Option<OwnedSemaphorePermit>) {
    let place = Arc::clone(places).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok(accepted) => return (accepted, place),
            Err(error) => {
                // Mostly "too many open files": without a pause this would spin until one is closed.
                tracing::warn!(%error, "cannot accept a connection");
                sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

/// Waits for the connections to end, and then for `all_back`: web sockets, which live on beside the connections that they
/// were, have said good-bye.
async fn drain(
    (mut connections, all_back): (JoinSet<()>, impl Future<Output = ()>),
    shutdown: &Shutdown,
    patience: Duration,
) -> Drained {
    tracing::info!(connections = connections.len(), "draining");
    tokio::select! {
        biased;
        () = async {
            while connections.join_next().await.is_some() {}
            all_back.await;
        } => {}
        () = shutdown.reached(Phase::Aborting) => {}
        () = sleep(patience) => {}
    }
    while connections.try_join_next().is_some() {}
    let aborted = connections.len();
    connections.shutdown().await;
    tracing::info!(aborted, "stopped");
    Drained { aborted }
}
