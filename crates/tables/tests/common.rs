//! Small files and what is read from them.

use std::io::{BufReader, Cursor, Write};
use std::ops::ControlFlow;

use shoal_tables::{FileError, Format, Limits, OutputFormat, Row, SpoolReader, Spooled, TableWriter, Value};
use tempfile::NamedTempFile;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A file with that in it, until it is dropped.
pub fn file(bytes: &[u8]) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    file.flush().unwrap();
    file
}

/// What was read from a file.
#[derive(Debug)]
pub struct Read {
    pub spooled: Spooled,
    pub rows: Vec<Row>,
}

impl Read {
    pub fn columns(&self) -> Vec<&str> {
        self.spooled.columns.iter().map(String::as_str).collect()
    }

    /// Cells by row, separated by `|`; of bad rows `!CODE column`.
    pub fn cells(&self) -> Vec<String> {
        let cells = |row: &Row| match &row.cells {
            Ok(cells) => cells.join("|"),
            Err(error) => {
                let code = serde_json::to_value(error.code).unwrap();
                format!("!{} {}", code.as_str().unwrap(), error.column.as_deref().unwrap_or("-"))
            }
        };
        self.rows.iter().map(cells).collect()
    }

    pub fn lines(&self) -> Vec<u64> {
        self.rows.iter().map(|row| row.line).collect()
    }
}

pub fn detect(bytes: &[u8]) -> Result<Format, FileError> {
    shoal_tables::detect(file(bytes).path(), Limits::default())
}

pub fn read_as(bytes: &[u8], format: &Format) -> Result<Read, FileError> {
    read_within(bytes, format, Limits::default())
}

pub fn read_within(bytes: &[u8], format: &Format, limits: Limits) -> Result<Read, FileError> {
    let file = file(bytes);
    let mut spool = Vec::new();
    let spooled =
        shoal_tables::spool(file.path(), format, limits, &mut spool, &mut |_| ControlFlow::Continue(()))?;
    let rows: Result<Vec<Row>, _> = SpoolReader::new(BufReader::new(Cursor::new(spool))).unwrap().collect();
    Ok(Read { spooled, rows: rows.unwrap() })
}

/// Reads a file as what it is found to be.
pub fn read(bytes: &[u8]) -> Read {
    let format = detect(bytes).unwrap();
    read_as(bytes, &format).unwrap()
}

/// A file of rows.
pub fn written(format: OutputFormat, columns: &[&str], rows: &[Vec<Value>]) -> Vec<u8> {
    let columns = columns.iter().map(ToString::to_string).collect();
    let mut writer = TableWriter::new(format, Vec::new(), columns).unwrap();
    for row in rows {
        writer.write_row(row).unwrap();
    }
    let (summary, bytes) = writer.finish().unwrap();
    assert_eq!((summary.rows, summary.bytes), (rows.len() as u64, bytes.len() as u64));
    bytes
}

/// A ZIP archive.
pub fn archive(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

pub const TYPES: &str = r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#;
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// A workbook of one sheet, by the XML of its rows, of its shared texts and of its styles.
pub fn workbook(rows: &str, strings: &str, styles: &str) -> Vec<u8> {
    let main = format!(
        r#"<Relationships><Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
    );
    let related = format!(
        r#"<Relationships><Relationship Id="a" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="b" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="c" Type="{OFFICE}/styles" Target="/xl/styles.xml"/></Relationships>"#
    );
    let book =
        r#"<workbook><sheets><sheet name="People &amp; Co" sheetId="1" r:id="a"/></sheets></workbook>"#;
    archive(&[
        ("[Content_Types].xml", TYPES),
        ("_rels/.rels", &main),
        ("xl/workbook.xml", book),
        ("xl/_rels/workbook.xml.rels", &related),
        ("xl/sharedStrings.xml", &format!("<sst uniqueCount=\"9999999999999999\">{strings}</sst>")),
        ("xl/styles.xml", &format!("<styleSheet>{styles}</styleSheet>")),
        ("xl/worksheets/sheet1.xml", &format!("<worksheet><sheetData>{rows}</sheetData></worksheet>")),
    ])
}

/// A text in another encoding.
pub fn encoded(text: &str, label: &str) -> Vec<u8> {
    match label {
        "UTF-16LE" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        "UTF-16BE" => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        _ => {
            let (bytes, _, lossy) = encoding_rs::Encoding::for_label(label.as_bytes()).unwrap().encode(text);
            assert!(!lossy, "{label} lacks some of {text:?}");
            bytes.into_owned()
        }
    }
}
