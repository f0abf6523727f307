use shoal_tables::{Format, Limits};

use crate::common::{detect, read, read_as, read_within, workbook};

fn format() -> Format {
    let sheet = || "People & Co".to_owned();
    Format::Xlsx { sheet: sheet(), sheets: vec![sheet()], header: true }
}

const STYLES: &str = r#"<numFmts><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd\ hh:mm:ss"/><numFmt numFmtId="165" formatCode="[$-804]yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/></numFmts>
<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>
<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="46"/></cellXfs>"#;

#[test]
fn cells_read_as_they_are_shown() {
    let strings = "<si><t>Name</t></si><si><r><t>L</t></r><r><t xml:space=\"preserve\">i </t></r><rPh><t>no</t></rPh></si><si/><si><t>a&amp;b_x000D_&#10;c_x0</t></si>";
    let rows = r#"
<row r="2"/><row r="3"><c r="A3" t="s"><v>0</v></c><c r="B3" t="inlineStr"><is><t>Phone</t></is></c><c r="D3" t="str"><f>1</f><v>Day</v></c></row>
<row r="4"><c r="A4" t="s"><v>1</v></c><c r="B4"><v>13800001234</v></c><c r="C4"><v>1.5000000000000002</v></c><c r="D4" s="1"><v>46082</v></c></row>
<row r="5" hidden="1"><c r="A5" t="b"><v>1</v></c><c r="C5"><f>A1+B1</f><v>7.0</v></c><c r="D5" s="2"><v>46082.354166666664</v></c></row>
<row r="9"><c r="A9" t="s"><v>3</v></c><c r="B9" t="s"><v>2</v></c><c r="D9" s="3"><v>46082</v></c><c r="E9" s="1"/></row>
<row r="10"><c r="A10"><v>1</v></c><c r="C10" t="e"><v>#N/A</v></c></row>
<row r="11"><c><v>1</v></c><c><v>2</v></c><c/><c s="4"><v>1.25</v></c></row>
<row r="12"><c r="A12"><v>1</v></c><c r="F12"><v>2</v></c></row>
<row r="13"><c r="A13" t="d"><v>2026-03-01</v></c></row>"#;
    let book = workbook(rows, strings, STYLES);
    assert_eq!(detect(&book).unwrap(), format());
    let read = read(&book);
    assert_eq!(read.columns(), ["Name", "Phone", "Column 3", "Day"]);
    assert_eq!(
        read.cells(),
        [
            "Li |13800001234|1.5|2026-03-01",
            "true||7|2026-03-01T08:30:00",
            "a&b\r\nc_x0|||2026-03-01",
            "!FORMULA_ERROR Column 3",
            "1|2||30:00:00",
            "!TOO_MANY_CELLS -",
            "2026-03-01|||",
        ]
    );
    assert_eq!(read.lines(), [4, 5, 9, 10, 11, 12, 13]);
}

#[test]
fn sheets_are_chosen_by_name() {
    let mut book = rust_xlsxwriter::Workbook::new();
    for (name, cell) in [("客户", "a"), ("Other", "b")] {
        let sheet = book.add_worksheet().set_name(name).unwrap();
        sheet.write(0, 0, "name").unwrap().write(1, 0, cell).unwrap();
    }
    let bytes = book.save_to_buffer().unwrap();
    let Format::Xlsx { sheet, sheets, header } = detect(&bytes).unwrap() else { panic!() };
    assert_eq!((sheet.as_str(), header), ("客户", true));
    assert_eq!(sheets, ["客户", "Other"]);
    let other = |name: &str| Format::Xlsx { sheet: name.to_owned(), sheets: vec![], header: true };
    assert_eq!(read_as(&bytes, &other("Other")).unwrap().cells(), ["b"]);
    assert_eq!(read_as(&bytes, &other("None")).unwrap_err().code(), "NO_SUCH_SHEET");
}

