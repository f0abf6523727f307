use std::fs::File;
use std::io::{BufReader, Cursor, Write};
use std::ops::ControlFlow;

use shoal_tables::{FileError, Limits, Progress, Row, SpoolReader, detect, spool};

use crate::common::file;

fn spooled(text: &str) -> (shoal_tables::Spooled, Vec<u8>) {
    let file = file(text.as_bytes());
    let format = detect(file.path(), Limits::default()).unwrap();
    let mut out = Vec::new();
    let go_on = &mut |_| ControlFlow::Continue(());
    let spooled = spool(file.path(), &format, Limits::default(), &mut out, go_on).unwrap();
    (spooled, out)
}

#[test]
fn a_spool_is_lines_of_json() {
    let (spooled, spool) = spooled("a,b\n1,\n\"x\n2,3\n");
    assert_eq!(
        String::from_utf8(spool).unwrap(),
        r#"{"columns":["a","b"]}
{"row":1,"line":2,"cells":["1"]}
{"row":2,"line":3,"error":{"code":"BROKEN_QUOTE","column":"a","message":"a quotation mark is not closed"}}
{"row":3,"line":4,"cells":["2","3"]}
"#
    );
    assert_eq!((spooled.rows, spooled.bad_rows), (3, 1));
    assert_eq!(spooled.sha256, "b7a580b71de1cfd0e65fd5c247ca1e69500b8b65238e645b7f3acd76e7453108");
}

#[test]
fn reading_goes_on_where_it_stopped() {
    let (_, spool) = spooled("a,b\n1,2\n3,张\n5,6\n");
    let all: Vec<Row> = SpoolReader::new(Cursor::new(&spool)).unwrap().map(Result::unwrap).collect();
    assert_eq!(all.len(), 3);
    assert_eq!(all[2].end_offset, spool.len() as u64);
    for (at, row) in all.iter().enumerate() {
        let rest = SpoolReader::at(Cursor::new(&spool), row.end_offset).unwrap();
        assert_eq!(rest.columns(), ["a", "b"]);
        let rest: Vec<Row> = rest.map(Result::unwrap).collect();
        assert_eq!(rest, all[at + 1..]);
    }
    let from_the_start: Vec<Row> =
        SpoolReader::at(Cursor::new(&spool), 0).unwrap().map(Result::unwrap).collect();
    assert_eq!(from_the_start, all);
    let mut cut = SpoolReader::new(Cursor::new(&spool[..spool.len() - 3])).unwrap();
    assert!(cut.nth(2).unwrap().is_err());
}

#[test]
fn progress_is_told_and_may_stop() {
    let text = format!("a,b\n{}", "1,2\n".repeat(2_500));
    let file = file(text.as_bytes());
    let format = detect(file.path(), Limits::default()).unwrap();
    let mut told: Vec<Progress> = Vec::new();
    let go_on = &mut |progress| {
        told.push(progress);
        ControlFlow::Continue(())
    };
    spool(file.path(), &format, Limits::default(), Vec::new(), go_on).unwrap();
    assert_eq!(told.iter().map(|progress| progress.rows).collect::<Vec<_>>(), [1_000, 2_000, 2_500]);
    let last = told.last().unwrap();
    assert_eq!((last.read, last.bytes), (text.len() as u64, text.len() as u64));
    let stopped = spool(file.path(), &format, Limits::default(), Vec::new(), &mut |_| ControlFlow::Break(()));
    assert!(matches!(stopped, Err(FileError::Stopped)));
}

#[test]
fn a_full_disk_is_an_error() {
    let full = File::options().write(true).open("/dev/full");
    let Ok(full) = full else { return };
    let file = file(b"a,b\n1,2\n");
    let format = detect(file.path(), Limits::default()).unwrap();
    let mut out = std::io::BufWriter::new(full);
    let result = spool(file.path(), &format, Limits::default(), &mut out, &mut |_| ControlFlow::Continue(()));
    assert!(matches!(result, Err(FileError::Io(_))), "{result:?}");
    assert!(out.flush().is_err());
    let _ = out.into_parts();
    assert!(SpoolReader::new(BufReader::new(File::open("/dev/null").unwrap())).is_err());
}
