//! Waits after wrong passwords: some are free, then each takes twice as long as the one before.

use chrono::{DateTime, Duration, Utc};

/// The first wait, in seconds.
const FIRST: i64 = 30;

/// The longest wait, in seconds.
const LONGEST: i64 = 3_600;

/// Until when nobody may try again after so many wrong passwords, of which so many have no wait; `None` if at once.
pub(super) fn until(failures: i32, free: i32, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let doubled = u32::try_from(failures - free).ok()?;
    let seconds = FIRST.checked_shl(doubled.min(10)).unwrap_or(LONGEST).min(LONGEST);
    Some(now + Duration::seconds(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_an_hour() {
        let now = DateTime::UNIX_EPOCH;
        let seconds = |failures| until(failures, 5, now).map(|end| (end - now).num_seconds());
        assert_eq!(seconds(4), None);
        let waits: Vec<_> = (5..14).map(seconds).map(Option::unwrap_or_default).collect();
        assert_eq!(waits, [30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600]);
        assert_eq!(seconds(i32::MAX), Some(3_600));
    }
}
