//! What a file is, by what stands in it and never by its name.

mod delimiter;
mod encoding;
mod other;

use std::fs::File;
use std::io::{Cursor, Read};
use std::path::Path;

use crate::read::{Package, Reader as _, SheetReader, Text, looks_like_names};
use crate::{Encoding, FileError, Format, Limits};

/// Bytes of the beginning that are looked at, besides the encoding, which may show only later.
const SAMPLE: usize = 256 << 10;

/// Says what a file is and how to read it: the format, the encoding, what stands between cells, whether the first row has
/// names. Whoever knows better changes the answer before reading.
///
/// # Errors
/// For files of other kinds and empty ones, with what to do; for damaged workbooks.
pub fn detect(path: &Path, limits: Limits) -> Result<Format, FileError> {
    let mut sample = Vec::new();
    File::open(path)?.take(SAMPLE as u64).read_to_end(&mut sample)?;
    if sample.starts_with(b"PK\x03\x04") {
        return workbook(path, limits);
    }
    other::refuse_binary(&sample)?;
    let encoding = encoding::detect(path, &sample)?;
    let text = decoded(&sample, encoding)?;
    let text = text.trim_start();
    if text.is_empty() {
        return Err(FileError::Empty);
    }
    other::refuse_text(text)?;
    if text.get(..11).is_some_and(|start| start.eq_ignore_ascii_case("BEGIN:VCARD")) {
        return Ok(Format::Vcard { encoding });
    }
    if text.starts_with('{') && is_json_line(text, sample.len() == SAMPLE) {
        return Ok(Format::Jsonl { encoding });
    }
    let (delimiter, first) = delimiter::detect(&sample, encoding, limits)?;
    Ok(Format::Csv { encoding, delimiter, header: looks_like_names(&first), guarded: false })
}

fn workbook(path: &Path, limits: Limits) -> Result<Format, FileError> {
    let mut package = Package::open(path, limits)?;
    other::refuse_archive(&package)?;
    let workbook = package.workbook()?;
    let sheets: Vec<String> = workbook.sheets.into_iter().map(|(name, _)| name).collect();
    let Some(sheet) = sheets.first().cloned() else { return Err(FileError::Empty) };
    let mut reader = SheetReader::open(&mut package, &sheet, limits)?;
    let header = loop {
        match reader.next()? {
            None => break true,
            Some(row) => match row.cells {
                Ok(cells) if cells.is_empty() => {}
                cells => break cells.map_or(true, |cells| looks_like_names(&cells)),
            },
        }
    };
    Ok(Format::Xlsx { sheet, sheets, header })
}

/// The sample as text.
fn decoded(sample: &[u8], encoding: Encoding) -> Result<String, FileError> {
    let mut text = Text::new(Cursor::new(sample), encoding);
    while text.more()? {}
    Ok(String::from_utf8_lossy(text.window()).into_owned())
}

/// Whether the first line is an object, or the beginning of one that is longer than the sample.
fn is_json_line(text: &str, is_cut: bool) -> bool {
    let (line, is_whole) = match text.split_once(['\n', '\r']) {
        Some((line, _)) => (line, true),
        None => (text, !is_cut),
    };
    match serde_json::from_str::<serde::de::IgnoredAny>(line) {
        Ok(_) => true,
        // A broken first line is a bad row, as long as it begins like an object.
        Err(error) => (error.is_eof() && !is_whole) || line.trim_start_matches(['{', ' ']).starts_with('"'),
    }
}
