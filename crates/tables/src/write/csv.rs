//! Separated cells.

use std::io::{self, Write};

use super::Value;
use crate::guard;

/// Writes the names of the columns.
pub(super) fn begin(out: &mut impl Write, byte_order_mark: bool, columns: &[String]) -> io::Result<()> {
    if byte_order_mark {
        out.write_all("\u{feff}".as_bytes())?;
    }
    line(out, columns.iter().map(|name| guard::put_on(name)))
}

/// Writes a row.
pub(super) fn row(out: &mut impl Write, values: &[Value]) -> io::Result<()> {
    line(
        out,
        values.iter().map(|value| match value {
            Value::Text(text) => guard::put_on(text),
            Value::List(_) => guard::put_on(&value.to_text()).into_owned().into(),
            other => other.to_text().into(),
        }),
    )
}

/// A line at a time, so that each goes through with its error.
fn line<'a>(out: &mut impl Write, cells: impl Iterator<Item = std::borrow::Cow<'a, str>>) -> io::Result<()> {
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::with_capacity(256));
    for cell in cells {
        writer.write_field(cell.as_ref()).map_err(io::Error::other)?;
    }
    writer.write_record(None::<&[u8]>).map_err(io::Error::other)?;
    let bytes = writer.into_inner().map_err(csv::IntoInnerError::into_error)?;
    out.write_all(&bytes)
}
