//! Rows that are visible with others.

use super::{ComposeError, Result};
use crate::catalog::{Catalog, Entity, EntityIndex};

/// Each relation that visibility comes through must be there and lead to one record, and none may lead back to where it
/// came from.
pub(super) fn check(catalog: &Catalog) -> Result<()> {
    for entity in &catalog.entities {
        for name in &entity.declaration.visible_with {
            let to_one = entity.relation(name).is_some_and(|relation| relation.declaration.kind.is_to_one());
            if !to_one {
                let (module, what) = (entity.declaration.module, visibility_of(entity));
                return Err(ComposeError::UnknownTarget {
                    module,
                    what,
                    target: format!("the relation {name} to one record"),
                });
            }
        }
    }
    for index in 0..catalog.entities.len() {
        follow(catalog, index, &mut Vec::new())?;
    }
    Ok(())
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
