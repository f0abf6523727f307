//! Inputs of all mutations, each with the module that brings it first.

use std::collections::HashSet;

use super::{ComposeError, Result, described};
use crate::declare::{InputDeclaration, InputType as _, InputTypes, MoneyInput, MutationDeclaration};
use crate::value::Choices;

/// Input objects and the enums in them.
#[derive(Default)]
pub(crate) struct Inputs {
    pub objects: Vec<(&'static str, InputDeclaration, &'static str)>,
    /// May name one more than once.
    pub choices: Vec<(&'static Choices, &'static str)>,
}

pub(super) fn collect(mutations: &[MutationDeclaration]) -> Result<Inputs> {
    let mut inputs = Inputs::default();
    inputs.add(MoneyInput::register, "graphql")?;
    for mutation in mutations {
        inputs.add(mutation.register, mutation.module)?;
    }
    Ok(inputs)
}

impl Inputs {
    /// Leaves out these fields, given as type and field, and types that have no field any more.
    pub(super) fn leave_out(&mut self, fields: &HashSet<(&'static str, String)>) {
        for (name, declaration, _) in &mut self.objects {
            declaration.fields.retain(|field| !fields.contains(&(*name, field.name.clone())));
        }
        self.objects.retain(|(_, declaration, _)| !declaration.fields.is_empty());
    }

    fn add(&mut self, register: fn(&mut InputTypes), module: &'static str) -> Result<()> {
        let mut own = InputTypes::default();
        register(&mut own);
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

fn check_object(name: &str, declaration: &InputDeclaration, module: &'static str) -> Result<()> {
    described(module, &declaration.description, || format!("input {name}"))?;
    for field in &declaration.fields {
        described(module, &field.description, || format!("input field {name}.{}", field.name))?;
    }
    Ok(())
}
