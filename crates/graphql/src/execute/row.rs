//! Values of a row, straight from the driver.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use rust_decimal::Decimal;
use sea_orm::{QueryResult, SqlxError, TryGetable, sqlx::Row as _};
use uuid::Uuid;

use crate::error::Error;
use crate::value::Kind;

/// A value by its slot.
///
/// # Errors
/// A fault if the database has another type there than declared.
pub(crate) fn value<T: TryGetable>(row: &QueryResult, slot: usize) -> Result<Option<T>, Error> {
    row.try_get_by_index::<Option<T>>(slot).map_err(Error::fault)
}

/// Calls `with` on a text without copying it.
pub(crate) fn text<R>(
    row: &QueryResult,
    slot: usize,
    with: impl FnOnce(&str) -> R,
) -> Result<Option<R>, Error> {
    let text: Result<Option<&str>, SqlxError> = if let Some(row) = row.try_as_pg_row() {
        row.try_get(slot)
    } else if let Some(row) = row.try_as_sqlite_row() {
        row.try_get(slot)
    } else {
        return Err(Error::fault("a row of an unknown database"));
    };
    Ok(text.map_err(Error::fault)?.map(with))
}

/// Appends the value as JSON. `false` if it is null and nothing was appended.
pub(crate) fn write(out: &mut Vec<u8>, row: &QueryResult, slot: usize, kind: Kind) -> Result<bool, Error> {
    let written = match kind {
        Kind::Id => value::<Uuid>(row, slot)?.map(|id| write_id(out, id)),
        Kind::Text | Kind::Choice(_) => text(row, slot, |text| write_text(out, text))?,
        Kind::Int => value::<i32>(row, slot)?.map(|number| write_integer(out, number.into())),
        Kind::Long => value::<i64>(row, slot)?.map(|number| write_integer(out, number)),
        Kind::Float => match value::<f64>(row, slot)? {
            Some(number) => Some(write_float(out, number)?),
            None => None,
        },
        Kind::Boolean => value::<bool>(row, slot)?
            .map(|value| out.extend_from_slice(if value { b"true" } else { b"false" })),
        Kind::Date => value::<NaiveDate>(row, slot)?.map(|date| quote(out, &date.to_string())),
        Kind::DateTime => value::<DateTime<Utc>>(row, slot)?.map(|at| quote(out, &instant(at))),
        Kind::Decimal { scale } => {
            value::<i64>(row, slot)?.map(|units| quote(out, &Decimal::new(units, scale).to_string()))
        }
        Kind::Json => match value::<serde_json::Value>(row, slot)? {
            Some(json) => Some(serde_json::to_writer(&mut *out, &json).map_err(Error::fault)?),
            None => None,
        },
    };
    Ok(written.is_some())
}

/// The value as the text it is in JSON, without quotes.
pub(crate) fn plain(row: &QueryResult, slot: usize, kind: Kind) -> Result<Option<String>, Error> {
    if matches!(kind, Kind::Text | Kind::Choice(_)) {
        return text(row, slot, str::to_owned);
    }
    let mut json = Vec::new();
    if !write(&mut json, row, slot, kind)? {
        return Ok(None);
    }
    let json = String::from_utf8(json).map_err(Error::fault)?;
    Ok(Some(json.trim_matches('"').to_owned()))
}

/// The value as JSON, as it stands in a cursor.
pub(crate) fn cursor_value(row: &QueryResult, slot: usize, kind: Kind) -> Result<serde_json::Value, Error> {
    use serde_json::Value as Json;
    Ok(match kind {
        Kind::DateTime => value::<DateTime<Utc>>(row, slot)?.map_or(Json::Null, crate::read::cursor::instant),
        Kind::Decimal { .. } => value::<i64>(row, slot)?.map_or(Json::Null, Json::from),
        _ => {
            let mut json = Vec::new();
            if write(&mut json, row, slot, kind)? {
                serde_json::from_slice(&json).map_err(Error::fault)?
            } else {
                Json::Null
            }
        }
    })
}

/// RFC 3339 in UTC with as many decimals as there are.
pub(crate) fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

fn quote(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}

pub(crate) fn write_id(out: &mut Vec<u8>, id: Uuid) {
    let mut buffer = Uuid::encode_buffer();
    quote(out, id.as_hyphenated().encode_lower(&mut buffer));
}

pub(crate) fn write_integer(out: &mut Vec<u8>, number: i64) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// Appends a number.
///
/// # Errors
/// A fault for infinities and the like, which neither JSON nor GraphQL have.
pub(crate) fn write_float(out: &mut Vec<u8>, number: f64) -> Result<(), Error> {
    if !number.is_finite() {
        return Err(Error::fault("a number that is not finite"));
    }
    serde_json::to_writer(out, &number).map_err(Error::fault)
}

/// Appends a JSON string. Runs without a special character, nearly all there are, are copied whole.
pub(crate) fn write_text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut copied = 0;
    for (position, &byte) in bytes.iter().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&bytes[copied..position]);
        copied = position + 1;
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            other => out.extend_from_slice(format!("\\u{other:04x}").as_bytes()),
        }
    }
    out.extend_from_slice(&bytes[copied..]);
    out.push(b'"');
}
