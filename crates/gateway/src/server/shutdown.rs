//! The steps to the end, shared by all who must know of them.

use std::sync::Arc;

use tokio::sync::watch;

/// How far the end has come. It only moves forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// All is well.
    Running,
    /// Not ready any more, but requests are still taken.
    Leaving,
    /// Only what is under way is finished.
    Draining,
    /// Nothing is waited for.
    Aborting,
}

/// A handle by which a server is told to end. Clones are the same handle.
#[derive(Debug, Clone)]
pub struct Shutdown {
    phase: Arc<watch::Sender<Phase>>,
}

impl Default for Shutdown {
    fn default() -> Self {
        Self::new()
    }
}

impl Shutdown {
    /// A handle of a server that runs.
    pub fn new() -> Self {
        Self { phase: Arc::new(watch::Sender::new(Phase::Running)) }
    }

    /// Begins a graceful end.
    pub fn begin(&self) {
        self.advance(Phase::Leaving);
    }

    /// Ends at once; what is under way is dropped.
    pub fn abort(&self) {
        self.advance(Phase::Aborting);
    }

    /// Waits until the end begins. For other work of the process, which has to stop as well.
    pub async fn begun(&self) {
        self.reached(Phase::Leaving).await;
    }

    /// Lets SIGTERM and SIGINT (Ctrl-C) begin the end, and a second one force it.
    ///
    /// # Errors
    /// When the signals cannot be listened to.
    pub fn on_signals(&self) -> std::io::Result<()> {
        let mut signals = Signals::listen()?;
        let shutdown = self.clone();
        tokio::spawn(async move {
            signals.next().await;
            tracing::info!("shutting down; a second signal ends at once");
            shutdown.begin();
            signals.next().await;
            tracing::warn!("ending at once");
            shutdown.abort();
        });
        Ok(())
    }

    pub(crate) fn advance(&self, phase: Phase) {
        self.phase.send_if_modified(|current| {
            let forward = phase > *current;
            *current = phase.max(*current);
            forward
        });
    }

    pub(crate) async fn reached(&self, phase: Phase) {
        // An error would mean that the sender is gone, but it lives in `self`.
        let _ = self.phase.subscribe().wait_for(|current| *current >= phase).await;
    }

    pub(crate) fn is_leaving(&self) -> bool {
        *self.phase.borrow() >= Phase::Leaving
    }

    pub(crate) fn is_draining(&self) -> bool {
        *self.phase.borrow() >= Phase::Draining
    }
}

#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}