#[test]
fn an_empty_sheet_is_an_empty_file() {
    let book = workbook("", "", "");
    assert_eq!(detect(&book).unwrap(), format());
    assert_eq!(read_as(&book, &format()).unwrap_err().code(), "EMPTY_FILE");
}

#[test]
fn more_texts_than_fit_into_memory_are_read() {
    let text = |number: usize| format!("{number}-{}", "x".repeat(600));
    let strings: String = (0..30_000).map(|number| format!("<si><t>{}</t></si>", text(number))).collect();
    let order = [0, 29_999, 5, 28_000, 27_999, 1, 29_998];
    let rows: String =
        order.iter().map(|number| format!("<row><c t=\"s\"><v>{number}</v></c></row>")).collect();
    let read = read_as(&workbook(&rows, &strings, ""), &format()).unwrap();
    assert_eq!(read.columns(), [&text(0)[..200]]);
    assert_eq!(read.cells(), order[1..].iter().map(|number| text(*number)).collect::<Vec<_>>());
    let beyond = workbook("<row><c t=\"s\"><v>30000</v></c></row>", &strings, "");
    assert_eq!(read_as(&beyond, &format()).unwrap_err().code(), "BROKEN_FILE");
}

#[test]
fn sizes_are_limited() {
    let cell = |text: &str| format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>");
    let long = "x".repeat(70_000);
    let wide = cell(&"y".repeat(60_000)).repeat(20);
    let rows = format!(
        "<row>{}</row><row>{}</row><row>{wide}</row><row>{}</row>",
        cell("a").repeat(20),
        cell(&long),
        cell("last")
    );
    let read = read_as(&workbook(&rows, "", ""), &format()).unwrap();
    let cells = read.cells();
    assert_eq!(cells[..2], ["!CELL_TOO_LONG a", "!ROW_TOO_LONG -"]);
    assert!(cells[2].starts_with("last|"));
    let wide = format!("<row>{}</row>", cell("a").repeat(1_001));
    assert_eq!(read_as(&workbook(&wide, "", ""), &format()).unwrap_err().code(), "TOO_MANY_COLUMNS");
    let far = "<row><c r=\"A1\"><v>1</v></c></row><row><c r=\"XFD2\"><v>1</v></c></row><row><c r=\"ZZZZZZZ2\"><v>1</v></c></row>";
    assert_eq!(read_as(&workbook(far, "", ""), &format()).unwrap().cells(), ["!TOO_MANY_CELLS -"; 2]);
}

#[test]
fn what_unpacks_to_too_much_is_refused() {
    let rows = format!("<row>{}<c><v>1</v></c></row>", " ".repeat(1_000));
    let limits = Limits { part_bytes: 1_000, ..Limits::default() };
    let error = read_within(&workbook(&rows, "", ""), &format(), limits).unwrap_err();
    assert_eq!(error.code(), "FILE_TOO_LARGE");
    assert!(error.to_string().contains("save it as CSV"), "{error}");
    // The directory may lie about it: its sizes are of the sheet here, the last part.
    let mut book = workbook(&rows, "", "");
    let size = u32::try_from(format!("<worksheet><sheetData>{rows}</sheetData></worksheet>").len()).unwrap();
    let directory = book.windows(4).rposition(|window| window == size.to_le_bytes()).unwrap();
    book[directory..directory + 4].copy_from_slice(&900_u32.to_le_bytes());
    let error = read_within(&book, &format(), limits).unwrap_err();
    assert_eq!(error.code(), "FILE_TOO_LARGE", "{error}");
    // One text of more than a megabyte is no cell's.
    let text = format!("<row><c t=\"inlineStr\"><is><t>{}</t></is></c></row>", "x".repeat(3 << 20));
    assert_eq!(read_as(&workbook(&text, "", ""), &format()).unwrap_err().code(), "FILE_TOO_LARGE");
    let deep = workbook(&"<row>".repeat(1_000), "", "");
    assert_eq!(read_as(&deep, &format()).unwrap_err().code(), "BROKEN_FILE");
}
