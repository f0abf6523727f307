//! Which column of a file is which field: pure.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use shoal_graphql::error::FieldError;
use shoal_graphql::message;
use shoal_graphql::value::{Choice as _, Input, InputMap};

use super::convert::{self, Writing};
use super::field::{ID, Leaf, pattern_of};
use super::kind::ImportKind;

/// A field, and where its value comes from: a column, or the same text for all rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mapped {
    /// The field, with positions in lists: `emails.0.address`.
    pub field: String,
    /// The column's name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub column: Option<String>,
    /// The text of all rows.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub value: Option<String>,
    /// By which key the cells name another record; by its id if absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub by: Option<String>,
    /// What is done where there is no such record.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub missing: Option<ImportMissing>,
}

shoal_graphql::choices! {
    /// What is done where a cell names a record that is not there.
    pub enum ImportMissing {
        /// The row is refused.
        Refuse => "REFUSE",
        /// The field stays as it is.
        Skip => "SKIP",
        /// The record is made.
        Create => "CREATE",
    }
}

impl Serialize for ImportMissing {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'d> Deserialize<'d> for ImportMissing {
    fn deserialize<D: serde::Deserializer<'d>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::from_code(&code).ok_or_else(|| serde::de::Error::custom("no such choice"))
    }
}

/// A mapping made ready for rows.
#[derive(Debug)]
pub struct Plan {
    sources: Vec<Source>,
    /// The references to look up.
    pub lookups: Vec<LookedUp>,
}

/// A reference to look up.
#[derive(Debug, Clone)]
pub struct LookedUp {
    /// The field.
    pub path: String,
    /// The key by which cells name the other record.
    pub by: String,
    /// What is done where there is none.
    pub missing: ImportMissing,
}

#[derive(Debug)]
struct Source {
    mapped: Mapped,
    path: Vec<String>,
    leaf: Leaf,
    /// The text is looked up later.
    is_lookup: bool,
    cell: Option<usize>,
}

/// What a row says.
#[derive(Debug, Default)]
pub struct Said {
    /// The record that it names by its id.
    pub id: Option<uuid::Uuid>,
    /// What it says of it.
    pub details: InputMap,
    /// References to look up: the path, the key, the text and the column.
    pub references: Vec<Lookup>,
    /// What cannot be read: with the name of the column.
    pub mistakes: Vec<FieldError>,
}

/// A record that a row names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup {
    /// The field.
    pub path: String,
    /// The key.
    pub by: String,
    /// The text.
    pub text: String,
}

impl Plan {
    /// Checks a mapping against the columns and the fields.
    ///
    /// # Errors
    /// What is wrong with it, with paths from `columns` on.
    pub fn new(kind: &ImportKind, columns: &[String], mapping: &[Mapped]) -> Result<Self, Vec<FieldError>> {
        let (mut errors, mut taken) = (Vec::new(), HashSet::new());
        let (mut sources, mut lookups) = (Vec::with_capacity(mapping.len()), Vec::new());
        for (position, mapped) in mapping.iter().enumerate() {
            match source(kind, columns, mapped) {
                Ok(source) if taken.insert(mapped.field.clone()) => {
                    if let Some(by) = mapped.by.clone().filter(|_| source.is_lookup) {
                        let missing = mapped.missing.unwrap_or(ImportMissing::Refuse);
                        lookups.push(LookedUp { path: mapped.field.clone(), by, missing });
                    }
                    sources.push(source);
                }
                Ok(_) => {
                    let message =
                        message!("import-field-twice", "another column is mapped to this field already");
                    errors.push(FieldError::new(
                        ["columns", &position.to_string(), "field"],
                        "FIELD_TWICE",
                        message,
                    ));
                }
                Err(error) => errors.push(error.under(position.to_string()).under("columns")),
            }
        }
        if errors.is_empty() { Ok(Self { sources, lookups }) } else { Err(errors) }
    }

