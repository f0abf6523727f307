//! The spool: a file's rows as lines of JSON, in UTF-8, whatever the file was. It is read from any line on, so that an
//! import goes on where it stopped.
//!
//! ```text
//! {"columns":["Name","E-mail"]}
//! {"row":1,"line":2,"cells":["Li Lei","li@example.com"]}
//! {"row":2,"line":3,"error":{"code":"BROKEN_QUOTE","column":"Name","message":"a quotation mark is not closed"}}
//! ```
//! Empty cells at the end of a row are left out.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufRead, Read, Seek, SeekFrom, Write};
use std::ops::ControlFlow;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::{RowError, RowErrorCode};
use crate::read::{Raw, Table};
use crate::{FileError, Format, Limits};

/// Rows between two reports of the progress.
const REPORT_EVERY: u64 = 1_000;

/// How far a file has been read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// Bytes that have been read, of a workbook those of the unpacked sheet.
    pub read: u64,
    /// Bytes that there are to read.
    pub bytes: u64,
    /// Rows so far, good and bad ones.
    pub rows: u64,
    /// Bad rows so far.
    pub bad_rows: u64,
}

/// What [`spool`] wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Spooled {
    /// Names of the columns, each once.
    pub columns: Vec<String>,
    /// Rows, good and bad ones; empty ones are no rows.
    pub rows: u64,
    /// Rows that can't be read.
    pub bad_rows: u64,
    /// SHA-256 of the file, in hexadecimal digits.
    pub sha256: String,
}

/// The first line.
#[derive(Serialize, Deserialize)]
struct Head {
    columns: Vec<String>,
}

/// Another line.
#[derive(Serialize, Deserialize)]
struct Line {
    #[serde(rename = "row")]
    number: u64,
    #[serde(rename = "line")]
    place: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cells: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<RowError>,
}

/// Reads a file in bounded memory and writes its rows to `out` (give a buffered one). Rows that can't be read become errors
/// and don't stop the others. `report` is told how far it is and may stop it.
///
/// # Errors
/// What is wrong with the file as a whole, above all its header; [`FileError::Stopped`] if `report` said so; what writing
/// says. Then `out` has a part of the rows.
pub fn spool(
    source: &Path,
    format: &Format,
    limits: Limits,
    out: impl Write,
    report: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Spooled, FileError> {
    let sha256 = hash(source)?;
    let mut out = Bounded { inner: out, left: limits.spool_bytes, most: limits.spool_bytes };
    let mut table = Table::open(source, format, limits)?;
    let columns = std::mem::take(&mut table.columns);
    out.line(&Head { columns: columns.clone() })?;
    let mut progress = Progress { bytes: table.bytes, ..Progress::default() };
    while let Some(row) = table.next()? {
        progress.rows += 1;
        let line = checked(row, progress.rows, &columns, limits);
        progress.bad_rows += u64::from(line.error.is_some());
        out.line(&line)?;
        if progress.rows.is_multiple_of(REPORT_EVERY) {
            progress.read = table.bytes_read();
            tell(report, progress)?;
        }
    }
    out.inner.flush()?;
    tell(report, Progress { read: progress.bytes, ..progress })?;
    Ok(Spooled { columns, rows: progress.rows, bad_rows: progress.bad_rows, sha256 })
}

fn tell(report: &mut dyn FnMut(Progress) -> ControlFlow<()>, progress: Progress) -> Result<(), FileError> {
    match report(progress) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(FileError::Stopped),
    }
}

/// The line of a row, with what is asked of the rows of every format.
fn checked(raw: Raw, number: u64, columns: &[String], limits: Limits) -> Line {
    let checked = raw.cells.and_then(|cells| check(cells, columns.len(), limits));
    let (cells, error) = match checked {
        Ok(cells) => (Some(cells), None),
        Err((column, error)) => (None, Some(error.in_column(column.and_then(|at| columns.get(at))))),
    };
    Line { number, place: raw.line, cells, error }
}

