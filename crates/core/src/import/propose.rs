//! Which column may be which field, by what it is called: pure.

use std::collections::HashSet;

use super::field::{ID, pattern_of};
use super::kind::{ImportKind, Preset};
use super::mapping::{ImportMissing, Mapped};
use crate::value::fold;

/// What a file's columns may be.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Proposal {
    /// The program that wrote the file, if its columns are known.
    pub preset: Option<&'static str>,
    /// The columns with a field, in the order of the file.
    pub columns: Vec<Mapped>,
}

/// Columns of error files; nobody maps them.
pub const ERROR_COLUMNS: [&str; 4] = ["Error line", "Error code", "Error column", "Error message"];

/// Proposes a field for each column that can be told by its name: the preset's, else the field of that path or name.
pub fn propose(kind: &ImportKind, columns: &[String]) -> Proposal {
    let folded: HashSet<String> = columns.iter().map(|column| plain(column)).collect();
    let fits = |preset: &&Preset| preset.signature.iter().all(|column| folded.contains(&plain(column)));
    let preset = kind.presets.iter().find(fits);
    let mut taken = HashSet::new();
    let mut mapped = Vec::new();
    for column in columns.iter().filter(|column| !ERROR_COLUMNS.contains(&column.as_str())) {
        let field = match preset {
            Some(preset) => of_preset(preset, column),
            None => of_path(kind, column).or_else(|| of_name(kind, column)),
        };
        let Some(field) = field.filter(|field| taken.insert(field.clone())) else { continue };
        let reference = kind.reference(&field);
        let other = preset.and_then(|preset| preset.keys.iter().find(|(known, _)| *known == field));
        let first = reference.and_then(|reference| reference.keys.first()).map(|key| key.name);
        let by = other.map(|(_, key)| *key).or(first).map(str::to_owned);
        // Who names companies in a list of people means them to be there.
        let makes = other.is_none() && reference.is_some_and(|reference| reference.make.is_some());
        let missing = makes.then_some(ImportMissing::Create);
        mapped.push(Mapped { field, column: Some(column.clone()), value: None, by, missing });
    }
    for (field, value) in preset.map_or(&[][..], |preset| preset.values) {
        let item = field.rsplit_once('.').map_or(*field, |(item, _)| item);
        let has_item =
            taken.iter().any(|known| known.rsplit_once('.').is_some_and(|(known, _)| known == item));
        if has_item && !taken.contains(*field) {
            let (field, value) = ((*field).to_owned(), Some((*value).to_owned()));
            mapped.push(Mapped { field, column: None, value, by: None, missing: None });
        }
    }
    Proposal { preset: preset.map(|preset| preset.name), columns: mapped }
}

/// A name without case, accents, and what stands between words.
fn plain(name: &str) -> String {
    fold(name).chars().filter(|c| c.is_alphanumeric()).collect()
}

fn of_preset(preset: &Preset, column: &str) -> Option<String> {
    let column = plain(column);
    preset.columns.iter().find_map(|(known, field)| {
        let Some((before, after)) = known.split_once('#') else {
            return (plain(known) == column).then(|| (*field).to_owned());
        };
        let number = column.strip_prefix(&plain(before))?.strip_suffix(&plain(after))?;
        let number: usize = number.parse().ok().filter(|number| *number > 0)?;
        let field = field.replace('#', &(number - 1).to_string());
        pattern_of(&field).map(|_| field)
    })
}

fn of_path(kind: &ImportKind, column: &str) -> Option<String> {
    let column = column.trim();
    if column == ID {
        return Some(ID.to_owned());
    }
    let pattern = pattern_of(column)?;
    kind.fields.contains_key(&pattern).then(|| column.to_owned())
}

/// `E-mail 2` is the second of the e-mail addresses.
fn of_name(kind: &ImportKind, column: &str) -> Option<String> {
    let whole = plain(column);
    let bare = whole.trim_end_matches(|c: char| c.is_ascii_digit());
    let number: usize = whole[bare.len()..].parse().unwrap_or(1);
    let words = |path: &str| {
        let own = plain(path.rsplit_once(".*.").map_or(path, |(_, leaf)| leaf));
        let names = kind.names.iter().filter(|(known, _)| *known == path).flat_map(|(_, names)| *names);
        std::iter::once(own).chain(names.map(|name| plain(name))).collect::<Vec<_>>()
    };
    kind.fields.keys().find_map(|path| {
        let words = words(path);
        if words.contains(&whole) {
            return Some(path.replace('*', "0"));
        }
        let counted = path.contains('*') && number > 0 && words.iter().any(|word| word == bare);
        let field = path.replace('*', &number.saturating_sub(1).to_string());
        (counted && pattern_of(&field).as_deref() == Some(path)).then_some(field)
    })
}
