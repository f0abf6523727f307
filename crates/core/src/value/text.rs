//! Clean text: what is written today must compare equal to what is typed tomorrow.
//!
//! All text becomes NFC. Characters that cannot be seen and change what stands around them (the byte order mark and
//! the bidirectional embeddings, overrides and isolates that phones and office programs paste along) are dropped;
//! the joiners U+200C and U+200D and the marks U+200E and U+200F stay, since Persian, Hindi and emoji need them.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::ValueError;

const IDEOGRAPHIC_SPACE: char = '\u{3000}';

/// Characters dropped wherever they stand, see the module's description.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{FEFF}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Removes white space and invisible characters at both ends; ideographic and no-break spaces count.
pub fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || is_invisible(c) || c == '\u{200B}')
}

/// One line of text: NFC, trimmed, every run of white space (line breaks and tabs too) one space.
///
/// A run of ideographic spaces alone stays one ideographic space: it is how Japanese and Chinese texts write the
/// gap between family and given name, and a narrow space would look wrong there. Control characters that are not
/// white space are left for [`line()`] to refuse.
pub fn normalise(text: &str) -> String {
    let text = nfc(trim(text));
    let mut out = String::with_capacity(text.len());
    let mut gap = None;
    for c in text.chars().filter(|&c| !is_invisible(c)) {
        if c.is_whitespace() {
            let narrow = c != IDEOGRAPHIC_SPACE || gap == Some(' ');
            gap = Some(if narrow { ' ' } else { IDEOGRAPHIC_SPACE });
        } else {
            out.extend(gap.take());
            out.push(c);
        }
    }
    out
}

/// A single line of at most `max` characters.
///
/// # Errors
///
/// [`ValueError::TextControlCharacter`] and [`ValueError::TextTooLong`].
pub fn line(text: &str, max: usize) -> Result<String, ValueError> {
    let clean = normalise(text);
    check(&clean, max, |_| false)?;
    Ok(clean)
}

/// Text of several lines, at most `max` characters: NFC, trimmed, every line break U+000A, inner spaces and tabs as
/// they were.
///
/// # Errors
///
/// [`ValueError::TextControlCharacter`] and [`ValueError::TextTooLong`].
pub fn lines(text: &str, max: usize) -> Result<String, ValueError> {
    let text = nfc(trim(text));
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().filter(|&c| !is_invisible(c)).peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' => {
                chars.next_if_eq(&'\n');
                out.push('\n');
            }
            '\u{0B}' | '\u{0C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => out.push('\n'),
            other => out.push(other),
        }
    }
    check(&out, max, |c| matches!(c, '\n' | '\t'))?;
    Ok(out)
}

/// Whether normalised text may be stored; `allowed` names the control characters that may.
fn check(text: &str, max: usize, allowed: fn(char) -> bool) -> Result<(), ValueError> {
    if let Some(control) = text.chars().find(|&c| c.is_control() && !allowed(c)) {
        return Err(ValueError::TextControlCharacter(u32::from(control)));
    }
    let length = text.chars().count();
    if length > max { Err(ValueError::TextTooLong { length, max }) } else { Ok(()) }
}

fn nfc(text: &str) -> Cow<'_, str> {
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => Cow::Borrowed(text),
        IsNormalized::No | IsNormalized::Maybe => Cow::Owned(text.nfc().collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_is_composed_trimmed_and_collapsed() {
        assert_eq!(normalise("  Jose\u{301}\t\r\n Maria  "), "José Maria");
        assert_eq!(normalise("\u{FEFF}\u{202A}Anna\u{202C} \u{A0} Lee"), "Anna Lee");
        assert_eq!(normalise("\u{3000}山田\u{3000}\u{3000}太郎\u{3000}"), "山田\u{3000}太郎");
        assert_eq!(normalise("山田 \u{3000}太郎"), "山田 太郎");
        assert_eq!(normalise("山田\u{3000} 太郎"), "山田 太郎");
        assert_eq!(normalise("می\u{200C}خواهم"), "می\u{200C}خواهم");
        assert_eq!(normalise(" \n "), "");
    }

    #[test]
    fn controls_and_length_are_refused() {
        assert_eq!(line("a\0b", 9), Err(ValueError::TextControlCharacter(0)));
        assert_eq!(line("a\u{1B}[31m", 9), Err(ValueError::TextControlCharacter(0x1B)));
        assert_eq!(line("a\nb", 3), Ok("a b".to_owned()));
        assert_eq!(line("äöüß", 4), Ok("äöüß".to_owned()));
        assert_eq!(line("äöüßx", 4), Err(ValueError::TextTooLong { length: 5, max: 4 }));
        assert_eq!(line("e\u{301}", 1), Ok("é".to_owned()), "length counts after composition");
    }

    #[test]
    fn several_lines_keep_their_breaks() {
        assert_eq!(lines(" a\r\nb\rc\u{2028}\td \n", 20), Ok("a\nb\nc\n\td".to_owned()));
        assert_eq!(lines("a\u{7}", 20), Err(ValueError::TextControlCharacter(7)));
        assert_eq!(lines("abc", 2).map_err(|e| e.code()), Err("TEXT_TOO_LONG"));
    }
}
