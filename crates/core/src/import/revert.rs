//! Taking back what rows have done.

use std::collections::HashMap;

use serde_json::Value as Json;
use shoal_graphql::error::Error;
use shoal_graphql::value::{Choice as _, Input, InputMap};
use uuid::Uuid;

use super::entity::{ImportOutcome, row};
use super::field::{Leaf, pattern_of};
use super::kind::{ImportKind, SavedRow};
use crate::batch::RecordVersion;
use crate::unit_of_work::UnitOfWork;

/// Takes rows back, as far as their records are as the rows have left them: what they made is deleted, what they changed is as
/// before. How many stay.
///
/// # Errors
/// Faults of the database.
pub(super) async fn rows(
    unit: &mut UnitOfWork,
    kind: &ImportKind,
    rows: Vec<row::Model>,
) -> Result<i64, Error> {
    let ids: Vec<Uuid> = rows.iter().filter_map(|row| row.record_id).collect();
    let found = (kind.by_ids)(unit, ids).await?;
    let versions: HashMap<Uuid, i32> = found.into_iter().map(|found| (found.id, found.version)).collect();
    let (mut made, mut changed, mut over, mut kept) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for row in rows {
        let outcome = ImportOutcome::from_code(&row.outcome);
        let Some((id, version)) = row.record_id.zip(row.record_version) else {
            over.push(row);
            continue;
        };
        let now = versions.get(&id).copied();
        match outcome {
            // Somebody else has deleted it.
            Some(ImportOutcome::Created) if now.is_none() => over.push(row),
            Some(ImportOutcome::Unchanged) => over.push(row),
            Some(ImportOutcome::Created) if now == Some(version) && kind.delete.is_some() => {
                made.push((row, id, version));
            }
            Some(ImportOutcome::Updated) if now == Some(version) && row.before.is_some() => {
                changed.push((row, id, version));
            }
            _ => kept.push(row),
        }
    }
    let records = made.iter().map(|(_, id, version)| RecordVersion { id: *id, expected_version: *version });
    let deleted = match kind.delete {
        Some((right, delete)) => delete(unit, right, records.collect()).await?,
        None => Vec::new(),
    };
    let images = changed.iter().map(|(row, id, version)| SavedRow {
        existing: Some((*id, *version)),
        details: details(kind, row.before.clone().unwrap_or_default()),
    });
    let images: Vec<_> = images.collect();
    let restored = if images.is_empty() { Vec::new() } else { (kind.save)(unit, images).await? };
    let answers = deleted.into_iter().chain(restored);
    for ((row, ..), answer) in made.into_iter().chain(changed).zip(answers) {
        if answer.is_ok() { over.push(row) } else { kept.push(row) }
    }
    for row in &over {
        unit.remove::<row::Entity>(row);
    }
    let count = i64::try_from(kept.len()).unwrap_or_default();
    for before in kept {
        let after = row::Model { outcome: ImportOutcome::Kept.code().to_owned(), ..before.clone() };
        unit.update::<row::Entity>(&before, after);
    }
    Ok(count)
}

/// An image as an input.
fn details(kind: &ImportKind, image: Json) -> InputMap {
    match input(kind, "", image) {
        Input::Object(map) => map,
        _ => InputMap::default(),
    }
}

fn input(kind: &ImportKind, path: &str, json: Json) -> Input {
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match json {
        Json::Object(fields) => {
            let fields = fields.into_iter().map(|(name, value)| {
                let value = input(kind, &below(&name), value);
                (name, value)
            });
            Input::Object(InputMap(fields.collect()))
        }
        Json::Array(items) => {
            let items = items.into_iter().map(|item| match item {
                Json::String(text) => Input::Text(text),
                item => input(kind, &below("*"), item),
            });
            Input::List(items.collect())
        }
        leaf => {
            let known =
                pattern_of(path).and_then(|pattern| kind.fields.get(&pattern)).map(|field| field.leaf);
            value(known, &leaf)
        }
    }
}

/// A leaf as the field takes it; what an image has is right.
fn value(leaf: Option<Leaf>, json: &Json) -> Input {
    let text = json.as_str().unwrap_or_default();
    match leaf {
        _ if json.is_null() => Input::Null,
        Some(Leaf::Boolean) => json.as_bool().map_or(Input::Null, Input::Boolean),
        Some(Leaf::Int) => {
            json.as_i64().and_then(|number| number.try_into().ok()).map_or(Input::Null, Input::Int)
        }
        Some(Leaf::Long) => json.as_i64().map_or(Input::Null, Input::Long),
        Some(Leaf::Float) => json.as_f64().map_or(Input::Null, Input::Float),
        Some(Leaf::Decimal) => text.parse().map_or(Input::Null, Input::Decimal),
        Some(Leaf::Date) => text.parse().map_or(Input::Null, Input::Date),
        Some(Leaf::DateTime) => text.parse().map_or(Input::Null, Input::DateTime),
        Some(Leaf::Id) => text.parse().map_or(Input::Null, Input::Id),
        _ => Input::Text(text.to_owned()),
    }
}