    /// The column of a field, or of one below it.
    pub fn column_of(&self, path: &[String]) -> Option<&str> {
        let starts = |source: &&Source| source.path.starts_with(path) || path.starts_with(&source.path);
        let exact = self.sources.iter().find(|source| source.path == path);
        exact.or_else(|| self.sources.iter().find(starts))?.mapped.column.as_deref()
    }

    /// The fields at the top that are mapped.
    pub fn top_fields(&self) -> HashSet<&str> {
        self.sources.iter().filter_map(|source| source.path.first().map(String::as_str)).collect()
    }

    /// What a row says. Blank cells say nothing; an item of a list is there if a column says something of it beside a
    /// choice (a label), and what it must have is there.
    pub fn read(&self, kind: &ImportKind, cells: &[String], writing: Writing) -> Said {
        let mut said = Said::default();
        for source in &self.sources {
            let text = match (source.cell, &source.mapped.value) {
                (Some(cell), constant) => {
                    match cells.get(cell).map(|text| text.trim()).filter(|text| !text.is_empty()) {
                        Some(text) => text,
                        None => match constant {
                            Some(constant) => constant,
                            None => continue,
                        },
                    }
                }
                (None, Some(constant)) => constant,
                (None, None) => continue,
            };
            if source.is_lookup {
                let by = source.mapped.by.clone().unwrap_or_default();
                said.references.push(Lookup { path: source.mapped.field.clone(), by, text: text.to_owned() });
                continue;
            }
            match convert::value(text, source.leaf, writing, kind.words) {
                Ok(Input::Id(id)) if source.mapped.field == ID => said.id = Some(id),
                Ok(value) => put(&mut said.details, &source.path, value),
                Err(error) => said.mistakes.push(FieldError { path: source.path.clone(), ..error }),
            }
        }
        for (_, value) in &mut said.details.0 {
            split_items(value);
        }
        said.details.0.retain_mut(|(name, value)| keep_items(kind, name, value));
        said
    }
}

/// What stands between several values of one item in one cell, as Google Contacts writes them.
const BETWEEN: &str = ":::";

/// Makes several items of one whose cells have several values.
fn split_items(value: &mut Input) {
    let Input::List(items) = value else { return };
    let has_several = |item: &Input| match item {
        Input::Object(item) => {
            item.iter().any(|(_, leaf)| matches!(leaf, Input::Text(text) if text.contains(BETWEEN)))
        }
        _ => false,
    };
    if !items.iter().any(has_several) {
        return;
    }
    let split = |item: Input| {
        let Input::Object(InputMap(leaves)) = item else { return vec![item] };
        let texts = |leaf: &Input| match leaf {
            Input::Text(text) => text.split(BETWEEN).map(|text| text.trim().to_owned()).collect(),
            _ => Vec::new(),
        };
        let count = leaves.iter().map(|(_, leaf)| texts(leaf).len()).max().unwrap_or(1);
        let at = |position: usize| {
            let leaf = |(name, leaf): &(String, Input)| {
                let texts = texts(leaf);
                let several = texts.len() > 1;
                let value = if several { Input::Text(texts.get(position)?.clone()) } else { leaf.clone() };
                Some((name.clone(), value))
            };
            Input::Object(InputMap(leaves.iter().filter_map(leaf).collect()))
        };
        (0..count.max(1)).map(at).collect()
    };
    *items = std::mem::take(items).into_iter().flat_map(split).collect();
}

