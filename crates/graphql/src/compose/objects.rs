//! The objects and enums of inputs or outputs, each with the module that brings it first.

use super::{ComposeError, Result, described};
use crate::declare::{InputField, ObjectDeclaration, OutputField, Types};
use crate::value::Choices;

/// What a field of an object says of itself, and what to call it and its object where they do not fit.
pub(crate) trait Field {
    const OBJECT: &'static str;
    const FIELD: &'static str;
    fn name(&self) -> &str;
    fn description(&self) -> &str;
}

impl Field for InputField {
    const OBJECT: &'static str = "input";
    const FIELD: &'static str = "input field";
    fn name(&self) -> &str {
        &self.name
    }
    fn description(&self) -> &str {
        &self.description
    }
}

impl Field for OutputField {
    const OBJECT: &'static str = "type";
    const FIELD: &'static str = "field";
    fn name(&self) -> &str {
        &self.name
    }
    fn description(&self) -> &str {
        &self.description
    }
}

/// An object with its name and its module.
pub(crate) type Named<F> = (&'static str, ObjectDeclaration<F>, &'static str);

/// Objects and enums of several modules.
pub(crate) struct Objects<F> {
    pub objects: Vec<Named<F>>,
    /// May name one more than once.
    pub choices: Vec<(&'static Choices, &'static str)>,
}

impl<F> Default for Objects<F> {
    fn default() -> Self {
        Self { objects: Vec::new(), choices: Vec::new() }
    }
}

impl<F: Field> Objects<F> {
    /// Adds what a declaration needs.
    pub(super) fn register(&mut self, register: fn(&mut Types<F>), module: &'static str) -> Result<()> {
        let mut own = Types::default();
        register(&mut own);
        self.add(own, module)
    }

    /// Adds types. Two modules may bring the same, but not two of one name.
    pub(super) fn add(&mut self, own: Types<F>, module: &'static str) -> Result<()> {
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
                    check(name, &declaration, module)?;
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

fn check<F: Field>(name: &str, declaration: &ObjectDeclaration<F>, module: &'static str) -> Result<()> {
    described(module, &declaration.description, || format!("{} {name}", F::OBJECT))?;
    for field in &declaration.fields {
        described(module, field.description(), || format!("{} {name}.{}", F::FIELD, field.name()))?;
    }
    Ok(())
}
