//! Cursors: the values that order a record, opaque to callers. A cursor knows the order it was made for.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sea_orm::Value;
use serde_json::Value as Json;

use super::order::Step;
use crate::database::Dialect;
use crate::value::{INSTANT_FORMAT, Input, Kind, bind, parse_scalar};

/// A number for an entity and an order: FNV-1a (Fowler, Noll, Vo 1991). It only tells orders apart; what a cursor holds
/// gives no rights.
fn signature(entity: &str, steps: &[Step]) -> u32 {
    let mut hash: u32 = 0x811c_9dc5;
    let mut add = |text: &str| {
        for byte in text.bytes().chain([0]) {
            hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        }
    };
    add(entity);
    for step in steps {
        add(&step.column);
        add(if step.descending { "desc" } else { "asc" });
    }
    hash
}

/// The cursor of a record whose ordering values are `values`.
pub(crate) fn encode(entity: &str, steps: &[Step], values: &[Json]) -> String {
    let mut parts = Vec::with_capacity(values.len() + 1);
    parts.push(Json::from(signature(entity, steps)));
    parts.extend_from_slice(values);
    URL_SAFE_NO_PAD.encode(Json::Array(parts).to_string())
}

/// The ordering values of a cursor, `None` if it was not made for this list.
pub(crate) fn decode(
    entity: &str,
    steps: &[Step],
    cursor: &str,
    dialect: Dialect,
) -> Option<Vec<Option<Value>>> {
    let parts: Vec<Json> = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let (first, values) = parts.split_first()?;
    if first.as_u64() != Some(signature(entity, steps).into()) || values.len() != steps.len() {
        return None;
    }
    steps
        .iter()
        .zip(values)
        .map(|(step, value)| match value {
            Json::Null => step.nullable.then_some(None),
            value => Some(Some(column_value(step.kind, value, dialect)?)),
        })
        .collect()
}

fn column_value(kind: Kind, value: &Json, dialect: Dialect) -> Option<Value> {
    let scalar = match kind {
        Kind::Choice(_) => "String",
        // Units of the scale, as stored.
        Kind::Decimal { .. } => "Long",
        kind => kind.type_name(),
    };
    let input = parse_scalar(scalar, value)?.ok()?;
    let kind = if matches!(input, Input::Long(_)) { Kind::Long } else { kind };
    if let Input::Text(text) = &input
        && text.contains('\0')
    {
        return None;
    }
    bind(&input, kind, dialect).ok()
}

/// An instant as it stands in a cursor: all of its microseconds.
pub(crate) fn instant(at: chrono::DateTime<chrono::Utc>) -> Json {
    Json::from(at.format(INSTANT_FORMAT).to_string())
}
