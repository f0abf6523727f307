//! The text of a cell as the value of a field: pure.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeZone as _, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use shoal_graphql::error::FieldError;
use shoal_graphql::message;
use shoal_graphql::message::Message;
use shoal_graphql::value::{Choices, Input};
use shoal_tables::list;

use super::field::Leaf;
use crate::value::fold;

shoal_graphql::choices! {
    /// In which order days, months and years stand where a date could be read in two ways, such as 03/04/2026.
    pub enum ImportDateOrder {
        /// 31/12/2026
        DayMonthYear => "DAY_MONTH_YEAR",
        /// 12/31/2026
        MonthDayYear => "MONTH_DAY_YEAR",
    }
}

/// How the cells of a file are written.
#[derive(Debug, Clone, Copy)]
pub struct Writing {
    /// Where a date could be read in two ways; `None` refuses those.
    pub dates: Option<ImportDateOrder>,
    /// Whether numbers are written 1.234,5 and not 1,234.5.
    pub decimal_comma: bool,
    /// Where instants without an offset are.
    pub zone: Tz,
}

/// Words for a choice beside its code: `("WORK", &["work", "business", "工作"])`.
pub type Synonyms = &'static [(&'static str, &'static [&'static str])];

/// The value of a cell that is not blank.
///
/// # Errors
/// What was expected, without a path.
pub fn value(text: &str, leaf: Leaf, writing: Writing, synonyms: Synonyms) -> Result<Input, FieldError> {
    let text = text.trim();
    match leaf {
        Leaf::Text => Ok(Input::Text(text.to_owned())),
        Leaf::Texts => Ok(Input::List(list::split(text).into_iter().map(Input::Text).collect())),
        Leaf::Int => number(text, writing)
            .and_then(|number| i32::try_from(number).ok())
            .map(Input::Int)
            .ok_or_else(not_whole),
        Leaf::Long => number(text, writing)
            .and_then(|number| i64::try_from(number).ok())
            .map(Input::Long)
            .ok_or_else(not_whole),
        Leaf::Decimal => number(text, writing).map(Input::Decimal).ok_or_else(not_number),
        Leaf::Float => number(text, writing)
            .and_then(|number| f64::try_from(number).ok())
            .map(Input::Float)
            .ok_or_else(not_number),
        Leaf::Boolean => boolean(text).map(Input::Boolean).ok_or_else(|| {
            wrong(
                "BOOLEAN_INVALID",
                message!("import-boolean", "expected yes or no, such as true, yes, 1 or x"),
            )
        }),
        Leaf::Date => date(text, writing.dates).map(Input::Date),
        Leaf::DateTime => instant(text, writing).map(Input::DateTime),
        Leaf::Choice(choices) => choice(text, choices, synonyms).map(|code| Input::Text(code.to_owned())),
        Leaf::Id => uuid::Uuid::try_parse(text).map(Input::Id).map_err(|_| {
            wrong(
                "ID_INVALID",
                message!("import-id", "expected an id, such as 0198c2a4-5b1e-7c3d-9a00-3f1d2b4c5e6f"),
            )
        }),
    }
}

fn wrong(code: &'static str, message: Message) -> FieldError {
    FieldError { path: Vec::new(), code, message }
}

fn not_whole() -> FieldError {
    wrong("NUMBER_INVALID", message!("import-whole-number", "expected a whole number"))
}

fn not_number() -> FieldError {
    wrong("NUMBER_INVALID", message!("import-number", "expected a number"))
}

fn number(text: &str, writing: Writing) -> Option<Decimal> {
    let (group, point) = if writing.decimal_comma { ('.', ',') } else { (',', '.') };
    let (whole, fraction) = text.split_once(point).unwrap_or((text, ""));
    // Groups are of three digits: 1,5 is no way to write 15.
    let mut groups = whole.split([group, ' ', '\u{a0}', '\u{202f}', '\'']);
    let first = groups.next()?;
    let mut digits = first.to_owned();
    for part in groups {
        if part.len() != 3 || first.trim_start_matches(['-', '+']).len() > 3 {
            return None;
        }
        digits.push_str(part);
    }
    if !fraction.is_empty() {
        digits.push('.');
        digits.push_str(fraction);
    }
    let digits = digits.strip_prefix('+').unwrap_or(&digits);
    let plain = digits.strip_prefix('-').unwrap_or(digits);
    if plain.is_empty() || !plain.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return None;
    }
    Decimal::from_str_exact(digits).ok()
}

