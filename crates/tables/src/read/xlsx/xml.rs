//! XML of parts that may be hostile: no event is larger than it may be.

use std::io::{self, BufRead, BufReader, Read};

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::FileError;

/// An XML reader over a part, with its buffer.
pub(super) struct Xml<R: Read> {
    reader: Reader<Metered<BufReader<R>>>,
    buffer: Vec<u8>,
    most: usize,
    /// Open tags, whose names the XML reader keeps.
    depth: usize,
}

/// Tags within tags; workbooks have about ten.
const MOST_DEPTH: usize = 200;

impl<R: Read> Xml<R> {
    /// A reader whose events, each a tag or a text, have at most so many bytes.
    pub(super) fn new(part: R, most: usize) -> Self {
        let mut reader =
            Reader::from_reader(Metered { inner: BufReader::with_capacity(64 << 10, part), left: 0 });
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        config.check_end_names = false;
        Self { reader, buffer: Vec::new(), most, depth: 0 }
    }

    /// What is read.
    pub(super) fn part(&self) -> &R {
        self.reader.get_ref().inner.get_ref()
    }

    /// The next event.
    pub(super) fn next(&mut self) -> Result<Event<'_>, FileError> {
        self.buffer.clear();
        self.reader.get_mut().left = self.most;
        let event = self.reader.read_event_into(&mut self.buffer).map_err(damaged)?;
        match event {
            Event::Start(_) => self.depth += 1,
            Event::End(_) => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        if self.depth > MOST_DEPTH {
            return Err(FileError::broken("too many tags within tags"));
        }
        Ok(event)
    }
}

/// What an error of the XML reader means; limits of ours come back as themselves.
fn damaged(error: quick_xml::Error) -> FileError {
    match error {
        quick_xml::Error::Io(error) => from_io(&error),
        other => FileError::broken(other),
    }
}

/// What an error of reading a part means.
pub(super) fn from_io(error: &io::Error) -> FileError {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<Beyond>()) {
        Some(Beyond { what, most }) => FileError::TooLarge { what, most: *most },
        None => match error.raw_os_error() {
            Some(code) => FileError::Io(io::Error::from_raw_os_error(code)),
            None => FileError::broken(error.to_string()),
        },
    }
}

/// An error of ours on its way through readers that know only those of input and output.
#[derive(Debug, thiserror::Error)]
#[error("{what} is larger than {most} bytes")]
pub(super) struct Beyond {
    pub(super) what: &'static str,
    pub(super) most: u64,
}

impl From<Beyond> for io::Error {
    fn from(beyond: Beyond) -> Self {
        Self::other(beyond)
    }
}

/// Gives so many bytes and then fails.
struct Metered<R> {
    inner: R,
    left: usize,
}

impl<R: BufRead> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let size = available.len().min(buffer.len());
        buffer[..size].copy_from_slice(&available[..size]);
        self.consume(size);
        Ok(size)
    }
}

impl<R: BufRead> BufRead for Metered<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let available = self.inner.fill_buf()?;
        if self.left == 0 && !available.is_empty() {
            return Err(Beyond { what: "one text in the workbook", most: 0 }.into());
        }
        Ok(&available[..available.len().min(self.left)])
    }

    fn consume(&mut self, size: usize) {
        self.left = self.left.saturating_sub(size);
        self.inner.consume(size);
    }
}

/// The value of a tag's attribute, whatever its prefix.
pub(super) fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = tag.attributes();
    let attribute = attributes
        .with_checks(false)
        .filter_map(Result::ok)
        .find(|attribute| attribute.key.local_name().as_ref() == name)?;
    Some(
        attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .map_or_else(|_| attribute.value.to_string(), std::borrow::Cow::into_owned),
    )
}

/// Adds what an event says of a text.
pub(super) fn add_text(event: &Event<'_>, text: &mut String) {
    match event {
        Event::Text(part) => text.push_str(&part.xml_content(XmlVersion::Implicit1_0)),
        Event::CData(part) => text.push_str(&part.xml_content(XmlVersion::Implicit1_0)),
        Event::GeneralRef(reference) => match reference.resolve_char_ref() {
            Ok(Some(character)) => text.push(character),
            _ => text.push_str(quick_xml::escape::resolve_xml_entity(reference).unwrap_or_default()),
        },
        _ => {}
    }
}

/// Undoes `_x000D_`, by which workbooks write characters that XML lacks.
pub(super) fn unescaped(text: String) -> String {
    if !text.contains("_x") {
        return text;
    }
    let mut result = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find("_x") {
        result.push_str(&rest[..at]);
        let code = rest.get(at + 2..at + 6).filter(|_| rest.as_bytes().get(at + 6) == Some(&b'_'));
        let code = code.filter(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let character = code.and_then(|code| u32::from_str_radix(code, 16).ok()).and_then(char::from_u32);
        if let Some(character) = character {
            result.push(character);
            rest = &rest[at + 7..];
        } else {
            result.push_str("_x");
            rest = &rest[at + 2..];
        }
    }
    result + rest
}
