//! Phone numbers: as typed, and in E.164 when they can exist.
//!
//! What has no digits, foreign characters or an impossible number of digits is refused. What reads as a number but is
//! not assigned anywhere (one digit too many, an area code nobody has) is kept as typed with `valid: false`, because a
//! person may still make sense of it.

use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

use super::phone_rules::{Rules, rules, take_apart};
use super::text::trim;
use super::{PhoneProblem, ValueError};

/// A phone number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone {
    /// As typed, without white space around it.
    pub original: String,
    /// `+` and up to 15 digits (ITU-T E.164), when the number is [valid](Self::valid): what is compared and dialled.
    pub e164: Option<String>,
    /// The extension, digits only, not part of `e164`.
    pub extension: Option<String>,
    /// Whether the number plan of its country has such a number.
    pub valid: bool,
    /// The country of a valid number (ISO 3166-1 alpha-2), `None` for services of no country such as +800.
    pub region: Option<&'static str>,
    /// The digits for a search: those of `e164`, or else those typed. Without the extension.
    pub digits: String,
}

/// libphonenumber refuses longer texts too.
const MAX_CHARACTERS: usize = 250;

impl Phone {
    /// Reads a number as written in the country `region`, or in `fallback_region` when `region` is none that has
    /// phone numbers (ISO 3166-1 alpha-2; [`region::of`](super::region::of) gives them for names). A number with `+`
    /// needs neither.
    ///
    /// # Errors
    ///
    /// [`ValueError::Phone`] with the [`PhoneProblem`].
    pub fn parse(
        text: &str,
        region: Option<&str>,
        fallback_region: Option<&str>,
    ) -> Result<Self, ValueError> {
        let original = trim(text);
        let home = region.and_then(rules).or_else(|| fallback_region.and_then(rules));
        let written = Written::read(original, home)?;
        let parts = take_apart(&written.digits, written.plus, home)?;
        let e164 = parts.region.map(|_| format!("+{}{}", parts.calling_code, parts.national));
        let digits =
            e164.as_deref().and_then(|e164| e164.strip_prefix('+')).unwrap_or(&written.digits).to_owned();
        Ok(Self {
            original: original.to_owned(),
            extension: written.extension,
            valid: e164.is_some(),
            region: parts.region.filter(|&region| region != "001"),
            digits,
            e164,
        })
    }
}

/// Loads the metadata, which takes some ten milliseconds, before the first number comes.
pub fn warm_up() {
    let _ = rules("DE");
}

/// What was written, reduced to what counts.
struct Written {
    plus: bool,
    digits: String,
    extension: Option<String>,
}

/// Extensions as libphonenumber knows them (`EXTN_PATTERNS_FOR_PARSING`), and the Russian and Chinese words.
static EXTENSION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let word = r"e?xt(?:ensi[oó])?n?|доб(?:авочный)?|anexo|int|转|轉|分机|分機|内線";
    Regex::new(&format!(r"(?i)(?:;ext=|[ ,;]*(?:{word}|[x#~,;])[:.]?[ ,-]*)([0-9]{{1,10}})#?$")).ok()
});

impl Written {
    fn read(text: &str, home: Option<&Rules>) -> Result<Self, PhoneProblem> {
        let plain: String = text
            .nfkc()
            .filter(|&c| c.is_ascii() || c.general_category() != GeneralCategory::Format)
            .map(ascii_digit)
            .take(MAX_CHARACTERS + 1)
            .collect();
        if plain.chars().count() > MAX_CHARACTERS {
            return Err(PhoneProblem::TooLong);
        }
        let (body, extension) = split_extension(&plain);
        let mut written = Self { plus: false, digits: String::new(), extension };
        let letters = written.take(body)?;
        written.spell(&letters, home)?;
        match written.digits.len() {
            0 => Err(PhoneProblem::Empty),
            1 | 2 => Err(PhoneProblem::TooShort),
            _ => Ok(written),
        }
    }

    /// Takes the plus and the digits; returns the letters between them with their positions among the digits.
    fn take(&mut self, body: &str) -> Result<Vec<(usize, char)>, PhoneProblem> {
        let mut letters = Vec::new();
        for c in body.chars() {
            match c {
                '0'..='9' => self.digits.push(c),
                '+' if self.digits.is_empty() => self.plus = true,
                _ if is_separator(c) => {}
                // A label: "Tel.: 030 …".
                _ if self.digits.is_empty() && !self.plus && (c.is_alphabetic() || c == ':') => {}
                'A'..='Z' => letters.push((self.digits.len() + letters.len(), c)),
                other => return Err(PhoneProblem::Character(other)),
            }
        }
        Ok(letters)
    }

    /// Numbers in words (1-800-FLOWERS) are a custom of North America; elsewhere letters are a remark.
    fn spell(&mut self, letters: &[(usize, char)], home: Option<&Rules>) -> Result<(), PhoneProblem> {
        let Some(&(_, first)) = letters.first() else { return Ok(()) };
        let american =
            if self.plus { self.digits.starts_with('1') } else { home.is_some_and(|h| h.calling_code == 1) };
        if !american || letters.len() < 3 {
            return Err(PhoneProblem::Character(first));
        }
        for &(position, letter) in letters {
            self.digits.insert(position, keypad(letter));
        }
        Ok(())
    }
}

fn split_extension(text: &str) -> (&str, Option<String>) {
    let found = EXTENSION.as_ref().and_then(|extension| extension.captures(text));
    let Some((whole, digits)) = found.as_ref().and_then(|found| Some((found.get(0)?, found.get(1)?))) else {
        return (text, None);
    };
    let body = &text[..whole.start()];
    // "x 12345" is no extension of nothing.
    if body.chars().filter(char::is_ascii_digit).count() < 3 {
        return (text, None);
    }
    (body, Some(digits.as_str().to_owned()))
}

/// What people put between digits (after NFKC).
fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '-' | '.' | '/' | '(' | ')' | '[' | ']' | '~' | '\u{2010}'
                ..='\u{2015}' | '\u{2212}' | '\u{30FC}' | '\u{B7}' | '\u{2022}'
        )
}

/// Zeros of the decimal digits that people type (Unicode 17, category Nd); nine more follow each.
const ZEROS: [u32; 17] = [
    0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xE50, 0xED0, 0xF20,
    0x1040, 0x17E0,
];

fn ascii_digit(c: char) -> char {
    let value = ZEROS.iter().find_map(|zero| u32::from(c).checked_sub(*zero).filter(|value| *value < 10));
    value.and_then(|value| char::from_digit(value, 10)).unwrap_or(c)
}

/// Letters on the keys of a phone (ITU-T E.161).
fn keypad(letter: char) -> char {
    match letter {
        'A'..='C' => '2',
        'D'..='F' => '3',
        'G'..='I' => '4',
        'J'..='L' => '5',
        'M'..='O' => '6',
        'P'..='S' => '7',
        'T'..='V' => '8',
        _ => '9',
    }
}
