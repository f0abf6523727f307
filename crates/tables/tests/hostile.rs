//! Broken files of every kind: each is read or refused, and no row that can be read is lost to a panic.

use proptest::prelude::*;
use shoal_tables::{Delimiter, Encoding, FileError, Format, OutputFormat, Value};

use crate::common::{detect, read_as, workbook, written};

/// Small whole files.
fn files() -> Vec<Vec<u8>> {
    let text = |text: &str| Value::Text(text.to_owned());
    let rows = [vec![text("张伟"), Value::Integer(-5)], vec![text("a \"b\", c\nd"), text("=x")]];
    let csv = OutputFormat::Csv { byte_order_mark: true };
    let columns = ["Formatted name", "Note"];
    let mut files: Vec<Vec<u8>> = [csv, OutputFormat::Jsonl, OutputFormat::Vcard, OutputFormat::Xlsx]
        .into_iter()
        .map(|format| written(format, &columns, &rows))
        .collect();
    files.push(workbook(
        "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row><row r=\"2\"><c s=\"1\"><v>46082.5</v></c></row>",
        "<si><t>a &amp; b</t></si>",
        "<numFmts><numFmt numFmtId=\"170\" formatCode=\"d/m/yy\"/></numFmts><cellXfs><xf/><xf numFmtId=\"170\"/></cellXfs>",
    ));
    files.push(b"BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=GBK;ENCODING=QUOTED-PRINTABLE:=D5=C5;=\r\n=CE=B0\r\nADR;X=\"a:b\":;;c\r\nBDAY:1980-01-31\r\nTZ:+08\r\nEND:VCARD\r\n".to_vec());
    files.push("name;city\r\n\"张\";北京\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect());
    files
}

/// Reads it as what it looks like, and as everything else.
fn survive(bytes: &[u8]) {
    let mut formats: Vec<Format> = detect(bytes).into_iter().collect();
    for label in ["utf-8", "gb18030", "utf-16le"] {
        let encoding = Encoding::named(label).unwrap();
        formats.push(Format::Csv { encoding, delimiter: Delimiter::Comma, header: true, guarded: true });
        formats.push(Format::Jsonl { encoding });
        formats.push(Format::Vcard { encoding });
    }
    for sheet in ["Sheet1", "People & Co"] {
        formats.push(Format::Xlsx { sheet: sheet.to_owned(), sheets: vec![], header: true });
    }
    for format in formats {
        match read_as(bytes, &format) {
            Ok(read) => {
                for row in &read.rows {
                    let cells = row.cells.as_ref().map_or(read.columns().len(), Vec::len);
                    assert_eq!(cells, read.columns().len());
                }
                assert!(read.rows.is_sorted_by_key(|row| row.number));
            }
            Err(FileError::Io(error)) => panic!("{format:?}: {error}"),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
}

#[test]
fn every_beginning_of_a_file_is_read_or_refused() {
    for file in files() {
        // Directories of archives are at the end, so most of their beginnings are alike.
        let step = if file.starts_with(b"PK") { file.len() / 60 } else { 1 };
        for end in (0..file.len()).step_by(step) {
            survive(&file[..end]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn files_with_wrong_bytes_are_read_or_refused(
        which in 0_usize..7,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut file = files().swap_remove(which);
        for (at, byte) in changes {
            let at = at.index(file.len());
            file[at] = byte;
        }
        survive(&file);
    }

    /// What is unpacked of a workbook is changed, which its check sum would hide.
    #[test]
    fn sheets_with_wrong_bytes_are_read_or_refused(
        rows in "(<row( r=\"[0-9]{1,22}\")?>|<c( r=\"[A-Z]{0,9}[0-9]\")?( t=\"(s|b|e|n|str|inlineStr)\")?( s=\"[0-9]\")?>|<v>|</v>|</c>|</row>|[-0-9.e]{1,9}|<t>|</t>|<is>|&#x?[0-9a-f]{1,4};|&amp;|_x00|<|>|\"){0,30}",
        strings in "(<si>|</si>|<t>|</t>|<rPh>|a|&#0;|&x;|<!--|-->|<!\\[CDATA\\[|\\]\\]>){0,12}",
        styles in "(<numFmts>|<numFmt numFmtId=\"[0-9]{0,12}\" formatCode=\"[\\[\\]hmsydg;a\\\\]{0,6}\"/>|<cellXfs>|<xf numFmtId=\"[0-9]{1,3}\"/>|</cellXfs>){0,8}",
    ) {
        survive(&workbook(&rows, &strings, &styles));
    }

    #[test]
    fn any_card_is_read_or_refused(
        lines in prop::collection::vec(
            "(BEGIN:VCARD|END:VCARD|VERSION:(2.1|3.0|4.0)|AGENT:|(N|FN|TEL|ADR|BDAY|TZ|ORG|EMAIL|NOTE|LANG|URL|UID|X-A|CATEGORIES)(;(TYPE=)?(HOME|\"a,b\"|PREF)|;VALUE=(date|uri|utc-offset|text|integer|boolean|timestamp)|;ENCODING=(B|QUOTED-PRINTABLE)|;CHARSET=(gbk|none)){0,3}:[-+a-z0-9;,=\\\\:T张é]{0,14}| .{0,5}|.{0,8})",
            0..12,
        ),
    ) {
        let text = format!("BEGIN:VCARD\r\n{}\r\nEND:VCARD\r\n", lines.join("\r\n"));
        survive(text.as_bytes());
    }
}
