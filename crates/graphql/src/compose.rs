//! Puts the declarations of all modules together, or says which two do not fit.

mod error;
mod inputs;
mod outputs;
mod roots;

use std::collections::HashMap;
use std::sync::Arc;

use apollo_compiler::Schema;

pub use self::error::ComposeError;
pub(crate) use self::inputs::Inputs;
pub(crate) use self::outputs::Outputs;
use self::roots::Roots;
use crate::catalog::{Abstract, Catalog, Entity, Field, Relation};
use crate::declare::{
    AbstractDeclaration, Condition, EntityDeclaration, Registry, RelationDeclaration, RelationKind,
    RelationTarget, Through,
};
use crate::sdl;
use crate::value::Kind;

type Result<T> = std::result::Result<T, ComposeError>;

pub(crate) fn compose(registry: Registry) -> Result<Catalog> {
    let Registry { entities, extensions, abstracts, mutations, queries } = registry;
    let mut owners = TypeOwners::default();
    for entity in &entities {
        check_entity(entity)?;
        owners.claim(entity.name, entity.module)?;
    }
    for declaration in &abstracts {
        described(declaration.module, declaration.description, || format!("type {}", declaration.name))?;
        owners.claim(declaration.name, declaration.module)?;
    }
    let tables = tables_of(&entities)?;
    let abstracts = resolve_abstracts(abstracts, &entities)?;
    let mut parts: Vec<Vec<(&'static str, Part)>> = entities
        .iter()
        .map(|entity| {
            let relations = entity.relations.iter().cloned().map(Part::Relation);
            let computed = entity.computed.iter().cloned().map(Part::Computed);
            relations.chain(computed).map(|part| (entity.module, part)).collect()
        })
        .collect();
    for extension in extensions {
        let Some(&target) = tables.get(&extension.table) else {
            let (module, table) = (extension.module, extension.table);
            return Err(ComposeError::ExtensionWithoutTarget { module, table });
        };
        let relations = extension.relations.into_iter().map(Part::Relation);
        let computed = extension.computed.into_iter().map(Part::Computed);
        parts[target].extend(relations.chain(computed).map(|part| (extension.module, part)));
    }
    let mut composed = Vec::with_capacity(entities.len());
    for (entity, parts) in entities.iter().zip(parts) {
        composed.push(compose_entity(entity, parts, &entities, &tables, &abstracts)?);
    }
    let roots = Roots::collect(&composed, &mutations, &queries, &tables)?;
    let inputs = inputs::collect(&mutations, &queries)?;
    let outputs = outputs::collect(&queries, &mutations, &tables)?;
    let text = sdl::write(&sdl::Parts {
        entities: &composed,
        abstracts: &abstracts,
        mutations: &mutations,
        queries: &queries,
        inputs: &inputs,
        outputs: &outputs,
    })?;
    let schema = Schema::parse_and_validate(&text, "schema.graphql")
        .map_err(|invalid| ComposeError::InvalidSchema(invalid.errors.to_string()))?;
    let implementers = schema.implementers_map();
    Ok(Catalog {
        entities: composed,
        abstracts,
        mutations,
        queries,
        outputs: outputs.objects.into_iter().map(|(name, declaration, _)| (name, declaration)).collect(),
        roots: roots.queries.into_iter().map(|(name, (_, root))| (name, root)).collect(),
        subscription_roots: roots.subscriptions,
        mutation_roots: roots.mutations.into_iter().map(|(name, (_, root))| (name, root)).collect(),
        schema,
        implementers,
        sdl: Arc::from(text),
    })
}

fn tables_of(entities: &[EntityDeclaration]) -> Result<HashMap<String, usize>> {
    let mut tables = HashMap::new();
    for (index, second) in entities.iter().enumerate() {
        if let Some(first) = tables.insert(second.table.clone(), index) {
            let first: &EntityDeclaration = &entities[first];
            return Err(ComposeError::DuplicateTable {
                table: second.table.clone(),
                first: first.module,
                first_name: first.name,
                second: second.module,
                second_name: second.name,
            });
        }
    }
    Ok(tables)
}

/// A field that an entity's own module or an extension brings.
enum Part {
    Relation(RelationDeclaration),
    Computed(crate::declare::ComputedDeclaration),
}

#[derive(Default)]
struct TypeOwners(HashMap<&'static str, &'static str>);

impl TypeOwners {
    fn claim(&mut self, name: &'static str, module: &'static str) -> Result<()> {
        match self.0.insert(name, module) {
            None => Ok(()),
            Some(first) => Err(ComposeError::DuplicateType { name: name.to_owned(), first, second: module }),
        }
    }
}

fn described(module: &'static str, description: &str, what: impl FnOnce() -> String) -> Result<()> {
    if description.trim().is_empty() {
        return Err(ComposeError::MissingDescription { module, what: what() });
    }
    Ok(())
}

fn check_entity(entity: &EntityDeclaration) -> Result<()> {
    let EntityDeclaration { module, name, .. } = *entity;
    described(module, entity.description, || format!("type {name}"))?;
    let Some(partition) = &entity.partition else {
        return Err(ComposeError::MissingKey { module, entity: name, missing: "partition column" });
    };
    if !entity.columns.iter().any(|column| column.name == "id" && !column.nullable) {
        return Err(ComposeError::MissingKey { module, entity: name, missing: "column `id`" });
    }
    has_column(module, entity, partition, || format!("the partition of {name}"))?;
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

fn resolve_abstracts(
    declarations: Vec<AbstractDeclaration>,
    entities: &[EntityDeclaration],
) -> Result<Vec<Abstract>> {
    let mut abstracts = vec![Abstract {
        module: "graphql",
        name: "Node",
        description: "Anything with an id that stays the same.",
        fields: Some(vec!["id".to_owned()]),
        members: (0..entities.len()).collect(),
    }];
    for declaration in declarations {
        let AbstractDeclaration { module, name, description, fields, members } = declaration;
        let members_found = match &members {
            Some(names) => names
                .iter()
                .map(|member| {
                    entities.iter().position(|entity| entity.name == *member).ok_or_else(|| {
                        ComposeError::UnknownTarget {
                            module,
                            what: format!("union {name}"),
                            target: format!("type {member}"),
                        }
                    })
                })
                .collect::<Result<Vec<_>>>()?,
            None => (0..entities.len()).filter(|index| entities[*index].interfaces.contains(&name)).collect(),
        };
        let fields = members.is_none().then(|| fields.into_iter().map(str::to_owned).collect());
        abstracts.push(Abstract { module, name, description, fields, members: members_found });
    }
    for entity in entities {
        for interface in &entity.interfaces {
            if !abstracts.iter().any(|known| known.name == *interface && known.fields.is_some()) {
                return Err(ComposeError::UnknownTarget {
                    module: entity.module,
                    what: format!("type {}", entity.name),
                    target: format!("interface {interface}"),
                });
            }
        }
    }
    Ok(abstracts)
}

fn compose_entity(
    declaration: &EntityDeclaration,
    parts: Vec<(&'static str, Part)>,
    entities: &[EntityDeclaration],
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
    Ok(Entity {
        fields: fields.into_iter().map(|(name, (_, field))| (name, field)).collect(),
        relations,
        computed,
        partition: declaration.partition.clone().unwrap_or_default(),
        declaration: declaration.clone(),
    })
}

fn resolve_relation(
    module: &'static str,
    entity: &EntityDeclaration,
    relation: &RelationDeclaration,
    entities: &[EntityDeclaration],
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
