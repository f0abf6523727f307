//! Files with known headers as rows of upserts: a list of companies, and customers with their contact persons.
//!
//! The rows are variables of the API's own mutations, so that a file takes the same way as any other client.

mod companies;
mod customers;
mod line_ends;
mod quotes;

use std::io::{BufReader, Read, Seek};

use serde_json::Value as Json;

use line_ends::LineEnds;

/// A row of the file as the API takes it.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadRow {
    /// Line of the file, from 1 with the header.
    pub line: u64,
    /// `AccountUpsert`
    pub account: Json,
    /// `ContactUpsert` without its `accountId`, if the row names a person.
    pub contact: Option<Json>,
}

/// Why a file cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// Not CSV in UTF-8.
    #[error("the file cannot be read: {0}")]
    Unreadable(#[from] csv::Error),
    /// The file ended before it was read.
    #[error("the file cannot be read: {0}")]
    Interrupted(#[from] std::io::Error),
    /// It can be read once only, but is checked before it is loaded.
    #[error("the file cannot be read twice, such as a pipe; write its content to a file and load that")]
    Pipe,
    /// A quotation mark without its other one, which would swallow the rows behind it.
    #[error(
        "the file cannot be read: the quotation mark in line {line} is never closed, or text follows the closing one"
    )]
    Quote {
        /// Line of the file, from 1.
        line: u64,
    },
    /// A row with more or fewer values than the header.
    #[error("the file cannot be read: line {line} has {found} values, the header has {expected}")]
    Width {
        /// Line of the file, from 1.
        line: u64,
        /// Values of the row.
        found: usize,
        /// Columns of the header.
        expected: usize,
    },
    /// A character that no database takes.
    #[error("the file cannot be read: line {line} holds the character U+0000")]
    Nul {
        /// Line of the file, from 1.
        line: u64,
    },
    /// A header that no loader knows.
    #[error(
        "the columns are not known ({found}); known are lists of companies (Symbol, Security, …) and of customers \
         (CustomerID, CompanyName, …)"
    )]
    UnknownColumns {
        /// The columns of the file.
        found: String,
    },
}

/// One line of a file, by column.
struct Line<'r> {
    headers: &'r csv::StringRecord,
    record: &'r csv::StringRecord,
}

impl Line<'_> {
    /// The trimmed value of a column, `None` if it is empty or not there.
    fn get(&self, column: &str) -> Option<&str> {
        let position = self.headers.iter().position(|header| header.trim() == column)?;
        self.record.get(position).map(str::trim).filter(|value| !value.is_empty() && *value != "NULL")
    }
}

/// Reads a file to its end before anything of it is loaded: how many rows it has. The file is at its start again.
///
/// # Errors
/// [`LoadError`]
pub fn check(file: &mut (impl Read + Seek)) -> Result<u64, LoadError> {
    file.rewind().map_err(|_| LoadError::Pipe)?;
    quotes::check(BufReader::new(&mut *file))?;
    file.rewind()?;
    let mut rows = Rows::new(&mut *file)?;
    let mut count = 0;
    while let Some(line) = rows.advance()? {
        if rows.record.iter().any(|value| value.contains('\0')) {
            return Err(LoadError::Nul { line });
        }
        count += 1;
    }
    file.rewind()?;
    Ok(count)
}

/// The rows of a CSV file in UTF-8, with or without a byte order mark. Only the row at hand is in memory.
#[derive(Debug)]
pub struct Rows<R> {
    reader: csv::Reader<LineEnds<BufReader<R>>>,
    headers: csv::StringRecord,
    record: csv::StringRecord,
    row: fn(&Line<'_>) -> (Json, Option<Json>),
}

impl<R: Read> Rows<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// [`LoadError`]
    pub fn new(file: R) -> Result<Self, LoadError> {
        let file = LineEnds::new(BufReader::new(file));
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(file);
        let mut headers = reader.headers()?.clone();
        if let Some(first) = headers.get(0).and_then(|first| first.strip_prefix('\u{feff}')) {
            let rest = headers.iter().skip(1);
            headers = std::iter::once(first).chain(rest).collect();
        }
        let has = |column: &str| headers.iter().any(|header| header.trim() == column);
        let row = if has("Symbol") && has("Security") {
            companies::row
        } else if has("CustomerID") && has("CompanyName") {
            customers::row
        } else {
            let found = headers.iter().take(12).collect::<Vec<_>>().join(", ");
            return Err(LoadError::UnknownColumns { found });
        };
        Ok(Self { reader, headers, record: csv::StringRecord::new(), row })
    }

    /// Reads the next row: the line it begins at, `None` at the end.
    fn advance(&mut self) -> Result<Option<u64>, LoadError> {
        if !self.reader.read_record(&mut self.record)? {
            return Ok(None);
        }
        // The library tells where it began to look for the row, which empty lines may precede. Behind the row it stands
        // at the start of a line.
        let inside: usize = self.record.iter().map(|value| value.matches('\n').count()).sum();
        let line = self.reader.position().line().saturating_sub(1 + inside as u64);
        let (found, expected) = (self.record.len(), self.headers.len());
        if found == expected { Ok(Some(line)) } else { Err(LoadError::Width { line, found, expected }) }
    }
}

impl<R: Read> Iterator for Rows<R> {
    type Item = Result<LoadRow, LoadError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.advance() {
            Ok(Some(line)) => {
                let (account, contact) = (self.row)(&Line { headers: &self.headers, record: &self.record });
                Some(Ok(LoadRow { line, account, contact }))
            }
            Ok(None) => None,
            Err(error) => Some(Err(error)),
        }
    }
}

/// An object of the values that are there.
fn object<const N: usize>(values: [(&str, Option<Json>); N]) -> Json {
    values.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}
