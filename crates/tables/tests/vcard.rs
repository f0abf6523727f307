use shoal_tables::{Encoding, Format};

use crate::common::{Read, detect, encoded, read, read_as};

/// Cells of the first row by column.
fn card(read: &Read) -> Vec<(&str, &str)> {
    let cells = read.rows[0].cells.as_ref().unwrap();
    read.columns().into_iter().zip(cells.iter().map(String::as_str)).collect()
}

#[test]
fn version_4_is_read() {
    let read = read(
        b"BEGIN:VCARD\r\nVERSION:4.0\r\nUID:urn:uuid:1\r\nFN;LANGUAGE=en:Li Lei\\, MSc\r\nN:Li;Lei;Bo,Xu;Dr.;\r\n\
          ORG:Sea;Sales;North\r\nTITLE:Head\r\nEMAIL;TYPE=work:li@example.com\r\nEMAIL:li@home.example\r\n\
          TEL;VALUE=uri;TYPE=\"cell,voice\":tel:+86-138-0013-8000\r\nADR;TYPE=home:;;1 Sea Road;Dalian;Liaoning;116000;China\r\n\
          BDAY:19800131\r\nNOTE:one\\ntwo\\;three\\, fo\r\n ur\r\nCATEGORIES:vip,north\r\nURL:https://example.com/a,b\r\n\
          LANG:zh-CN\r\nTZ:Asia/Shanghai\r\nPHOTO:data:image/png;base64,AAAA\r\nX-OTHER:x\r\nEND:VCARD\r\n",
    );
    let expected = [
        ("UID", "urn:uuid:1"),
        ("Formatted name", "Li Lei, MSc"),
        ("Family name", "Li"),
        ("Given name", "Lei"),
        ("Additional names", "Bo, Xu"),
        ("Honorific prefix", "Dr."),
        ("Organization", "Sea"),
        ("Department", "Sales, North"),
        ("Job title", "Head"),
        ("E-mail 1", "li@example.com"),
        ("E-mail 1 type", "work"),
        ("E-mail 2", "li@home.example"),
        ("Phone 1", "+86-138-0013-8000"),
        ("Phone 1 type", "cell; voice"),
        ("Address 1 type", "home"),
        ("Address 1 street", "1 Sea Road"),
        ("Address 1 city", "Dalian"),
        ("Address 1 region", "Liaoning"),
        ("Address 1 postal code", "116000"),
        ("Address 1 country", "China"),
        ("Birthday", "1980-01-31"),
        ("Note", "one\ntwo;three, four"),
        ("Categories", "vip; north"),
        ("Website", "https://example.com/a,b"),
        ("Language", "zh-CN"),
        ("Time zone", "Asia/Shanghai"),
    ];
    assert_eq!(card(&read), expected);
}

#[test]
fn version_3_is_read() {
    let text = "BEGIN:VCARD\nVERSION:3.0\nN:Müller;Jürgen;;;\nFN:Jürgen\n  Müller\nitem1.EMAIL;type=INTERNET;type=HOME;type=pref:j@example.com\n\
                TEL;TYPE=WORK,FAX:+49 89 1\nBDAY;VALUE=date:1980-01-31\nTZ:+01:00\nEND:VCARD\n";
    for bytes in [text.as_bytes().to_vec(), encoded(text, "windows-1252")] {
        let read = read(&bytes);
        let expected = [
            ("Formatted name", "Jürgen Müller"),
            ("Family name", "Müller"),
            ("Given name", "Jürgen"),
            ("E-mail 1", "j@example.com"),
            ("E-mail 1 type", "home"),
            ("Phone 1", "+49 89 1"),
            ("Phone 1 type", "work; fax"),
            ("Birthday", "1980-01-31"),
            ("Time zone", "+01:00"),
        ];
        assert_eq!(card(&read), expected);
    }
}

