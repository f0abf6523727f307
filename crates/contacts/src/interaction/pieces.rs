//! Parameters of mail headers that stand in pieces (RFC 2231, section 3): the parser decodes each piece by itself, but only
//! the first names the character set, and a character may go on in the next.

use std::collections::BTreeMap;

use mail_parser::decoders::charsets::map::charset_decoder;
use mail_parser::decoders::hex::decode_hex;

/// `böt.png` of `attachment; filename*0*=utf-8''b%C3; filename*1*=%B6t.png`, with `filename` as the name. `None` if the parameter
/// is not there, or is whole.
pub(super) fn joined(header: &str, name: &str) -> Option<String> {
    let mut pieces = BTreeMap::new();
    for parameter in parameters(header) {
        let Some((key, value)) = parameter.split_once('=') else { continue };
        let key = key.trim().to_ascii_lowercase();
        let Some(number) = key.strip_prefix(name).and_then(|rest| rest.strip_prefix('*')) else { continue };
        let (number, is_encoded) = number.strip_suffix('*').map_or((number, false), |number| (number, true));
        if let Ok(number) = number.parse::<usize>() {
            pieces.entry(number).or_insert((unquoted(value.trim()), is_encoded));
        }
    }
    let mut charset = String::new();
    let mut bytes = Vec::new();
    // What stands behind a piece that is missing belongs to nothing.
    let whole = pieces.into_iter().enumerate().take_while(|(position, (number, _))| position == number);
    for (position, (_, (piece, is_encoded))) in whole {
        if !is_encoded {
            bytes.extend(piece.bytes());
            continue;
        }
        let mut coded = piece.as_str();
        if position == 0
            && let [set, _, rest] = *piece.splitn(3, '\'').collect::<Vec<_>>()
        {
            set.clone_into(&mut charset);
            coded = rest;
        }
        match decode_hex(coded.as_bytes()) {
            (true, decoded) => bytes.extend(decoded),
            (false, _) => bytes.extend(coded.bytes()),
        }
    }
    let text = charset_decoder(charset.as_bytes())
        .map_or_else(|| String::from_utf8_lossy(&bytes).into_owned(), |decode| decode(&bytes));
    Some(text).filter(|text| !text.is_empty())
}

/// What stands between semicolons that are not quoted.
fn parameters(header: &str) -> impl Iterator<Item = &str> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    header.split(move |character| {
        let escaped = std::mem::take(&mut is_escaped);
        match character {
            '\\' if is_quoted && !escaped => is_escaped = true,
            '"' if !escaped => is_quoted = !is_quoted,
            _ => {}
        }
        character == ';' && !is_quoted
    })
}

/// A value without its quotes.
fn unquoted(value: &str) -> String {
    let Some(inner) = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return value.to_owned();
    };
    let mut text = String::with_capacity(inner.len());
    let mut characters = inner.chars().filter(|character| !matches!(character, '\r' | '\n'));
    while let Some(character) = characters.next() {
        text.extend(if character == '\\' { characters.next() } else { Some(character) });
    }
    text
}
