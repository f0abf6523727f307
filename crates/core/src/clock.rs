//! Time and ids come from outside, so that tests are exact.

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
