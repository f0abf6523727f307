use proptest::prelude::*;
use shoal_tables::{Delimiter, Encoding, FileError, Format, Limits};

use crate::common::{read, read_as, read_within};

const COMMA: Format =
    Format::Csv { encoding: Encoding::UTF_8, delimiter: Delimiter::Comma, header: true, guarded: false };

fn cells(text: &str) -> Vec<String> {
    read_as(text.as_bytes(), &COMMA).unwrap().cells()
}

#[test]
fn rows_have_the_line_that_an_editor_shows() {
    let read =
        read_as(b"name,note\r\n\r\nLi,\"two\r\nlines\"\rHan,x\n,,\nWang,\"\n\r\n\"\nWu,", &COMMA).unwrap();
    assert_eq!(read.columns(), ["name", "note"]);
    assert_eq!(read.cells(), ["Li|two\r\nlines", "Han|x", "Wang|\n\r\n", "Wu|"]);
    assert_eq!(read.lines(), [3, 5, 7, 10]);
    assert_eq!(read.rows.iter().map(|row| row.number).collect::<Vec<_>>(), [1, 2, 3, 4]);
}

#[test]
fn cells_are_untouched_and_names_are_trimmed() {
    let read = read_as(
        "\u{feff} name ,name,\n  Li , \" , \"\"x\"\"y\n\"a \"\"b\"\"\",5\" pipe,\n".as_bytes(),
        &COMMA,
    )
    .unwrap();
    assert_eq!(read.columns(), ["name", "name 2", "Column 3"]);
    assert_eq!(read.cells(), ["  Li | \" | \"\"x\"\"y", "a \"b\"|5\" pipe|"]);
}

#[test]
fn a_row_may_be_shorter_and_not_longer() {
    assert_eq!(cells("a,b\n1\n1,2,3\n1,2,, \n1,2\n"), ["1|", "!TOO_MANY_CELLS -", "1|2", "1|2"]);
}

#[test]
fn a_broken_quote_is_one_bad_row() {
    assert_eq!(cells("a,b\n1,\"x\"y\n2,z\n"), ["!BROKEN_QUOTE b", "2|z"]);
    // What never closes would take all the rest.
    let read = read_as(b"a,b\n1,2\n\"3,4\n5,6\n7,8\n", &COMMA).unwrap();
    assert_eq!(read.cells(), ["1|2", "!BROKEN_QUOTE a", "5|6", "7|8"]);
    assert_eq!(read.lines(), [2, 3, 4, 5]);
    // Nor do rows that come much later.
    let text = format!("a,b\n\"1,2\n{}", "3,4\n".repeat(600_000));
    let read = read_as(text.as_bytes(), &COMMA).unwrap();
    assert_eq!((read.spooled.rows, read.spooled.bad_rows), (600_001, 1));
    assert_eq!(read.rows[600_000].line, 600_002);
}

#[test]
fn what_is_no_text_is_told_with_its_column() {
    let bytes = b"a,b,c\n1,\xff\xfe,3\n4,5,6\n7,8,\x00\n";
    assert_eq!(read_as(bytes, &COMMA).unwrap().cells(), ["!INVALID_BYTES b", "4|5|6", "!NUL_CHARACTER c"]);
    let gb = Format::Csv {
        encoding: Encoding::named("gbk").unwrap(),
        delimiter: Delimiter::Comma,
        header: true,
        guarded: false,
    };
    let read = read_as(b"a,b\n\xff,1\n\xd5\xc5\xc8\xfd,2\n", &gb).unwrap();
    assert_eq!(read.cells(), ["!INVALID_BYTES a", "张三|2"]);
}

