//! The rows of a sheet.

use quick_xml::events::{BytesStart, Event};

use super::format::{self, Shown};
use super::number;
use super::package::{MOST_EVENT, Package, Part};
use super::strings::Strings;
use super::xml::{Xml, add_text, attribute, unescaped};
use crate::error::{RowError, RowErrorCode};
use crate::read::{Raw, Reader};
use crate::{FileError, Limits};

/// Reads rows. A row's line is its number in the sheet.
pub(crate) struct SheetReader {
    xml: Xml<Part>,
    strings: Strings,
    styles: Vec<Shown>,
    since_1904: bool,
    limits: Limits,
    row: u64,
    /// Bytes of the unpacked sheet.
    pub(crate) size: u64,
}

/// A row while it is read.
#[derive(Default)]
struct Cells {
    texts: Vec<String>,
    bytes: usize,
    error: Option<(Option<usize>, RowError)>,
}

/// How a cell says what it holds.
struct Cell {
    column: usize,
    kind: String,
    shown: Shown,
}

impl SheetReader {
    /// Reads what all sheets share, and stands before the first row.
    pub(crate) fn open(package: &mut Package, sheet: &str, limits: Limits) -> Result<Self, FileError> {
        let workbook = package.workbook()?;
        let Some((_, name)) = workbook.sheets.iter().find(|(name, _)| name == sheet) else {
            return Err(FileError::NoSuchSheet(sheet.to_owned()));
        };
        let styles = workbook.styles.as_deref().map(|name| format::read(package, name)).transpose()?;
        let strings =
            workbook.strings.as_deref().map(|name| Strings::read(package, name, limits)).transpose()?;
        let part = package.part(name)?.ok_or_else(|| FileError::broken("a sheet is missing"))?;
        let size = part.size;
        Ok(Self {
            xml: Xml::new(part, MOST_EVENT),
            strings: strings.unwrap_or_default(),
            styles: styles.unwrap_or_default(),
            since_1904: workbook.since_1904,
            limits,
            row: 0,
            size,
        })
    }

    fn cells(&mut self) -> Result<Cells, FileError> {
        let mut row = Cells::default();
        let mut column = 0;
        loop {
            let cell = match self.xml.next()? {
                Event::Start(tag) if tag.local_name().as_ref() == "c" => {
                    let named = attribute(&tag, "r").as_deref().and_then(column_of);
                    Cell {
                        column: named.unwrap_or(column),
                        kind: kind(&tag),
                        shown: shown(&tag, &self.styles),
                    }
                }
                Event::End(tag) if tag.local_name().as_ref() == "row" => return Ok(row),
                Event::Eof => return Err(FileError::broken("a row has no end")),
                _ => continue,
            };
            column = cell.column + 1;
            let written = self.written()?;
            self.add(&mut row, &cell, written)?;
        }
    }

    /// What stands in a cell: its value, or its text where it has one.
    fn written(&mut self) -> Result<String, FileError> {
        let mut text = String::new();
        let (mut in_value, mut phonetic) = (false, false);
        loop {
            match self.xml.next()? {
                Event::Start(tag) => match tag.local_name().as_ref() {
                    "rPh" => phonetic = true,
                    "v" | "t" => in_value = !phonetic,
                    _ => {}
                },
                Event::End(tag) => match tag.local_name().as_ref() {
                    "c" => return Ok(text),
                    "rPh" => phonetic = false,
                    "v" | "t" => in_value = false,
                    _ => {}
                },
                Event::Eof => return Err(FileError::broken("a cell has no end")),
                event if in_value && text.len() <= self.limits.cell_bytes => add_text(&event, &mut text),
                _ => {}
            }
        }
    }

    fn add(&mut self, row: &mut Cells, cell: &Cell, written: String) -> Result<(), FileError> {
        let text = match cell.kind.as_str() {
            "s" => match written.trim().parse().ok() {
                Some(number) => {
                    self.strings.get(number)?.ok_or_else(|| FileError::broken("a text is missing"))?
                }
                None => written,
            },
            "inlineStr" | "str" => unescaped(written),
            "d" => written,
            "b" => if written.trim() == "1" { "true" } else { "false" }.to_owned(),
            "e" => {
                let message = format!("the formula failed: {written}");
                row.fail(Some(cell.column), RowError::new(RowErrorCode::FormulaError, message));
                return Ok(());
            }
            _ => number::text(&written, cell.shown, self.since_1904),
        };
        row.bytes += text.len();
        if row.bytes > self.limits.row_bytes {
            row.fail(None, RowError::new(RowErrorCode::RowTooLong, "the row is too long"));
        } else if !text.is_empty() {
            // What is too much is only looked at to be told.
            let at = cell.column.min(self.limits.columns);
            row.texts.resize(row.texts.len().max(at + 1), String::new());
            row.texts[at] = text;
        }
        Ok(())
    }
}

impl Cells {
    fn fail(&mut self, column: Option<usize>, error: RowError) {
        self.error.get_or_insert((column, error));
    }
}

impl Reader for SheetReader {
    fn next(&mut self) -> Result<Option<Raw>, FileError> {
        loop {
            match self.xml.next()? {
                Event::Start(tag) if tag.local_name().as_ref() == "row" => {
                    let number = attribute(&tag, "r").and_then(|number| number.parse().ok());
                    self.row = number.unwrap_or(self.row + 1);
                    break;
                }
                Event::Eof => return Ok(None),
                _ => {}
            }
        }
        let row = self.cells()?;
        let cells = row.error.map_or(Ok(row.texts), Err);
        Ok(Some(Raw { line: self.row, cells }))
    }

    fn bytes_read(&self) -> u64 {
        self.xml.part().read()
    }
}

fn kind(tag: &BytesStart<'_>) -> String {
    attribute(tag, "t").unwrap_or_default()
}

fn shown(tag: &BytesStart<'_>, styles: &[Shown]) -> Shown {
    let style = attribute(tag, "s").and_then(|style| style.parse::<usize>().ok()).unwrap_or(0);
    styles.get(style).copied().unwrap_or(Shown::Number)
}

/// `C7` is in column 2.
fn column_of(place: &str) -> Option<usize> {
    let letters = place.bytes().take_while(u8::is_ascii_alphabetic);
    let number = letters
        .take(6)
        .fold(0, |number, letter| number * 26 + usize::from(letter.to_ascii_uppercase() - b'A') + 1);
    number.checked_sub(1)
}
