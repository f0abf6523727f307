//! The stored key that orders text, and answers `contains` and `startsWith`, the same way on both databases.
//!
//! Databases disagree about collation (that of `PostgreSQL` depends on the operating system, `SQLite` has bytes
//! only), so the order is computed here, stored, and compared bytewise.
//!
//! # Form
//!
//! [`fold`] reduces text to what people mean when they say "the same letters":
//!
//! 1. NFKD (compatibility forms such as full-width letters and ligatures become plain), full case folding, NFKD again.
//! 2. Accents go: combining marks whose canonical combining class is that of an accent, a point or a stroke, and
//!    enclosing marks. Marks that spell a vowel or join consonants stay (class 0, 9 and 84 to 132: Indic scripts, Thai,
//!    Lao, Tibetan), or different words would fall together. One exception, as in the root order of CLDR: й stays
//!    apart from и, while ё is е.
//! 3. Latin letters whose stroke or ligature has no decomposition are spelt out: ø o, ł l, đ d, æ ae, œ oe, þ th, ð d.
//! 4. Apostrophes vanish (O'Brien is `obrien`), invisible format characters too. White space, control characters and
//!    punctuation become one space, none at the ends. Symbols such as `+` and emoji stay.
//!
//! [`sort_key()`] is `fold(text)` when the text has no Han characters. Otherwise it is
//! `<spelt> U+0001 <fold(text)>`, where in the spelt part every Han character is written
//! `pinyin SPACE character`, set off by spaces: 张三 gives `zhang 张 san 三␁张三`. So names go by sound, then all 张
//! before all 章 as in a phone book, and a space ends a syllable, which puts 先 (xian) behind 西安 (xi an). ü is
//! written `v`, as on keyboards. Text after the 200th character (in NFC) is not in the key, and the key has at most
//! 2,000 bytes, because an index entry of `PostgreSQL` is limited to 2,704.
//!
//! # Filters
//!
//! For a pattern `p` that is a part of text `t`, cut between user-perceived characters, and inside the part of `t`
//! that is in the key: `sort_key(t)` contains `fold(p)`. This holds for every script, and for
//! [`name_sort_key`] too. For `p` at the start of `t`:
//!
//! - `p` [without Han](has_han): the key starts with `fold(p)` (a range of the index).
//! - `p` with Han: the key contains U+0001 followed by `fold(p)`.
//!
//! The reverse holds up to folding: the key of `t` contains `fold(p)` only if `fold(t)` does, with one addition: a
//! pattern of Latin letters also finds Han text by the sound of a character (`zhang` finds 张三; `zhangsan` and `zs`
//! are the term table's business). To leave sounds out, look behind the U+0001 when there is one. A pattern
//! whose fold is empty (`"?"`) says nothing; a caller decides whether that matches all or is refused.

use icu_casemap::CaseMapper;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

use super::reading::{Reading, name_readings, readings};

/// Raised whenever a text may get another key than before (a rule here, a reading, the Unicode data of a crate), so
/// that stored keys can be told to be old and computed again.
pub const KEY_VERSION: u32 = 1;

/// Characters of the text (in NFC) that take part in its key.
pub const KEY_CHARACTERS: usize = 200;

/// Bytes a key has at most.
pub const KEY_BYTES: usize = 2_000;

/// Stands between the spelt part and the folded text in the key of a text with Han characters.
pub const TAIL: char = '\u{1}';

/// The stored key that orders `text`, see the [module](self).
pub fn sort_key(text: &str) -> String {
    key_with(text, readings)
}

/// The folded form of a search pattern, to be looked for in a stored key, see the [module](self). Not cut: a pattern
/// longer than a key finds nothing.
pub fn fold(pattern: &str) -> String {
    if pattern.is_ascii() {
        return fold_ascii(pattern);
    }
    // Accents go before case folding: U+0345 would otherwise fold to the letter iota.
    let bare: String = pattern.nfkd().fold(String::with_capacity(pattern.len()), |mut out, c| {
        push_unless_accent(&mut out, c);
        out
    });
    let lower = CaseMapper::new().fold_string(&bare);
    let mut out = Collapse::with_capacity(lower.len());
    let mut letters = String::with_capacity(lower.len());
    for c in lower.nfkd() {
        push_unless_accent(&mut letters, c);
    }
    letters.chars().for_each(|c| out.push(c));
    out.text
}

/// Whether the text has Han characters, whose keys go by pinyin.
pub fn has_han(text: &str) -> bool {
    text.chars().any(is_han)
}

/// Han characters: the unified ideographs with their extensions, the compatibility ideographs, and 〇.
/// Source: Blocks.txt of Unicode 17.
pub(super) fn is_han(c: char) -> bool {
    matches!(c, '\u{3007}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3FFFD}')
}

/// The fold of that part of the text which takes part in its key.
fn fold_start(text: &str) -> String {
    if text.is_ascii() {
        return fold_ascii(&text[..text.len().min(KEY_CHARACTERS)]);
    }
    let start: String = text.nfc().take(KEY_CHARACTERS).collect();
    fold(&start)
}

