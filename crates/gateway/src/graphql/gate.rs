//! How many requests run at once, and how many may wait for it.

use std::cmp::min;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Semaphore, SemaphorePermit};

/// Lets a bounded number through; a bounded number waits in order; the rest is turned away at once. Under overload
/// the server then stays quick for those it can serve, instead of slow for all. Large requests take several places, so
/// that many of them at once do not fill the memory.
pub(crate) struct Gate {
    all: usize,
    places: Semaphore,
    waiting: AtomicUsize,
    max_waiting: usize,
}

/// So many bytes of a request take a place.
const BYTES: usize = 1024;

/// The queue is full.
pub(super) struct Full;

impl Gate {
    /// A gate for `places` at once and `max_waiting` behind them.
    pub(crate) fn new(places: usize, max_waiting: usize) -> Self {
        Self { all: places, places: Semaphore::new(places), waiting: AtomicUsize::new(0), max_waiting }
    }

    /// Room for a request of so many bytes, now or later. Dropping the future leaves the queue.
    pub(super) async fn enter(&self, bytes: usize) -> Result<SemaphorePermit<'_>, Full> {
        let places = u32::try_from(min(1 + bytes / BYTES, self.all)).unwrap_or(u32::MAX);
        if let Ok(permit) = self.places.try_acquire_many(places) {
            return Ok(permit);
        }
        let _seat = Seat::take(&self.waiting, self.max_waiting).ok_or(Full)?;
        self.places.acquire_many(places).await.map_err(|_| Full)
    }
}

/// One seat in the queue, given back on drop.
struct Seat<'a>(&'a AtomicUsize);

impl<'a> Seat<'a> {
    fn take(waiting: &'a AtomicUsize, max: usize) -> Option<Self> {
        let seat = Self(waiting);
        (waiting.fetch_add(1, Ordering::Relaxed) < max).then_some(seat)
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
