//! Rows of separated cells. Written here because the usual parsers take any bytes for rows: a quotation mark that nobody
//! closes is to be a broken row, on its line, and not the rest of the file.

use std::io::{self, Read};

use memchr::{memchr, memchr3};

use super::text::{Text, line_ends};
use super::{Raw, Reader};
use crate::error::{RowError, RowErrorCode};
use crate::{Delimiter, FileError, Limits, guard};

/// Reads rows.
pub(crate) struct CsvReader<R> {
    text: Text<R>,
    delimiter: u8,
    guarded: bool,
    limits: Limits,
    /// Where each cell of the row begins, in the window.
    starts: Vec<usize>,
}

/// What ended a cell.
enum End {
    Delimiter,
    Row,
}

/// Why the cells of a row can't be told apart.
enum Trouble {
    Row(RowErrorCode, &'static str),
    Io(io::Error),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

const UNCLOSED: Trouble = Trouble::Row(RowErrorCode::BrokenQuote, "a quotation mark is not closed");
const AFTER_QUOTE: Trouble =
    Trouble::Row(RowErrorCode::BrokenQuote, "text follows the closing quotation mark of a cell");
const TOO_LONG: Trouble = Trouble::Row(RowErrorCode::RowTooLong, "the row is too long");

impl<R: Read> CsvReader<R> {
    /// Excel's first line `sep=;` is skipped.
    pub(crate) fn new(
        mut text: Text<R>,
        delimiter: Delimiter,
        guarded: bool,
        limits: Limits,
    ) -> io::Result<Self> {
        if separator_line(&mut text)?.is_some() {
            text.skip_line()?;
        }
        Ok(Self { text, delimiter: delimiter.byte(), guarded, limits, starts: Vec::new() })
    }

    /// All cells of the row that begins the window, and its size.
    fn row(&mut self) -> Result<(Vec<String>, usize, bool), Trouble> {
        let mut cells = Vec::new();
        let mut at = 0;
        let mut quoted = false;
        self.starts.clear();
        loop {
            // Cells may be empty, however many.
            if at > self.limits.row_bytes {
                return Err(TOO_LONG);
            }
            let mut cell = Vec::new();
            let is_quoted = self.text.byte(at)? == Some(b'"');
            quoted |= is_quoted;
            let (next, end) =
                if is_quoted { self.quoted(at + 1, &mut cell)? } else { self.plain(at, &mut cell)? };
            // What is too much is only looked at to be told.
            if cells.len() <= self.limits.columns || !cell.is_empty() {
                if cells.len() <= self.limits.columns {
                    self.starts.push(at);
                    cells.push(into_text(cell));
                } else if let Some(last) = cells.last_mut() {
                    *last = into_text(cell);
                }
            }
            at = next;
            if matches!(end, End::Row) {
                return Ok((cells, at, quoted));
            }
        }
    }

    fn plain(&mut self, at: usize, cell: &mut Vec<u8>) -> Result<(usize, End), Trouble> {
        let mut from = at;
        let end = loop {
            if let Some(end) = memchr3(self.delimiter, b'\n', b'\r', &self.text.window()[from..]) {
                break from + end;
            }
            from = self.text.window().len();
            if !self.room_for_more(from)? {
                break from;
            }
        };
        cell.extend_from_slice(&self.text.window()[at..end]);
        self.after(end)
    }

    fn quoted(&mut self, mut from: usize, cell: &mut Vec<u8>) -> Result<(usize, End), Trouble> {
        loop {
            let Some(quote) = memchr(b'"', &self.text.window()[from..]).map(|at| from + at) else {
                cell.extend_from_slice(&self.text.window()[from..]);
                from = self.text.window().len();
                if self.text.ended() || from > self.limits.row_bytes {
                    return Err(UNCLOSED);
                }
                self.text.more()?;
                continue;
            };
            cell.extend_from_slice(&self.text.window()[from..quote]);
            match self.text.byte(quote + 1)? {
                Some(b'"') => {
                    cell.push(b'"');
                    from = quote + 2;
                }
                Some(byte) if byte != self.delimiter && byte != b'\n' && byte != b'\r' => {
                    return Err(AFTER_QUOTE);
                }
                _ => return self.after(quote + 1),
            }
        }
    }

    /// What ends the cell that goes up to a place of the window, and where the next begins.
    fn after(&mut self, end: usize) -> Result<(usize, End), Trouble> {
        Ok(match self.text.byte(end)? {
            None => (end, End::Row),
            Some(byte) if byte == self.delimiter => (end + 1, End::Delimiter),
            Some(_) => (end + self.text.line_end(end)?, End::Row),
        })
    }

    fn room_for_more(&mut self, size: usize) -> Result<bool, Trouble> {
        if size > self.limits.row_bytes {
            return Err(TOO_LONG);
        }
        Ok(self.text.more()?)
    }

    /// Undecodable bytes in a row that is otherwise whole.
    fn undecodable(&self, size: usize) -> Option<(usize, RowError)> {
        let at = self.text.first_replaced(size)?;
        let column = self.starts.partition_point(|start| *start <= at).saturating_sub(1);
        Some((
            column,
            RowError::new(RowErrorCode::InvalidBytes, "bytes that are no characters of the file's encoding"),
        ))
    }
}

impl<R: Read> Reader for CsvReader<R> {
    fn next(&mut self) -> Result<Option<Raw>, FileError> {
        if self.text.byte(0)?.is_none() {
            return Ok(None);
        }
        let line = self.text.line;
        let (mut cells, size, quoted) = match self.row() {
            Ok((_, size, _)) if size > self.limits.row_bytes => {
                self.text.line += line_ends(&self.text.window()[..size]);
                self.text.consume(size);
                let error = RowError::new(RowErrorCode::RowTooLong, "the row is too long");
                return Ok(Some(Raw { line, cells: Err((None, error)) }));
            }
            Ok(row) => row,
            Err(Trouble::Io(error)) => return Err(error.into()),
            Err(Trouble::Row(code, message)) => {
                // The next line is a row again; what looked like its inside may be broken rows, too.
                let column = self.starts.len();
                self.text.skip_line()?;
                return Ok(Some(Raw { line, cells: Err((Some(column), RowError::new(code, message))) }));
            }
        };
        let undecodable = self.undecodable(size);
        if self.guarded {
            cells.iter_mut().for_each(guard::take_off);
        }
        self.text.line += if quoted { line_ends(&self.text.window()[..size]) } else { 1 };
        self.text.consume(size);
        let cells = undecodable.map_or(Ok(cells), |(column, error)| Err((Some(column), error)));
        Ok(Some(Raw { line, cells }))
    }

    fn bytes_read(&self) -> u64 {
        self.text.read
    }
}

/// The window ends between characters, and cells end at ASCII characters.
fn into_text(cell: Vec<u8>) -> String {
    String::from_utf8(cell).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// The delimiter that Excel's first line `sep=;` names.
pub(crate) fn separator_line<R: Read>(text: &mut Text<R>) -> io::Result<Option<u8>> {
    for (at, expected) in b"sep=".iter().enumerate() {
        if !text.byte(at)?.is_some_and(|byte| byte.eq_ignore_ascii_case(expected)) {
            return Ok(None);
        }
    }
    let Some(delimiter) = text.byte(4)? else { return Ok(None) };
    Ok(matches!(text.byte(5)?, None | Some(b'\r' | b'\n')).then_some(delimiter))
}
