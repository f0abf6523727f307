//! The rights that declarations name.

use super::{Catalog, Entity, Field, Relation};
use crate::context::RightSet;
use crate::declare::Registry;

/// A right and what needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RightUse {
    /// Its name.
    pub right: &'static str,
    /// The module that names it.
    pub module: &'static str,
    /// What needs it.
    pub place: RightPlace,
}

/// What needs a right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RightPlace {
    /// Reading records of this type.
    Entity(&'static str),
    /// Reading a field, given as `Type.field`.
    Read(String),
    /// Writing a field, given as `Type.field`.
    Write(String),
    /// A mutation.
    Mutation(&'static str),
    /// A query that answers a value.
    Query(&'static str),
}

impl std::fmt::Display for RightPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Entity(name) => write!(f, "reading {name}"),
            Self::Read(field) => write!(f, "reading {field}"),
            Self::Write(field) => write!(f, "writing {field}"),
            Self::Mutation(name) => write!(f, "mutation {name}"),
            Self::Query(name) => write!(f, "query {name}"),
        }
    }
}

impl Catalog {
    /// Whether the entity has this field and a caller with these rights may read it.
    pub fn may_read(&self, entity: &Entity, field: &str, rights: &RightSet) -> bool {
        let readable = |target: &usize| rights.allows(self.entities[*target].declaration.right);
        entity.fields.get(field).is_some_and(|field| match *field {
            Field::Column(index) => rights.allows(entity.declaration.columns[index].right),
            Field::Money(index) => rights.allows(entity.declaration.money[index].right),
            Field::Computed(index) => rights.allows(entity.computed[index].right),
            Field::Relation(index) => {
                let Relation { declaration, targets, .. } = &entity.relations[index];
                rights.allows(declaration.right) && (targets.is_empty() || targets.iter().any(readable))
            }
        })
    }

    /// Every use of a right, in the order of the declarations.
    pub fn rights(&self) -> Vec<RightUse> {
        uses(&self.registry)
    }
}

pub(super) fn uses(registry: &Registry) -> Vec<RightUse> {
    let mut uses = Vec::new();
    let mut add = |module, right: Option<&'static str>, place: RightPlace| {
        uses.extend(right.map(|right| RightUse { right, module, place }));
    };
    for entity in &registry.entities {
        let field = |name: &str| format!("{}.{name}", entity.name);
        add(entity.module, entity.right, RightPlace::Entity(entity.name));
        for column in &entity.columns {
            add(entity.module, column.right, RightPlace::Read(field(&column.name)));
            add(entity.module, column.write_right, RightPlace::Write(field(&column.name)));
        }
        for money in &entity.money {
            add(entity.module, money.right, RightPlace::Read(field(money.name)));
            add(entity.module, money.write_right, RightPlace::Write(field(money.name)));
        }
        let own = (entity.module, &entity.relations, &entity.computed);
        let extensions = registry.extensions.iter().filter(|extension| extension.table == entity.table);
        let added = extensions.map(|extension| (extension.module, &extension.relations, &extension.computed));
        for (module, relations, computed) in [own].into_iter().chain(added) {
            for relation in relations {
                add(module, relation.right, RightPlace::Read(field(relation.name)));
            }
            for computed in computed {
                add(module, computed.right, RightPlace::Read(field(computed.name)));
            }
        }
    }
    for mutation in &registry.mutations {
        add(mutation.module, Some(mutation.right), RightPlace::Mutation(mutation.name));
    }
    for query in &registry.queries {
        add(query.module, query.right, RightPlace::Query(query.name));
    }
    uses
}
