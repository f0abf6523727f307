use serde_json::json;
use shoal_tables::{Delimiter, Encoding, FileError, Format};

use crate::common::{TYPES, archive, detect, encoded, read, workbook};

fn csv(bytes: &[u8]) -> (&'static str, Delimiter) {
    match detect(bytes).unwrap() {
        Format::Csv { encoding, delimiter, .. } => (encoding.name(), delimiter),
        other => panic!("{other:?}"),
    }
}

const CHINESE: &str =
    "姓名,公司,电话\n张伟,北京物业管理有限公司,010-8888\n李娜,上海软件公司,021-7777\n王芳,深圳科技,0755-1\n";
const RUSSIAN: &str =
    "Имя;Компания;Телефон\nИван Петров;ООО Ромашка;+7 495 123-45-67\nАнна Смирнова;Завод;+7 812 765-43-21\n";

#[test]
fn encodings_are_found() {
    for (text, label, expected) in [
        (CHINESE, "UTF-8", "UTF-8"),
        (CHINESE, "gb18030", "gb18030"),
        (CHINESE, "UTF-16LE", "UTF-16LE"),
        (CHINESE, "UTF-16BE", "UTF-16BE"),
        (RUSSIAN, "UTF-8", "UTF-8"),
        (RUSSIAN, "windows-1251", "windows-1251"),
        (RUSSIAN, "UTF-16LE", "UTF-16LE"),
        ("名前,会社\n山田太郎,株式会社日本サービス\n", "shift_jis", "Shift_JIS"),
        ("Name;Ort\nJürgen Müller;München\nRené;Besançon\n", "windows-1252", "windows-1252"),
        ("name,note\na,b\n", "UTF-8", "UTF-8"),
    ] {
        let bytes = encoded(text, label);
        assert_eq!(csv(&bytes).0, expected, "{label}: {text}");
        let expected: Vec<&str> = text.lines().next().unwrap().split([',', ';']).collect();
        assert_eq!(read(&bytes).columns(), expected);
    }
}

#[test]
fn a_byte_order_mark_decides() {
    for label in ["UTF-8", "UTF-16LE", "UTF-16BE"] {
        let bytes = encoded("\u{feff}a,b\n1,2\n", label);
        assert_eq!(csv(&bytes), (label, Delimiter::Comma));
        assert_eq!(read(&bytes).columns(), ["a", "b"]);
    }
}

#[test]
fn an_encoding_that_shows_late_is_found() {
    let ascii = "name,city\n".to_owned() + &"a,b\n".repeat(100_000);
    let bytes =
        [ascii.clone().into_bytes(), encoded("张伟,北京物业管理有限公司上海软件公司\n", "gb18030")].concat();
    assert_eq!(csv(&bytes).0, "gb18030");
    // One bad byte in UTF-8 makes a bad row, no other encoding.
    let bytes = [CHINESE.as_bytes(), b"\xff,x,y\n"].concat();
    assert_eq!(csv(&bytes).0, "UTF-8");
    assert_eq!(read(&bytes).cells()[3], "!INVALID_BYTES 姓名");
}

#[test]
fn delimiters_are_found() {
    for (text, expected) in [
        ("a,b\n1,2\n", Delimiter::Comma),
        ("a;b\n1,5;2,5\n3,5;4,5\n", Delimiter::Semicolon),
        ("a\tb\nx, y\tz; w\n", Delimiter::Tab),
        ("a|b|c\n1|2|3\n", Delimiter::Pipe),
        ("name;note\nLi;\"a, b, c\nd, e, f\"\nHan;x\n", Delimiter::Semicolon),
        ("name\nLi\nHan\n", Delimiter::Comma),
        ("sep=;\na,x;b\n1,y;2\n", Delimiter::Semicolon),
        ("SEP=\t\r\na\tb\r\n", Delimiter::Tab),
        ("a;b;c", Delimiter::Semicolon),
    ] {
        assert_eq!(csv(text.as_bytes()).1, expected, "{text:?}");
    }
    let read = read(b"sep=;\r\na;b\r\n1;2\r\n");
    assert_eq!(
        (read.columns(), read.cells(), read.lines()),
        (vec!["a", "b"], vec!["1|2".to_owned()], vec![3])
    );
}