/// Drops items of lists that say nothing, and lists without items. Positions that files leave out close up.
fn keep_items(kind: &ImportKind, name: &str, value: &mut Input) -> bool {
    let Input::List(items) = value else { return true };
    if items.iter().all(|item| matches!(item, Input::Text(_))) {
        return !items.is_empty();
    }
    items.retain(|item| {
        let Input::Object(item) = item else { return false };
        let field = |leaf: &str| kind.fields.get(&format!("{name}.*.{leaf}"));
        let needed = kind.fields.iter().filter(|(path, field)| {
            field.required && path.starts_with(name) && path[name.len()..].starts_with(".*.")
        });
        let leaf_of = |path: &str| path[name.len() + 3..].to_owned();
        let complete = needed.map(|(path, _)| leaf_of(path)).all(|leaf| item.get(&leaf).is_some());
        let is_said = |leaf: &str| field(leaf).is_some_and(|field| !matches!(field.leaf, Leaf::Choice(_)));
        complete && item.iter().any(|(leaf, _)| is_said(leaf))
    });
    !items.is_empty()
}

fn source(kind: &ImportKind, columns: &[String], mapped: &Mapped) -> Result<Source, FieldError> {
    let cell = match &mapped.column {
        Some(column) => Some(columns.iter().position(|known| known == column).ok_or_else(|| {
            let message =
                message!("import-no-column", "the file has no column {column}", column = column.as_str());
            FieldError::new(["column"], "UNKNOWN_COLUMN", message)
        })?),
        None if mapped.value.is_some() => None,
        None => {
            let message = message!("import-no-source", "a column or a value is needed");
            return Err(FieldError::new(["column"], "REQUIRED", message));
        }
    };
    let unknown = || {
        let (field, record) = (mapped.field.as_str(), kind.record_type);
        let message =
            message!("import-no-field", "{record} has no field {field} that can be imported", record, field);
        FieldError::new(["field"], "UNKNOWN_FIELD", message)
    };
    let leaf = match pattern_of(&mapped.field).as_deref() {
        Some(ID) => Leaf::Id,
        Some(pattern) => kind.fields.get(pattern).ok_or_else(unknown)?.leaf,
        None => return Err(unknown()),
    };
    let reference = kind.reference(&mapped.field);
    let is_lookup = match (&mapped.by, reference) {
        (None, _) => false,
        (Some(by), Some(reference)) if ImportKind::key(&reference.keys, by).is_some() => true,
        (Some(by), _) => {
            let message = message!("import-no-key", "the cells cannot name it by {by}", by = by.as_str());
            return Err(FieldError::new(["by"], "UNKNOWN_KEY", message));
        }
    };
    let makes = reference.is_some_and(|reference| reference.make.is_some());
    let by_first =
        reference.and_then(|reference| reference.keys.first()).map(|key| key.name) == mapped.by.as_deref();
    if mapped.missing == Some(ImportMissing::Create) && !(makes && by_first) {
        let message = message!("import-no-make", "records cannot be made of what this column says");
        return Err(FieldError::new(["missing"], "UNSUPPORTED", message));
    }
    let path = mapped.field.split('.').map(str::to_owned).collect();
    Ok(Source { mapped: mapped.clone(), path, leaf, is_lookup, cell })
}

/// Puts a value at a path; positions that were not there before are empty objects.
pub(super) fn put(map: &mut InputMap, path: &[String], value: Input) {
    let [first, rest @ ..] = path else { return };
    let position = map.0.iter().position(|(name, _)| name == first).unwrap_or_else(|| {
        map.0.push((first.clone(), Input::Null));
        map.0.len() - 1
    });
    let place = &mut map.0[position].1;
    match rest {
        [] => *place = value,
        [index, leaf @ ..] if index.bytes().all(|byte| byte.is_ascii_digit()) => {
            if !matches!(place, Input::List(_)) {
                *place = Input::List(Vec::new());
            }
            if let (Input::List(items), Ok(index)) = (place, index.parse::<usize>()) {
                while items.len() <= index {
                    items.push(Input::Object(InputMap::default()));
                }
                if let Input::Object(item) = &mut items[index] {
                    put(item, leaf, value);
                }
            }
        }
        _ => {
            if !matches!(place, Input::Object(_)) {
                *place = Input::Object(InputMap::default());
            }
            if let Input::Object(object) = place {
                put(object, rest, value);
            }
        }
    }
}
