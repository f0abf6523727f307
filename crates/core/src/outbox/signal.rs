//! Wakes those who wait for events.

use std::time::Duration;

use tokio::sync::watch;

/// A bell: everyone who waits hears it, and it can be rung by any number of writers at once.
#[derive(Debug, Default)]
pub struct Signal {
    rung: watch::Sender<u64>,
    /// The same without what was rung elsewhere.
    here: watch::Sender<u64>,
}

impl Signal {
    /// Rings, as something happened in this process.
    pub fn wake(&self) {
        self.here.send_modify(|count| *count = count.wrapping_add(1));
        self.pass_on();
    }

    /// Rings, as something happened in another process.
    pub(crate) fn pass_on(&self) {
        self.rung.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// A way to hear it.
    pub fn listen(&self) -> Listener {
        Listener(self.rung.subscribe())
    }

    /// A way to hear what happens in this process only.
    pub(crate) fn listen_here(&self) -> Listener {
        Listener(self.here.subscribe())
    }
}

/// Hears a [`Signal`]. What rang while nobody waited is heard at once.
#[derive(Debug)]
pub struct Listener(watch::Receiver<u64>);

impl Listener {
    /// Waits until it rings, or for so long.
    pub async fn wait(&mut self, most: Duration) {
        let _ = tokio::time::timeout(most, self.heard()).await;
    }

    /// Waits until it rings.
    pub async fn heard(&mut self) {
        // An error would mean that the bell is gone, and never rings again.
        if self.0.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