/// The stored key that orders a person's family name, or a full name that begins with it: as [`sort_key`], but the
/// surname is spelt as surnames are read (曾 zeng, 单 shan, 尉迟 yu chi). Only the spelt part differs: what the
/// [module](self) says about filters holds here too.
pub fn name_sort_key(name: &str) -> String {
    key_with(name, name_readings)
}

fn key_with(text: &str, readings: fn(&str) -> Vec<Reading>) -> String {
    let folded = fold_start(text);
    if !has_han(&folded) {
        return cut(folded, KEY_BYTES);
    }
    let mut spelt = Collapse::with_capacity(folded.len() * 3);
    for (c, syllable) in readings(&folded) {
        let before = spelt.text.len();
        if let Some(syllable) = syllable {
            spelt.gap = true;
            syllable.chars().for_each(|letter| spelt.push(letter));
        }
        spelt.gap |= is_han(c);
        spelt.push(c);
        spelt.gap |= is_han(c);
        // Half of the key belongs to the folded text, where patterns are found.
        if spelt.text.len() > KEY_BYTES / 2 {
            spelt.text.truncate(before);
            break;
        }
    }
    cut(format!("{}{TAIL}{folded}", spelt.text), KEY_BYTES)
}

fn fold_ascii(text: &str) -> String {
    let mut out = Collapse::with_capacity(text.len());
    for c in text.chars() {
        out.push(c.to_ascii_lowercase());
    }
    out.text
}

/// Pushes a character of decomposed text unless it is an accent; и with a breve is composed to й.
fn push_unless_accent(out: &mut String, c: char) {
    if !is_accent(c) {
        out.push(c);
    } else if c == '\u{306}' && out.ends_with(['и', 'И']) {
        out.pop();
        out.push('й');
    }
}

/// Marks that are dropped, see the [module](self). Source of the classes: UAX #44, table 15.
fn is_accent(c: char) -> bool {
    if c.is_ascii() {
        return false;
    }
    match canonical_combining_class(c) {
        0 => c.general_category() == GeneralCategory::EnclosingMark,
        9 | 84..=132 => false,
        _ => true,
    }
}

/// Text under construction in which gaps collapse to one space, with none at the ends.
struct Collapse {
    text: String,
    gap: bool,
}

impl Collapse {
    fn with_capacity(bytes: usize) -> Self {
        Self { text: String::with_capacity(bytes), gap: false }
    }

    /// Takes in one character that is already decomposed and case folded.
    fn push(&mut self, c: char) {
        match class(c) {
            Class::Drop => {}
            Class::Gap => self.gap = true,
            Class::Keep => {
                if self.gap && !self.text.is_empty() {
                    self.text.push(' ');
                }
                self.gap = false;
                match spell_out(c) {
                    Some(letters) => self.text.push_str(letters),
                    None => self.text.push(c),
                }
            }
        }
    }
}

enum Class {
    Keep,
    Gap,
    Drop,
}

fn class(c: char) -> Class {
    match c {
        'a'..='z' | '0'..='9' | '$' | '+' | '<'..='>' | '^' | '|' | '~' => Class::Keep,
        '\'' | '`' | '\u{2018}' | '\u{2019}' | '\u{201B}' | '\u{2BB}' | '\u{2BC}' => Class::Drop,
        _ if c.is_ascii() => Class::Gap,
        _ if is_ignorable(c) => Class::Drop,
        _ => match c.general_category_group() {
            GeneralCategoryGroup::Punctuation | GeneralCategoryGroup::Separator => Class::Gap,
            GeneralCategoryGroup::Other => match c.general_category() {
                GeneralCategory::Control => Class::Gap,
                GeneralCategory::Format => Class::Drop,
                _ => Class::Keep,
            },
            _ => Class::Keep,
        },
    }
}

/// Default-ignorable characters that are not of category Cf: joiners, fillers and variation selectors.
/// Source: DerivedCoreProperties.txt of Unicode 17, `Default_Ignorable_Code_Point`.
fn is_ignorable(c: char) -> bool {
    matches!(c, '\u{34F}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}' | '\u{3164}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FFA0}' | '\u{E0100}'..='\u{E01EF}')
}

/// Folded Latin letters that have no decomposition but an accepted plain spelling.
/// Source: the letters of CLDR's transform Latin-ASCII that occur in names of European languages.
fn spell_out(c: char) -> Option<&'static str> {
    Some(match c {
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        'ø' => "o",
        'ð' | 'đ' => "d",
        'ħ' => "h",
        'ı' => "i",
        'ĸ' => "q",
        'ł' => "l",
        'ŋ' => "n",
        'ŧ' => "t",
        _ => return None,
    })
}

/// Cuts at a character boundary, and never leaves a space at the end.
fn cut(mut key: String, bytes: usize) -> String {
    if key.len() > bytes {
        key.truncate(key.floor_char_boundary(bytes));
        let end = key.trim_end().len();
        key.truncate(end);
    }
    key
}

/// The part of a key in which characters count and sounds do not: the folded text behind [`TAIL`], or the whole key.
pub fn folded_part(key: &str) -> &str {
    key.split_once(TAIL).map_or(key, |(_, folded)| folded)
}
