//! Line ends of any system become those of Unix, and the last line has one: the CSV library then counts lines right.

use std::io::{BufRead, Read, Result};

/// A file whose `\r\n` and `\r` are read as `\n`.
#[derive(Debug)]
pub(super) struct LineEnds<R> {
    file: R,
    /// The byte that was read last.
    last: u8,
}

impl<R: BufRead> LineEnds<R> {
    pub(super) fn new(file: R) -> Self {
        Self { file, last: b'\n' }
    }
}

impl<R: BufRead> Read for LineEnds<R> {
    fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        let mut written = 0;
        // A buffer may hold nothing but the second half of a line end, which is no reason to say that the file ends.
        while written == 0 && !into.is_empty() {
            let read = self.file.fill_buf()?;
            if read.is_empty() {
                if self.last != b'\n' && self.last != b'\r' {
                    (self.last, into[0], written) = (b'\n', b'\n', 1);
                }
                break;
            }
            let length = read.len().min(into.len());
            for &byte in &read[..length] {
                let second_half = byte == b'\n' && self.last == b'\r';
                if !second_half {
                    into[written] = if byte == b'\r' { b'\n' } else { byte };
                    written += 1;
                }
                self.last = byte;
            }
            self.file.consume(length);
        }
        Ok(written)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Read as _};

    use super::LineEnds;

    #[test]
    fn all_ends_are_alike() {
        for (file, expected) in
            [("", ""), ("a", "a\n"), ("a\n", "a\n"), ("a\r\nb\rc\n\r\r\n", "a\nb\nc\n\n\n"), ("a\r", "a\n")]
        {
            for capacity in 1..5 {
                let mut read = String::new();
                let file = BufReader::with_capacity(capacity, file.as_bytes());
                LineEnds::new(file).read_to_string(&mut read).unwrap();
                assert_eq!(read, expected);
            }
        }
    }
}
