//! Files with known headers as rows of upserts: a list of companies, and customers with their contact persons.
//!
//! The rows are variables of the API's own mutations, so that a file takes the same way as any other client.

mod companies;
mod customers;
mod quotes;

use serde_json::Value as Json;

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

/// Why a file cannot be loaded. Nothing of it was.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// Not CSV in UTF-8, or rows of different length.
    #[error("the file cannot be read: {0}")]
    Unreadable(#[from] csv::Error),
    /// The file ended before it was read.
    #[error("the file cannot be read: {0}")]
    Interrupted(#[from] std::io::Error),
    /// A quotation mark without its other one, which would swallow the rows behind it.
    #[error(
        "the file cannot be read: the quotation mark in line {line} is never closed, or text follows the closing one"
    )]
    Quote {
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

/// Reads a CSV file in UTF-8, with or without a byte order mark.
///
/// # Errors
/// [`LoadError`]
pub fn read(mut file: impl std::io::Read) -> Result<Vec<LoadRow>, LoadError> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    quotes::check(&bytes).map_err(|line| LoadError::Quote { line })?;
    let mut reader = csv::ReaderBuilder::new().from_reader(bytes.as_slice());
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
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record?;
        let line = record.position().map_or(0, csv::Position::line);
        let (account, contact) = row(&Line { headers: &headers, record: &record });
        rows.push(LoadRow { line, account, contact });
    }
    Ok(rows)
}

/// An object of the values that are there.
fn object<const N: usize>(values: [(&str, Option<Json>); N]) -> Json {
    values.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}
