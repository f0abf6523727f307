//! The composed declarations: what the planner looks names up in.

mod rights;
mod view;

use std::collections::HashMap;
use std::sync::Arc;

use apollo_compiler::Schema;
use apollo_compiler::validation::Valid;

pub use self::rights::{RightPlace, RightUse};
pub(crate) use self::view::{Implemented, View, Views};
use crate::context::RightSet;
use crate::declare::{
    ColumnDeclaration, ComputedDeclaration, EntityDeclaration, MoneyDeclaration, MutationDeclaration,
    OutputDeclaration, QueryDeclaration, Registry, RelationDeclaration, Searchable,
};

/// Position of an entity in [`Catalog::entities`].
pub type EntityIndex = usize;

/// All declarations, checked, with their schema.
pub struct Catalog {
    /// The entities.
    pub entities: Vec<Entity>,
    /// Interfaces (with `Node`) and unions.
    pub abstracts: Vec<Abstract>,
    /// The mutations.
    pub mutations: Vec<MutationDeclaration>,
    /// The queries that answer values.
    pub queries: Vec<QueryDeclaration>,
    /// Output objects by their type names.
    pub outputs: HashMap<&'static str, OutputDeclaration>,
    pub(crate) roots: HashMap<String, Root>,
    pub(crate) subscription_roots: HashMap<String, EntityIndex>,
    pub(crate) mutation_roots: HashMap<String, MutationRoot>,
    pub(crate) schema: Arc<Valid<Schema>>,
    pub(crate) implementers: Arc<Implemented>,
    pub(crate) sdl: Arc<str>,
    /// What it was composed of.
    pub(crate) registry: Registry,
    pub(crate) views: Views,
}

/// An entity with what all modules say about it.
pub struct Entity {
    /// What its own module says.
    pub declaration: Arc<EntityDeclaration>,
    /// Field names of the API.
    pub fields: HashMap<String, Field>,
    /// Relations with their targets resolved.
    pub relations: Vec<Relation>,
    /// Computed fields, extensions' included.
    pub computed: Vec<ComputedDeclaration>,
    /// The name of the leading key column.
    pub partition: String,
    /// What its records are found by. Empty for parts of other records.
    pub search: Vec<SearchField>,
    /// Positions of the relations that it is visible with. Empty although the declaration names some: those are of
    /// modules that are not there, and no row is visible.
    pub visible_with: Vec<usize>,
}

/// A column by which records are found: their own, or that of a part of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchField {
    /// What search terms call it.
    pub code: i32,
    /// What it is.
    pub kind: Searchable,
    /// The type and the field: `EmailAddress.normalised`.
    pub name: String,
    /// The rights without which nothing is found by it.
    pub rights: Vec<&'static str>,
}

/// What search terms call a column: a hash (FNV-1a, 31 bits), so that it is the same in every program and for ever.
pub fn search_code(table: &str, column: &str) -> i32 {
    let bytes = table.bytes().chain([b'.']).chain(column.bytes());
    let hash = bytes.fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    i32::try_from(hash >> 1).unwrap_or_default()
}

/// The first of the ranks of search terms that find records of a table; behind it come the places of
/// [`Searchable`], of tokens that begin a word and of those from inside one. Those of a table stand together, so that nobody looks through
/// the terms of others.
pub fn search_ranks(table: &str) -> i32 {
    let code = search_code(table, "");
    code - code % (2 * Searchable::KINDS)
}

/// Where a field of an entity comes from: positions in the entity's lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// A column.
    Column(usize),
    /// An amount of money.
    Money(usize),
    /// A computed field.
    Computed(usize),
    /// A relation.
    Relation(usize),
}

/// A relation and the entities on its other side.
pub struct Relation {
    /// Who declares it.
    pub module: &'static str,
    /// The declaration.
    pub declaration: RelationDeclaration,
    /// One entity, or all of an interface.
    pub targets: Vec<EntityIndex>,
}

/// An interface or union.
pub struct Abstract {
    /// Who declares it.
    pub module: &'static str,
    /// Type name.
    pub name: &'static str,
    /// What it is.
    pub description: &'static str,
    /// Shared fields; `None` for a union.
    pub fields: Option<Vec<String>>,
    /// Its entities.
    pub members: Vec<EntityIndex>,
}

/// A field of the query type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Root {
    /// One record by id.
    One(EntityIndex),
    /// A page of records.
    List(EntityIndex),
    /// Sums and counts.
    Aggregate(EntityIndex),
    /// Any record by id.
    Node,
    /// A value: position in [`Catalog::queries`].
    Value(usize),
}

/// A field of the mutation type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MutationRoot {
    /// Position in [`Catalog::mutations`].
    pub mutation: usize,
    /// The variant that takes a list and answers per row.
    pub many: bool,
    /// The entity it answers with.
    pub entity: EntityIndex,
}

impl Catalog {
    /// The schema in the schema definition language.
    pub fn sdl(&self) -> Arc<str> {
        Arc::clone(&self.sdl)
    }

    /// The schema as a caller with these rights may use it: types, fields, arguments and inputs that are refused to him
    /// are not in it, nor what nothing else leads to. With all rights it is [`sdl`](Self::sdl). The latest few are
    /// remembered.
    pub fn sdl_for(&self, rights: &RightSet) -> Arc<str> {
        self.view(rights).sdl
    }

    /// The entity with this type name.
    pub fn entity(&self, name: &str) -> Option<EntityIndex> {
        self.entities.iter().position(|entity| entity.declaration.name == name)
    }

    /// The entity with this table.
    pub fn entity_of_table(&self, table: &str) -> Option<EntityIndex> {
        self.entities.iter().position(|entity| entity.table() == table)
    }
}

impl Entity {
    /// Its type name.
    pub fn name(&self) -> &'static str {
        self.declaration.name
    }

    /// Its table.
    pub fn table(&self) -> &str {
        &self.declaration.table
    }

    /// A column by its name in the API.
    pub fn column(&self, name: &str) -> Option<&ColumnDeclaration> {
        match self.fields.get(name)? {
            Field::Column(position) => self.declaration.columns.get(*position),
            _ => None,
        }
    }

    /// An amount of money by its name in the API.
    pub fn money(&self, name: &str) -> Option<&MoneyDeclaration> {
        match self.fields.get(name)? {
            Field::Money(position) => self.declaration.money.get(*position),
            _ => None,
        }
    }

    /// A relation by its name in the API.
    pub fn relation(&self, name: &str) -> Option<&Relation> {
        match self.fields.get(name)? {
            Field::Relation(position) => self.relations.get(*position),
            _ => None,
        }
    }
}

/// The name with a small first letter: the field name of a type.
pub fn lower_first(name: &str) -> String {
    let mut name = name.to_owned();
    if let Some(first) = name.get_mut(0..1) {
        first.make_ascii_lowercase();
    }
    name
}

/// The name with a large first letter: the type name of a field.
pub fn upper_first(name: &str) -> String {
    let mut name = name.to_owned();
    if let Some(first) = name.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    name
}

/// `camelCase` to `UPPER_CASE`, the form of enum values.
pub fn upper_case(camel: &str) -> String {
    let mut name = String::with_capacity(camel.len() + 4);
    for character in camel.chars() {
        if character.is_ascii_uppercase() {
            name.push('_');
        }
        name.push(character.to_ascii_uppercase());
    }
    name
}
