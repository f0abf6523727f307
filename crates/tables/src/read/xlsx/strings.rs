//! The texts that cells share, however many: what does not fit into memory waits in a file without a name.

use std::fs::File;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};

use quick_xml::events::Event;

use super::package::{MOST_EVENT, Package};
use super::xml::{Xml, add_text, unescaped};
use crate::{FileError, Limits};

/// Bytes of texts in memory.
const IN_MEMORY: usize = 16 << 20;

/// Bytes of a place in the file of places.
const PLACE: usize = size_of::<u64>();

/// Texts by their number.
#[derive(Default)]
pub(super) struct Strings {
    memory: String,
    /// Where each text in memory ends.
    ends: Vec<u32>,
    rest: Option<Rest>,
}

/// The texts that are not in memory.
struct Rest {
    texts: File,
    /// Where each of them ends, 8 bytes each.
    ends: File,
    count: u64,
}

impl Strings {
    /// Reads all texts of a part. Too long ones are cut a little above the limit of a cell, which then tells so.
    pub(super) fn read(package: &mut Package, name: &str, limits: Limits) -> Result<Self, FileError> {
        let mut strings = Self::default();
        let Some(part) = package.part(name)? else { return Ok(strings) };
        let mut xml = Xml::new(part, MOST_EVENT);
        let mut text = String::new();
        let mut rest: Option<Writer> = None;
        let (mut in_text, mut phonetic) = (false, false);
        loop {
            match xml.next()? {
                Event::Start(tag) => match tag.local_name().as_ref() {
                    "si" => text.clear(),
                    "rPh" => phonetic = true,
                    "t" => in_text = !phonetic,
                    _ => {}
                },
                Event::End(tag) => match tag.local_name().as_ref() {
                    "si" => strings.push(&unescaped(std::mem::take(&mut text)), &mut rest)?,
                    "rPh" => phonetic = false,
                    "t" => in_text = false,
                    _ => {}
                },
                Event::Eof => break,
                event if in_text && text.len() <= limits.cell_bytes => add_text(&event, &mut text),
                _ => {}
            }
        }
        strings.rest = rest.map(Writer::finished).transpose()?;
        Ok(strings)
    }

    fn push(&mut self, text: &str, rest: &mut Option<Writer>) -> Result<(), FileError> {
        let fits = rest.is_none() && self.memory.len() + text.len() + 4 * self.ends.len() < IN_MEMORY;
        if fits && let Ok(end) = u32::try_from(self.memory.len() + text.len()) {
            self.memory.push_str(text);
            self.ends.push(end);
            return Ok(());
        }
        let rest = match rest {
            Some(rest) => rest,
            none => none.insert(Writer::new()?),
        };
        rest.push(text)
    }

    /// The text with a number; `None` if there is none.
    pub(super) fn get(&mut self, number: usize) -> Result<Option<String>, FileError> {
        if let Some(end) = self.ends.get(number) {
            let start = number.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
            return Ok(self.memory.get(start as usize..*end as usize).map(str::to_owned));
        }
        match &mut self.rest {
            Some(rest) => rest.get((number - self.ends.len()) as u64),
            None => Ok(None),
        }
    }
}

impl Rest {
    fn get(&mut self, number: u64) -> Result<Option<String>, FileError> {
        if number >= self.count {
            return Ok(None);
        }
        let mut places = [[0; PLACE]; 2];
        let from = usize::from(number == 0);
        self.ends.seek(SeekFrom::Start(number.saturating_sub(1) * PLACE as u64))?;
        for place in &mut places[from..] {
            self.ends.read_exact(place)?;
        }
        let [start, end] = places.map(u64::from_le_bytes);
        let mut text = vec![0; usize::try_from(end - start).unwrap_or_default()];
        self.texts.seek(SeekFrom::Start(start))?;
        self.texts.read_exact(&mut text)?;
        String::from_utf8(text).map(Some).map_err(FileError::broken)
    }
}

/// Writes what is not kept in memory.
struct Writer {
    texts: BufWriter<File>,
    ends: BufWriter<File>,
    end: u64,
    count: u64,
}

impl Writer {
    fn new() -> Result<Self, FileError> {
        let file = || tempfile::tempfile().map(BufWriter::new);
        Ok(Self { texts: file()?, ends: file()?, end: 0, count: 0 })
    }

    fn push(&mut self, text: &str) -> Result<(), FileError> {
        self.end += text.len() as u64;
        self.count += 1;
        self.texts.write_all(text.as_bytes())?;
        self.ends.write_all(&self.end.to_le_bytes())?;
        Ok(())
    }

    fn finished(self) -> Result<Rest, FileError> {
        let file = |writer: BufWriter<File>| writer.into_inner().map_err(std::io::IntoInnerError::into_error);
        Ok(Rest { texts: file(self.texts)?, ends: file(self.ends)?, count: self.count })
    }
}
