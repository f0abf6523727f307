//! An object of JSON per line.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use indexmap::{IndexMap, IndexSet};
use serde_json::value::RawValue;

use super::text::Text;
use super::{Raw, Reader};
use crate::error::{RowError, RowErrorCode};
use crate::{Encoding, FileError, Limits, list};

/// Objects within objects that become columns of their own; deeper ones stay JSON in one cell.
const MOST_LEVELS: usize = 8;

/// Names and cells of an object, or what is wrong with it.
type Fields = Result<Vec<(String, String)>, RowError>;

/// Reads rows whose columns are known.
pub(crate) struct JsonlReader<R> {
    lines: Lines<R>,
    columns: IndexSet<String>,
}

/// A reader, after a first look at the whole file for its columns.
pub(crate) fn open(
    path: &Path,
    encoding: Encoding,
    limits: Limits,
) -> Result<(Vec<String>, JsonlReader<File>), FileError> {
    let lines = || Ok::<_, FileError>(Lines { text: Text::new(File::open(path)?, encoding), limits });
    let mut columns = IndexSet::new();
    let mut first = lines()?;
    let mut is_empty = true;
    while let Some((_, fields)) = first.next()? {
        is_empty = false;
        for (name, _) in fields.into_iter().flatten() {
            columns.insert(name);
        }
        if columns.len() > limits.columns {
            return Err(FileError::TooManyColumns { most: limits.columns });
        }
    }
    if is_empty {
        return Err(FileError::Empty);
    }
    Ok((columns.iter().cloned().collect(), JsonlReader { lines: lines()?, columns }))
}

impl<R: Read> Reader for JsonlReader<R> {
    fn next(&mut self) -> Result<Option<Raw>, FileError> {
        let Some((line, fields)) = self.lines.next()? else { return Ok(None) };
        let cells = fields.map_err(|error| (None, error)).map(|fields| {
            let mut cells = Vec::new();
            for (name, cell) in fields {
                if let Some(at) = self.columns.get_index_of(&name) {
                    cells.resize(cells.len().max(at + 1), String::new());
                    cells[at] = cell;
                }
            }
            cells
        });
        Ok(Some(Raw { line, cells }))
    }

    fn bytes_read(&self) -> u64 {
        self.lines.text.read
    }
}

struct Lines<R> {
    text: Text<R>,
    limits: Limits,
}

impl<R: Read> Lines<R> {
    /// The next line that is not blank, with its number.
    fn next(&mut self) -> Result<Option<(u64, Fields)>, FileError> {
        while let Some(line) = self.text.peek_line(self.limits.row_bytes)? {
            let number = self.text.line;
            if !line.whole {
                self.text.skip_line()?;
                let error = RowError::new(RowErrorCode::RowTooLong, "the line is too long");
                return Ok(Some((number, Err(error))));
            }
            let text = &self.text.window()[..line.length];
            if text.trim_ascii().is_empty() {
                self.text.skip_line()?;
                continue;
            }
            let fields = if self.text.first_replaced(line.length).is_some() {
                Err(RowError::new(
                    RowErrorCode::InvalidBytes,
                    "bytes that are no characters of the file's encoding",
                ))
            } else {
                self.fields(text)
            };
            self.text.consume(line.size);
            self.text.line += 1;
            return Ok(Some((number, fields)));
        }
        Ok(None)
    }

    fn fields(&self, line: &[u8]) -> Fields {
        let object = match serde_json::from_slice::<IndexMap<String, &RawValue>>(line) {
            Ok(object) => object,
            Err(_) if serde_json::from_slice::<&RawValue>(line).is_ok() => {
                return Err(RowError::new(RowErrorCode::NotAnObject, "the line is no JSON object"));
            }
            Err(error) => return Err(RowError::new(RowErrorCode::InvalidJson, error.to_string())),
        };
        let mut fields = Vec::new();
        flatten("", object, 1, &mut fields);
        match fields.iter().find(|(name, _)| name.chars().count() > self.limits.name_characters) {
            Some(_) => Err(RowError::new(RowErrorCode::NameTooLong, "a name is too long")),
            None => Ok(fields),
        }
    }
}

/// Objects within by their names with dots, lists as [`list::join`] does. Numbers stay as they are written.
fn flatten(
    path: &str,
    object: IndexMap<String, &RawValue>,
    level: usize,
    fields: &mut Vec<(String, String)>,
) {
    for (name, value) in object {
        let name = if path.is_empty() { name } else { format!("{path}.{name}") };
        let json = value.get();
        if json.starts_with('{')
            && level < MOST_LEVELS
            && let Ok(inner) = serde_json::from_str::<IndexMap<String, &RawValue>>(json)
        {
            flatten(&name, inner, level + 1, fields);
            continue;
        }
        fields.push((name, cell(json)));
    }
}

fn cell(json: &str) -> String {
    if json.starts_with('[')
        && let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(json)
        && !items.iter().any(|item| item.get().starts_with(['[', '{']))
    {
        return list::join(items.into_iter().map(|item| scalar(item.get())));
    }
    scalar(json)
}

fn scalar(json: &str) -> String {
    if json == "null" {
        return String::new();
    }
    if json.starts_with('"') {
        // A lone surrogate is valid JSON and no text.
        return serde_json::from_str(json).unwrap_or_else(|_| json.to_owned());
    }
    json.to_owned()
}
