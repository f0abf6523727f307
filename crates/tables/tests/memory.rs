//! The process that reads large files stays small. Each case runs in a process of its own, this test program again, so that
//! what other tests hold is not counted.
#![expect(clippy::unwrap_used, reason = "tests; a panic is the report")]

use std::fs::File;
use std::io::{BufWriter, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::process::Command;

use shoal_tables::{FileError, Limits, OutputFormat, Progress, Spooled, TableWriter, Value, detect, spool};

/// What a case may add to the memory of an idle process.
const MOST: u64 = 100 << 20;

/// Tells the process to do a case, and no other test to run it.
const CASE: &str = "SHOAL_TABLES_CASE";

const MEGABYTES: usize = 150;
const ROWS: usize = 300_000;

fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kib| kib << 10)
}

/// Runs the named test in a process of its own, which must stay small.
fn apart(test: &str, case: impl FnOnce(&Path)) {
    let folder = tempfile::tempdir().unwrap();
    if std::env::var_os(CASE).is_some() {
        let Some(before) = peak() else { return };
        case(folder.path());
        let grown = peak().unwrap().saturating_sub(before);
        assert!(grown < MOST, "{test}: {} MiB", grown >> 20);
        return;
    }
    let program = std::env::current_exe().unwrap();
    let name = format!("memory::{test}");
    let output =
        Command::new(program).args(["--exact", &name, "--nocapture"]).env(CASE, "1").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "there is no test {name}");
}

/// A file of a beginning and a piece that comes again and again.
fn large(path: &Path, beginning: &[u8], piece: &[u8]) {
    let mut out = BufWriter::new(File::create(path).unwrap());
    out.write_all(beginning).unwrap();
    for _ in 0..(MEGABYTES << 20) / piece.len() {
        out.write_all(piece).unwrap();
    }
    out.flush().unwrap();
}

fn read(path: &Path) -> Result<Spooled, FileError> {
    let format = detect(path, Limits::default())?;
    let spool_file = BufWriter::new(File::create(path.with_extension("spool")).unwrap());
    spool(path, &format, Limits::default(), spool_file, &mut |_: Progress| ControlFlow::Continue(()))
}

#[test]
fn a_large_table() {
    apart("a_large_table", |folder| {
        let path = folder.join("a.csv");
        large(&path, b"name,e-mail,note\n", "张伟,zhang@example.com,\"a note, of some length\"\n".as_bytes());
        let spooled = read(&path).unwrap();
        assert!(spooled.rows > 100_000 && spooled.bad_rows == 0);
    });
}

#[test]
fn one_line() {
    apart("one_line", |folder| {
        let path = folder.join("a.csv");
        large(&path, b"", b"abcdefghijklmnop");
        assert_eq!(read(&path).unwrap_err().code(), "BROKEN_HEADER");
        large(&path, b"a,b\n", b"abcdefghijklmnop");
        assert_eq!(read(&path).unwrap().bad_rows, 1);
        large(&path, b"a,b\n", b",,,,,,,,");
        assert_eq!(read(&path).unwrap().bad_rows, 1);
        large(&path, b"{\"a\": 1}\n{\"a\": \"", b"abcdefghijklmnop");
        assert_eq!(read(&path).unwrap().bad_rows, 1);
    });
}

#[test]
fn a_quote_that_never_closes() {
    apart("a_quote_that_never_closes", |folder| {
        let path = folder.join("a.csv");
        large(&path, b"a,b\n1,2\n\"3,4\n", b"5,6 and something more\n7,8 and something more\n");
        let spooled = read(&path).unwrap();
        assert!(spooled.rows > 1_000_000 && spooled.bad_rows == 1);
    });
}

#[test]
fn nothing_but_bad_bytes() {
    apart("nothing_but_bad_bytes", |folder| {
        let path = folder.join("a.csv");
        large(
            &path,
            "é,b\n".repeat(1_000).as_bytes(),
            &[b"\xff".repeat(100).as_slice(), b",\xff\n"].concat(),
        );
        assert!(read(&path).unwrap().rows > 100_000);
    });
}

#[test]
fn cards_without_end() {
    apart("cards_without_end", |folder| {
        let path = folder.join("a.vcf");
        large(&path, b"BEGIN:VCARD\nFN:A\nPHOTO;ENCODING=b:", b"QUJDQUJDQUJDQUJD");
        assert_eq!(read(&path).unwrap_err().code(), "NO_CARD");
        let whole = "BEGIN:VCARD\nFN:Z\nEND:VCARD\n";
        large(&path, format!("{whole}BEGIN:VCARD\nFN:A\nNOTE:").as_bytes(), b"abcdefghijkl\n mnop");
        assert_eq!(read(&path).unwrap().bad_rows, 1);
        large(&path, whole.as_bytes(), b"BEGIN:VCARD\nFN:B\n");
        assert!(read(&path).unwrap().bad_rows > 1_000_000);
    });
}