fn boolean(text: &str) -> Option<bool> {
    match fold(text).as_str() {
        "true" | "yes" | "y" | "1" | "x" | "on" | "да" | "истина" | "是" | "真" => Some(true),
        "false" | "no" | "n" | "0" | "off" | "нет" | "ложь" | "否" | "假" => Some(false),
        _ => None,
    }
}

fn date(text: &str, order: Option<ImportDateOrder>) -> Result<NaiveDate, FieldError> {
    let invalid = || wrong("DATE_INVALID", message!("import-date", "expected a date, such as 2026-12-31"));
    // Midnight is what spreadsheets write behind a date.
    let day = text
        .split_once(['T', ' '])
        .filter(|(_, time)| time.trim_start_matches(['0', ':', '.', 'Z']).is_empty());
    let text = day.map_or(text, |(day, _)| day);
    let parts: Vec<&str> =
        text.trim_end_matches(['日', '.']).split(['-', '/', '.', '年', '月']).map(str::trim).collect();
    let [one, two, three] = match parts.as_slice() {
        [one, two, three] => [*one, *two, *three],
        [whole] if whole.len() == 8 && whole.is_ascii() => [&whole[..4], &whole[4..6], &whole[6..]],
        _ => return Err(invalid()),
    };
    let all_digits = [one, two, three]
        .iter()
        .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    if !all_digits {
        return Err(invalid());
    }
    let of = |year: &str, month: &str, day: &str| {
        let year = year.parse().ok().filter(|_| year.len() == 4)?;
        NaiveDate::from_ymd_opt(year, month.parse().ok()?, day.parse().ok()?)
    };
    if one.len() == 4 {
        return of(one, two, three).ok_or_else(invalid);
    }
    let (day_first, month_first) = (of(three, two, one), of(three, one, two));
    // With points between them days stand first wherever that is done.
    match (day_first, month_first, order) {
        (Some(date), _, _) if text.contains('.') => Ok(date),
        (found, _, Some(ImportDateOrder::DayMonthYear)) | (_, found, Some(ImportDateOrder::MonthDayYear)) => {
            found.ok_or_else(invalid)
        }
        (Some(one), Some(other), None) if one != other => Err(wrong(
            "DATE_AMBIGUOUS",
            message!(
                "import-date-ambiguous",
                "this date can be read in two ways; say in `dates` whether days or months stand first"
            ),
        )),
        (one, other, None) => one.or(other).ok_or_else(invalid),
    }
}

fn instant(text: &str, writing: Writing) -> Result<DateTime<Utc>, FieldError> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Ok(at.to_utc());
    }
    let forms = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"];
    let local = forms.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    let local = local.or_else(|| date(text, writing.dates).ok()?.and_hms_opt(0, 0, 0));
    local
        .and_then(|local| writing.zone.from_local_datetime(&local).earliest())
        .map(|at| at.to_utc())
        .ok_or_else(|| {
            wrong(
                "INSTANT_INVALID",
                message!("import-instant", "expected an instant, such as 2026-12-31T09:30:00Z"),
            )
        })
}

