//! The ZIP file that a workbook is.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use flate2::Crc;
use flate2::bufread::DeflateDecoder;
use quick_xml::events::Event;
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::xml::{Beyond, Xml, attribute, from_io};
use crate::{FileError, Limits};

/// Bytes that the directory of a file may need. A workbook's has some kilobytes.
const MOST_DIRECTORY: u64 = 4 << 20;

/// Below this size nobody asks how well a part was packed.
const UNSUSPECTED: u64 = 64 << 20;

/// Bytes of a tag or a text in a part.
pub(super) const MOST_EVENT: usize = 1 << 20;

/// Sheets of a workbook.
const MOST_SHEETS: usize = 1_000;

const RELATIONS: &str = "/relationships/";

/// An open workbook.
pub(crate) struct Package {
    path: PathBuf,
    archive: ZipArchive<Counted<File>>,
    /// Parts by their names in small letters: not every program writes them as the standard does.
    parts: HashMap<String, usize>,
    limits: Limits,
}

/// What the workbook says of itself.
pub(crate) struct Workbook {
    /// Names of the sheets with cells, and their parts.
    pub(crate) sheets: Vec<(String, String)>,
    pub(super) since_1904: bool,
    pub(super) styles: Option<String>,
    pub(super) strings: Option<String>,
}

impl Package {
    /// Reads the directory only.
    pub(crate) fn open(path: &Path, limits: Limits) -> Result<Self, FileError> {
        let file = Counted { inner: File::open(path)?, left: MOST_DIRECTORY };
        let archive = ZipArchive::new(file).map_err(damaged)?;
        let mut parts = HashMap::new();
        for at in 0..archive.len() {
            if let Some(Ok(name)) = archive.name_for_index(at) {
                parts.insert(name.replace('\\', "/").to_lowercase(), at);
            }
        }
        Ok(Self { path: path.to_owned(), archive, parts, limits })
    }

