//! When to try again, and when to begin: pure.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use croner::parser::{CronParser, Seconds, Year};

/// After so many failures in a row, some nine minutes after the first, a job has failed.
pub const MOST_ATTEMPTS: i32 = 10;

/// When to try again after so many failures in a row: after 1, 2, 4, … seconds; `None` if not any more.
pub fn next_attempt(attempts: i32, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let doubled = u32::try_from(attempts - 1).unwrap_or_default();
    (attempts < MOST_ATTEMPTS).then(|| now + TimeDelta::seconds(1_i64 << doubled.min(20)))
}

/// The first instant after `after` that a pattern names in a time zone: five fields of cron, or `@daily` and the like. A
/// time that is left out when clocks go forward counts as the end of the gap, one that comes twice as the first of them;
/// patterns with `*` in the hour run by real hours. `None` if there is none.
///
/// # Errors
/// What is wrong with the pattern, in English.
pub fn next_instant(pattern: &str, zone: Tz, after: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, String> {
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
    let cron = parser.parse(pattern).map_err(|error| error.to_string())?;
    // It fails where no day fits, such as 30 February.
    Ok(cron.find_next_occurrence(&after.with_timezone(&zone), false).ok().map(|next| next.to_utc()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).map(|at| at.to_utc()).unwrap_or_default()
    }

    fn nexts(pattern: &str, zone: Tz, after: &str, count: usize) -> Vec<String> {
        let mut now = at(after);
        let next = |_| {
            now = next_instant(pattern, zone, now).ok()??;
            Some(now.with_timezone(&zone).format("%m-%d %H:%M %z").to_string())
        };
        (0..count).filter_map(next).collect()
    }

    #[test]
    fn attempts_wait_longer_each_time() {
        let now = at("2026-03-02T09:30:00Z");
        let waits = (1..=MOST_ATTEMPTS)
            .map(|attempts| next_attempt(attempts, now).map(|next| (next - now).num_seconds()));
        let waits: Vec<Option<i64>> = waits.collect();
        let some = [1, 2, 4, 8, 16, 32, 64, 128, 256].map(Some);
        assert_eq!(waits, [some.as_slice(), &[None]].concat());
    }

    #[test]
    fn schedules_follow_the_clocks_of_their_zone() {
        use chrono_tz::{America::New_York, Asia::Shanghai, Europe::Berlin};
        assert_eq!(
            nexts("0 3 * * *", Shanghai, "2026-03-02T09:30:00Z", 2),
            ["03-03 03:00 +0800", "03-04 03:00 +0800"]
        );
        // Clocks go from 2:00 to 3:00 on 29 March: 2:30 is not there.
        assert_eq!(
            nexts("30 2 * * *", Berlin, "2026-03-28T00:00:00Z", 3),
            ["03-28 02:30 +0100", "03-29 03:00 +0200", "03-30 02:30 +0200"]
        );
        // And from 3:00 back to 2:00 on 25 October: 2:30 is there twice, and counts once.
        assert_eq!(
            nexts("30 2 * * *", Berlin, "2026-10-24T12:00:00Z", 2),
            ["10-25 02:30 +0200", "10-26 02:30 +0100"]
        );
        // Every hour is every hour.
        assert_eq!(
            nexts("30 * * * *", New_York, "2026-11-01T04:00:00Z", 4),
            ["11-01 00:30 -0400", "11-01 01:30 -0400", "11-01 01:30 -0500", "11-01 02:30 -0500"]
        );
        assert_eq!(nexts("0 9 * * MON", Berlin, "2026-03-02T08:00:00Z", 1), ["03-09 09:00 +0100"]);
    }

    #[test]
    fn patterns_have_five_fields() {
        let now = at("2026-03-02T09:30:00Z");
        for wrong in ["", "soon", "* * * *", "0 0 3 * * *", "0 0 3 * * * 2030", "61 * * * *", "0 25 * * *"] {
            assert!(next_instant(wrong, Tz::UTC, now).is_err(), "{wrong}");
        }
        assert_eq!(next_instant("0 0 30 2 *", Tz::UTC, now), Ok(None));
        assert_eq!(next_instant("@daily", Tz::UTC, now), Ok(Some(at("2026-03-03T00:00:00Z"))));
    }
}
