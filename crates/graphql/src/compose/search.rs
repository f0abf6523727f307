//! What records are found by: their own columns and those of their parts.

use std::collections::HashMap;

use super::{ComposeError, Result};
use crate::catalog::{Entity, SearchField, search_code};
use crate::declare::RelationKind;
use crate::value::Kind;

/// Says of each entity what its records are found by.
pub(super) fn find(entities: &mut [Entity]) -> Result<()> {
    let mut codes: HashMap<i32, String> = HashMap::new();
    let mut found: Vec<Vec<SearchField>> = entities.iter().map(|_| Vec::new()).collect();
    for (index, entity) in entities.iter().enumerate() {
        let fields = fields(entity)?;
        for field in &fields {
            if let Some(other) = codes.insert(field.code, field.name.clone()) {
                let (module, what) = (entity.declaration.module, field.name.clone());
                return Err(ComposeError::SameSearchCode { module, what, other });
            }
        }
        if entity.declaration.visible_with.is_empty() {
            found[index].splice(0..0, fields);
            continue;
        }
        for position in &entity.visible_with {
            let relation = &entity.relations[*position];
            if let (RelationKind::ToOne { .. }, [whole]) =
                (&relation.declaration.kind, relation.targets.as_slice())
            {
                found[*whole].extend(fields.iter().cloned());
            }
        }
    }
    for (entity, fields) in entities.iter_mut().zip(found) {
        entity.search = if entity.declaration.visible_with.is_empty() { fields } else { Vec::new() };
    }
    Ok(())
}

fn fields(entity: &Entity) -> Result<Vec<SearchField>> {
    let declaration = &entity.declaration;
    let searchable = declaration.columns.iter().filter_map(|column| Some((column, column.searchable?)));
    searchable
        .map(|(column, kind)| {
            let name = format!("{}.{}", declaration.name, column.name);
            if column.kind != Some(Kind::Text) {
                let what = format!("search by {name}");
                return Err(ComposeError::NotComparable { module: declaration.module, what });
            }
            Ok(SearchField {
                code: search_code(&declaration.table, &column.column),
                kind,
                name,
                rights: declaration.right.into_iter().chain(column.right).collect(),
            })
        })
        .collect()
}
