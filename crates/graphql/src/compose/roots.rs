//! Fields of the query and the mutation type.

use std::collections::HashMap;

use super::{ComposeError, Result, described};
use crate::catalog::{Entity, EntityIndex, MutationRoot, Root, lower_first};
use crate::declare::{EntityDeclaration, MutationDeclaration, QueryDeclaration};
use crate::sdl::change::root_name;

/// Root fields with the module that brings each.
pub(super) struct Roots {
    pub queries: HashMap<String, (&'static str, Root)>,
    pub mutations: HashMap<String, (&'static str, MutationRoot)>,
    /// Named after types, which are different already.
    pub subscriptions: HashMap<String, EntityIndex>,
}

impl Default for Roots {
    /// Those that are always there.
    fn default() -> Self {
        let queries = HashMap::from([("node".to_owned(), ("graphql", Root::Node))]);
        Self { queries, mutations: HashMap::new(), subscriptions: HashMap::new() }
    }
}

impl Roots {
    pub(super) fn collect(
        entities: &[Entity],
        mutations: &[MutationDeclaration],
        queries: &[QueryDeclaration],
        tables: &HashMap<String, usize>,
    ) -> Result<Self> {
        let mut roots = Self::default();
        for (index, entity) in entities.iter().enumerate() {
            roots.entity(index, &entity.declaration)?;
        }
        for (index, mutation) in mutations.iter().enumerate() {
            roots.mutation(index, mutation, tables)?;
        }
        for (index, query) in queries.iter().enumerate() {
            roots.query(index, query)?;
        }
        Ok(roots)
    }

    fn entity(&mut self, index: usize, entity: &EntityDeclaration) -> Result<()> {
        if entity.right.is_none() {
            let what = format!("entity {}", entity.name);
            return Err(ComposeError::MissingRight { module: entity.module, what });
        }
        if entity.changes {
            self.subscriptions.insert(root_name(entity.name), index);
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

    fn query(&mut self, index: usize, query: &QueryDeclaration) -> Result<()> {
        let what = || format!("query {}", query.name);
        described(query.module, query.description, what)?;
        if query.right == Some("") {
            return Err(ComposeError::MissingRight { module: query.module, what: what() });
        }
        let name = query.name.to_owned();
        if let Some((first, _)) = self.queries.insert(name.clone(), (query.module, Root::Value(index))) {
            return Err(duplicate_root("Query", name, first, query.module));
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
