//! Outputs of all queries and mutations, each with the module that brings it first.

use std::collections::HashMap;

use super::{ComposeError, Result, described};
use crate::declare::{MutationDeclaration, OutputDeclaration, OutputRef, OutputTypes, QueryDeclaration};
use crate::value::Choices;

/// Output objects and the enums in them.
#[derive(Default)]
pub(crate) struct Outputs {
    pub objects: Vec<(&'static str, OutputDeclaration, &'static str)>,
    /// May name one more than once.
    pub choices: Vec<(&'static Choices, &'static str)>,
}

pub(super) fn collect(
    queries: &[QueryDeclaration],
    mutations: &[MutationDeclaration],
    tables: &HashMap<String, usize>,
) -> Result<Outputs> {
    let mut outputs = Outputs::default();
    for query in queries {
        check_target(&query.answer, query.module, tables, || format!("query {}", query.name))?;
        outputs.add(query.register, query.module, tables)?;
    }
    for mutation in mutations {
        for extra in &mutation.extras {
            let what = || format!("field {} of what mutation {} answers", extra.name, mutation.name);
            described(mutation.module, extra.description, what)?;
            check_target(&extra.ty, mutation.module, tables, what)?;
            outputs.add(extra.register, mutation.module, tables)?;
        }
    }
    Ok(outputs)
}

impl Outputs {
    fn add(
        &mut self,
        register: fn(&mut OutputTypes),
        module: &'static str,
        tables: &HashMap<String, usize>,
    ) -> Result<()> {
        let mut own = OutputTypes::default();
        register(&mut own);
        if let Some(name) = own.clashes.first() {
            let name = (*name).to_owned();
            return Err(ComposeError::DuplicateType { name, first: module, second: module });
        }
        for (name, declaration) in own.objects {
            match self.objects.iter().find(|(known, ..)| *known == name) {
                Some((_, known, first)) if known.rust_type != declaration.rust_type => {
                    let name = name.to_owned();
                    return Err(ComposeError::DuplicateType { name, first, second: module });
                }
                Some(_) => {}
                None => {
                    check_object(name, &declaration, module, tables)?;
                    self.objects.push((name, declaration, module));
                }
            }
        }
        for (name, choices) in own.choices {
            described(module, choices.description, || format!("enum {name}"))?;
            for (code, description) in choices.values {
                described(module, description, || format!("enum value {name}.{code}"))?;
            }
            self.choices.push((choices, module));
        }
        Ok(())
    }
}

fn check_object(
    name: &str,
    declaration: &OutputDeclaration,
    module: &'static str,
    tables: &HashMap<String, usize>,
) -> Result<()> {
    described(module, &declaration.description, || format!("type {name}"))?;
    for field in &declaration.fields {
        let what = || format!("field {name}.{}", field.name);
        described(module, &field.description, what)?;
        check_target(&field.ty, module, tables, what)?;
    }
    Ok(())
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
