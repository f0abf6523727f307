//! Keys that modules have in common.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, EntityTrait, ModelTrait as _, QueryFilter as _, Value};
use shoal_graphql::error::Error;
use shoal_graphql::value::{Input, InputMap};

use super::kind::{Finds, Found};
use crate::batch::Tracked;
use crate::record::TenantEntity;
use crate::unit_of_work::UnitOfWork;

/// The records whose column has one of these texts in the form that `normal` makes of them; a text without such a form names
/// nothing.
///
/// # Errors
/// Faults of the database.
pub async fn by_column<E>(
    unit: &UnitOfWork,
    column: E::Column,
    texts: Vec<String>,
    normal: fn(&str) -> Option<String>,
) -> Result<Finds, Error>
where
    E: TenantEntity,
    E::Model: Tracked,
{
    let normal: HashMap<String, String> = normalised(texts, normal);
    let wanted: Vec<String> = normal.values().cloned().collect();
    let found = unit.find::<E>().filter(unit.any_of(column, wanted)).all(unit.transaction()).await?;
    let mut by_value: HashMap<String, Vec<Found>> = HashMap::new();
    for model in found.iter().filter(|model| model.deleted_at().is_none()) {
        if let Some(text) = text_of::<E>(model, column) {
            by_value.entry(text).or_default().push(Found::of::<E>(unit, model));
        }
    }
    Ok(normal.into_iter().filter_map(|(text, value)| Some((text, by_value.get(&value)?.clone()))).collect())
}

/// The records `E` of which a part has one of these texts, such as a contact's e-mail address: `value` and `owner` are columns
/// of the part.
///
/// # Errors
/// Faults of the database.
pub async fn by_part<E, P>(
    unit: &UnitOfWork,
    (value, owner): (P::Column, P::Column),
    texts: Vec<String>,
    normal: fn(&str) -> Option<String>,
) -> Result<Finds, Error>
where
    E: TenantEntity,
    E::Model: Tracked,
    P: TenantEntity,
{
    let normal = normalised(texts, normal);
    let wanted: Vec<String> = normal.values().cloned().collect();
    let parts = unit
        .find::<P>()
        .filter(owner.is_not_null())
        .filter(unit.any_of(value, wanted))
        .all(unit.transaction())
        .await?;
    let pair = |part: &P::Model| match part.get(owner) {
        Value::Uuid(Some(id)) => text_of::<P>(part, value).map(|text| (text, id)),
        _ => None,
    };
    let pairs: Vec<(String, uuid::Uuid)> = parts.iter().filter_map(pair).collect();
    let ids = pairs.iter().map(|(_, id)| *id);
    let models = unit.find::<E>().filter(unit.any_of(E::id_column(), ids)).all(unit.transaction()).await?;
    let present = models.iter().filter(|model| model.deleted_at().is_none());
    let present: HashMap<uuid::Uuid, Found> =
        present.map(|model| (model.id(), Found::of::<E>(unit, model))).collect();
    let mut by_value: HashMap<String, Vec<Found>> = HashMap::new();
    for (text, id) in pairs {
        let Some(found) = present.get(&id) else { continue };
        let known = by_value.entry(text).or_default();
        if !known.contains(found) {
            known.push(*found);
        }
    }
    Ok(normal.into_iter().filter_map(|(text, value)| Some((text, by_value.get(&value)?.clone()))).collect())
}

fn normalised(texts: Vec<String>, normal: fn(&str) -> Option<String>) -> HashMap<String, String> {
    texts.into_iter().filter_map(|text| normal(&text).map(|normal| (text, normal))).collect()
}

fn text_of<E: EntityTrait>(model: &E::Model, column: E::Column) -> Option<String> {
    match model.get(column) {
        Value::String(text) => text,
        _ => None,
    }
}

/// The text at a path of a row's details, of the first item of lists: `emails.*.address`.
pub fn text_at(details: &InputMap, path: &str) -> Option<String> {
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    match details.get(first)? {
        Input::Text(text) if rest.is_empty() => Some(text.clone()),
        Input::Object(object) => text_at(object, rest),
        Input::List(items) => match items.first()? {
            Input::Object(item) => text_at(item, rest.strip_prefix("*.").unwrap_or(rest)),
            Input::Text(text) => Some(text.clone()),
            _ => None,
        },
        _ => None,
    }
}
