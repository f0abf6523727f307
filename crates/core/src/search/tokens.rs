//! Text as tokens, and searches as words.
//!
//! A token is folded text (as in sort keys: no case, no accents) from some place of a value on; the table's key has them in
//! order, so that all values in which a word stands are a range. What places there are depends on what the value is:
//!
//! | value | at the beginning | inside |
//! |---|---|---|
//! | name | each word; the sounds of Chinese and their initials | each letter with two behind it; of Chinese each character, its sounds, its initials |
//! | e-mail address | each word before the @, each name of the domain but the last | each letter before the @ with three behind it |
//! | domain | each name of it but the last | |
//! | phone number | its digits | each digit with three behind it |
//! | other text | each word | |
//!
//! A token from the beginning of a word goes on to the end of the text, so that `anna sm` and `anna.smith@ex` are found, too;
//! one from inside a word ends with the word.

use std::collections::BTreeSet;

use shoal_graphql::declare::Searchable;
use shoal_graphql::message;
use shoal_graphql::message::Message;
use shoal_graphql::search::Word;

use crate::value::reading::{Reading, name_readings, readings};
use crate::value::{fold, has_han};
use unicode_normalization::UnicodeNormalization as _;

/// Characters of a token that begins with a word; nobody types more.
const LONGEST: usize = 40;

/// Characters of a token from inside a word.
const LONGEST_INSIDE: usize = 16;

/// Letters of a word from which tokens begin.
const PLACES: usize = 12;

/// Words of a text (characters of a Chinese one) from which tokens begin.
const WORDS: usize = 24;

/// Characters that a search may have.
const LONGEST_SEARCH: usize = 200;

/// Words that a search may have.
const MOST_WORDS: usize = 8;

/// Folded text from some place of a value on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Token {
    /// Whether it is from inside a word on.
    pub inside: bool,
    /// The text; never empty.
    pub text: String,
}

/// Tokens under construction.
#[derive(Default)]
struct Tokens(BTreeSet<Token>);

impl Tokens {
    fn begin(&mut self, text: &str) {
        self.add(false, first(text, LONGEST));
    }

    fn inside(&mut self, text: &str) {
        self.add(true, first(text, LONGEST_INSIDE));
    }

    fn add(&mut self, inside: bool, text: &str) {
        let text = text.trim_end();
        if !text.is_empty() {
            self.0.insert(Token { inside, text: text.to_owned() });
        }
    }

    /// A word from the letters behind the first on, of so many, as far as `left` letters follow.
    fn letters(&mut self, word: &str, count: usize, left: usize) {
        let places = word.char_indices().take((count + 1).saturating_sub(left).min(PLACES));
        for (offset, _) in places.skip(1) {
            self.inside(&word[offset..]);
        }
    }

    fn phone(&mut self, number: &str) {
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        self.begin(&digits);
        for from in 1..(digits.len() + 1).saturating_sub(4) {
            self.inside(&digits[from..]);
        }
    }

    fn email(&mut self, address: &str) {
        let (mailbox, domain) = address.rsplit_once('@').unwrap_or(("", address));
        let whole = fold(address);
        let (mailbox, mut offset) = (fold(mailbox), 0);
        for word in mailbox.split(' ').filter(|word| !word.is_empty()).take(WORDS) {
            self.begin(&whole[offset..]);
            offset += word.len() + 1;
            let letters = word.trim_end_matches(|c: char| c.is_ascii_digit());
            self.letters(word, letters.chars().count(), 4);
        }
        let mut rest = domain;
        self.begin(&fold(rest));
        // But the last: com, org, …
        for _ in 1..domain.split('.').count().saturating_sub(1).min(WORDS) {
            rest = rest.split_once('.').map_or("", |(_, rest)| rest);
            self.begin(&fold(rest));
        }
    }

    fn name(&mut self, name: &str, readings: fn(&str) -> Vec<Reading>) {
        let folded = fold(name);
        for (word, rest) in words_of(&folded) {
            if has_han(word) {
                self.han(rest, &readings(word));
            } else {
                self.begin(rest);
                self.letters(word, word.chars().count(), 3);
            }
        }
    }

