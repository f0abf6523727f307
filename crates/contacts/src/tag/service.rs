//! Tags are made when they are first used.

use std::collections::HashMap;

use sea_orm::{ColumnTrait as _, QueryFilter as _};
use shoal_core::UnitOfWork;
use shoal_core::value::{sort_key, text};
use shoal_graphql::error::Error;
use uuid::Uuid;

use super::{Column, Entity, Model};
use crate::rules::Mistakes;

/// Characters of a tag.
const LENGTH: usize = 50;

/// Cleans the names of tags; each comes once, whatever its letter case.
pub(crate) fn clean(names: &[String], mistakes: &mut Mistakes) -> Vec<String> {
    let mut clean: Vec<String> = Vec::with_capacity(names.len());
    for (position, name) in names.iter().enumerate() {
        let path = ("tags", position, "name");
        let Some(name) = mistakes.check_item(path, text::line(name, LENGTH)) else { continue };
        let key = sort_key::sort_key(&name);
        if !name.is_empty() && !clean.iter().any(|known| sort_key::sort_key(known) == key) {
            clean.push(name);
        }
    }
    clean
}

/// The ids of tags by their sort keys; those that do not exist are staged.
///
/// # Errors
/// Faults of the database.
pub(crate) async fn find_or_create(
    unit: &mut UnitOfWork,
    names: impl Iterator<Item = &str>,
) -> Result<HashMap<String, Uuid>, Error> {
    let mut wanted: HashMap<String, &str> = HashMap::new();
    for name in names {
        wanted.entry(sort_key::sort_key(name)).or_insert(name);
    }
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let known = unit
        .find::<Entity>()
        .filter(Column::NameSort.is_in(wanted.keys().cloned()))
        .all(unit.transaction())
        .await?;
    let mut ids: HashMap<String, Uuid> = known.into_iter().map(|tag| (tag.name_sort, tag.id)).collect();
    let mut missing: Vec<_> = wanted.into_iter().filter(|(key, _)| !ids.contains_key(key)).collect();
    missing.sort_unstable();
    for (key, name) in missing {
        let id = unit.new_id();
        let (now, actor) = (unit.now(), unit.actor());
        unit.insert::<Entity>(Model {
            tenant_id: unit.tenant(),
            id,
            name: name.to_owned(),
            name_sort: key.clone(),
            created_at: now,
            created_by: actor,
            updated_at: now,
            updated_by: actor,
            version: 1,
        });
        ids.insert(key, id);
    }
    Ok(ids)
}