#[test]
fn sizes_are_limited() {
    let limits = Limits { columns: 3, cell_bytes: 8, row_bytes: 32, name_characters: 4, ..Limits::default() };
    let read = |text: &str| read_within(text.as_bytes(), &COMMA, limits);
    let long = "x".repeat(200_000);
    let good = read(&format!("abcdef,b\n123456789,2\n3,{long}\n4,\"{long}\n\"\n5,6\n")).unwrap();
    assert_eq!(good.columns(), ["abcd", "b"]);
    // The line after the unclosed quotation mark begins with one that opens.
    assert_eq!(
        good.cells(),
        ["!CELL_TOO_LONG abcd", "!ROW_TOO_LONG b", "!BROKEN_QUOTE b", "!BROKEN_QUOTE abcd", "5|6"]
    );
    assert_eq!(good.lines(), [2, 3, 4, 5, 6]);
    assert!(matches!(read("a,b,c,d\n"), Err(FileError::TooManyColumns { most: 3 })));
    let header = read(&format!("\"{long}\n1,2\n")).unwrap_err();
    assert_eq!(header.code(), "BROKEN_HEADER");
    let spool = Limits { spool_bytes: 60, ..Limits::default() };
    let text = format!("a\n{}", "1\n".repeat(10));
    let error = read_within(text.as_bytes(), &COMMA, spool).unwrap_err();
    assert_eq!(error.code(), "FILE_TOO_LARGE");
}

#[test]
fn ten_thousand_columns_are_refused() {
    let text = format!("{}\n1\n", vec!["a"; 10_000].join(","));
    assert_eq!(read_as(text.as_bytes(), &COMMA).unwrap_err().code(), "TOO_MANY_COLUMNS");
    let text = format!("a,b\n1{}\n2{}x\n3,4\n", ",".repeat(10_000), ",".repeat(10_000));
    assert_eq!(cells(&text), ["1|", "!TOO_MANY_CELLS -", "3|4"]);
}

#[test]
fn without_names_columns_are_numbered() {
    let read = read(b"Li,li@example.com\nHan,han@example.com\n");
    assert_eq!(read.columns(), ["Column 1", "Column 2"]);
    assert_eq!(read.cells(), ["Li|li@example.com", "Han|han@example.com"]);
}

#[test]
fn what_we_guarded_is_taken_back() {
    let Format::Csv { encoding, delimiter, header, .. } = COMMA else { unreachable!() };
    let text = b"a,b\n'=1+1,'-x\n";
    assert_eq!(read_as(text, &COMMA).unwrap().cells(), ["'=1+1|'-x"]);
    let guarded = Format::Csv { encoding, delimiter, header, guarded: true };
    assert_eq!(read_as(text, &guarded).unwrap().cells(), ["=1+1|-x"]);
}

proptest! {
    /// The usual parser agrees wherever it is sure.
    #[test]
    fn good_rows_read_as_by_others(rows in prop::collection::vec(prop::collection::vec("[a-c\",\n\r; é]{0,4}", 3), 1..8)) {
        let mut writer = csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
        writer.write_record(["x", "y", "z"]).unwrap();
        for row in &rows {
            writer.write_record(row).unwrap();
        }
        let read = read_as(&writer.into_inner().unwrap(), &COMMA).unwrap();
        let blank = |row: &&Vec<String>| !row.iter().all(|cell| cell.trim().is_empty());
        let expected: Vec<Vec<String>> = rows.iter().filter(blank).cloned().collect();
        let found: Vec<Vec<String>> = read.rows.into_iter().map(|row| row.cells.unwrap()).collect();
        prop_assert_eq!(found, expected);
    }

    /// Whatever stands in a file, its good lines are read and each bad one is told once.
    #[test]
    fn bad_rows_stop_nothing(text in "[a\",\n]{0,60}") {
        let text = format!("h,i,j,k,l,m,n,o,p,q\n{text}\nlast,row\n");
        let read = read_as(text.as_bytes(), &COMMA).unwrap();
        let last = read.cells().pop().unwrap();
        prop_assert_eq!(last.trim_end_matches('|'), "last|row");
    }
}
