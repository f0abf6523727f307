use std::io::{self, Write};

use chrono::{DateTime, NaiveDate, Utc};
use proptest::prelude::*;
use serde_json::json;
use shoal_tables::{Format, OutputFormat, TableWriter, Value, WriteError};

use crate::common::{detect, read, read_as, written};

const CSV: OutputFormat = OutputFormat::Csv { byte_order_mark: true };

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn row() -> Vec<Value> {
    let instant: DateTime<Utc> = "2026-03-01T08:30:00Z".parse().unwrap();
    vec![
        text("张伟"),
        Value::Null,
        Value::Integer(13_800_001_234),
        Value::Decimal("-12.50".to_owned()),
        Value::Boolean(true),
        Value::Date(NaiveDate::from_ymd_opt(2026, 3, 1).unwrap()),
        Value::Instant(instant),
        Value::List(vec!["a".to_owned(), "b".to_owned()]),
        text("+86 138 0013 8000"),
    ]
}

const COLUMNS: [&str; 9] = ["name", "none", "number", "amount", "vip", "day", "at", "tags", "phone"];

#[test]
fn csv_is_what_spreadsheets_read() {
    let mut rows = vec![row()];
    rows.push(vec![
        text("=1+1"),
        text("a,\"b\"\nc"),
        text("-5"),
        text("@x; =2"),
        text(""),
        text(" "),
        text(""),
        text(""),
        text(""),
    ]);
    let bytes = written(CSV, &COLUMNS, &rows);
    assert_eq!(
        String::from_utf8(bytes.clone()).unwrap(),
        "\u{feff}name,none,number,amount,vip,day,at,tags,phone\r\n\
         张伟,,13800001234,-12.50,true,2026-03-01,2026-03-01T08:30:00Z,a; b,+86 138 0013 8000\r\n\
         '=1+1,\"a,\"\"b\"\"\nc\",-5,'@x; '=2,, ,,,\r\n"
    );
    assert_eq!(
        read(&bytes).cells()[0],
        "张伟||13800001234|-12.50|true|2026-03-01|2026-03-01T08:30:00Z|a; b|+86 138 0013 8000"
    );
    let plain = written(OutputFormat::Csv { byte_order_mark: false }, &["a"], &[]);
    assert_eq!(plain, b"a\r\n");
    let empty = written(OutputFormat::Csv { byte_order_mark: false }, &["a"], &[vec![Value::Null]]);
    assert_eq!(empty, b"a\r\n\"\"\r\n");
}

#[test]
fn a_workbook_has_types() {
    let long = Value::Decimal("12345678901234567.89".to_owned());
    let rows = [
        row(),
        vec![
            text("=1+1"),
            text("001"),
            Value::Integer(i64::MAX),
            long,
            text("x"),
            text("y"),
            text("\u{1}"),
            text(""),
            text(""),
        ],
    ];
    let bytes = written(OutputFormat::Xlsx, &COLUMNS, &rows);
    let read = read(&bytes);
    assert_eq!(read.columns(), COLUMNS);
    assert_eq!(
        read.cells(),
        [
            "张伟||13800001234|-12.5|true|2026-03-01|2026-03-01T08:30:00|a; b|+86 138 0013 8000",
            "=1+1|001|9223372036854775807|12345678901234567.89|x|y|\u{1}||",
        ]
    );
    let mut zip = zip::ZipArchive::new(io::Cursor::new(bytes)).unwrap();
    let sheet = io::read_to_string(zip.by_name("xl/worksheets/sheet1.xml").unwrap()).unwrap();
    assert!(!sheet.contains("<f>"), "{sheet}");
    assert!(sheet.contains("<v>13800001234</v>") && sheet.contains("<v>46082</v>"), "{sheet}");
}

#[test]
fn lines_of_json_have_types() {
    let bytes = written(OutputFormat::Jsonl, &COLUMNS, &[row()]);
    let line: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(
        line,
        json!({
            "name": "张伟", "none": null, "number": 13_800_001_234_i64, "amount": "-12.50", "vip": true,
            "day": "2026-03-01", "at": "2026-03-01T08:30:00Z", "tags": ["a", "b"], "phone": "+86 138 0013 8000",
        })
    );
    assert_eq!(
        read(&bytes).cells(),
        ["张伟||13800001234|-12.50|true|2026-03-01|2026-03-01T08:30:00Z|a; b|+86 138 0013 8000"]
    );
}