#[test]
fn formats_are_found_by_what_stands_in_them() {
    assert!(matches!(detect(b"{\"a\": 1}\n").unwrap(), Format::Jsonl { .. }));
    assert!(matches!(detect(b"\xef\xbb\xbf\nBEGIN:VCARD\r\n").unwrap(), Format::Vcard { .. }));
    let book = workbook("<row><c t=\"inlineStr\"><is><t>Name</t></is></c></row>", "", "");
    let sheet = || "People & Co".to_owned();
    assert_eq!(detect(&book).unwrap(), Format::Xlsx { sheet: sheet(), sheets: vec![sheet()], header: true });
}

#[test]
fn other_files_are_refused_with_advice() {
    let old = [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".as_slice(), &[7; 600]].concat();
    let locked = [old.clone(), encoded("EncryptedPackage", "UTF-16LE")].concat();
    let binary: Vec<u8> = (0..2000_u32).map(|number| (number * 7).to_le_bytes()[0] & 0xf8).collect();
    for (bytes, code, part) in [
        (b"".as_slice(), "EMPTY_FILE", "empty"),
        (b"\xef\xbb\xbf", "EMPTY_FILE", "empty"),
        (b"\xff\xfe", "EMPTY_FILE", "empty"),
        (b" \r\n \n", "EMPTY_FILE", "empty"),
        (&old, "UNSUPPORTED_FILE", "(.xls); open it in a spreadsheet"),
        (&locked, "PROTECTED_FILE", "password"),
        (b"%PDF-1.7\n", "UNSUPPORTED_FILE", "PDF"),
        (b"\x89PNG\r\n\x1a\n", "UNSUPPORTED_FILE", "picture"),
        (b"  <HTML><table><tr><td>a</td></tr></table>", "UNSUPPORTED_FILE", "web page"),
        (b"<?xml version=\"1.0\"?><Workbook/>", "UNSUPPORTED_FILE", "XML"),
        (b"[\n {\"a\": 1}]", "UNSUPPORTED_FILE", "one object per line"),
        (b"BEGIN:VCALENDAR\r\n", "UNSUPPORTED_FILE", "calendar"),
        (b"\x1f\x8b\x08", "UNSUPPORTED_FILE", "unpack"),
        (&binary, "UNSUPPORTED_FILE", "no text"),
        (&archive(&[("a.csv", "a,b")]), "UNSUPPORTED_FILE", "ZIP"),
        (&archive(&[("mimetype", "x"), ("content.xml", "x")]), "UNSUPPORTED_FILE", "OpenDocument"),
        (&archive(&[("[Content_Types].xml", TYPES), ("xl/workbook.bin", "")]), "UNSUPPORTED_FILE", "xlsb"),
        (
            &archive(&[("[Content_Types].xml", TYPES), ("word/document.xml", "")]),
            "UNSUPPORTED_FILE",
            "text document",
        ),
        (b"PK\x03\x04 and no more", "BROKEN_FILE", "save it again"),
    ] {
        let error = detect(bytes).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert!(error.to_string().contains(part), "{error}");
    }
    let missing = shoal_tables::detect(std::path::Path::new("/nonexistent"), shoal_tables::Limits::default());
    assert!(matches!(missing, Err(FileError::Io(_))));
}

#[test]
fn a_caller_may_correct_it() {
    let format = detect(&encoded(RUSSIAN, "windows-1251")).unwrap();
    let told = serde_json::to_value(&format).unwrap();
    let expected = json!({
        "kind": "csv", "encoding": "windows-1251", "delimiter": "semicolon", "header": true, "guarded": false,
    });
    assert_eq!(told, expected);
    let corrected: Format = serde_json::from_value(
        json!({"kind": "csv", "encoding": "gb2312", "delimiter": "tab", "header": false}),
    )
    .unwrap();
    let Format::Csv { encoding, .. } = &corrected else { panic!("{corrected:?}") };
    assert_eq!(*encoding, Encoding::named("GB18030").unwrap());
    let unknown = json!({"kind": "jsonl", "encoding": "klingon"});
    assert!(serde_json::from_value::<Format>(unknown).is_err());
}
