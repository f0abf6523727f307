//! Waits after wrong passwords: five are free, then each takes twice as long as the one before.

use chrono::{DateTime, Duration, Utc};
use quick_cache::sync::Cache;

/// Wrong passwords without a wait.
const FREE: i32 = 5;

/// The first wait, in seconds.
const FIRST: i64 = 30;

/// The longest wait, in seconds.
const LONGEST: i64 = 3_600;

/// Until when nobody may try again after so many wrong passwords in a row; `None` if at once.
pub(crate) fn until(failures: i32, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let beyond = failures - FREE;
    let doubled = u32::try_from(beyond).ok()?;
    let seconds = FIRST.checked_shl(doubled.min(10)).unwrap_or(LONGEST).min(LONGEST);
    Some(now + Duration::seconds(seconds))
}

/// Wrong passwords for addresses that nobody has: they wait like others, so that waiting tells nothing. Each process
/// counts for itself.
pub(crate) struct Strangers(Cache<String, (i32, Option<DateTime<Utc>>)>);

impl Default for Strangers {
    fn default() -> Self {
        Self(Cache::new(10_000))
    }
}

impl std::fmt::Debug for Strangers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Strangers")
    }
}

impl Strangers {
    /// Until when nobody may try this address.
    pub(crate) fn locked_until(&self, email_key: &str) -> Option<DateTime<Utc>> {
        self.0.get(email_key).and_then(|(_, until)| until)
    }

    /// One more wrong password.
    pub(crate) fn failed(&self, email_key: &str, now: DateTime<Utc>) {
        let failures = self.0.get(email_key).map_or(0, |(failures, _)| failures) + 1;
        self.0.insert(email_key.to_owned(), (failures, until(failures, now)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_an_hour() {
        let now = DateTime::UNIX_EPOCH;
        let seconds = |failures| until(failures, now).map(|end| (end - now).num_seconds());
        assert_eq!(seconds(4), None);
        let waits: Vec<_> = (5..14).map(seconds).map(Option::unwrap_or_default).collect();
        assert_eq!(waits, [30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600]);
        assert_eq!(seconds(i32::MAX), Some(3_600));
    }
}
