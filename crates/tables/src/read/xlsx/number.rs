//! Numbers of a workbook as text.

use chrono::{Days, NaiveDate};

use super::format::Shown;

const SECONDS_OF_DAY: f64 = 86_400.0;

/// The last day that Excel knows, 9999-12-31.
const LAST_DAY: f64 = 2_958_466.0;

/// Digits that Excel shows of a number; it computes with more, which are noise (`0.30000000000000004`).
const DIGITS: usize = 15;

/// A number as people would type it: `1`, `13800001234`, `0.3`, `2026-03-01`, `2026-03-01T08:30:00`, `08:30:00`, `26:30:00`.
/// What is no number stays as it is.
pub(super) fn text(written: &str, shown: Shown, since_1904: bool) -> String {
    let written = written.trim();
    // More digits than a binary number holds are meant to be kept.
    let is_integer = !written.is_empty() && written.bytes().all(|byte| byte.is_ascii_digit());
    if shown == Shown::Number && is_integer && (written == "0" || !written.starts_with('0')) {
        return written.to_owned();
    }
    match written.parse::<f64>() {
        Ok(number) if number.is_finite() => date(number, shown, since_1904).unwrap_or_else(|| plain(number)),
        _ => written.to_owned(),
    }
}

fn plain(number: f64) -> String {
    let rounded = format!("{number:.*e}", DIGITS - 1).parse().unwrap_or(number);
    if rounded == 0.0 { "0".to_owned() } else { format!("{rounded}") }
}

/// `None` for what is no date.
fn date(number: f64, shown: Shown, since_1904: bool) -> Option<String> {
    if shown == Shown::Number || !(0.0..LAST_DAY).contains(&number) {
        return None;
    }
    let seconds = whole((number * SECONDS_OF_DAY).round())?;
    let (day, second) = (seconds / 86_400, seconds % 86_400);
    let clock = |hours: u64| format!("{hours:02}:{:02}:{:02}", second / 60 % 60, second % 60);
    let time = clock(second / 3_600);
    if shown == Shown::Duration {
        return Some(clock(seconds / 3_600));
    }
    if shown == Shown::Time && day == 0 {
        return Some(time);
    }
    let date = first_day(day, since_1904)?.checked_add_days(Days::new(day))?;
    Some(if shown == Shown::Date && second == 0 { date.to_string() } else { format!("{date}T{time}") })
}

/// The day 0. Excel has a 29th of February in 1900, as its ancestor had, so earlier days count from another.
fn first_day(day: u64, since_1904: bool) -> Option<NaiveDate> {
    match (since_1904, day) {
        (true, _) => NaiveDate::from_ymd_opt(1904, 1, 1),
        (false, 0..60) => NaiveDate::from_ymd_opt(1899, 12, 31),
        (false, _) => NaiveDate::from_ymd_opt(1899, 12, 30),
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is in the range")]
fn whole(number: f64) -> Option<u64> {
    (0.0..1e15).contains(&number).then_some(number as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_they_were_typed() {
        for (written, expected) in [
            ("1", "1"),
            ("1.0", "1"),
            ("13800001234", "13800001234"),
            ("1.3800001234E10", "13800001234"),
            ("110101199003074578", "110101199003074578"),
            ("0.30000000000000004", "0.3"),
            ("-2.5", "-2.5"),
            ("1E-7", "0.0000001"),
            ("-0", "0"),
            ("007", "7"),
            ("", ""),
            ("nan", "nan"),
        ] {
            assert_eq!(text(written, Shown::Number, false), expected, "{written}");
        }
    }

    #[test]
    fn dates_are_iso() {
        for (written, shown, expected) in [
            ("46082", Shown::Date, "2026-03-01"),
            ("46082.354166666664", Shown::DateTime, "2026-03-01T08:30:00"),
            ("46082", Shown::DateTime, "2026-03-01T00:00:00"),
            ("46082.5", Shown::Date, "2026-03-01T12:00:00"),
            ("0.35416666666666669", Shown::Time, "08:30:00"),
            ("1.1041666666666667", Shown::Duration, "26:30:00"),
            ("1", Shown::Date, "1900-01-01"),
            ("59", Shown::Date, "1900-02-28"),
            ("61", Shown::Date, "1900-03-01"),
            ("-1", Shown::Date, "-1"),
            ("1e300", Shown::Date, &plain(1e300)),
        ] {
            assert_eq!(text(written, shown, false), expected, "{written}");
        }
        assert_eq!(text("44620", Shown::Date, true), "2026-03-01");
    }
}
