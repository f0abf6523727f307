//! Entities: their own declarations, and what extensions add to them.

use std::collections::HashMap;
use std::sync::Arc;

use super::{ComposeError, Part, Result, described};
use crate::catalog::{Abstract, Entity, Field, Relation};
use crate::declare::{
    Condition, EntityDeclaration, Ownership, RelationDeclaration, RelationKind, RelationTarget, Through,
};
use crate::value::Kind;

/// Checks what an entity's own module says, by itself.
pub(super) fn check(entity: &EntityDeclaration) -> Result<()> {
    let EntityDeclaration { module, name, .. } = *entity;
    described(module, entity.description, || format!("type {name}"))?;
    let Some(partition) = &entity.partition else {
        return Err(ComposeError::MissingKey { module, entity: name, missing: "partition column" });
    };
    if !entity.columns.iter().any(|column| column.name == "id" && !column.nullable) {
        return Err(ComposeError::MissingKey { module, entity: name, missing: "column `id`" });
    }
    if entity.columns.iter().any(|column| column.name == "id" && column.right.is_some()) {
        let missing = "column `id` that all of its readers may see";
        return Err(ComposeError::MissingKey { module, entity: name, missing });
    }
    has_column(module, entity, partition, || format!("the partition of {name}"))?;
    if let Some(Ownership { owner, team, orders }) = &entity.ownership {
        has_column(module, entity, owner, || format!("the owner of {name}"))?;
        team.iter()
            .try_for_each(|team| has_column(module, entity, team, || format!("the team of {name}")))?;
        let what = || format!("the orders of a team's {name}");
        orders.iter().try_for_each(|order| has_column(module, entity, order, what))?;
    }
    if let Some(deleted) = &entity.deleted {
        has_column(module, entity, deleted, || format!("the deletion of {name}"))?;
    }
    for column in &entity.columns {
        let what = || format!("field {name}.{}", column.name);
        described(module, column.description, what)?;
        has_column(module, entity, &column.column, what)?;
        column.sort_column.iter().try_for_each(|key| has_column(module, entity, key, what))?;
        match column.kind {
            None => return Err(ComposeError::UnknownKind { module, what: what() }),
            Some(Kind::Json) if column.filterable || column.orderable => {
                return Err(ComposeError::NotComparable { module, what: what() });
            }
            Some(_) => {}
        }
    }
    for money in &entity.money {
        let what = || format!("field {name}.{}", money.name);
        described(module, money.description, what)?;
        has_column(module, entity, &money.amount, what)?;
        has_column(module, entity, &money.currency, what)?;
    }
    Ok(())
}

fn has_column(
    module: &'static str,
    entity: &EntityDeclaration,
    column: &str,
    what: impl FnOnce() -> String,
) -> Result<()> {
    if entity.table_columns.iter().any(|known| known == column) {
        return Ok(());
    }
    Err(ComposeError::UnknownColumn {
        module,
        what: what(),
        column: column.to_owned(),
        table: entity.table.clone(),
    })
}

