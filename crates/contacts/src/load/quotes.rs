//! Quotation marks in CSV: the parser forgives those that are never closed, and would take the rest of the file for one
//! value.

use std::io::BufRead;

use super::LoadError;

/// Where the next byte stands.
#[derive(Clone, Copy)]
enum Place {
    FieldStart,
    Plain,
    /// Inside quotation marks that began in this line.
    Quoted(u64),
    /// Behind a mark that closes, or is the first of two that mean one.
    Closing(u64),
}

/// Reads a file to its end.
///
/// # Errors
/// With the line of the first mark that is not closed, or is followed by text.
pub(super) fn check(mut file: impl BufRead) -> Result<(), LoadError> {
    if file.fill_buf()?.starts_with(b"\xef\xbb\xbf") {
        file.consume(3);
    }
    let (mut place, mut line) = (Place::FieldStart, 1);
    for byte in file.bytes() {
        let byte = byte?;
        place = match (place, byte) {
            (Place::FieldStart, b'"') => Place::Quoted(line),
            (Place::Quoted(start), b'"') => Place::Closing(start),
            (Place::Closing(start), b'"') | (Place::Quoted(start), _) => Place::Quoted(start),
            (_, b',' | b'\n' | b'\r') => Place::FieldStart,
            (Place::Closing(line), _) => return Err(LoadError::Quote { line }),
            (Place::FieldStart | Place::Plain, _) => Place::Plain,
        };
        line += u64::from(byte == b'\n');
    }
    match place {
        Place::Quoted(line) => Err(LoadError::Quote { line }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{LoadError, check};

    /// The line of an open mark.
    fn open(file: &str) -> Option<u64> {
        match check(file.as_bytes()) {
            Ok(()) => None,
            Err(LoadError::Quote { line }) => Some(line),
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn closed_marks_are_fine() {
        for file in
            ["", "a,b\n\"c, d\",\"e\n\"\"f\"\"\"\r\n", "\u{feff}\"a\",b", "5\" pipe,x\n", "\"\",\"\"\n"]
        {
            assert_eq!(open(file), None, "{file:?}");
        }
    }

    #[test]
    fn open_marks_are_told_by_their_line() {
        assert_eq!(open("a,b\nc,\"d\ne,f\n"), Some(2));
        assert_eq!(open("a,b\n\"c\"d,e\n"), Some(2));
        assert_eq!(open("\"a\n\nb\" c"), Some(1));
    }
}
