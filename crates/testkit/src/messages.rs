//! Messages in sources, and their words in translations.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{fs, io};

use proc_macro2::{TokenStream, TokenTree};

/// The languages that messages are translated into; English is in the code.
const TRANSLATIONS: [&str; 2] = ["zh-CN.ftl", "ru.ftl"];

/// What a message is in the code.
#[derive(Debug, PartialEq, Eq)]
struct Written {
    english: String,
    inserted: BTreeSet<String>,
}

/// What is wrong with the translations of messages: a sentence for each message of these folders of Rust sources (every
/// `message!` in them) that a language in the folder `translations` has no words for, for words that are no message's, and
/// for words that insert something else than the message does. Empty if all is well.
///
/// # Panics
/// If a file cannot be read, or is not Rust.
///
/// ```no_run
/// let wrong = shoal_testkit::untranslated(&["src"], "translations");
/// assert!(wrong.is_empty(), "{wrong:#?}");
/// ```
pub fn untranslated<P: AsRef<Path>>(sources: &[P], translations: impl AsRef<Path>) -> Vec<String> {
    let (mut messages, mut wrong): (BTreeMap<String, Written>, Vec<String>) = Default::default();
    for source in sources {
        for file in rust_files(source.as_ref()) {
            let tokens: TokenStream =
                read(&file).parse().unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            collect(tokens, &mut |key, written| match messages.entry(key) {
                Entry::Vacant(place) => {
                    place.insert(written);
                }
                Entry::Occupied(known) if *known.get() != written => {
                    let (key, one, other) = (known.key(), &known.get().english, &written.english);
                    wrong.push(format!("{key} is `{one}` and `{other}`; one of them needs another key"));
                }
                Entry::Occupied(_) => {}
            });
        }
    }
    for name in TRANSLATIONS {
        let words = words(&read(&translations.as_ref().join(name)));
        for (key, Written { english, inserted }) in &messages {
            match words.get(key) {
                None => wrong.push(format!("{name} has no error-{key} for `{english}`")),
                Some(other) if other != inserted => {
                    wrong.push(format!(
                        "error-{key} of {name} inserts {other:?}; `{english}` inserts {inserted:?}"
                    ));
                }
                Some(_) => {}
            }
        }
        let left = words.keys().filter(|key| !messages.contains_key(*key));
        wrong.extend(left.map(|key| format!("error-{key} of {name} is the words of no message")));
    }
    wrong
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let list =
        || -> io::Result<Vec<PathBuf>> { fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect() };
    let mut paths = list().unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    paths.sort();
    let files = paths.into_iter().flat_map(|path| if path.is_dir() { rust_files(&path) } else { vec![path] });
    files.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect()
}

/// Finds `message!(…)` wherever it stands, also in the arguments of other macros.
fn collect(tokens: TokenStream, found: &mut impl FnMut(String, Written)) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (position, token) in tokens.iter().enumerate() {
        let TokenTree::Group(group) = token else { continue };
        let before = &tokens[position.saturating_sub(2)..position];
        let is_message = matches!(before, [TokenTree::Ident(name), TokenTree::Punct(mark)]
            if name == "message" && mark.as_char() == '!');
        match is_message.then(|| message(group.stream())).flatten() {
            Some((key, written)) => found(key, written),
            None => collect(group.stream(), found),
        }
    }
}

/// The key, the English and the names of `"key", "English", name, name = value`; `None` if it is not such.
fn message(tokens: TokenStream) -> Option<(String, Written)> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(mark) if mark.as_char() == ',');
    let mut parts = tokens.split(is_comma);
    let (key, english) = (literal(parts.next()?)?, literal(parts.next()?)?);
    let name = |part: &[TokenTree]| match part.first() {
        Some(TokenTree::Ident(name)) => Some(name.to_string()),
        _ => None,
    };
    Some((key, Written { english, inserted: parts.filter_map(name).collect() }))
}

fn literal(part: &[TokenTree]) -> Option<String> {
    let [TokenTree::Literal(literal)] = part else { return None };
    let text = literal.to_string();
    Some(text.strip_prefix('"')?.strip_suffix('"')?.to_owned())
}

/// The keys of messages in a Fluent file, each with what its words insert.
fn words(fluent: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut words: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut key = None;
    for line in fluent.lines() {
        if line.starts_with(|first: char| !first.is_whitespace()) {
            let name = line.split_once('=').map(|(name, _)| name.trim_end());
            key = name.and_then(|name| name.strip_prefix("error-")).map(str::to_owned);
        }
        let Some(key) = &key else { continue };
        let inserted = words.entry(key.clone()).or_default();
        inserted.extend(line.split('$').skip(1).map(|rest| {
            let is_name = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
            rest.chars().take_while(|character| is_name(*character)).collect::<String>()
        }));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of a module with one source and the same words in both languages.
    fn folder(source: &str, words: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("src/deep")).unwrap();
        fs::write(folder.path().join("src/deep/rules.rs"), source).unwrap();
        for name in TRANSLATIONS {
            fs::write(folder.path().join(name), words).unwrap();
        }
        folder
    }

    fn wrong(source: &str, words: &str) -> Vec<String> {
        let folder = folder(source, words);
        untranslated(&[folder.path().join("src")], folder.path())
    }

    const SOURCE: &str = r#"
        const LENT: Message = shoal_graphql::message!("loans-lent", "it is lent");
        fn deep(count: usize) { vec![message!("loans-many", "{count} of {most}, {title}", count, most = f(1, 2), title)] }
        macro_rules! message { ($key:literal) => {} }
    "#;

    #[test]
    fn words_for_every_message_and_no_other_are_well() {
        let words = "# error-note = no\nother-key = $x\nerror-loans-lent = выдана\nerror-loans-many =\n    \
                     { $count ->\n        [one] одна\n       *[other] { $count } из { $most }\n    }, { $title }\n\n";
        assert_eq!(wrong(SOURCE, words), Vec::<String>::new());
    }

    #[test]
    fn what_is_missing_left_over_or_different_is_told() {
        let words = "error-loans-many = { $count } { $all } { $title }\nerror-loans-gone = нет\n";
        let expected = [
            "has no error-loans-lent for `it is lent`",
            "inserts {\"all\", \"count\", \"title\"}; `{count} of {most}, {title}` inserts {\"count\", \"most\", \"title\"}",
            "is the words of no message",
        ];
        let wrong = wrong(SOURCE, words);
        assert_eq!(wrong.len(), 2 * expected.len(), "{wrong:#?}");
        for (wrong, expected) in wrong.iter().zip(expected.iter().cycle()) {
            assert!(wrong.ends_with(expected), "{wrong}");
        }
    }

    #[test]
    fn one_key_is_one_message() {
        let source =
            r#"fn a() { message!("loans-lent", "it is lent"); message!("loans-lent", "it is away"); }"#;
        let wrong = wrong(source, "error-loans-lent = выдана\n");
        assert_eq!(wrong, ["loans-lent is `it is lent` and `it is away`; one of them needs another key"]);
    }
}