    /// Whether there is such a part.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.parts.contains_key(&name.to_lowercase())
    }

    /// A part, unpacked while it is read: never more than the directory says, and that not more than may be.
    pub(super) fn part(&mut self, name: &str) -> Result<Option<Part>, FileError> {
        let Some(at) = self.parts.get(&name.to_lowercase()).copied() else { return Ok(None) };
        let mut file = File::open(&self.path)?;
        let entry = self.archive.by_index_raw(at).map_err(damaged)?;
        let (packed, size) = (entry.compressed_size(), entry.size());
        if size > self.limits.part_bytes
            || size > packed.saturating_mul(self.limits.part_ratio).max(UNSUSPECTED)
        {
            return Err(FileError::TooLarge { what: "a part of the workbook", most: self.limits.part_bytes });
        }
        if entry.encrypted() {
            return Err(FileError::Protected);
        }
        let start = entry.data_start().ok_or_else(|| FileError::broken("a part has no beginning"))?;
        file.seek(SeekFrom::Start(start))?;
        let packed = BufReader::with_capacity(64 << 10, file.take(packed));
        let inner: Box<dyn Read> = match entry.compression() {
            CompressionMethod::Stored => Box::new(packed),
            CompressionMethod::Deflated => Box::new(DeflateDecoder::new(packed)),
            _ => return Err(FileError::broken("a part is packed in an unknown way")),
        };
        Ok(Some(Part { inner, left: size, size, sum: entry.crc32(), crc: Crc::new() }))
    }

    /// Reads what sheets there are.
    pub(crate) fn workbook(&mut self) -> Result<Workbook, FileError> {
        let main = self.related("", "_rels/.rels")?.into_values().find(|(kind, _)| kind == "officeDocument");
        let main = main.map_or_else(|| "xl/workbook.xml".to_owned(), |(_, target)| target);
        let (folder, name) = main.rsplit_once('/').unwrap_or(("", &main));
        let related = self.related(folder, &format!("{folder}/_rels/{name}.rels"))?;
        let first = |wanted: &str| {
            related.values().find(|(kind, _)| kind == wanted).map(|(_, target)| target.clone())
        };
        let mut workbook = Workbook {
            sheets: Vec::new(),
            since_1904: false,
            styles: first("styles"),
            strings: first("sharedStrings"),
        };
        let part = self.part(&main)?.ok_or_else(|| FileError::broken("there is no workbook in it"))?;
        let mut xml = Xml::new(part, MOST_EVENT);
        loop {
            match xml.next()? {
                Event::Start(tag) if tag.local_name().as_ref() == "workbookPr" => {
                    workbook.since_1904 =
                        attribute(&tag, "date1904").is_some_and(|value| value == "1" || value == "true");
                }
                Event::Start(tag) if tag.local_name().as_ref() == "sheet" => {
                    let target = attribute(&tag, "id").and_then(|id| related.get(&id));
                    if let (Some(name), Some((kind, target))) = (attribute(&tag, "name"), target)
                        && kind == "worksheet"
                        && workbook.sheets.len() < MOST_SHEETS
                    {
                        workbook.sheets.push((name, target.clone()));
                    }
                }
                Event::Eof => return Ok(workbook),
                _ => {}
            }
        }
    }

    /// What a part refers to: kind and part, by id.
    fn related(&mut self, folder: &str, name: &str) -> Result<HashMap<String, (String, String)>, FileError> {
        let mut related = HashMap::new();
        let Some(part) = self.part(name.trim_start_matches('/'))? else { return Ok(related) };
        let mut xml = Xml::new(part, MOST_EVENT);
        loop {
            match xml.next()? {
                Event::Start(tag) if tag.local_name().as_ref() == "Relationship" => {
                    let (id, kind) = (attribute(&tag, "Id"), attribute(&tag, "Type"));
                    if let (Some(id), Some(kind), Some(target)) = (id, kind, attribute(&tag, "Target"))
                        && let Some((_, kind)) = kind.rsplit_once(RELATIONS)
                        && related.len() < 4 * MOST_SHEETS
                    {
                        related.insert(id, (kind.to_owned(), resolved(folder, &target)));
                    }
                }
                Event::Eof => return Ok(related),
                _ => {}
            }
        }
    }
}

/// A part's name, from what a part in a folder calls it.
fn resolved(folder: &str, target: &str) -> String {
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            ".." => {
                parts.pop();
            }
            "." | "" => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn damaged(error: ZipError) -> FileError {
    match error {
        ZipError::Io(error) => from_io(&error),
        other => FileError::broken(other),
    }
}

/// Reads so many bytes of a file and then fails.
struct Counted<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = self.inner.read(buffer)?;
        match self.left.checked_sub(size as u64) {
            Some(left) => self.left = left,
            None => return Err(Beyond { what: "the directory of the workbook", most: MOST_DIRECTORY }.into()),
        }
        Ok(size)
    }
}

impl<R: Seek> Seek for Counted<R> {
    fn seek(&mut self, place: SeekFrom) -> io::Result<u64> {
        self.inner.seek(place)
    }
}

/// An unpacked part. It fails where it is longer, shorter or other than the directory says.
pub(super) struct Part {
    inner: Box<dyn Read>,
    left: u64,
    /// Bytes of the whole.
    pub(super) size: u64,
    sum: u32,
    crc: Crc,
}

impl Part {
    /// Bytes that have been read.
    pub(super) fn read(&self) -> u64 {
        self.size - self.left
    }
}

impl Read for Part {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = self.inner.read(buffer)?;
        if size == 0 && !buffer.is_empty() {
            let is_whole = self.left == 0 && self.crc.sum() == self.sum;
            return if is_whole { Ok(0) } else { Err(io::Error::other("a part is not whole")) };
        }
        let Some(left) = self.left.checked_sub(size as u64) else {
            return Err(Beyond { what: "a part of the workbook", most: self.size }.into());
        };
        self.left = left;
        self.crc.update(&buffer[..size]);
        Ok(size)
    }
}
