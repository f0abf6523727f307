//! Each format as rows of cells.

mod csv;
mod header;
mod jsonl;
mod text;
mod vcard;
mod xlsx;

use std::fs::File;
use std::path::Path;

pub(crate) use self::csv::{CsvReader, separator_line};
pub(crate) use self::header::looks_like_names;
pub(crate) use self::text::Text;
pub(crate) use self::xlsx::{Package, SheetReader};
use crate::error::RowError;
use crate::{FileError, Format, Limits};

/// A row as it stands in the file.
pub(crate) struct Raw {
    /// The line on which it begins, as an editor counts, or the row of the sheet; from 1.
    pub(crate) line: u64,
    /// Its cells, or what is wrong and in which column.
    pub(crate) cells: Result<Vec<String>, (Option<usize>, RowError)>,
}

impl Raw {
    fn is_empty(&self) -> bool {
        matches!(&self.cells, Ok(cells) if cells.iter().all(|cell| cell.trim().is_empty()))
    }
}

/// Gives rows, one after the other.
pub(crate) trait Reader {
    /// The next row; `None` after the last.
    fn next(&mut self) -> Result<Option<Raw>, FileError>;

    /// How much of the file has been read, for the progress.
    fn bytes_read(&self) -> u64;
}

/// A file's columns and rows.
pub(crate) struct Table {
    pub(crate) columns: Vec<String>,
    reader: Box<dyn Reader>,
    /// A row that was read to know the columns and is none of names.
    first: Option<Raw>,
    /// Bytes of what is read: of the file, or of the unpacked sheet.
    pub(crate) bytes: u64,
}

impl Table {
    /// Reads as much as is needed to know the columns: of cards and JSON the whole file.
    pub(crate) fn open(path: &Path, format: &Format, limits: Limits) -> Result<Self, FileError> {
        let bytes = std::fs::metadata(path)?.len();
        match format {
            Format::Csv { encoding, delimiter, header, guarded } => {
                let text = Text::new(File::open(path)?, *encoding);
                let reader = CsvReader::new(text, *delimiter, *guarded, limits)?;
                Self::named(Box::new(reader), bytes, *header, limits)
            }
            Format::Xlsx { sheet, header, .. } => {
                let mut package = Package::open(path, limits)?;
                let reader = SheetReader::open(&mut package, sheet, limits)?;
                let bytes = reader.size;
                Self::named(Box::new(reader), bytes, *header, limits)
            }
            Format::Vcard { encoding } => {
                let (columns, reader) = vcard::open(path, *encoding, limits)?;
                Ok(Self { columns, reader: Box::new(reader), first: None, bytes })
            }
            Format::Jsonl { encoding } => {
                let (columns, reader) = jsonl::open(path, *encoding, limits)?;
                Ok(Self { columns, reader: Box::new(reader), first: None, bytes })
            }
        }
    }

    /// A table whose first row says what columns there are.
    fn named(
        mut reader: Box<dyn Reader>,
        bytes: u64,
        header: bool,
        limits: Limits,
    ) -> Result<Self, FileError> {
        let first = loop {
            match reader.next()? {
                None => return Err(FileError::Empty),
                Some(row) if row.is_empty() => {}
                Some(row) => break row,
            }
        };
        let line = first.line;
        let cells = match &first.cells {
            Ok(cells) => cells,
            Err((_, error)) => return Err(FileError::Header { line, error: error.clone() }),
        };
        if cells.len() > limits.columns {
            return Err(FileError::TooManyColumns { most: limits.columns });
        }
        let names = if header { cells.clone() } else { vec![String::new(); cells.len()] };
        let columns = header::unique(&names, limits.name_characters);
        Ok(Self { columns, reader, first: (!header).then_some(first), bytes })
    }

    /// The next row that is not empty.
    pub(crate) fn next(&mut self) -> Result<Option<Raw>, FileError> {
        if let Some(row) = self.first.take() {
            return Ok(Some(row));
        }
        loop {
            match self.reader.next()? {
                Some(row) if row.is_empty() => {}
                row => return Ok(row),
            }
        }
    }

    pub(crate) fn bytes_read(&self) -> u64 {
        self.reader.bytes_read()
    }
}