    /// Chinese by its characters, its sounds and their initials.
    fn han(&mut self, rest: &str, read: &[Reading]) {
        self.begin(rest);
        let sound = |from: usize| -> String {
            read[from..]
                .iter()
                .map(|(c, syllable)| syllable.map_or_else(|| c.to_string(), str::to_owned))
                .collect()
        };
        let initials = |from: usize| -> String {
            read[from..]
                .iter()
                .map(|(c, syllable)| syllable.and_then(|s| s.chars().next()).unwrap_or(*c))
                .collect()
        };
        for from in 0..read.len().min(WORDS) {
            let characters: String = read[from..].iter().map(|(c, _)| *c).collect();
            if from > 0 {
                self.inside(&characters);
            }
            if read[from].1.is_none() {
                continue;
            }
            let add = if from == 0 { Self::begin } else { Self::inside };
            add(self, &sound(from));
            if from + 1 < read.len() {
                add(self, &initials(from));
            }
        }
    }
}

/// The tokens of a value, in their order, none of them twice.
pub fn tokens(kind: Searchable, value: &str) -> Vec<Token> {
    let mut tokens = Tokens::default();
    match kind {
        Searchable::Person => tokens.name(value, name_readings),
        Searchable::Name => tokens.name(value, readings),
        Searchable::Email => tokens.email(value),
        Searchable::Phone => tokens.phone(value),
        Searchable::Text => words_of(&fold(value)).for_each(|(_, rest)| tokens.begin(rest)),
    }
    tokens.0.into_iter().collect()
}

/// The first characters of a text.
fn first(text: &str, characters: usize) -> &str {
    text.char_indices().nth(characters).map_or(text, |(end, _)| &text[..end])
}

/// The words of folded text, each with what goes on from it.
fn words_of(folded: &str) -> impl Iterator<Item = (&str, &str)> {
    let starts = std::iter::once(0).chain(folded.match_indices(' ').map(|(space, _)| space + 1));
    starts.zip(folded.split(' ')).map(|(start, word)| (word, &folded[start..])).take(WORDS)
}

/// The words of a search, by white space. What has no letters, digits or symbols is no word.
///
/// # Errors
/// What to say of a search that is too long.
pub fn words(search: &str) -> Result<Vec<Word>, Message> {
    let most = LONGEST_SEARCH;
    if search.len() > most && search.chars().count() > most {
        return Err(message!("search-too-long", "a search has at most {most} characters", most));
    }
    let words: Vec<Word> = search.split_whitespace().filter_map(word).collect();
    let most = MOST_WORDS;
    if words.len() > most {
        return Err(message!("search-too-many-words", "a search has at most {most} words", most));
    }
    Ok(words)
}

fn word(typed: &str) -> Option<Word> {
    let folded = fold(typed);
    let text: String = folded.chars().take(LONGEST).collect();
    let text = text.trim_end().to_owned();
    if text.is_empty() {
        return None;
    }
    let count = text.chars().count();
    let inside = !text.contains(' ') && count <= LONGEST_INSIDE && (count >= 2 || has_han(&text));
    let in_numbers = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '+');
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    // In front of a number within the country many write a 0 that is not dialled from abroad.
    let digits = if typed.starts_with(['0', '(']) { digits.trim_start_matches('0') } else { &digits };
    let digits = (text.chars().all(in_numbers) && !digits.is_empty()).then(|| digits.to_owned());
    let also = typed.to_lowercase().nfc().collect::<String>();
    let also =
        also.contains(['ü', 'ǖ', 'ǘ', 'ǚ', 'ǜ']).then(|| on_keyboard(&also)).filter(|also| *also != text);
    Some(Word { text, also, inside, digits })
}