#[test]
fn version_2_1_is_read() {
    let gb = encoded("张;伟", "gbk");
    let note: String = encoded("第一,行\n二", "gbk").iter().map(|byte| format!("={byte:02X}")).collect();
    let (start, end) = note.split_at(15);
    let bytes = [
        b"BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=GB2312:".as_slice(),
        &gb,
        b"\r\nTEL;CELL;VOICE:13800138000\r\nORG:Sea, Sand and Sun;Sales\r\nNOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=GBK:",
        format!("{start}=\r\n{end}\r\n").as_bytes(),
        b"ADR;HOME;QUOTED-PRINTABLE;CHARSET=UTF-8:;;1, Sea=20Road;Dalian;;;China\r\n",
        b"PHOTO;ENCODING=BASE64;JPEG:\r\n",
        &b" QUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJD\r\n".repeat(60_000),
        b"\r\nAGENT:\r\nBEGIN:VCARD\r\nVERSION:2.1\r\nN:Other\r\nEND:VCARD\r\nBDAY:19800131\r\nEND:VCARD\r\n",
    ]
    .concat();
    let read = read(&bytes);
    let expected = [
        ("Family name", "张"),
        ("Given name", "伟"),
        ("Organization", "Sea, Sand and Sun"),
        ("Department", "Sales"),
        ("Phone 1", "13800138000"),
        ("Phone 1 type", "cell; voice"),
        ("Address 1 type", "home"),
        ("Address 1 street", "1, Sea Road"),
        ("Address 1 city", "Dalian"),
        ("Address 1 country", "China"),
        ("Birthday", "1980-01-31"),
        ("Note", "第一,行\n二"),
    ];
    assert_eq!(card(&read), expected);
    assert_eq!(read.rows.len(), 1);
}

#[test]
fn utf_16_is_read() {
    let bytes = encoded("\u{feff}BEGIN:VCARD\r\nVERSION:3.0\r\nFN:张伟\r\nEND:VCARD\r\n", "UTF-16LE");
    assert_eq!(card(&read(&bytes)), [("Formatted name", "张伟")]);
}

#[test]
fn bad_cards_stop_nothing() {
    let long = "x".repeat(2 << 20);
    let text = [
        b"stray\r\nlines\r\nBEGIN:VCARD\r\nFN:A\r\nEND:VCARD\r\n\r\nBEGIN:VCARD\r\nFN:no end\r\n".as_slice(),
        b"BEGIN:VCARD\r\nFN:B\r\nno colon\r\n:no name\r\nEND:VCARD\r\nBEGIN:VCARD\r\nNOTE:",
        long.as_bytes(),
        b"\r\nEND:VCARD\r\nBEGIN:VCARD\r\nFN:\xff\xfe\r\nEND:VCARD\r\nbegin:vcard\r\nfn:C\r\nend:vcard\r\nBEGIN:VCARD\r\nFN:cut",
    ]
    .concat();
    let read = read_as(&text, &Format::Vcard { encoding: Encoding::UTF_8 }).unwrap();
    assert_eq!(read.columns(), ["Formatted name"]);
    let cells = read.cells();
    let expected = [
        "!BROKEN_CARD -",
        "A",
        "!BROKEN_CARD -",
        "B",
        "!ROW_TOO_LONG -",
        "!INVALID_BYTES -",
        "C",
        "!BROKEN_CARD -",
    ];
    assert_eq!(cells, expected);
    assert_eq!(read.lines(), [1, 3, 7, 9, 14, 17, 20, 23]);
}

#[test]
fn birthdays_are_read_however_they_are_written() {
    for (version, written, expected) in [
        ("4.0", "19800131", "1980-01-31"),
        ("4.0", "1980-01-31", "1980-01-31"),
        ("4.0", "--0131", "--01-31"),
        ("4.0", "--01-31", "--01-31"),
        ("4.0", "1980", "1980"),
        ("4.0", "circa 1800", "circa 1800"),
        ("3.0", "1980-01-31", "1980-01-31"),
        ("3.0", "1980-01-31T00:00:00Z", "1980-01-31"),
        ("2.1", "19800131", "1980-01-31"),
        ("3.0", "31.01.1980", "31.01.1980"),
        ("4.0", "1980/01/31", "1980/01/31"),
    ] {
        let text = format!("BEGIN:VCARD\nVERSION:{version}\nBDAY:{written}\nEND:VCARD\n");
        assert_eq!(card(&read(text.as_bytes())), [("Birthday", expected)], "{version} {written}");
    }
}

#[test]
fn many_cards_are_found() {
    let text = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:A\r\nEND:VCARD\r\n".repeat(500);
    assert!(matches!(detect(text.as_bytes()).unwrap(), Format::Vcard { .. }));
    assert_eq!(read(text.as_bytes()).spooled.rows, 500);
}