#[test]
fn a_large_workbook() {
    apart("a_large_workbook", |folder| {
        let path = folder.join("a.xlsx");
        let out = BufWriter::new(File::create(&path).unwrap());
        let columns = ["name", "e-mail", "number"].map(str::to_owned).to_vec();
        let mut writer = TableWriter::new(OutputFormat::Xlsx, out, columns).unwrap();
        for number in 0..ROWS {
            let text = |text: String| Value::Text(text);
            let number = i64::try_from(number).unwrap();
            let row = [
                text(format!("name {number}")),
                text(format!("{number}@example.com")),
                Value::Integer(number),
            ];
            writer.write_row(&row).unwrap();
        }
        writer.finish().unwrap();
        assert_eq!(read(&path).unwrap().rows, ROWS as u64);
    });
}

/// A workbook with parts that are written piece by piece.
fn bomb(path: &Path, part: &str, beginning: &str, piece: &str) {
    use std::io::{Cursor, Read as _};
    let whole = crate::common::workbook("<row><c><v>1</v></c></row>", "", "");
    let mut source = zip::ZipArchive::new(Cursor::new(whole)).unwrap();
    let mut zip = zip::ZipWriter::new(File::create(path).unwrap());
    for at in 0..source.len() {
        let mut text = Vec::new();
        let mut entry = source.by_index(at).unwrap();
        let name = entry.name().unwrap().into_owned();
        entry.read_to_end(&mut text).unwrap();
        zip.start_file(name.as_str(), zip::write::SimpleFileOptions::default()).unwrap();
        if name != part {
            zip.write_all(&text).unwrap();
            continue;
        }
        zip.write_all(beginning.as_bytes()).unwrap();
        let piece = piece.repeat((1 << 20) / piece.len());
        for _ in 0..MEGABYTES {
            zip.write_all(piece.as_bytes()).unwrap();
        }
    }
    zip.finish().unwrap();
}

#[test]
fn bombs() {
    apart("bombs", |folder| {
        let path = folder.join("a.xlsx");
        // Where it is not refused for its size, it is for what it holds, or holds nothing that is needed.
        let survived = |part: &str, beginning: &str, piece: &str| {
            bomb(&path, part, beginning, piece);
            let code = read(&path).map_or_else(|error| error.code(), |_| "");
            assert!(["FILE_TOO_LARGE", "BROKEN_FILE", ""].contains(&code), "{part}: {code}");
            code
        };
        let sheet = "xl/worksheets/sheet1.xml";
        let strings = "xl/sharedStrings.xml";
        assert_eq!(survived(sheet, "<worksheet><sheetData><row><c><v>", "0"), "FILE_TOO_LARGE");
        survived(sheet, "<worksheet><sheetData>", "<row>");
        survived(sheet, "<worksheet><sheetData><row>", "<c r=\"A1\" t=\"inlineStr\"><is><t>a</t></is></c>");
        survived(strings, "<sst><si><t>", "a");
        survived(strings, "<sst><si>", "<t>a</t>");
        survived("xl/styles.xml", "<styleSheet><cellXfs>", "<xf numFmtId=\"14\"/>");
        survived("xl/workbook.xml", "<workbook><sheets>", "<sheet name=\"a\" id=\"a\"/>");
    });
}

/// Many small texts don't unpack to much but need much room in a reader that trusts them.
#[test]
fn many_texts() {
    apart("many_texts", |folder| {
        let path = folder.join("a.xlsx");
        let count = MEGABYTES * 1_000;
        let strings: String = (0..count).map(|number| format!("<si><t>{number}</t></si>")).collect();
        let rows = format!(
            "<row><c t=\"inlineStr\"><is><t>n</t></is></c></row><row><c t=\"s\"><v>{}</v></c></row>",
            count - 1
        );
        std::fs::write(&path, crate::common::workbook(&rows, &strings, "")).unwrap();
        drop(strings);
        assert_eq!(read(&path).unwrap().rows, 1);
    });
}

#[test]
fn large_files_are_written() {
    apart("large_files_are_written", |folder| {
        let row = [Value::Text("a text that is the same on every row".to_owned()), Value::Integer(1)];
        let csv = OutputFormat::Csv { byte_order_mark: false };
        for format in [csv, OutputFormat::Jsonl, OutputFormat::Xlsx, OutputFormat::Vcard] {
            let columns = ["Note", "Phone 1"].map(str::to_owned).to_vec();
            let out = BufWriter::new(File::create(folder.join("out")).unwrap());
            let mut writer = TableWriter::new(format, out, columns).unwrap();
            for _ in 0..ROWS {
                writer.write_row(&row).unwrap();
            }
            assert_eq!(writer.finish().unwrap().0.rows, ROWS as u64);
        }
    });
}
