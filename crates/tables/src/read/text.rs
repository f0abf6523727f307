//! A file as UTF-8, a window at a time.

use std::collections::VecDeque;
use std::io::{self, Read};

use encoding_rs::{Decoder, DecoderResult};
use memchr::memchr2;

use crate::Encoding;

/// Bytes that are read at once.
const BLOCK: usize = 64 << 10;

/// What a byte sequence becomes that is no character.
const REPLACEMENT: &str = "\u{fffd}";

/// Decodes a file piece by piece. Readers look at the [`window`](Self::window), ask for [`more`](Self::more) until
/// what they look for is in it, and [`consume`](Self::consume) it; the window is as large as they let it grow.
pub(crate) struct Text<R> {
    source: R,
    /// None where bytes stay as they are.
    decoder: Option<Decoder>,
    block: Box<[u8]>,
    decoded: Vec<u8>,
    /// Where the window begins in `decoded`.
    start: usize,
    /// How many decoded bytes came before `decoded`.
    before: u64,
    /// Where undecodable bytes were replaced, counted from the file's decoded beginning.
    replaced: VecDeque<u64>,
    ended: bool,
    /// Bytes of the file that have been read.
    pub(crate) read: u64,
    /// The window's line, from 1.
    pub(crate) line: u64,
}

impl<R: Read> Text<R> {
    /// A byte order mark at the beginning is no text.
    pub(crate) fn new(source: R, encoding: Encoding) -> Self {
        Self::decoded_by(source, Some(encoding.inner().new_decoder_with_bom_removal()))
    }

    /// The bytes as they are, for what says piece by piece how it is encoded.
    pub(crate) fn raw(source: R) -> Self {
        Self::decoded_by(source, None)
    }

    fn decoded_by(source: R, decoder: Option<Decoder>) -> Self {
        Self {
            source,
            decoder,
            block: vec![0; BLOCK].into_boxed_slice(),
            decoded: Vec::new(),
            start: 0,
            before: 0,
            replaced: VecDeque::new(),
            ended: false,
            read: 0,
            line: 1,
        }
    }

    /// What has been decoded and not consumed.
    pub(crate) fn window(&self) -> &[u8] {
        &self.decoded[self.start..]
    }

    /// Whether nothing comes after the window.
    pub(crate) fn ended(&self) -> bool {
        self.ended
    }

    /// Lets the window grow; false at the file's end.
    pub(crate) fn more(&mut self) -> io::Result<bool> {
        if self.ended {
            return Ok(false);
        }
        self.before += self.start as u64;
        self.decoded.drain(..self.start);
        self.start = 0;
        if self.decoded.capacity() > 8 * BLOCK && self.decoded.len() < BLOCK {
            self.decoded.shrink_to(2 * BLOCK);
        }
        let size = loop {
            match self.source.read(&mut self.block) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => break result?,
            }
        };
        self.read += size as u64;
        self.ended = size == 0;
        self.decode(size);
        Ok(true)
    }

    fn decode(&mut self, size: usize) {
        let Some(decoder) = &mut self.decoder else {
            self.decoded.extend_from_slice(&self.block[..size]);
            return;
        };
        let mut from = 0;
        loop {
            let source = &self.block[from..size];
            let room = decoder.max_utf8_buffer_length_without_replacement(source.len()).unwrap_or(BLOCK * 4);
            let end = self.decoded.len();
            self.decoded.resize(end + room, 0);
            let (result, read, written) =
                decoder.decode_to_utf8_without_replacement(source, &mut self.decoded[end..], self.ended);
            self.decoded.truncate(end + written);
            from += read;
            match result {
                DecoderResult::InputEmpty => return,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => {
                    self.replaced.push_back(self.before + self.decoded.len() as u64);
                    self.decoded.extend_from_slice(REPLACEMENT.as_bytes());
                }
            }
        }
    }

    /// Goes on after `size` bytes of the window.
    pub(crate) fn consume(&mut self, size: usize) {
        self.start += size;
        let position = self.before + self.start as u64;
        while self.replaced.front().is_some_and(|at| *at < position) {
            self.replaced.pop_front();
        }
    }

    /// Where the first undecodable bytes were in the window's first `size` bytes.
    pub(crate) fn first_replaced(&self, size: usize) -> Option<usize> {
        let position = self.before + self.start as u64;
        let at = usize::try_from(self.replaced.front()?.checked_sub(position)?).ok()?;
        (at < size).then_some(at)
    }

    /// The byte at a place of the window, which grows to it; `None` behind the end.
    pub(crate) fn byte(&mut self, at: usize) -> io::Result<Option<u8>> {
        while at >= self.window().len() {
            if !self.more()? {
                return Ok(None);
            }
        }
        Ok(Some(self.window()[at]))
    }

    /// How long the window's first line is, without its end and with it, and whether it has `most` bytes at most: a longer
    /// one is cut at some place behind. `None` at the file's end.
    pub(crate) fn peek_line(&mut self, most: usize) -> io::Result<Option<Line>> {
        let mut from = 0;
        loop {
            if let Some(at) = memchr2(b'\n', b'\r', &self.window()[from..]).map(|at| from + at) {
                let size = self.line_end(at)?;
                return Ok(Some(Line { length: at, size: at + size, whole: at <= most }));
            }
            from = self.window().len();
            if from > most {
                return Ok(Some(Line { length: from, size: from, whole: false }));
            }
            if !self.more()? {
                return Ok((from > 0).then_some(Line { length: from, size: from, whole: true }));
            }
        }
    }

    /// Bytes of the line end at a place of the window: `\n`, `\r\n` or `\r`.
    pub(crate) fn line_end(&mut self, at: usize) -> io::Result<usize> {
        Ok(if self.window()[at] == b'\r' && self.byte(at + 1)? == Some(b'\n') { 2 } else { 1 })
    }

    /// Goes on after the window's first line, however long it is.
    pub(crate) fn skip_line(&mut self) -> io::Result<()> {
        loop {
            if let Some(at) = memchr2(b'\n', b'\r', self.window()) {
                let size = self.line_end(at)?;
                self.consume(at + size);
                self.line += 1;
                return Ok(());
            }
            self.consume(self.window().len());
            if !self.more()? {
                return Ok(());
            }
        }
    }
}

/// A line at the beginning of the window.
pub(crate) struct Line {
    /// Bytes without the line's end.
    pub(crate) length: usize,
    /// Bytes with the line's end.
    pub(crate) size: usize,
    /// Whether it is not longer than what was asked for.
    pub(crate) whole: bool,
}

/// How many line ends there are.
pub(crate) fn line_ends(text: &[u8]) -> u64 {
    let mut count = 0;
    let mut from = 0;
    while let Some(at) = memchr2(b'\n', b'\r', &text[from..]).map(|at| from + at) {
        from = at + if text[at..].starts_with(b"\r\n") { 2 } else { 1 };
        count += 1;
    }
    count
}
