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
    fn next(&self) -> Uuid;
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
