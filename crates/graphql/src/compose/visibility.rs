//! Rows that are visible with others, and fields that are told with others.

use super::{ComposeError, Result};
use crate::catalog::{Catalog, Entity, EntityIndex};
use crate::declare::RelationKind;

/// Each relation that visibility comes through must be there and lead to one record, and none may lead back to where it
/// came from.
pub(super) fn check(catalog: &Catalog) -> Result<()> {
    for entity in &catalog.entities {
        let declaration = &entity.declaration;
        for name in &declaration.visible_with {
            if !entity.relation(name).is_some_and(|relation| relation.declaration.kind.is_to_one()) {
                return Err(missing(declaration.module, visibility_of(entity), name));
            }
        }
        let field = |name: &str| format!("field {}.{name}", entity.name());
        let told = entity.relations.iter().filter_map(|relation| {
            let declared = &relation.declaration;
            Some((relation.module, declared.name, declared.told_with?))
        });
        let hidden =
            entity.computed.iter().filter_map(|field| Some((field.module, field.name, field.hidden?)));
        for (module, name, other) in told.chain(hidden) {
            // Only such a row itself says whether there is another.
            let names = |kind: &RelationKind| {
                matches!(kind, RelationKind::ToOne { .. } | RelationKind::AnyRecord { .. })
            };
            if !entity.relation(other).is_some_and(|relation| names(&relation.declaration.kind)) {
                return Err(missing(module, field(name), other));
            }
        }
    }
    for index in 0..catalog.entities.len() {
        follow(catalog, index, &mut Vec::new())?;
    }
    Ok(())
}

fn missing(module: &'static str, what: String, relation: &str) -> ComposeError {
    ComposeError::UnknownTarget { module, what, target: format!("the relation {relation} to one record") }
}

fn visibility_of(entity: &Entity) -> String {
    format!("the visibility of {}", entity.name())
}

fn follow(catalog: &Catalog, index: EntityIndex, behind: &mut Vec<EntityIndex>) -> Result<()> {
    let entity = &catalog.entities[index];
    if behind.contains(&index) {
        let (module, what) = (entity.declaration.module, visibility_of(entity));
        return Err(ComposeError::Circular { module, what });
    }
    behind.push(index);
    for relation in &entity.visible_with {
        for target in &entity.relations[*relation].targets {
            follow(catalog, *target, behind)?;
        }
    }
    behind.pop();
    Ok(())
}
