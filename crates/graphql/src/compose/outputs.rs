//! Outputs of all queries and mutations, each with the module that brings it first.

use std::collections::{HashMap, HashSet};

use super::objects::{Named, Objects};
use super::{ComposeError, Result, described};
use crate::catalog::Catalog;
use crate::declare::{
    MutationDeclaration, OutputDeclaration, OutputField, OutputForm, OutputRef, QueryDeclaration,
};

/// Output objects and the enums in them.
///
/// The objects are whole, as a value's fields come in their order. What a part of the declarations leaves out of its
/// schema is what is not [offered](Self::offers): records of entities that are not there, and objects of nothing else.
#[derive(Default)]
pub(crate) struct Outputs {
    pub types: Objects<OutputField>,
    /// Tables of the entities that are there.
    tables: HashSet<String>,
    /// Objects without a field that is offered.
    empty: HashSet<&'static str>,
}

pub(super) fn collect(
    queries: &[QueryDeclaration],
    mutations: &[MutationDeclaration],
    tables: &HashMap<String, usize>,
) -> Result<Outputs> {
    let mut outputs = Outputs { tables: tables.keys().cloned().collect(), ..Outputs::default() };
    for query in queries {
        outputs.types.register(query.register, query.module)?;
    }
    for mutation in mutations {
        for extra in &mutation.extras {
            described(mutation.module, extra.description, || extra_name(mutation, extra.name))?;
            outputs.types.register(extra.register, mutation.module)?;
        }
    }
    outputs.find_empty();
    Ok(outputs)
}

/// Nothing is left out of the whole: each entity that an answer refers to must be there.
pub(super) fn check(catalog: &Catalog) -> Result<()> {
    let tables = catalog.entities.iter().enumerate();
    let tables = tables.map(|(index, entity)| (entity.table().to_owned(), index)).collect();
    let registry = &catalog.registry;
    for query in &registry.queries {
        check_target(&query.answer, query.module, &tables, || format!("query {}", query.name))?;
    }
    for mutation in &registry.mutations {
        for extra in &mutation.extras {
            let what = || extra_name(mutation, extra.name);
            check_target(&extra.ty, mutation.module, &tables, what)?;
        }
    }
    for (name, declaration, module) in collect(&registry.queries, &registry.mutations, &tables)?.types.objects
    {
        for field in &declaration.fields {
            check_target(&field.ty, module, &tables, || format!("field {name}.{}", field.name))?;
        }
    }
    Ok(())
}

fn extra_name(mutation: &MutationDeclaration, name: &str) -> String {
    format!("field {name} of what mutation {} answers", mutation.name)
}

impl Outputs {
    /// False for what leads to nothing that is there.
    pub(crate) fn offers(&self, ty: &OutputRef) -> bool {
        match &ty.form {
            OutputForm::Leaf(_) | OutputForm::Money | OutputForm::AnyRecord => true,
            OutputForm::Record(table) => self.tables.contains(table),
            OutputForm::Object(name) => !self.empty.contains(name),
            OutputForm::List(item) => self.offers(item),
        }
    }

    /// The objects that have a field.
    pub(crate) fn offered(&self) -> impl Iterator<Item = &Named<OutputField>> {
        self.types.objects.iter().filter(|(name, ..)| !self.empty.contains(name))
    }

    /// All objects, whole, by their names.
    pub(super) fn into_objects(self) -> HashMap<&'static str, OutputDeclaration> {
        self.types.objects.into_iter().map(|(name, declaration, _)| (name, declaration)).collect()
    }

    fn find_empty(&mut self) {
        loop {
            let empty = |(_, declaration, _): &&Named<OutputField>| {
                !declaration.fields.iter().any(|field| self.offers(&field.ty))
            };
            let empty: HashSet<_> = self.types.objects.iter().filter(empty).map(|(name, ..)| *name).collect();
            if empty == self.empty {
                return;
            }
            self.empty = empty;
        }
    }
}

fn check_target(
    ty: &OutputRef,
    module: &'static str,
    tables: &HashMap<String, usize>,
    what: impl Fn() -> String,
) -> Result<()> {
    match ty.table() {
        Some(table) if !tables.contains_key(table) => {
            let target = format!("the entity of table {table}");
            Err(ComposeError::UnknownTarget { module, what: what(), target })
        }
        _ => Ok(()),
    }
}
