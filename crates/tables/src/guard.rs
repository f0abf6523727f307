//! Texts in CSV that a spreadsheet would take for formulas.

use std::borrow::Cow;

/// A text with an apostrophe wherever a spreadsheet could begin to read a formula. [OWASP's page "CSV
/// Injection"](https://owasp.org/www-community/attacks/CSV_Injection) says why the beginning is not enough: where a
/// spreadsheet splits at other characters than our delimiter, a text has several beginnings. Numbers and phone numbers
/// (`-12.5`, `+86 138 0013 8000`) stay as they are.
pub(crate) fn put_on(text: &str) -> Cow<'_, str> {
    if !text.contains(begins_formula) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 4);
    let mut at_beginning = true;
    for (at, character) in text.char_indices() {
        if at_beginning && begins_formula(character) && !is_plain(&text[at..]) {
            safe.push('\'');
        }
        safe.push(character);
        at_beginning = stays_beginning(at_beginning, character);
    }
    Cow::Owned(safe)
}

/// Undoes [`put_on`]. Texts that were never guarded and have an apostrophe before such a character lose it.
pub(crate) fn take_off(text: &mut String) {
    if !text.contains('\'') {
        return;
    }
    let mut plain = String::with_capacity(text.len());
    let mut at_beginning = true;
    let mut characters = text.char_indices().peekable();
    while let Some((_, character)) = characters.next() {
        let guards = |(at, next): &(usize, char)| begins_formula(*next) && !is_plain(&text[*at..]);
        if !(character == '\'' && at_beginning && characters.peek().is_some_and(guards)) {
            plain.push(character);
        }
        at_beginning = stays_beginning(at_beginning, character);
    }
    *text = plain;
}

/// The wide ones are what Asian spreadsheets take for the same.
fn begins_formula(character: char) -> bool {
    matches!(character, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '\t' | '\r')
}

fn stays_beginning(at_beginning: bool, character: char) -> bool {
    match character {
        ';' | '|' | '\t' | '\r' | '\n' => true,
        ' ' | '"' | '\'' | '\0' | '\u{a0}' | '\u{feff}' => at_beginning,
        _ => false,
    }
}

/// Whether a sign begins a number or a phone number, up to where a text may be split.
fn is_plain(text: &str) -> bool {
    let end = text.find([';', '|', '\t', '\r', '\n']).unwrap_or(text.len());
    let Some(rest) = text[..end].strip_prefix(['+', '-']) else { return false };
    let digits = rest.bytes().filter(u8::is_ascii_digit).count();
    let points = rest.bytes().filter(|byte| *byte == b'.').count();
    let is_phone =
        text.starts_with('+') && points == 0 && rest.starts_with(|first: char| first.is_ascii_digit());
    let spaces = if is_phone { rest.trim_end().bytes().filter(|byte| *byte == b' ').count() } else { 0 };
    digits > 0 && points <= 1 && digits + points + spaces == rest.trim_end().len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn no_part_is_a_formula() {
        for (text, expected) in [
            ("", ""),
            ("A lamp; the second - not the first", "A lamp; the second - not the first"),
            ("a,=1", "a,=1"),
            ("=1+1", "'=1+1"),
            ("-1", "-1"),
            ("-12.5", "-12.5"),
            ("-1-1", "'-1-1"),
            ("-1.2.3", "'-1.2.3"),
            ("+8613800138000", "+8613800138000"),
            ("+86 138 0013 8000", "+86 138 0013 8000"),
            ("+86 1; +1 2", "+86 1; +1 2"),
            ("+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0"),
            ("@a", "'@a"),
            ("＝1", "'＝1"),
            ("\t=1", "'\t'=1"),
            (" \"=1", " \"'=1"),
            ("'=1", "''=1"),
            ("lamp;=1", "lamp;'=1"),
            ("lamp\n=1\r\n-2-", "lamp\n'=1\r\n'-2-"),
        ] {
            assert_eq!(put_on(text), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_put_on_comes_off(text in "[=+\\-@'\";| \t\r\n1a.＝]{0,12}") {
            let mut guarded = put_on(&text).into_owned();
            take_off(&mut guarded);
            prop_assert_eq!(guarded, text);
        }
    }
}
