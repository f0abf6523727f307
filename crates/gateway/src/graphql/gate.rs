//! How many requests run at once, and how many may wait for it.

use std::cmp::min;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Semaphore, SemaphorePermit};

/// Lets a bounded number through; a bounded number waits in order; the rest is turned away at once. Under overload
/// the server then stays quick for those it can serve, instead of slow for all. Large requests share a lane beside it,
/// so that many of them at once do not fill the memory, and small ones do not wait for them.
pub(crate) struct Gate {
    places: Semaphore,
    /// KiB of large requests.
    large: Semaphore,
    lane: usize,
    waiting: AtomicUsize,
    max_waiting: usize,
}

/// Requests over so many KiB are large.
const LARGE: usize = 16;

/// KiB of large requests at once, for each processor: working on them takes some fifty times as much memory.
const LANE: usize = 128;

/// The queue is full.
pub(crate) struct Full;

/// Room for one request, given back on drop.
pub(crate) struct Place<'g> {
    _place: SemaphorePermit<'g>,
    _large: Option<SemaphorePermit<'g>>,
}

impl Gate {
    /// A gate for `places` at once and `max_waiting` behind them.
    pub(crate) fn new(places: usize, max_waiting: usize) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let lane = LANE * processors;
        let (places, large) = (Semaphore::new(places), Semaphore::new(lane));
        Self { places, large, lane, waiting: AtomicUsize::new(0), max_waiting }
    }

    /// Room for a request of so many bytes, now or later. Dropping the future leaves the queue.
    pub(crate) async fn enter(&self, bytes: usize) -> Result<Place<'_>, Full> {
        let kibibytes = min(bytes / 1024, self.lane);
        let large = u32::try_from(kibibytes).ok().filter(|_| kibibytes > LARGE);
        let at_once = || {
            // A large request gives its share of the lane back if there is no place.
            let large = large.map(|share| self.large.try_acquire_many(share)).transpose().ok()?;
            Some(Place { _place: self.places.try_acquire().ok()?, _large: large })
        };
        if let Some(place) = at_once() {
            return Ok(place);
        }
        let _seat = Seat::take(&self.waiting, self.max_waiting).ok_or(Full)?;
        // Always in this order: who waits for a place holds up only other large ones.
        let large = match large {
            Some(share) => Some(self.large.acquire_many(share).await.map_err(|_| Full)?),
            None => None,
        };
        Ok(Place { _place: self.places.acquire().await.map_err(|_| Full)?, _large: large })
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

#[cfg(test)]
mod tests {
    use super::{Gate, LANE};

    const HUGE: usize = usize::MAX;

    #[tokio::test]
    async fn small_requests_do_not_wait_for_large_ones() {
        let gate = Gate::new(3, 10);
        let huge = gate.enter(HUGE).await.ok();
        assert!(huge.is_some());
        let mut next = Box::pin(gate.enter(LANE * 1024));
        assert!(futures::poll!(&mut next).is_pending());
        let small = (gate.enter(10).await.ok(), gate.enter(10).await.ok());
        assert!(small.0.is_some() && small.1.is_some());
        drop(huge);
        assert!(next.await.is_ok());
    }

    #[tokio::test]
    async fn a_full_queue_turns_away() {
        let gate = Gate::new(1, 1);
        let inside = gate.enter(10).await.ok();
        let mut waiting = Box::pin(gate.enter(HUGE));
        assert!(futures::poll!(&mut waiting).is_pending());
        assert!(gate.enter(10).await.is_err() && gate.enter(HUGE).await.is_err());
        drop(inside);
        assert!(waiting.await.is_ok());
        assert!(gate.enter(HUGE).await.is_ok());
    }
}
