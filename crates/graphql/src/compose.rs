//! Puts the declarations of all modules together, or says which two do not fit.

use std::collections::HashMap;
use std::sync::Arc;

use apollo_compiler::Schema;

use crate::catalog::{Abstract, Catalog, Entity, Field, MutationRoot, Relation, Root, lower_first};
use crate::declare::{
    AbstractDeclaration, EntityDeclaration, InputType as _, InputTypes, MoneyInput, MutationDeclaration,
    Registry, RelationDeclaration, RelationKind, RelationTarget,
};

use crate::sdl;

/// Why declarations cannot be put together. Every variant names who is to blame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// Two declarations of one type.
    #[error("type {name} is declared by module {first} and again by module {second}")]
    DuplicateType {
        /// Type name.
        name: String,
        /// Who came first.
        first: &'static str,
        /// Who came second.
        second: &'static str,
    },
    /// Two declarations of one field, at a type or at the root.
    #[error("field {parent}.{field} is declared by module {first} and again by module {second}")]
    DuplicateField {
        /// Type name, `Query` or `Mutation` for the roots.
        parent: String,
        /// Field name.
        field: String,
        /// Who came first.
        first: &'static str,
        /// Who came second.
        second: &'static str,
    },
    /// An entity, field, argument, input or value without a description.
    #[error("module {module}: {what} has no description")]
    MissingDescription {
        /// Who declares it.
        module: &'static str,
        /// What lacks it.
        what: String,
    },
    /// A root field that names no right.
    #[error("module {module}: {what} names no right")]
    MissingRight {
        /// Who declares it.
        module: &'static str,
        /// What lacks it.
        what: String,
    },
    /// An extension of an entity that no module declares.
    #[error("module {module} extends the entity of table {table}, which no module declares")]
    ExtensionWithoutTarget {
        /// Who extends.
        module: &'static str,
        /// The table.
        table: String,
    },
    /// A relation, mutation or union with an entity or interface that no module declares.
    #[error("module {module}: {what} points at {target}, which no module declares")]
    UnknownTarget {
        /// Who declares it.
        module: &'static str,
        /// What points.
        what: String,
        /// Where to.
        target: String,
    },
    /// A column that the table does not have.
    #[error("module {module}: {what} names column {column}, which table {table} does not have")]
    UnknownColumn {
        /// Who declares it.
        module: &'static str,
        /// What names it.
        what: String,
        /// The column.
        column: String,
        /// The table.
        table: String,
    },
    /// A column whose database type has no kind in the API.
    #[error("module {module}: {what} has a database type without a kind in the API")]
    UnknownKind {
        /// Who declares it.
        module: &'static str,
        /// The column.
        what: String,
    },
    /// An entity without a leading key column or without `id`.
    #[error("module {module}: entity {entity} has no {missing}")]
    MissingKey {
        /// Who declares it.
        module: &'static str,
        /// The entity.
        entity: &'static str,
        /// What it lacks.
        missing: &'static str,
    },
    /// An interface and an entity that does not have its fields in the same type.
    #[error("module {module}: {entity} implements {interface} of module {interface_module}, but {problem}")]
    InterfaceMismatch {
        /// Who declares the entity.
        module: &'static str,
        /// The entity.
        entity: &'static str,
        /// The interface.
        interface: &'static str,
        /// Who declares the interface.
        interface_module: &'static str,
        /// What does not fit.
        problem: String,
    },
    /// What the declarations say is not a valid schema for another reason (a name, say).
    #[error("the schema is not valid: {0}")]
    InvalidSchema(String),
}

type Result<T> = std::result::Result<T, ComposeError>;

pub(crate) fn compose(registry: Registry) -> Result<Catalog> {
    let Registry { entities, extensions, abstracts, mutations } = registry;
    let mut owners = TypeOwners::default();
    for entity in &entities {
        check_entity(entity)?;
        owners.claim(entity.name, entity.module)?;
    }
    for declaration in &abstracts {
        described(declaration.module, declaration.description, || format!("type {}", declaration.name))?;
        owners.claim(declaration.name, declaration.module)?;
    }
    let tables: HashMap<String, usize> =
        entities.iter().enumerate().map(|(index, entity)| (entity.table.clone(), index)).collect();
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
    let mut roots = Roots::default();
    for (index, entity) in composed.iter().enumerate() {
        roots.entity(index, &entity.declaration)?;
    }
    let mut inputs = InputTypes::default();
    MoneyInput::register(&mut inputs);
    for (index, mutation) in mutations.iter().enumerate() {
        (mutation.register)(&mut inputs);
        roots.mutation(index, mutation, &tables)?;
    }
    check_inputs(&inputs, &mutations)?;
    let text = sdl::write(&sdl::Parts {
        entities: &composed,
        abstracts: &abstracts,
        mutations: &mutations,
        inputs: &inputs,
    })?;
    finish(composed, abstracts, mutations, roots, &text)
}

