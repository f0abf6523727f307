//! Time that stands still, and ids that are counted.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use chrono::{DateTime, Utc};
use shoal_core::clock::{Clock, Ids};
use uuid::Uuid;

/// Monday, 2 March 2026, 09:30 UTC.
const START: i64 = 1_772_443_800;

/// A clock that stands still until it is moved. It begins on Monday, 2 March 2026, at 09:30 UTC.
#[derive(Debug)]
pub struct FixedClock(RwLock<DateTime<Utc>>);

impl Default for FixedClock {
    fn default() -> Self {
        Self(RwLock::new(DateTime::from_timestamp_nanos(START * 1_000_000_000)))
    }
}

impl FixedClock {
    /// Moves it on.
    pub fn advance(&self, by: Duration) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) += by;
    }

    /// Moves it on by whole days.
    pub fn advance_days(&self, days: u32) {
        self.advance(Duration::from_secs(u64::from(days) * 86_400));
    }

    /// Sets it.
    pub fn set(&self, now: DateTime<Utc>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = now;
    }
}

impl Clock for FixedClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ids that count from 1 and look like UUIDs of version 7.
#[derive(Debug, Default)]
pub struct CountedIds(AtomicU64);

impl CountedIds {
    /// The id that comes as the `number`th.
    pub fn nth(number: u64) -> Uuid {
        // The version and variant bits stand in front of and behind the number.
        Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 | u128::from(number))
    }
}

impl Ids for CountedIds {
    fn next_of(&self, count: u32) -> Uuid {
        Self::nth(self.0.fetch_add(count.into(), Ordering::Relaxed) + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_stands_until_it_is_moved() {
        let clock = FixedClock::default();
        assert_eq!(clock.now().to_rfc3339(), "2026-03-02T09:30:00+00:00");
        clock.advance_days(1);
        clock.advance(Duration::from_millis(1));
        assert_eq!(clock.now().to_rfc3339(), "2026-03-03T09:30:00.001+00:00");
    }

    #[test]
    fn ids_are_counted() {
        let ids = CountedIds::default();
        let (first, second) = (ids.next(), ids.next());
        assert!(first < second);
        assert_eq!(first.to_string(), "01900000-0000-7000-8000-000000000001");
    }
}
