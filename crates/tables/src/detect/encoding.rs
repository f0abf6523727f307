//! How characters are written.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};

use crate::{Encoding, FileError};

/// Bytes that are read at once.
const BLOCK: usize = 64 << 10;

/// Blocks with other characters than those of ASCII that the guess is made of.
const MOST_BLOCKS: usize = 32;

/// Characters of UTF-8 after which nobody doubts any more.
const ENOUGH: u64 = 10_000;

/// The encoding, by a byte order mark, by the zeros of UTF-16, by being UTF-8, or else a guess.
pub(super) fn detect(path: &Path, sample: &[u8]) -> Result<Encoding, FileError> {
    if let Some((encoding, _)) = encoding_rs::Encoding::for_bom(sample) {
        return Ok(encoding.into());
    }
    if let Some(wide) = wide(sample) {
        return Ok(wide.into());
    }
    // A zero here and there is a bad cell.
    if memchr::memchr_iter(0, sample).count() > sample.len() / 100 {
        return Err(FileError::Unsupported { what: "no text", advice: "save it as CSV, XLSX or vCard" });
    }
    let mut guess = EncodingDetector::new(Iso2022JpDetection::Deny);
    let mut utf8 = Utf8::default();
    let mut file = File::open(path)?;
    let mut block = vec![0; BLOCK];
    let mut blocks = 0;
    loop {
        let size = file.read(&mut block)?;
        let bytes = &block[..size];
        utf8.add(bytes);
        if size == 0 || utf8.valid > ENOUGH || blocks == MOST_BLOCKS {
            break;
        }
        if !bytes.is_ascii() {
            guess.feed(bytes, false);
            blocks += 1;
        }
    }
    // A few bad bytes in UTF-8 are bad rows; in another encoding few bytes happen to be UTF-8.
    if utf8.invalid == 0 || utf8.valid > 20 * utf8.invalid {
        return Ok(Encoding::UTF_8);
    }
    guess.feed(&[], true);
    Ok(guess.guess(None, Utf8Detection::Deny).into())
}

/// UTF-16 without a byte order mark: line ends, delimiters and digits have a zero on one side.
fn wide(sample: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    let (mut first, mut second) = (0_usize, 0_usize);
    let (pairs, _) = sample.as_chunks::<2>();
    for [high, low] in pairs {
        first += usize::from(*high == 0);
        second += usize::from(*low == 0);
    }
    let many = (pairs.len() / 50).max(1);
    let encoding = match (first, second) {
        (0, second) if second >= many => encoding_rs::UTF_16LE,
        (first, 0) if first >= many => encoding_rs::UTF_16BE,
        _ => return None,
    };
    let even = sample.get(..pairs.len() * 2)?;
    // The last character may be cut.
    let whole = even.get(..even.len().saturating_sub(2))?;
    encoding.decode_without_bom_handling_and_without_replacement(whole).map(|_| encoding)
}

/// Counts what is UTF-8 and what is not, beyond ASCII.
#[derive(Default)]
struct Utf8 {
    valid: u64,
    invalid: u64,
    /// The beginning of a character at the end of a block.
    cut: Vec<u8>,
}

impl Utf8 {
    /// Nothing more comes after an empty block.
    fn add(&mut self, block: &[u8]) {
        if block.is_empty() {
            self.invalid += u64::from(!self.cut.is_empty());
            return;
        }
        if self.cut.is_empty() && block.is_ascii() {
            return;
        }
        self.cut.extend_from_slice(block);
        let bytes = std::mem::take(&mut self.cut);
        let mut rest = bytes.as_slice();
        loop {
            match std::str::from_utf8(rest) {
                Ok(text) => {
                    self.count(text);
                    return;
                }
                Err(error) => {
                    let (text, after) = rest.split_at(error.valid_up_to());
                    self.count(&String::from_utf8_lossy(text));
                    let Some(size) = error.error_len() else {
                        after.clone_into(&mut self.cut);
                        return;
                    };
                    self.invalid += 1;
                    rest = &after[size..];
                }
            }
        }
    }

    fn count(&mut self, text: &str) {
        self.valid += text.chars().filter(|character| !character.is_ascii()).count() as u64;
    }
}