fn finish(
    entities: Vec<Entity>,
    abstracts: Vec<Abstract>,
    mutations: Vec<MutationDeclaration>,
    roots: Roots,
    text: &str,
) -> Result<Catalog> {
    let schema = Schema::parse_and_validate(text, "schema.graphql")
        .map_err(|invalid| ComposeError::InvalidSchema(invalid.errors.to_string()))?;
    let implementers = schema.implementers_map();
    Ok(Catalog {
        entities,
        abstracts,
        mutations,
        roots: roots.queries.into_iter().map(|(name, (_, root))| (name, root)).collect(),
        mutation_roots: roots.mutations.into_iter().map(|(name, (_, root))| (name, root)).collect(),
        schema,
        implementers,
        sdl: Arc::from(text),
    })
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
    has_column(entity, partition, || format!("the partition of {name}"))?;
    for column in &entity.columns {
        described(module, column.description, || format!("field {name}.{}", column.name))?;
        if column.kind.is_none() {
            return Err(ComposeError::UnknownKind { module, what: format!("{name}.{}", column.name) });
        }
    }
    for money in &entity.money {
        described(module, money.description, || format!("field {name}.{}", money.name))?;
    }
    Ok(())
}

fn has_column(entity: &EntityDeclaration, column: &str, what: impl FnOnce() -> String) -> Result<()> {
    if entity.table_columns.iter().any(|known| known == column) {
        return Ok(());
    }
    Err(ComposeError::UnknownColumn {
        module: entity.module,
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
                    has_column(declaration, column, what)?;
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
        RelationKind::ToOne { column } => has_column(entity, column, what)?,
        RelationKind::AnyRecord { type_column, id_column } => {
            has_column(entity, type_column, what)?;
            has_column(entity, id_column, what)?;
        }
        RelationKind::ToMany { column } => has_column(&entities[targets[0]], column, what)?,
        RelationKind::ToManyOfAny { type_column, id_column } => {
            has_column(&entities[targets[0]], type_column, what)?;
            has_column(&entities[targets[0]], id_column, what)?;
        }
        RelationKind::ToOneThrough(_) | RelationKind::ToManyThrough(_) => {}
    }
    Ok(targets)
}

/// Root fields with the module that brings each.
#[derive(Default)]
struct Roots {
    queries: HashMap<String, (&'static str, Root)>,
    mutations: HashMap<String, (&'static str, MutationRoot)>,
}

impl Roots {
    fn entity(&mut self, index: usize, entity: &EntityDeclaration) -> Result<()> {
        self.queries.entry("node".to_owned()).or_insert(("graphql", Root::Node));
        if entity.right.is_none() {
            let what = format!("entity {}", entity.name);
            return Err(ComposeError::MissingRight { module: entity.module, what });
        }
        if !entity.at_root {
            return Ok(());
        }
        let fields = [
            (lower_first(entity.name), Root::One(index)),
            (entity.plural.clone(), Root::List(index)),
            (format!("{}Aggregate", entity.plural), Root::Aggregate(index)),
        ];
        for (name, root) in fields {
            if let Some((first, _)) = self.queries.insert(name.clone(), (entity.module, root)) {
                return Err(duplicate_root("Query", name, first, entity.module));
            }
        }
        Ok(())
    }

    fn mutation(
        &mut self,
        index: usize,
        mutation: &MutationDeclaration,
        tables: &HashMap<String, usize>,
    ) -> Result<()> {
        let module = mutation.module;
        let what = || format!("mutation {}", mutation.name);
        let entity = *tables.get(&mutation.table).ok_or_else(|| ComposeError::UnknownTarget {
            module,
            what: what(),
            target: format!("the entity of table {}", mutation.table),
        })?;
        if mutation.right.is_empty() {
            return Err(ComposeError::MissingRight { module, what: what() });
        }
        let one = std::iter::once((mutation.name, mutation.description, false));
        let many = mutation.many.map(|(name, description)| (name, description, true));
        for (name, description, many) in one.chain(many) {
            described(module, description, || format!("mutation {name}"))?;
            let root = MutationRoot { mutation: index, many, entity };
            if let Some((first, _)) = self.mutations.insert(name.to_owned(), (module, root)) {
                return Err(duplicate_root("Mutation", name.to_owned(), first, module));
            }
        }
        Ok(())
    }
}

fn duplicate_root(parent: &str, field: String, first: &'static str, second: &'static str) -> ComposeError {
    ComposeError::DuplicateField { parent: parent.to_owned(), field, first, second }
}

fn check_inputs(inputs: &InputTypes, mutations: &[MutationDeclaration]) -> Result<()> {
    // Inputs carry no module of their own: the first mutation that brings one answers for it.
    let owner = |type_name: &str| {
        let brings = |mutation: &&MutationDeclaration| {
            let mut own = InputTypes::default();
            (mutation.register)(&mut own);
            own.objects.contains_key(type_name) || own.choices.contains_key(type_name)
        };
        mutations.iter().find(brings).map_or("graphql", |mutation| mutation.module)
    };
    for (name, (description, fields)) in &inputs.objects {
        described(owner(name), description, || format!("input {name}"))?;
        for field in fields {
            described(owner(name), &field.description, || format!("input field {name}.{}", field.name))?;
        }
    }
    for (name, choices) in &inputs.choices {
        described(owner(name), choices.description, || format!("enum {name}"))?;
        for (code, description) in choices.values {
            described(owner(name), description, || format!("enum value {name}.{code}"))?;
        }
    }
    Ok(())
}