/// Pinyin with ü as Chinese keyboards have it: `lübu` is `lvbu`, by which 吕布 is found.
fn on_keyboard(typed: &str) -> String {
    let with_v = typed.replace(['ü', 'ǖ', 'ǘ', 'ǚ', 'ǜ'], "v");
    fold(&with_v).chars().take(LONGEST).collect::<String>().trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn finds(kind: Searchable, value: &str, search: &str) -> bool {
        let tokens = tokens(kind, value);
        let found = |word: &Word| {
            tokens.iter().any(|token| {
                let keys = if kind == Searchable::Phone {
                    vec![word.digits.as_deref()]
                } else {
                    vec![Some(word.text.as_str()), word.also.as_deref()]
                };
                let may = !token.inside || word.inside || kind == Searchable::Phone;
                keys.into_iter().flatten().any(|key| may && token.text.starts_with(key))
            })
        };
        let words = words(search).unwrap();
        !words.is_empty() && words.iter().all(found)
    }

    #[test]
    fn people_are_found_by_any_part_of_their_names() {
        use Searchable::{Email, Name, Person, Phone, Text};
        for (kind, value, search) in [
            (Person, "张三", "张"),
            (Person, "张三", "三"),
            (Person, "张三", "zhangsan"),
            (Person, "张三", "zs"),
            (Person, "曾三", "zengsan"),
            (Person, "张三丰", "sanfeng"),
            (Person, "吕布", "lvbu"),
            (Person, "吕布", "lübu"),
            (Person, "吕布", "LÜ"),
            (Name, "绿茶", "lu\u{308}cha"),
            (Person, "Иванов", "ИВА"),
            (Person, "Иванов", "анов"),
            (Person, "Jürgen Müller", "mul"),
            (Person, "Jürgen Müller", "muller jur"),
            (Person, "Anna Smith", "mit"),
            (Person, "Anna Smith", "ith"),
            (Person, "Sinéad O'Brien-Quinn", "o’brien quinn"),
            (Name, "北京百度网讯科技", "bdwx"),
            (Name, "北京百度网讯科技", "百度"),
            (Email, "anna.smith@example.com", "smi"),
            (Email, "anna.smith@example.com", "mith"),
            (Email, "anna.smith12@example.com", "mith1"),
            (Email, "anna@mail.two-words.example", "two-w"),
            (Email, "北京@example.com", "北"),
            (Email, "x@localhost", "x@local"),
            (Email, "anna.smith@example.com", "exam"),
            (Email, "anna.smith@example.com", "anna.smith@example.com"),
            (Email, "example.com", "example.com"),
            (Phone, "8613800138000", "1380"),
            (Phone, "8613800138000", "8000"),
            (Phone, "8613800138000", "+86 138-0013"),
            (Phone, "491711234567", "0171 1234567"),
            (Text, "Head of sales", "sal"),
        ] {
            assert!(finds(kind, value, search), "{value} by {search}: {:?}", tokens(kind, value));
        }
        for (kind, value, search) in [
            (Person, "Anna Smith", "h"),
            (Person, "Anna Smith", "th"),
            (Email, "anna.smith@example.com", "ith"),
            (Email, "anna.smith12@example.com", "th12"),
            (Email, "anna@mail.two-words.example", "words"),
            (Person, "Anna Smith", "jones"),
            (Person, "Anna Smith", "%"),
            (Person, "Anna Smith", "anna\u{0}smith x"),
            (Email, "anna@example.com", "com"),
            (Email, "example.com", "com"),
            (Phone, "8613800138000", "anna"),
            (Text, "Head of sales", "ales"),
        ] {
            assert!(!finds(kind, value, search), "{value} by {search}");
        }
    }

    #[test]
    fn searches_are_bounded() {
        assert!(words(&"a".repeat(1_000_000)).is_err());
        assert!(words("a b c d e f g h i").is_err());
        assert_eq!(words(" \u{0} %_ ?! ").unwrap(), []);
        assert_eq!(words("🙂").unwrap().len(), 1);
    }

    proptest! {
        #[test]
        fn every_part_of_a_word_finds_its_name(name in "\\PC{1,12}", from in 0_usize..11, length in 3_usize..12) {
            let folded = fold(&name);
            let parts: Vec<&str> = folded.split(' ').collect();
            let word: Vec<char> = parts[from % parts.len()].chars().collect();
            let from = from % word.len().max(1);
            let part: String = word.iter().skip(from).take(length).collect();
            // What is a word by itself once more.
            prop_assume!(part.chars().count() >= 3 && fold(&part) == part);
            prop_assert!(finds(Searchable::Person, &name, &part), "{name:?} by {part:?}: {:?}", tokens(Searchable::Person, &name));
        }

        #[test]
        fn tokens_are_short_few_and_folded(kind in prop::sample::select(vec![
            Searchable::Person, Searchable::Name, Searchable::Email, Searchable::Phone, Searchable::Text,
        ]), text in "\\PC{0,300}") {
            let tokens = tokens(kind, &text);
            prop_assert!(tokens.len() <= WORDS * (PLACES + 3 * WORDS));
            for token in tokens {
                prop_assert!(!token.text.is_empty() && token.text.chars().count() <= LONGEST);
                prop_assert!(!token.text.contains('\0'));
            }
        }
    }
}
