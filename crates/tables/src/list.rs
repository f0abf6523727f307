//! Several texts in one cell.
//!
//! ```text
//! vip; north                       two items
//! vip, very; north                 two: commas separate only where nothing else does
//! "a;b"; "he said ""no"""          two, in quotes
//! ```

use std::ops::Range;

/// What is written between two items.
const SEPARATOR: &str = "; ";

/// What Google Contacts writes between two items.
const GOOGLE: &str = ":::";

/// Marks that separate items.
const STRONG: [char; 4] = [';', '；', '\n', '\r'];

/// Marks that separate items where no other does.
const COMMAS: [char; 3] = [',', '，', '、'];

/// A cell of which [`split`] makes the items again; those that would not come back as they are stand in quotes. Empty items are
/// left out.
pub fn join<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> String {
    let mut cell = String::new();
    for item in items {
        let item = item.as_ref();
        if item.is_empty() {
            continue;
        }
        if !cell.is_empty() {
            cell.push_str(SEPARATOR);
        }
        if item.contains(GOOGLE) || item.contains(STRONG) || item.contains(COMMAS) || item.contains('"') {
            cell.push('"');
            cell.push_str(&item.replace('"', "\"\""));
            cell.push('"');
        } else {
            cell.push_str(item);
        }
    }
    cell
}

/// The items of a cell, trimmed and not empty: separated by semicolons, line ends or `:::`, else by commas. What stands in double
/// quotes is one item, with two for each within. A quotation mark that no other closes at the end of the item is a character
/// as any other: `6" pipe; "new" boats` are two items.
pub fn split(cell: &str) -> Vec<String> {
    let found = separators(cell);
    let by_comma = found.iter().all(|separator| separator.is_comma);
    let mut items = Vec::new();
    let mut from = 0;
    let between = found.into_iter().filter(|separator| by_comma || !separator.is_comma);
    for at in between.map(|separator| separator.at).chain(Some(cell.len()..cell.len())) {
        let item = cell[from..at.start].trim();
        let item = quoted(item)
            .filter(|end| *end == item.len())
            .map_or_else(|| item.to_owned(), |end| item[1..end - 1].replace("\"\"", "\"").trim().to_owned());
        items.extend(Some(item).filter(|item| !item.is_empty()));
        from = at.end;
    }
    items
}

struct Separator {
    at: Range<usize>,
    is_comma: bool,
}

/// All that could separate items, but not within quotes.
fn separators(cell: &str) -> Vec<Separator> {
    let mut found = Vec::new();
    let mut at = 0;
    let mut begins = true;
    while let Some(character) = cell[at..].chars().next() {
        let rest = &cell[at..];
        let is_quoted = |end: &usize| separator(rest[*end..].trim_start_matches(is_blank)).is_some();
        if begins
            && let Some(end) =
                quoted(rest).filter(|end| rest[*end..].trim_start().is_empty() || is_quoted(end))
        {
            at += end;
            begins = false;
            continue;
        }
        let size = separator(rest).unwrap_or(character.len_utf8());
        if separator(rest).is_some() {
            found.push(Separator { at: at..at + size, is_comma: COMMAS.contains(&character) });
            begins = true;
        } else {
            begins &= character.is_whitespace();
        }
        at += size;
    }
    found
}

/// Line ends are no blanks, as they separate.
fn is_blank(character: char) -> bool {
    character.is_whitespace() && !STRONG.contains(&character)
}

/// Bytes of the separator that a text begins with.
fn separator(text: &str) -> Option<usize> {
    if text.starts_with(GOOGLE) {
        return Some(GOOGLE.len());
    }
    let first = text.chars().next()?;
    (STRONG.contains(&first) || COMMAS.contains(&first)).then(|| first.len_utf8())
}

/// Where the quotes end that a text begins with.
fn quoted(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('"')?;
    let mut marks = inner.match_indices('"').map(|(at, _)| at).peekable();
    while let Some(at) = marks.next() {
        if marks.next_if_eq(&(at + 1)).is_none() {
            return Some(at + 2);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn cells_are_read_as_people_write_them() {
        let cells: [(&str, &[&str]); 13] = [
            ("", &[]),
            ("vip, north", &["vip", "north"]),
            ("vip, very; north;", &["vip, very", "north"]),
            ("* myContacts ::: friends", &["* myContacts", "friends"]),
            ("一、二，三", &["一", "二", "三"]),
            ("\"a;b\", c", &["a;b", "c"]),
            (" \"a,b\" ", &["a,b"]),
            ("\"a\"\nb\r\n\"c\"", &["a", "b", "c"]),
            ("6\" pipe; \"new\" boats", &["6\" pipe", "\"new\" boats"]),
            ("\"open; b", &["\"open", "b"]),
            ("\"a\", b; c", &["\"a\", b", "c"]),
            ("\"\"; \" \"", &[]),
            ("\"he said \"\"no\"\"\"; x", &["he said \"no\"", "x"]),
        ];
        for (cell, items) in cells {
            assert_eq!(split(cell), items, "{cell}");
        }
        assert_eq!(join(["vip", "", "6 \"", "a,b"]), "vip; \"6 \"\"\"; \"a,b\"");
    }

    proptest! {
        #[test]
        fn what_is_joined_is_split_again(
            items in prop::collection::vec("[\"\"\"\"; ,:：；，、a\n\r\u{a0}]{1,7}|:::|\\PC{1,5}|.{1,5}", 0..5)
        ) {
            let items: Vec<&str> = items.iter().map(|item| item.trim()).filter(|item| !item.is_empty()).collect();
            prop_assert_eq!(split(&join(&items)), items);
        }
    }
}
