//! Tags are made when they are first used.

use std::collections::{BTreeMap, HashMap, HashSet};

use sea_orm::QueryFilter as _;
use shoal_core::UnitOfWork;
use shoal_core::value::{sort_key, text};
use shoal_graphql::error::Error;
use shoal_graphql::message;
use uuid::Uuid;

use super::{Column, Entity, Model};
use crate::rules::Mistakes;

/// Characters of a tag.
const LENGTH: usize = 50;

/// Tags of one record.
const MOST: usize = 50;

/// What tells tags apart: letter case, accents and spaces do not. A name of signs alone is its own key.
pub(crate) fn key(name: &str) -> String {
    let key = sort_key::sort_key(name);
    if key.is_empty() { name.to_owned() } else { key }
}

/// Cleans the names of tags; each comes once, whatever its letter case.
pub(crate) fn clean(names: &[String], mistakes: &mut Mistakes) -> Vec<String> {
    if names.len() > MOST {
        mistakes.add("tags", "TOO_MANY", message!("contacts-list-too-long", "at most {most}", most = MOST));
        return Vec::new();
    }
    let mut clean: Vec<String> = Vec::with_capacity(names.len());
    let mut keys = HashSet::with_capacity(names.len());
    for (position, name) in names.iter().enumerate() {
        let Some(name) = mistakes.check_at(&["tags", &position.to_string()], text::line(name, LENGTH)) else {
            continue;
        };
        if !name.is_empty() && keys.insert(key(&name)) {
            clean.push(name);
        }
    }
    clean
}

/// The keys of tags by their ids.
///
/// # Errors
/// Faults of the database.
pub(crate) async fn keys(unit: &UnitOfWork, ids: HashSet<Uuid>) -> Result<HashMap<Uuid, String>, Error> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let found = unit.find::<Entity>().filter(unit.any_of(Column::Id, ids)).all(unit.transaction()).await?;
    Ok(found.into_iter().map(|tag| (tag.id, tag.name_sort)).collect())
}

/// The ids of tags by their keys; those that do not exist are staged.
///
/// # Errors
/// Faults of the database.
pub(crate) async fn find_or_create(
    unit: &mut UnitOfWork,
    names: impl Iterator<Item = &str>,
) -> Result<HashMap<String, Uuid>, Error> {
    // In one order everywhere, so that two batches cannot wait for each other.
    let mut wanted: BTreeMap<String, &str> = BTreeMap::new();
    for name in names {
        wanted.entry(key(name)).or_insert(name);
    }
    let mut ids = HashMap::with_capacity(wanted.len());
    if !wanted.is_empty() {
        let same_key = unit.any_of(Column::NameSort, wanted.keys());
        let known = unit.find::<Entity>().filter(same_key).all(unit.transaction()).await?;
        ids.extend(known.into_iter().map(|tag| (tag.name_sort, tag.id)));
    }
    for (key, name) in wanted {
        if ids.contains_key(&key) {
            continue;
        }
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
