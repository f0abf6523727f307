//! What stands between cells.

use std::collections::HashMap;
use std::io::Cursor;

use crate::read::{CsvReader, Reader as _, Text, separator_line};
use crate::{Delimiter, Encoding, FileError, Limits};

/// Rows that are compared.
const MOST_ROWS: usize = 100;

/// The delimiter by which most rows have the same number of cells, and the first row.
pub(super) fn detect(
    sample: &[u8],
    encoding: Encoding,
    limits: Limits,
) -> Result<(Delimiter, Vec<String>), FileError> {
    let named = separator_line(&mut Text::new(Cursor::new(sample), encoding))?;
    let named = named.and_then(|byte| Delimiter::ALL.into_iter().find(|delimiter| delimiter.byte() == byte));
    let mut best = (0, Delimiter::Comma);
    if let Some(named) = named {
        best = (1, named);
    } else {
        // Of equals the first wins.
        for delimiter in Delimiter::ALL {
            let score = score(&rows(sample, encoding, delimiter, limits)?);
            if score > best.0 {
                best = (score, delimiter);
            }
        }
    }
    let first = rows(sample, encoding, best.1, limits)?.into_iter().next();
    Ok((best.1, first.unwrap_or_default()))
}

fn rows(
    sample: &[u8],
    encoding: Encoding,
    delimiter: Delimiter,
    limits: Limits,
) -> Result<Vec<Vec<String>>, FileError> {
    let text = Text::new(Cursor::new(sample), encoding);
    let mut reader = CsvReader::new(text, delimiter, false, limits)?;
    let mut rows = Vec::new();
    while rows.len() < MOST_ROWS {
        let Some(row) = reader.next()? else { break };
        if let Ok(cells) = row.cells
            && cells.iter().any(|cell| !cell.trim().is_empty())
        {
            rows.push(cells);
        }
    }
    if rows.len() > 1 && rows.len() < MOST_ROWS {
        // The sample may end within it.
        rows.pop();
    }
    Ok(rows)
}

/// Thousandths of the rows that have as many cells as the first, if that is more than one; more cells break ties.
fn score(rows: &[Vec<String>]) -> usize {
    let mut counts: HashMap<usize, usize> = HashMap::new();
    for row in rows {
        *counts.entry(row.len()).or_default() += 1;
    }
    let share = |(cells, rows_of): (&usize, &usize)| rows_of * 1_000 / rows.len() * 1_000 + (*cells).min(999);
    counts.iter().filter(|(cells, _)| **cells > 1).map(share).max().unwrap_or(0)
}
