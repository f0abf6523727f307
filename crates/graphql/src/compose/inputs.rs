//! Inputs of all mutations and queries, each with the module that brings it first.

use std::collections::HashSet;

use super::{ComposeError, Result, described};
use crate::declare::{
    InputDeclaration, InputType as _, InputTypes, MoneyInput, MutationDeclaration, QueryDeclaration,
};
use crate::value::Choices;

/// Input objects and the enums in them.
#[derive(Default)]
pub(crate) struct Inputs {
    pub objects: Vec<(&'static str, InputDeclaration, &'static str)>,
    /// May name one more than once.
    pub choices: Vec<(&'static Choices, &'static str)>,
}

pub(super) fn collect(mutations: &[MutationDeclaration], queries: &[QueryDeclaration]) -> Result<Inputs> {
    let mut inputs = Inputs::default();
    inputs.add(MoneyInput::register, "graphql")?;
    for mutation in mutations {
        inputs.add(mutation.register, mutation.module)?;
    }
    for query in queries {
        let mut types = InputTypes::default();
        for argument in (query.arguments)(&mut types) {
            let what = || format!("argument {} of query {}", argument.name, query.name);
            described(query.module, &argument.description, what)?;
        }
        inputs.add_types(types, query.module)?;
    }
    Ok(inputs)
}

impl Inputs {
    /// Leaves out these fields, given as type and field, and types that have no field any more: their names.
    pub(super) fn leave_out(&mut self, fields: &HashSet<(&'static str, String)>) -> HashSet<&'static str> {
        for (name, declaration, _) in &mut self.objects {
            declaration.fields.retain(|field| !fields.contains(&(*name, field.name.clone())));
        }
        let mut emptied = HashSet::new();
        loop {
            let before = emptied.len();
            let empty = self.objects.iter().filter(|(_, declaration, _)| declaration.fields.is_empty());
            emptied.extend(empty.map(|(name, ..)| *name));
            if emptied.len() == before {
                return emptied;
            }
            self.objects.retain(|(name, ..)| !emptied.contains(name));
            for (_, declaration, _) in &mut self.objects {
                declaration.fields.retain(|field| !emptied.contains(named(&field.type_ref)));
            }
        }
    }

    fn add(&mut self, register: fn(&mut InputTypes), module: &'static str) -> Result<()> {
        let mut own = InputTypes::default();
        register(&mut own);
        self.add_types(own, module)
    }

    fn add_types(&mut self, own: InputTypes, module: &'static str) -> Result<()> {
        if let Some(name) = own.clashes.first() {
            let name = (*name).to_owned();
            return Err(ComposeError::DuplicateType { name, first: module, second: module });
        }
        for (name, declaration) in own.objects {
            let known = self.objects.iter().find(|(known, ..)| *known == name);
            match known {
                Some((_, known, first)) if known.rust_type != declaration.rust_type => {
                    let name = name.to_owned();
                    return Err(ComposeError::DuplicateType { name, first, second: module });
                }
                Some(_) => {}
                None => {
                    check_object(name, &declaration, module)?;
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

/// Whether an argument of the query is one of these input types.
pub(super) fn takes(query: &QueryDeclaration, types: &HashSet<&'static str>) -> bool {
    let arguments = (query.arguments)(&mut InputTypes::default());
    arguments.iter().any(|argument| types.contains(named(&argument.type_ref)))
}

/// The type in a reference such as `[Int!]!`.
fn named(type_ref: &str) -> &str {
    type_ref.trim_matches(['[', ']', '!'])
}

fn check_object(name: &str, declaration: &InputDeclaration, module: &'static str) -> Result<()> {
    described(module, &declaration.description, || format!("input {name}"))?;
    for field in &declaration.fields {
        described(module, &field.description, || format!("input field {name}.{}", field.name))?;
    }
    Ok(())
}