/// Puts an entity together with what extensions add.
pub(super) fn compose(
    declaration: &Arc<EntityDeclaration>,
    parts: Vec<(&'static str, Part)>,
    entities: &[Arc<EntityDeclaration>],
    tables: &HashMap<String, usize>,
    abstracts: &[Abstract],
) -> Result<Entity> {
    let mut fields: HashMap<String, (&'static str, Field)> = HashMap::new();
    let mut add = |name: &str, module: &'static str, field: Field| match fields
        .insert(name.to_owned(), (module, field))
    {
        None => Ok(()),
        Some((first, _)) => Err(ComposeError::DuplicateField {
            parent: declaration.name.to_owned(),
            field: name.to_owned(),
            first,
            second: module,
        }),
    };
    for (index, column) in declaration.columns.iter().enumerate() {
        add(&column.name, declaration.module, Field::Column(index))?;
    }
    for (index, money) in declaration.money.iter().enumerate() {
        add(money.name, declaration.module, Field::Money(index))?;
    }
    let (mut relations, mut computed) = (Vec::new(), Vec::new());
    for (module, part) in parts {
        match part {
            Part::Relation(relation) => {
                add(relation.name, module, Field::Relation(relations.len()))?;
                let targets = resolve_relation(module, declaration, &relation, entities, tables, abstracts)?;
                relations.push(Relation { module, declaration: relation, targets });
            }
            Part::Computed(field) => {
                let what = || format!("field {}.{}", declaration.name, field.name);
                described(module, field.description, what)?;
                for column in &field.columns {
                    has_column(module, declaration, column, what)?;
                }
                add(field.name, module, Field::Computed(computed.len()))?;
                computed.push(field);
            }
        }
    }
    // What is not there in a part makes nothing visible; that it is there in the whole is checked.
    let visible_with = declaration.visible_with.iter().filter_map(|name| match fields.get(*name) {
        Some((_, Field::Relation(position))) => Some(*position),
        _ => None,
    });
    let visible_with = visible_with.collect();
    Ok(Entity {
        fields: fields.into_iter().map(|(name, (_, field))| (name, field)).collect(),
        relations,
        computed,
        partition: declaration.partition.clone().unwrap_or_default(),
        declaration: Arc::clone(declaration),
        search: Vec::new(),
        visible_with,
    })
}

fn resolve_relation(
    module: &'static str,
    entity: &EntityDeclaration,
    relation: &RelationDeclaration,
    entities: &[Arc<EntityDeclaration>],
    tables: &HashMap<String, usize>,
    abstracts: &[Abstract],
) -> Result<Vec<usize>> {
    let what = || format!("relation {}.{}", entity.name, relation.name);
    described(module, relation.description, what)?;
    let targets = match &relation.target {
        RelationTarget::Table(table) => {
            vec![*tables.get(table).ok_or_else(|| ComposeError::UnknownTarget {
                module,
                what: what(),
                target: format!("the entity of table {table}"),
            })?]
        }
        RelationTarget::Abstract(name) => {
            abstracts.iter().find(|known| known.name == *name).map(|known| known.members.clone()).ok_or_else(
                || ComposeError::UnknownTarget { module, what: what(), target: format!("type {name}") },
            )?
        }
    };
    match &relation.kind {
        RelationKind::ToOne { column } => has_column(module, entity, column, what)?,
        RelationKind::AnyRecord { type_column, id_column } => {
            has_column(module, entity, type_column, what)?;
            has_column(module, entity, id_column, what)?;
        }
        RelationKind::ToMany { column } => has_column(module, &entities[targets[0]], column, what)?,
        RelationKind::ToManyOfAny { type_column, id_column } => {
            has_column(module, &entities[targets[0]], type_column, what)?;
            has_column(module, &entities[targets[0]], id_column, what)?;
        }
        RelationKind::ToOneThrough(through) | RelationKind::ToManyThrough(through) => {
            check_through(module, through, &entities[targets[0]], what)?;
        }
    }
    if let Some(order) = &relation.ordered_by {
        has_column(module, &entities[targets[0]], &order.column, what)?;
        if order.kind.is_none_or(|kind| kind == Kind::Json) {
            return Err(ComposeError::NotComparable { module, what: what() });
        }
        // Cursors carry the values that order.
        let mut fields = entities[targets[0]].columns.iter();
        let is_hidden = fields.any(|field| {
            field.right.is_some()
                && (field.column == order.column || field.sort_column.as_ref() == Some(&order.column))
        });
        if is_hidden {
            return Err(ComposeError::HiddenOrder { module, what: what() });
        }
    }
    Ok(targets)
}

/// The table between needs the leading key too, under the same name, and the columns of its conditions.
fn check_through(
    module: &'static str,
    through: &Through,
    target: &EntityDeclaration,
    what: impl Fn() -> String,
) -> Result<()> {
    let conditions = through.conditions.iter().flat_map(|condition| match condition {
        Condition::Equals(column, _) => vec![column],
        Condition::Current { from, to } => vec![from, to],
    });
    for column in conditions.chain(&target.partition) {
        if !through.table_columns.contains(column) {
            let (column, table) = (column.clone(), through.table.clone());
            return Err(ComposeError::UnknownColumn { module, what: what(), column, table });
        }
    }
    Ok(())
}
