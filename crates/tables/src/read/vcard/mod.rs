//! Cards as rows with fixed columns.

mod cells;
mod line;
mod split;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use self::cells::Columns;
use self::split::Cards;
use super::{Raw, Reader};
use crate::{Encoding, FileError, Limits};

/// Reads the columns that some card has.
pub(crate) struct VcardReader<R> {
    cards: Cards<R>,
    columns: Columns,
}

/// A reader, after a first look at the whole file for the columns that are in use.
pub(crate) fn open(
    path: &Path,
    encoding: Encoding,
    limits: Limits,
) -> Result<(Vec<String>, VcardReader<File>), FileError> {
    let mut columns = Columns::all();
    let mut cards = Cards::new(File::open(path)?, encoding, limits);
    let (mut is_whole, mut broken) = (false, None);
    let mut used = vec![false; columns.len()];
    while let Some((line, card)) = cards.next()? {
        match card.and_then(|card| columns.cells(&card)) {
            Ok(cells) => {
                is_whole = true;
                used.iter_mut().zip(&cells).for_each(|(used, cell)| *used |= !cell.is_empty());
            }
            Err(error) => broken = broken.or(Some((line, error))),
        }
    }
    match broken {
        _ if is_whole => {}
        None => return Err(FileError::Empty),
        Some((line, error)) => return Err(FileError::NoCard { line, error }),
    }
    let names = columns.keep(&used);
    Ok((names, VcardReader { cards: Cards::new(File::open(path)?, encoding, limits), columns }))
}

impl<R: Read> Reader for VcardReader<R> {
    fn next(&mut self) -> Result<Option<Raw>, FileError> {
        let Some((line, card)) = self.cards.next()? else { return Ok(None) };
        let cells = card.and_then(|card| self.columns.cells(&card)).map_err(|error| (None, error));
        Ok(Some(Raw { line, cells }))
    }

    fn bytes_read(&self) -> u64 {
        self.cards.bytes_read()
    }
}
