//! Files of other kinds, each with what to do.

use crate::FileError;
use crate::read::Package;

const AS_WORKBOOK: &str = "open it in a spreadsheet and save it as XLSX or CSV";
const EXPORT: &str = "export the rows as CSV, XLSX or vCard";

/// How files of other kinds begin.
const BEGINNINGS: &[(&[u8], &str, &str)] = &[
    (b"%PDF", "a PDF document", EXPORT),
    (b"PK\x05\x06", "an empty ZIP archive", EXPORT),
    (b"\x89PNG", "a picture", EXPORT),
    (b"\xff\xd8\xff", "a picture", EXPORT),
    (b"GIF8", "a picture", EXPORT),
    (b"RIFF", "a picture or a sound", EXPORT),
    (b"\x1f\x8b", "a packed file (gzip)", "unpack it first"),
    (b"BZh", "a packed file (bzip2)", "unpack it first"),
    (b"\xfd7zXZ", "a packed file (xz)", "unpack it first"),
    (b"\x28\xb5\x2f\xfd", "a packed file (zstd)", "unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "a packed file (7-Zip)", "unpack it first"),
    (b"Rar!", "a packed file (RAR)", "unpack it first"),
    (b"SQLite format 3\0", "a database", EXPORT),
    (b"{\\rtf", "a text document", EXPORT),
];

/// Binary files that are no archives.
pub(super) fn refuse_binary(sample: &[u8]) -> Result<(), FileError> {
    if sample.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
        return Err(if sample.windows(name.len()).any(|window| window == name) {
            FileError::Protected
        } else {
            FileError::Unsupported { what: "an old Excel workbook (.xls)", advice: AS_WORKBOOK }
        });
    }
    match BEGINNINGS.iter().find(|(beginning, ..)| sample.starts_with(beginning)) {
        Some((_, what, advice)) => Err(FileError::Unsupported { what, advice }),
        None => Ok(()),
    }
}

/// Texts of other kinds.
pub(super) fn refuse_text(text: &str) -> Result<(), FileError> {
    let start: String = text.chars().take(64).collect::<String>().to_ascii_lowercase();
    let known = [
        ("<!doctype html", "a web page", AS_WORKBOOK),
        ("<html", "a web page", AS_WORKBOOK),
        ("<table", "a web page", AS_WORKBOOK),
        ("<?xml", "an XML document", AS_WORKBOOK),
        ("begin:vcalendar", "a calendar", EXPORT),
        ("mime-version:", "a web page with pictures", AS_WORKBOOK),
        ("[{", "a JSON list", "write one object per line"),
    ];
    let compact: String = start.chars().filter(|character| !character.is_whitespace()).collect();
    let is =
        |beginning: &str| start.starts_with(beginning) || (beginning == "[{" && compact.starts_with("[{"));
    match known.iter().find(|(beginning, ..)| is(beginning)) {
        Some((_, what, advice)) => Err(FileError::Unsupported { what, advice }),
        None => Ok(()),
    }
}

/// Archives that are no workbooks.
pub(super) fn refuse_archive(package: &Package) -> Result<(), FileError> {
    let other = if package.has("xl/workbook.bin") {
        ("a binary Excel workbook (.xlsb)", AS_WORKBOOK)
    } else if package.has("word/document.xml") || package.has("ppt/presentation.xml") {
        ("a text document or a presentation", EXPORT)
    } else if package.has("mimetype") && package.has("content.xml") {
        ("an OpenDocument file", AS_WORKBOOK)
    } else if package.has("[Content_Types].xml") || package.has("xl/workbook.xml") {
        return Ok(());
    } else {
        ("a ZIP archive", "unpack it first")
    };
    Err(FileError::Unsupported { what: other.0, advice: other.1 })
}
