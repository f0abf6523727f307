//! A file of cards, card by card, each rewritten in one plain form for the parser.

use std::fmt::Write as _;
use std::io::Read;

use encoding_rs::{UTF_8, UTF_16BE, UTF_16LE};

use super::line::Head;
use crate::cards::iso_date;
use crate::error::{RowError, RowErrorCode};
use crate::read::text::Text;
use crate::{Encoding, FileError, Limits};

/// Splits by `BEGIN:VCARD` and `END:VCARD`.
pub(super) struct Cards<R> {
    text: Text<R>,
    fallback: &'static encoding_rs::Encoding,
    limits: Limits,
    /// The line of a card whose beginning has been read.
    begun: Option<u64>,
}

/// A card as text, or why it is none.
type Card = Result<String, RowError>;

/// A line without its folds.
enum Unfolded {
    Line(Vec<u8>),
    /// A picture or the like, which has been skipped.
    Skipped,
    TooLong,
}

impl<R: Read> Cards<R> {
    /// Cards say themselves how parts of them are encoded, so only UTF-16 is decoded as a whole.
    pub(super) fn new(source: R, encoding: Encoding, limits: Limits) -> Self {
        let is_wide = [UTF_16LE, UTF_16BE].contains(&encoding.inner());
        let text = if is_wide { Text::new(source, encoding) } else { Text::raw(source) };
        Self { text, fallback: if is_wide { UTF_8 } else { encoding.inner() }, limits, begun: None }
    }

    pub(super) fn bytes_read(&self) -> u64 {
        self.text.read
    }

    /// The next card and its first line. Lines outside of cards are one broken card, up to the next.
    pub(super) fn next(&mut self) -> Result<Option<(u64, Card)>, FileError> {
        let mut stray = None;
        loop {
            if let (None, Some(line)) = (stray, self.begun.take()) {
                return Ok(Some((line, self.card()?)));
            }
            let line = self.text.line;
            match self.unfolded()? {
                Some(Unfolded::Line(text)) if is_mark(&text, "BEGIN") => self.begun = Some(line),
                Some(Unfolded::Line(text)) if text.trim_ascii().is_empty() => continue,
                Some(_) => {
                    stray = stray.or(Some(line));
                    continue;
                }
                None if stray.is_none() => return Ok(None),
                None => {}
            }
            if let Some(stray) = stray {
                return Ok(Some((stray, Err(broken("lines that are no card")))));
            }
        }
    }

    /// The card whose first line has been read.
    fn card(&mut self) -> Result<Card, FileError> {
        let mut card = "BEGIN:VCARD\r\n".to_owned();
        let mut wrong = None;
        let mut old = false;
        // Version 2.1 has the card of a secretary within a card, after `AGENT:`.
        let mut agent = false;
        let mut depth = 0_usize;
        loop {
            let number = self.text.line;
            let line = match self.unfolded()? {
                None => return Ok(Err(broken("the card has no end"))),
                Some(Unfolded::Line(line)) => line,
                Some(Unfolded::Skipped) => continue,
                Some(Unfolded::TooLong) => {
                    wrong.get_or_insert_with(too_long);
                    continue;
                }
            };
            if is_mark(&line, "BEGIN") {
                if !agent {
                    self.begun = Some(number);
                    return Ok(Err(broken("the card has no end")));
                }
                depth += 1;
            } else if is_mark(&line, "END") {
                if depth == 0 {
                    card.push_str("END:VCARD\r\n");
                    return Ok(wrong.map_or(Ok(card), Err));
                }
                depth -= 1;
            } else if depth == 0 && wrong.is_none() {
                old |= line.eq_ignore_ascii_case(b"VERSION:2.1");
                wrong = self.append(&mut card, &line, old).err();
            }
            agent = line.trim_ascii().eq_ignore_ascii_case(b"AGENT:");
        }
    }

    /// Adds a line in the form that all versions share.
    fn append(&self, card: &mut String, line: &[u8], old: bool) -> Result<(), RowError> {
        let Some(head) = Head::of(line) else { return Ok(()) };
        let Some(value) = head.decoded(&line[head.value..], self.fallback) else {
            return Err(RowError::new(
                RowErrorCode::InvalidBytes,
                format!("bytes in {} that are no characters of its encoding", head.name),
            ));
        };
        card.push_str(&head.name);
        for (name, value) in &head.parameters {
            if name == "TYPE" {
                let value: String =
                    value.chars().filter(|character| !":;\r\n".contains(*character)).collect();
                // Formatting into a string can't fail.
                let _ = write!(card, ";{name}={value}");
            }
        }
        // As they are written: the parser takes any date for one, and zones have names.
        card.push_str(if ["BDAY", "TZ"].contains(&head.name.as_str()) { ";VALUE=text:" } else { ":" });
        let value = if head.name == "BDAY" { iso_date(&value) } else { value };
        let value = value.replace("\r\n", "\\n").replace(['\n', '\r'], "\\n");
        // In version 2.1 a comma is a comma.
        let literal = old && head.name != "CATEGORIES" && !value.contains("\\,");
        card.push_str(&if literal { value.replace(',', "\\,") } else { value });
        card.push_str("\r\n");
        if card.len() > self.limits.row_bytes { Err(too_long()) } else { Ok(()) }
    }

    /// The next line with those that continue it.
    fn unfolded(&mut self) -> Result<Option<Unfolded>, FileError> {
        let Some(line) = self.text.peek_line(self.limits.row_bytes)? else { return Ok(None) };
        let window = &self.text.window()[..line.length];
        let window = window.strip_prefix("\u{feff}".as_bytes()).unwrap_or(window);
        let head = Head::of(window);
        let is_large = head.as_ref().is_some_and(Head::is_large);
        let is_quoted = head.as_ref().is_some_and(Head::is_quoted_printable);
        let mut result = if is_large {
            Unfolded::Skipped
        } else if line.whole {
            Unfolded::Line(window.to_vec())
        } else {
            Unfolded::TooLong
        };
        self.text.skip_line()?;
        loop {
            let soft = is_quoted && matches!(&result, Unfolded::Line(line) if line.ends_with(b"="));
            let folded = matches!(self.text.byte(0)?, Some(b' ' | b'\t'));
            if !soft && !folded {
                return Ok(Some(result));
            }
            let Some(next) = self.text.peek_line(self.limits.row_bytes)? else { return Ok(Some(result)) };
            if let Unfolded::Line(line) = &mut result {
                if soft {
                    line.pop();
                }
                let from = usize::from(!soft);
                line.extend_from_slice(&self.text.window()[from..next.length]);
                if line.len() > self.limits.row_bytes || !next.whole {
                    result = Unfolded::TooLong;
                }
            }
            self.text.skip_line()?;
        }
    }
}

fn is_mark(line: &[u8], mark: &str) -> bool {
    let line = line.trim_ascii();
    let Some((name, value)) = line.split_at_checked(mark.len()) else { return false };
    name.eq_ignore_ascii_case(mark.as_bytes())
        && value.strip_prefix(b":").is_some_and(|value| value.trim_ascii().eq_ignore_ascii_case(b"VCARD"))
}

fn broken(message: &str) -> RowError {
    RowError::new(RowErrorCode::BrokenCard, message)
}

fn too_long() -> RowError {
    RowError::new(RowErrorCode::RowTooLong, "the card is too long")
}
