//! Inputs of all mutations and queries, each with the module that brings it first.

use std::collections::HashSet;

use super::objects::Objects;
use super::{Result, described};
use crate::declare::{
    InputField, InputType as _, InputTypes, MoneyInput, MutationDeclaration, QueryDeclaration,
};

/// Input objects and the enums in them.
pub(crate) type Inputs = Objects<InputField>;

pub(super) fn collect(mutations: &[MutationDeclaration], queries: &[QueryDeclaration]) -> Result<Inputs> {
    let mut inputs = Inputs::default();
    inputs.register(MoneyInput::register, "graphql")?;
    for mutation in mutations {
        inputs.register(mutation.register, mutation.module)?;
    }
    for query in queries {
        let mut types = InputTypes::default();
        for argument in (query.arguments)(&mut types) {
            let what = || format!("argument {} of query {}", argument.name, query.name);
            described(query.module, &argument.description, what)?;
        }
        inputs.add(types, query.module)?;
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
