//! Quotation marks in CSV: the parser forgives those that are never closed, and would take the rest of the file for one
//! value.

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

/// The line of the first mark that is not closed, or is followed by text, as an error.
pub(super) fn check(file: &[u8]) -> Result<(), u64> {
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    let (mut place, mut line) = (Place::FieldStart, 1);
    for byte in file {
        place = match (place, byte) {
            (Place::FieldStart, b'"') => Place::Quoted(line),
            (Place::Quoted(start), b'"') => Place::Closing(start),
            (Place::Closing(start), b'"') | (Place::Quoted(start), _) => Place::Quoted(start),
            (_, b',' | b'\n' | b'\r') => Place::FieldStart,
            (Place::Closing(start), _) => return Err(start),
            (Place::FieldStart | Place::Plain, _) => Place::Plain,
        };
        line += u64::from(*byte == b'\n');
    }
    match place {
        Place::Quoted(start) => Err(start),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn closed_marks_are_fine() {
        for file in
            ["", "a,b\n\"c, d\",\"e\n\"\"f\"\"\"\r\n", "\u{feff}\"a\",b", "5\" pipe,x\n", "\"\",\"\"\n"]
        {
            assert_eq!(check(file.as_bytes()), Ok(()), "{file:?}");
        }
    }

    #[test]
    fn open_marks_are_told_by_their_line() {
        assert_eq!(check(b"a,b\nc,\"d\ne,f\n"), Err(2));
        assert_eq!(check(b"a,b\n\"c\"d,e\n"), Err(2));
        assert_eq!(check(b"\"a\n\nb\" c"), Err(1));
    }
}
