//! Sheets of Excel workbooks, row by row.
//!
//! Written here over a ZIP and an XML reader, because the readers for workbooks hold all shared texts and all styles, and
//! trust the counts in the file: a few kilobytes can make them ask for any amount of memory.

mod format;
mod number;
mod package;
mod sheet;
mod strings;
mod xml;

pub(crate) use self::package::Package;
pub(crate) use self::sheet::SheetReader;