fn choice(text: &str, choices: &'static Choices, synonyms: Synonyms) -> Result<&'static str, FieldError> {
    let folded = fold(text);
    let same = |code: &str| fold(&code.replace('_', " ")) == folded || fold(code) == folded;
    let codes = || choices.values.iter().map(|(code, _)| *code);
    let by_word = || {
        let word = synonyms.iter().find(|(_, words)| words.iter().any(|word| fold(word) == folded))?.0;
        codes().find(|code| *code == word)
    };
    codes().find(|code| same(code)).or_else(by_word).ok_or_else(|| {
        let known = codes().collect::<Vec<_>>().join(", ");
        wrong("CHOICE_INVALID", message!("import-choice", "expected one of {known}", known))
    })
}

#[cfg(test)]
mod tests {
    use shoal_graphql::value::Choice as _;

    use super::*;

    const WRITING: Writing = Writing { dates: None, decimal_comma: false, zone: Tz::Asia__Shanghai };

    shoal_graphql::choices! {
        /// Kinds.
        pub enum Sort {
            /// Work.
            Work => "WORK",
            /// Owners' committee.
            OwnersCommittee => "OWNERS_COMMITTEE",
        }
    }

    fn said(text: &str, leaf: Leaf) -> String {
        said_in(text, leaf, WRITING)
    }

    fn said_in(text: &str, leaf: Leaf, writing: Writing) -> String {
        match value(text, leaf, writing, &[("WORK", &["工作"])]) {
            Ok(Input::Date(date)) => date.to_string(),
            Ok(Input::DateTime(at)) => at.to_rfc3339(),
            Ok(Input::Decimal(number)) => number.to_string(),
            Ok(Input::List(items)) => {
                let items = items
                    .into_iter()
                    .map(|item| if let Input::Text(text) = item { text } else { String::new() });
                items.collect::<Vec<_>>().join("|")
            }
            Ok(Input::Text(text)) => text,
            Ok(other) => format!("{other:?}"),
            Err(error) => error.code.to_owned(),
        }
    }

    #[test]
    fn dates_are_read_as_they_are_written() {
        let texts = [
            ("2026-12-31", "2026-12-31"),
            ("2026/1/2", "2026-01-02"),
            ("2026年1月2日", "2026-01-02"),
            ("20260102", "2026-01-02"),
            ("2.1.2026", "2026-01-02"),
            ("31/12/2026", "2026-12-31"),
            ("12/31/2026", "2026-12-31"),
            ("2026-01-02T00:00:00", "2026-01-02"),
            ("2026-01-02 00:00", "2026-01-02"),
            ("3/3/2026", "2026-03-03"),
            ("3/4/2026", "DATE_AMBIGUOUS"),
            ("2026-02-30", "DATE_INVALID"),
            ("2.1.26", "DATE_INVALID"),
            ("soon", "DATE_INVALID"),
            ("2026-01-02 08:00", "DATE_INVALID"),
        ];
        for (text, expected) in texts {
            assert_eq!(said(text, Leaf::Date), expected, "{text}");
        }
        let us = Writing { dates: Some(ImportDateOrder::MonthDayYear), ..WRITING };
        assert_eq!(said_in("3/4/2026", Leaf::Date, us), "2026-03-04");
        let here = Writing { dates: Some(ImportDateOrder::DayMonthYear), ..WRITING };
        assert_eq!(said_in("3/4/2026", Leaf::Date, here), "2026-04-03");
        assert_eq!(said_in("3/14/2026", Leaf::Date, here), "DATE_INVALID");
    }

    #[test]
    fn instants_without_an_offset_are_the_companys() {
        assert_eq!(said("2026-01-02 08:00", Leaf::DateTime), "2026-01-02T00:00:00+00:00");
        assert_eq!(said("2026-01-02T08:00:00+01:00", Leaf::DateTime), "2026-01-02T07:00:00+00:00");
        assert_eq!(said("noon", Leaf::DateTime), "INSTANT_INVALID");
    }

    #[test]
    fn numbers_may_have_groups() {
        let comma = Writing { decimal_comma: true, ..WRITING };
        for (text, expected) in [("1,234.50", "1234.50"), ("-7", "-7"), ("1 234", "1234"), ("0.5", "0.5")] {
            assert_eq!(said(text, Leaf::Decimal), expected, "{text}");
        }
        for (text, expected) in [("1.234,50", "1234.50"), ("0,5", "0.5"), ("1\u{a0}234,5", "1234.5")] {
            assert_eq!(said_in(text, Leaf::Decimal, comma), expected, "{text}");
        }
        for text in ["1,5", "12a", "", "--1", "1.2.3", "1234,567", ".", "1e5"] {
            assert_eq!(said(text, Leaf::Decimal), "NUMBER_INVALID", "{text}");
        }
        assert_eq!(said("3000000000", Leaf::Int), "NUMBER_INVALID");
        assert_eq!(said("1.0", Leaf::Int), "Int(1)");
    }

    #[test]
    fn words_are_taken() {
        assert_eq!(said("Да", Leaf::Boolean), "Boolean(true)");
        assert_eq!(said("perhaps", Leaf::Boolean), "BOOLEAN_INVALID");
        assert_eq!(said("owners committee", Leaf::Choice(Sort::CHOICES)), "OWNERS_COMMITTEE");
        assert_eq!(said("工作", Leaf::Choice(Sort::CHOICES)), "WORK");
        assert_eq!(said("hobby", Leaf::Choice(Sort::CHOICES)), "CHOICE_INVALID");
        assert_eq!(said("vip, north", Leaf::Texts), "vip|north");
        assert_eq!(said("vip, very; north", Leaf::Texts), "vip, very|north");
        assert_eq!(said("* myContacts ::: friends", Leaf::Texts), "* myContacts|friends");
    }
}
