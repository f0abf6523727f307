//! Puts the declarations of all modules together, or says which two do not fit.

mod cut;
mod entity;
mod error;
mod inputs;
mod modules;
mod objects;
mod outputs;
mod roots;
mod search;
mod visibility;

use std::collections::HashMap;
use std::sync::Arc;

use apollo_compiler::Schema;

pub use self::error::ComposeError;
pub(crate) use self::inputs::Inputs;
pub use self::modules::{Compositions, ModuleSet};
pub(crate) use self::outputs::Outputs;
use self::roots::Roots;
use crate::catalog::{Abstract, Catalog, Entity, View, Views};
use crate::context::RightSet;
use crate::declare::{
    AbstractDeclaration, ComputedDeclaration, EntityDeclaration, Registry, RelationDeclaration,
};
use crate::sdl;

type Result<T> = std::result::Result<T, ComposeError>;

/// Composes everything there is.
pub(crate) fn compose(registry: Registry) -> Result<Catalog> {
    let catalog = part(registry)?;
    visibility::check(&catalog)?;
    outputs::check(&catalog)?;
    Ok(catalog)
}

/// Composes a part of what there is.
fn part(registry: Registry) -> Result<Catalog> {
    let Types { entities, abstracts, tables } = types(&registry)?;
    let outputs = outputs::collect(&registry.queries, &registry.mutations, &tables)?;
    let queries: Vec<_> =
        registry.queries.iter().filter(|query| outputs.offers(&query.answer)).cloned().collect();
    let roots = Roots::collect(&entities, &registry.mutations, &queries, &tables)?;
    let inputs = inputs::collect(&registry.mutations, &queries)?;
    let text = sdl::write(&sdl::Parts {
        entities: &entities,
        abstracts: &abstracts,
        mutations: &registry.mutations,
        queries: &queries,
        inputs: &inputs,
        outputs: &outputs,
        unread: None,
    })?;
    let View { schema, implementers, sdl } = view_of(&text)?;
    Ok(Catalog {
        entities,
        abstracts,
        mutations: registry.mutations.clone(),
        queries,
        outputs: outputs.into_objects(),
        roots: roots.queries.into_iter().map(|(name, (_, root))| (name, root)).collect(),
        subscription_roots: roots.subscriptions,
        mutation_roots: roots.mutations.into_iter().map(|(name, (_, root))| (name, root)).collect(),
        schema,
        implementers,
        sdl,
        views: Views::new(&registry),
        registry,
    })
}

/// The schema as a caller with these rights may use it.
pub(crate) fn view(registry: &Registry, rights: &RightSet) -> Result<View> {
    let mut cut = cut::to_rights(registry, rights);
    let Types { entities, abstracts, tables } = types(&cut)?;
    let outputs = outputs::collect(&cut.queries, &cut.mutations, &tables)?;
    cut.queries.retain(|query| outputs.offers(&query.answer));
    let mut inputs = inputs::collect(&cut.mutations, &cut.queries)?;
    let emptied = inputs.leave_out(&cut::unwritten(registry, rights));
    cut.mutations.retain(|mutation| !emptied.contains(mutation.input));
    cut.queries.retain(|query| !inputs::takes(query, &emptied));
    let text = sdl::write(&sdl::Parts {
        entities: &entities,
        abstracts: &abstracts,
        mutations: &cut.mutations,
        queries: &cut.queries,
        inputs: &inputs,
        outputs: &outputs,
        unread: Some(&cut.unread),
    })?;
    view_of(&text)
}

fn view_of(text: &str) -> Result<View> {
    let schema = Schema::parse_and_validate(text, "schema.graphql")
        .map_err(|invalid| ComposeError::InvalidSchema(invalid.errors.to_string()))?;
    let implementers = Arc::new(schema.implementers_map());
    Ok(View { schema: Arc::new(schema), implementers, sdl: Arc::from(text) })
}

/// The types that declarations make.
struct Types {
    entities: Vec<Entity>,
    abstracts: Vec<Abstract>,
    /// Positions of the entities by their tables.
    tables: HashMap<String, usize>,
}

fn types(registry: &Registry) -> Result<Types> {
    let entities = &registry.entities;
    let mut owners = TypeOwners::default();
    for entity in entities {
        entity::check(entity)?;
        owners.claim(entity.name, entity.module)?;
    }
    for declaration in &registry.abstracts {
        described(declaration.module, declaration.description, || format!("type {}", declaration.name))?;
        owners.claim(declaration.name, declaration.module)?;
    }
    let tables = tables_of(entities)?;
    let abstracts = resolve_abstracts(&registry.abstracts, entities)?;
    let parts = |module, relations: &[RelationDeclaration], computed: &[ComputedDeclaration]| {
        let relations = relations.iter().cloned().map(Part::Relation);
        let parts = relations.chain(computed.iter().cloned().map(Part::Computed));
        parts.map(|part| (module, part)).collect::<Vec<_>>()
    };
    let mut of_entities: Vec<_> =
        entities.iter().map(|entity| parts(entity.module, &entity.relations, &entity.computed)).collect();
    for extension in &registry.extensions {
        let Some(&target) = tables.get(&extension.table) else {
            let (module, table) = (extension.module, extension.table.clone());
            return Err(ComposeError::ExtensionWithoutTarget { module, table });
        };
        of_entities[target].extend(parts(extension.module, &extension.relations, &extension.computed));
    }
    let composed = entities.iter().zip(of_entities);
    let composed =
        composed.map(|(entity, parts)| entity::compose(entity, parts, entities, &tables, &abstracts));
    let mut entities: Vec<Entity> = composed.collect::<Result<_>>()?;
    search::find(&mut entities)?;
    Ok(Types { entities, abstracts, tables })
}

fn tables_of(entities: &[Arc<EntityDeclaration>]) -> Result<HashMap<String, usize>> {
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
    Computed(ComputedDeclaration),
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

fn resolve_abstracts(
    declarations: &[AbstractDeclaration],
    entities: &[Arc<EntityDeclaration>],
) -> Result<Vec<Abstract>> {
    let mut abstracts = vec![Abstract {
        module: "graphql",
        name: "Node",
        description: "Anything with an id that stays the same.",
        fields: Some(vec!["id".to_owned()]),
        members: (0..entities.len()).collect(),
    }];
    for declaration in declarations {
        let AbstractDeclaration { module, name, description, ref fields, ref members } = *declaration;
        let members_found = match members {
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
        let fields = members.is_none().then(|| fields.iter().map(|field| (*field).to_owned()).collect());
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
