use shoal_tables::{Encoding, Format};

use crate::common::{read, read_as};

#[test]
fn columns_are_those_of_all_objects() {
    let text = r#"{"name": "Li", "account": {"name": "Sea", "address": {"city": "Dalian"}}}

{"name": "Han", "tags": ["a", "b"], "vip": true, "phone": 13800001234, "account": {}, "none": null}
{"amount": 12345678901234567890.10, "name": "\u5f20", "roles": [{"a": 1}], "none": 1}
"#;
    let read = read(text.as_bytes());
    assert_eq!(
        read.columns(),
        ["name", "account.name", "account.address.city", "tags", "vip", "phone", "none", "amount", "roles"]
    );
    assert_eq!(
        read.cells(),
        [
            "Li|Sea|Dalian||||||",
            "Han|||a; b|true|13800001234|||",
            "张||||||1|12345678901234567890.10|[{\"a\": 1}]"
        ]
    );
    assert_eq!(read.lines(), [1, 3, 4]);
}

#[test]
fn bad_lines_stop_nothing() {
    let long = format!("{{\"name\": \"{}\"}}", "x".repeat(2 << 20));
    let deep = format!("{{\"a\":{}1{}}}", "{\"a\":".repeat(20), "}".repeat(20));
    let text = [
        b"{\"name\": \"Li\"}\n{\"name\": \n[1]\n\"x\"\n{\"name\": \"\xff\"}\n".as_slice(),
        long.as_bytes(),
        b"\n{\"name\": \"a\\u0000\"}\n{\"name\": \"Han\"}\n",
        deep.as_bytes(),
        format!("\n{{\"{}\": 1}}", "n".repeat(201)).as_bytes(),
    ]
    .concat();
    let read = read_as(&text, &Format::Jsonl { encoding: Encoding::UTF_8 }).unwrap();
    assert_eq!(read.columns(), ["name", "a.a.a.a.a.a.a.a"]);
    let rest = format!("{}1{}", "{\"a\":".repeat(13), "}".repeat(13));
    assert_eq!(
        read.cells(),
        [
            "Li|",
            "!INVALID_JSON -",
            "!NOT_AN_OBJECT -",
            "!NOT_AN_OBJECT -",
            "!INVALID_BYTES -",
            "!ROW_TOO_LONG -",
            "!NUL_CHARACTER name",
            "Han|",
            &format!("|{rest}"),
            "!NAME_TOO_LONG -",
        ]
    );
}

#[test]
fn too_many_names_are_refused() {
    let text: String = (0..1001).map(|number| format!("{{\"n{number}\": 1}}\n")).collect();
    let error = read_as(text.as_bytes(), &Format::Jsonl { encoding: Encoding::UTF_8 }).unwrap_err();
    assert_eq!(error.code(), "TOO_MANY_COLUMNS");
}
