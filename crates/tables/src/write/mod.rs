//! Rows into files, in the same memory however many there are.

mod csv;
mod jsonl;
mod vcard;
mod xlsx;

use std::io::{self, Write};

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::list;
use crate::spool::hexadecimal;

/// What kind of file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum OutputFormat {
    /// UTF-8 with commas, by RFC 4180. Texts that a spreadsheet would take for formulas get an apostrophe.
    Csv {
        /// Whether a byte order mark begins it, without which Excel takes it for another encoding.
        byte_order_mark: bool,
    },
    /// An Excel workbook; what does not fit on a sheet goes on in further ones.
    Xlsx,
    /// A card of version 4.0 per row; columns are those of the README.
    Vcard,
    /// An object per line.
    Jsonl,
}

/// What a cell holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing.
    Null,
    /// A text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number with exact decimals, as text (`12.50`).
    Decimal(String),
    /// Yes or no.
    Boolean(bool),
    /// A day.
    Date(NaiveDate),
    /// A point in time; workbooks have it in UTC and do not say so.
    Instant(DateTime<Utc>),
    /// Several texts.
    List(Vec<String>),
}

impl Value {
    /// As one text: what a cell of CSV has, before the guard against formulas.
    pub fn to_text(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Text(text) | Self::Decimal(text) => text.clone(),
            Self::Integer(number) => number.to_string(),
            Self::Boolean(value) => value.to_string(),
            Self::Date(date) => date.to_string(),
            Self::Instant(instant) => instant.to_rfc3339_opts(SecondsFormat::AutoSi, true),
            Self::List(items) => list::join(items),
        }
    }
}

/// Why a file can't be written. What has been written by then is no whole file.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The place it is written to fails.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A row has not as many values as there are columns.
    #[error("row {row} has {found} values for {expected} columns")]
    Columns {
        /// The row, from 1.
        row: u64,
        /// Its values.
        found: usize,
        /// Columns.
        expected: usize,
    },
    /// A value that the format can't hold, such as a text in a workbook that is longer than 32,767 characters.
    #[error("row {row}, column {column:?}: {message}")]
    Value {
        /// The row, from 1.
        row: u64,
        /// The column's name.
        column: String,
        /// Why not.
        message: String,
    },
    /// Cards have no such column.
    #[error("cards have no column {0:?}")]
    UnknownColumn(String),
    /// Writing has failed before, or the workbook can't be made.
    #[error("the file can't be written: {0}")]
    Broken(String),
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Rows without that of the names.
    pub rows: u64,
    /// Size of the file.
    pub bytes: u64,
    /// SHA-256 of the file, in hexadecimal digits.
    pub sha256: String,
}

/// Writes a file row by row. Only [`finish`](Self::finish) makes it whole.
#[must_use]
pub struct TableWriter<W: Write + Send> {
    out: Sealed<W>,
    format: Writer,
    columns: Vec<String>,
    rows: u64,
    failed: bool,
}

/// Writes rows in one format.
enum Writer {
    Csv,
    Xlsx(Box<xlsx::Workbook>),
    Vcard(vcard::Cards),
    Jsonl(jsonl::Objects),
}

impl<W: Write + Send> TableWriter<W> {
    /// A writer to `out`, which should be buffered. Of a workbook nothing is written before [`finish`](Self::finish): rows
    /// wait in a temporary file.
    ///
    /// # Errors
    /// If `out` fails, or cards have no such columns.
    pub fn new(format: OutputFormat, out: W, columns: Vec<String>) -> Result<Self, WriteError> {
        let mut out = Sealed { inner: out, bytes: 0, sum: Sha256::new() };
        let format = match format {
            OutputFormat::Csv { byte_order_mark } => {
                csv::begin(&mut out, byte_order_mark, &columns)?;
                Writer::Csv
            }
            OutputFormat::Xlsx => Writer::Xlsx(Box::new(xlsx::Workbook::new(&columns)?)),
            OutputFormat::Vcard => Writer::Vcard(vcard::Cards::new(&columns)?),
            OutputFormat::Jsonl => Writer::Jsonl(jsonl::Objects::new(&columns)?),
        };
        Ok(Self { out, format, columns, rows: 0, failed: false })
    }

    /// Writes a row, a value for each column.
    ///
    /// # Errors
    /// If there are more or fewer values, one does not fit the format, or `out` fails; then nothing more can be written.
    pub fn write_row(&mut self, values: &[Value]) -> Result<(), WriteError> {
        if self.failed {
            return Err(WriteError::Broken("a row before failed".to_owned()));
        }
        self.rows += 1;
        let result = self.write(values);
        self.failed = result.is_err();
        result
    }

    fn write(&mut self, values: &[Value]) -> Result<(), WriteError> {
        let (row, expected) = (self.rows, self.columns.len());
        if values.len() != expected {
            return Err(WriteError::Columns { row, found: values.len(), expected });
        }
        match &mut self.format {
            Writer::Csv => Ok(csv::row(&mut self.out, values)?),
            Writer::Jsonl(objects) => Ok(objects.row(&mut self.out, values)?),
            Writer::Vcard(cards) => Ok(cards.row(&mut self.out, values)?),
            Writer::Xlsx(workbook) => workbook.row(values).map_err(|failed| match failed {
                xlsx::Failed::Value(at, message) => {
                    WriteError::Value { row, column: self.columns[at].clone(), message }
                }
                xlsx::Failed::Workbook(error) => error,
            }),
        }
    }

    /// Writes what is left and gives `out` back.
    ///
    /// # Errors
    /// If `out` fails, or a row has failed before.
    pub fn finish(mut self) -> Result<(Summary, W), WriteError> {
        if self.failed {
            return Err(WriteError::Broken("a row failed".to_owned()));
        }
        if let Writer::Xlsx(workbook) = self.format {
            workbook.save(&mut self.out)?;
        }
        self.out.flush()?;
        let sha256 = hexadecimal(&self.out.sum.finalize());
        Ok((Summary { rows: self.rows, bytes: self.out.bytes, sha256 }, self.out.inner))
    }
}

/// Counts and sums up what goes through.
struct Sealed<W> {
    inner: W,
    bytes: u64,
    sum: Sha256,
}

impl<W: Write> Write for Sealed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let size = self.inner.write(bytes)?;
        self.sum.update(&bytes[..size]);
        self.bytes += size as u64;
        Ok(size)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
