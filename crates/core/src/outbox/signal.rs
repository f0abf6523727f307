//! Wakes those who wait for events.

use std::time::Duration;

use tokio::sync::watch;

/// A bell: everyone who waits hears it, and it can be rung by any number of writers at once.
#[derive(Debug)]
pub struct Signal(watch::Sender<u64>);

impl Default for Signal {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

impl Signal {
    /// Rings.
    pub fn wake(&self) {
        self.0.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// A way to hear it.
    pub fn listen(&self) -> Listener {
        Listener(self.0.subscribe())
    }
}

/// Hears a [`Signal`]. What rang while nobody waited is heard at once.
#[derive(Debug)]
pub struct Listener(watch::Receiver<u64>);

impl Listener {
    /// Waits until it rings, or for so long.
    pub async fn wait(&mut self, most: Duration) {
        // An error would mean that the bell is gone; then the time is waited for.
        if let Ok(Err(_)) = tokio::time::timeout(most, self.0.changed()).await {
            tokio::time::sleep(most).await;
        }
    }
}
