//! Time, ids and randomness come from outside, so that tests are exact.

use std::fmt::Debug;

use chrono::{DateTime, SubsecRound as _, Utc};
use uuid::Uuid;

/// What time it is.
pub trait Clock: Debug + Send + Sync {
    /// The instant, in whole microseconds as the databases keep it.
    fn now(&self) -> DateTime<Utc>;
}

/// Where new ids come from.
pub trait Ids: Debug + Send + Sync {
    /// A new id; later ones are larger.
    fn next(&self) -> Uuid {
        self.next_of(1)
    }

    /// The first of so many new ids, each larger by one than that before it. No other id lies between them.
    fn next_of(&self, count: u32) -> Uuid;
}

/// The machine's clock, and UUIDs of version 7.
#[derive(Debug, Clone, Copy, Default)]
pub struct System;

impl Clock for System {
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(6)
    }
}

impl Ids for System {
    #[expect(clippy::disallowed_methods, reason = "this is the source of ids")]
    fn next(&self) -> Uuid {
        Uuid::now_v7()
    }

    /// In front of their last 32 bits the ids of a process count, from another random number each millisecond.
    fn next_of(&self, _: u32) -> Uuid {
        Uuid::from_u128(self.next().as_u128() & !u128::from(u32::MAX))
    }
}

/// Where secrets come from.
pub trait Randomness: Debug + Send + Sync {
    /// Fills `bytes` with what nobody can foresee.
    fn fill(&self, bytes: &mut [u8]);
}

impl Randomness for System {
    fn fill(&self, bytes: &mut [u8]) {
        let filled = getrandom::fill(bytes);
        // Without randomness every secret could be guessed: better no program than that.
        assert!(filled.is_ok(), "the operating system has no randomness");
    }
}