fn check(
    mut cells: Vec<String>,
    columns: usize,
    limits: Limits,
) -> Result<Vec<String>, (Option<usize>, RowError)> {
    while cells.last().is_some_and(String::is_empty) {
        cells.pop();
    }
    if cells.len() > columns && cells[columns..].iter().all(|cell| cell.trim().is_empty()) {
        cells.truncate(columns);
    }
    if cells.len() > columns {
        let message = format!("the row has cells behind the last of the {columns} columns");
        return Err((None, RowError::new(RowErrorCode::TooManyCells, message)));
    }
    for (at, cell) in cells.iter().enumerate() {
        if cell.len() > limits.cell_bytes {
            let message = format!("the cell has more than {} bytes", limits.cell_bytes);
            return Err((Some(at), RowError::new(RowErrorCode::CellTooLong, message)));
        }
        if cell.contains('\0') {
            let message = "the cell has the character U+0000";
            return Err((Some(at), RowError::new(RowErrorCode::NulCharacter, message)));
        }
    }
    Ok(cells)
}

/// SHA-256 of a file, in hexadecimal digits.
fn hash(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut sum = Sha256::new();
    let mut block = vec![0; 256 << 10];
    loop {
        match file.read(&mut block) {
            Ok(0) => return Ok(hexadecimal(&sum.finalize())),
            Ok(size) => sum.update(&block[..size]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Formatting into a string can't fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Writes lines until there are too many bytes.
struct Bounded<W> {
    inner: W,
    left: u64,
    most: u64,
}

impl<W: Write> Bounded<W> {
    fn line(&mut self, line: &impl Serialize) -> Result<(), FileError> {
        let mut text = serde_json::to_vec(line).map_err(io::Error::from)?;
        text.push(b'\n');
        let Some(left) = self.left.checked_sub(text.len() as u64) else {
            return Err(FileError::TooLarge { what: "what the rows of the file need", most: self.most });
        };
        self.left = left;
        Ok(self.inner.write_all(&text)?)
    }
}

/// A row of a spool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// From 1, the first after the header; empty rows are not counted.
    pub number: u64,
    /// The line of the file on which it begins, as an editor counts; the row of a sheet.
    pub line: u64,
    /// One for each column, or why there are none.
    pub cells: Result<Vec<String>, RowError>,
    /// Where the next row begins in the spool, in bytes.
    pub end_offset: u64,
}

impl Row {
    /// The row of a line of the spool behind the first, for whoever reads it in pieces: of so many columns, and where the next
    /// line begins.
    ///
    /// # Errors
    /// If it is no line of a spool.
    pub fn parse(line: &[u8], columns: usize, end_offset: u64) -> io::Result<Self> {
        let line: Line = serde_json::from_slice(line)?;
        let cells = match (line.cells, line.error) {
            (_, Some(error)) => Err(error),
            (cells, None) => {
                let mut cells = cells.unwrap_or_default();
                cells.resize(columns, String::new());
                Ok(cells)
            }
        };
        Ok(Self { number: line.number, line: line.place, cells, end_offset })
    }
}

/// Reads a spool, from the first row or from an [`end_offset`](Row::end_offset).
pub struct SpoolReader<R> {
    spool: R,
    columns: Vec<String>,
    offset: u64,
    line: Vec<u8>,
}

impl<R: BufRead + Seek> SpoolReader<R> {
    /// A reader of all rows.
    ///
    /// # Errors
    /// If it can't be read, or is no spool.
    pub fn new(mut spool: R) -> io::Result<Self> {
        let mut line = Vec::new();
        let offset = spool.read_until(b'\n', &mut line)? as u64;
        let head: Head = serde_json::from_slice(&line)?;
        Ok(Self { spool, columns: head.columns, offset, line })
    }

    /// A reader of the rows from an offset on, which a row before gave as its end.
    ///
    /// # Errors
    /// If it can't be read, or is no spool.
    pub fn at(spool: R, offset: u64) -> io::Result<Self> {
        let mut reader = Self::new(spool)?;
        reader.offset = reader.spool.seek(SeekFrom::Start(offset.max(reader.offset)))?;
        Ok(reader)
    }

    /// Names of the columns.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    fn row(&mut self) -> io::Result<Option<Row>> {
        self.line.clear();
        let size = self.spool.read_until(b'\n', &mut self.line)?;
        if size == 0 {
            return Ok(None);
        }
        if self.line.last() != Some(&b'\n') {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the spool ends within a row"));
        }
        self.offset += size as u64;
        Row::parse(&self.line, self.columns.len(), self.offset).map(Some)
    }
}

impl<R: BufRead + Seek> Iterator for SpoolReader<R> {
    type Item = io::Result<Row>;

    fn next(&mut self) -> Option<Self::Item> {
        self.row().transpose()
    }
}
