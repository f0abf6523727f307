//! What is wrong with a file, and what is wrong with one of its rows.

use std::io;

use serde::{Deserialize, Serialize};

/// Why a whole file is refused. The text says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// There is nothing in it but, perhaps, a byte order mark and blanks.
    #[error("the file is empty")]
    Empty,
    /// It is a file of a known other kind.
    #[error("this is {what}; {advice}")]
    Unsupported {
        /// What the file is, with its article.
        what: &'static str,
        /// What to do.
        advice: &'static str,
    },
    /// A spreadsheet that opens with a password only.
    #[error("the file is protected by a password; save it without one")]
    Protected,
    /// It says what it is and is not whole.
    #[error("the file is damaged ({0}); save it again, or save it as CSV")]
    Broken(String),
    /// The row with the names of the columns can't be read.
    #[error("the names of the columns on line {line} can't be read: {error}")]
    Header {
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        error: RowError,
    },
    /// There is not one whole card, as in a file that was cut off.
    #[error("no card in the file is whole; what begins on line {line} cannot be read: {error}")]
    NoCard {
        /// The first line of what is no card, from 1.
        line: u64,
        /// What is wrong with it.
        error: RowError,
    },
    /// More columns than [`Limits::columns`](crate::Limits::columns).
    #[error("the file has more than {most} columns; leave out those that are not needed")]
    TooManyColumns {
        /// How many there may be.
        most: usize,
    },
    /// It unpacks to more, or its rows need more room, than a limit allows.
    #[error("{what} is larger than {most} bytes; save it as CSV, in parts if need be")]
    TooLarge {
        /// Which part of the file.
        what: &'static str,
        /// How many bytes there may be.
        most: u64,
    },
    /// The workbook has no such sheet.
    #[error("there is no sheet {0:?} in the workbook")]
    NoSuchSheet(String),
    /// Whoever watches the progress wanted no more.
    #[error("stopped")]
    Stopped,
    /// The file, or the place where the rows go, can't be read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl FileError {
    /// Stays the same when the text changes.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "EMPTY_FILE",
            Self::Unsupported { .. } => "UNSUPPORTED_FILE",
            Self::Protected => "PROTECTED_FILE",
            Self::Broken(_) => "BROKEN_FILE",
            Self::Header { .. } => "BROKEN_HEADER",
            Self::NoCard { .. } => "NO_CARD",
            Self::TooManyColumns { .. } => "TOO_MANY_COLUMNS",
            Self::TooLarge { .. } => "FILE_TOO_LARGE",
            Self::NoSuchSheet(_) => "NO_SUCH_SHEET",
            Self::Stopped => "STOPPED",
            Self::Io(_) => "IO",
        }
    }

    pub(crate) fn broken(reason: impl Into<Box<dyn std::error::Error>>) -> Self {
        Self::Broken(reason.into().to_string())
    }
}

/// Why one row can't be read; the others can.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct RowError {
    /// Stays the same when the text changes.
    pub code: RowErrorCode,
    /// Name of the column, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// For people.
    pub message: String,
}

/// What can be wrong with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RowErrorCode {
    /// A quotation mark that is not closed, or text after the closing one.
    BrokenQuote,
    /// Bytes that are none of the encoding's characters.
    InvalidBytes,
    /// The character U+0000, which databases don't store.
    NulCharacter,
    /// More cells than there are columns, and not only empty ones.
    TooManyCells,
    /// A cell above [`Limits::cell_bytes`](crate::Limits::cell_bytes).
    CellTooLong,
    /// A row above [`Limits::row_bytes`](crate::Limits::row_bytes).
    RowTooLong,
    /// A formula that failed, such as `#N/A`.
    FormulaError,
    /// A line that is no JSON.
    InvalidJson,
    /// JSON that is no object.
    NotAnObject,
    /// A name in an object that is longer than [`Limits::name_characters`](crate::Limits::name_characters).
    NameTooLong,
    /// A card without an end, or a line outside of cards.
    BrokenCard,
}

impl RowError {
    pub(crate) fn new(code: RowErrorCode, message: impl Into<String>) -> Self {
        Self { code, column: None, message: message.into() }
    }

    pub(crate) fn in_column(mut self, column: Option<&String>) -> Self {
        self.column = column.cloned();
        self
    }
}