#[test]
fn cards_have_known_columns_only() {
    let error =
        TableWriter::new(OutputFormat::Vcard, Vec::new(), vec!["Shoe size".to_owned()]).err().unwrap();
    assert!(matches!(error, WriteError::UnknownColumn(name) if name == "Shoe size"));
    let columns = [
        "Given name",
        "Family name",
        "Phone 1",
        "Phone 1 type",
        "Note",
        "Categories",
        "Birthday",
        "Time zone",
    ];
    let day = Value::Date(NaiveDate::from_ymd_opt(1980, 1, 31).unwrap());
    let tags = Value::List(vec!["a".to_owned(), "b".to_owned()]);
    let row = [
        text("Li"),
        text("Lei"),
        text("+86 1"),
        text("cell; work"),
        text("a;b,c\nd\\e"),
        tags,
        day,
        text("+08:00"),
    ];
    let bytes = written(OutputFormat::Vcard, &columns, &[row.to_vec()]);
    let card = String::from_utf8(bytes.clone()).unwrap();
    assert!(card.starts_with("BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Li Lei\r\nN:Lei;Li;"), "{card}");
    let read = read(&bytes);
    let expected = [
        "Formatted name",
        "Family name",
        "Given name",
        "Phone 1",
        "Phone 1 type",
        "Birthday",
        "Note",
        "Categories",
        "Time zone",
    ];
    assert_eq!(read.columns(), expected);
    assert_eq!(read.cells(), ["Li Lei|Lei|Li|+86 1|cell; work|1980-01-31|a;b,c\nd\\e|a; b|+08:00"]);
}

/// Takes so many bytes.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let size = bytes.len().min(self.0);
        self.0 -= size;
        if size == 0 && !bytes.is_empty() { Err(io::ErrorKind::StorageFull.into()) } else { Ok(size) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn it_fails_loudly() {
    for format in [CSV, OutputFormat::Jsonl, OutputFormat::Vcard, OutputFormat::Xlsx] {
        let whole = written(format, &["Note"], &vec![vec![text("a note")]; 20]).len();
        for room in (0..whole).step_by(whole / 20) {
            let result = (|| {
                let mut writer = TableWriter::new(format, Full(room), vec!["Note".to_owned()])?;
                for _ in 0..20 {
                    writer.write_row(&[text("a note")])?;
                }
                writer.finish().map(|_| ())
            })();
            assert!(matches!(result, Err(WriteError::Io(_))), "{format:?} {room}: {result:?}");
        }
    }
    let mut writer = TableWriter::new(OutputFormat::Xlsx, Vec::new(), vec!["a".to_owned()]).unwrap();
    let long = text(&"x".repeat(32_768));
    assert!(
        matches!(writer.write_row(&[long]), Err(WriteError::Value { row: 1, column, .. }) if column == "a")
    );
    assert!(matches!(writer.write_row(&[Value::Null]), Err(WriteError::Broken(_))));
    assert!(matches!(writer.finish(), Err(WriteError::Broken(_))));
    let mut writer = TableWriter::new(CSV, Vec::new(), vec!["a".to_owned()]).unwrap();
    assert!(matches!(writer.write_row(&[]), Err(WriteError::Columns { row: 1, found: 0, expected: 1 })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// What is written is read again, as text.
    #[test]
    fn what_is_written_is_read(rows in prop::collection::vec(
        prop::collection::vec("[-a-c张=+@'\",;|\n\r\t \\\\é0-9_x<&]{0,6}", 3), 1..6,
    )) {
        // No row is empty.
        let rows: Vec<Vec<String>> = rows.into_iter().map(|row| [vec!["x".to_owned()], row].concat()).collect();
        let values: Vec<Vec<Value>> =
            rows.iter().map(|row| row.iter().map(|cell| text(cell)).collect()).collect();
        for format in [CSV, OutputFormat::Xlsx, OutputFormat::Jsonl] {
            let bytes = written(format, &["a", "b", "c", "d"], &values);
            let mut found = detect(&bytes).unwrap();
            if let Format::Csv { guarded, delimiter, .. } = &mut found {
                prop_assert_eq!(*delimiter, shoal_tables::Delimiter::Comma);
                *guarded = true;
            }
            let read = read_as(&bytes, &found).unwrap();
            prop_assert_eq!(read.columns(), ["a", "b", "c", "d"]);
            let found: Vec<Vec<String>> = read.rows.into_iter().map(|row| row.cells.unwrap()).collect();
            prop_assert_eq!(&found, &rows, "{:?}", format);
        }
    }

    #[test]
    fn cards_that_are_written_are_read(rows in prop::collection::vec(
        prop::collection::vec("[a-c张=+@'\",;|\n\\\\é:0-9]{0,6}", 5), 1..6,
    )) {
        let columns = ["Formatted name", "Family name", "Given name", "Phone 1", "Note"];
        let rows: Vec<Vec<String>> = rows.into_iter().map(|mut row| {
            row[0].insert(0, 'x');
            row
        }).collect();
        let values: Vec<Vec<Value>> =
            rows.iter().map(|row| row.iter().map(|cell| text(cell)).collect()).collect();
        let read = read(&written(OutputFormat::Vcard, &columns, &values));
        for (row, expected) in read.rows.iter().zip(&rows) {
            let cells = row.cells.as_ref().unwrap();
            for (column, cell) in columns.iter().zip(expected) {
                let at = read.columns().iter().position(|name| name == column);
                prop_assert_eq!(at.map_or("", |at| cells[at].as_str()), cell.as_str(), "{}", column);
            }
        }
        prop_assert_eq!(read.rows.len(), rows.len());
    }
}
