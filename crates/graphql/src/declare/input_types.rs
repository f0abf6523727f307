//! What inputs need of the schema.

use indexmap::IndexMap;

use crate::value::Choices;

/// A field of an input object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputField {
    /// Name in the API.
    pub name: String,
    /// Description in the API.
    pub description: String,
    /// Type in the API, such as `[String!]!`.
    pub type_ref: String,
}

/// An input object of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputDeclaration {
    /// The Rust type that stands for it.
    pub rust_type: &'static str,
    /// Description in the API.
    pub description: String,
    /// Its fields.
    pub fields: Vec<InputField>,
}

/// The input objects and enums that inputs need, by name.
#[derive(Debug, Clone, Default)]
pub struct InputTypes {
    /// Input objects.
    pub objects: IndexMap<&'static str, InputDeclaration>,
    /// Enums.
    pub choices: IndexMap<&'static str, &'static Choices>,
    /// Names that two different Rust types want.
    pub clashes: Vec<&'static str>,
}

impl InputTypes {
    /// Adds an input object, without its fields yet. `false` if it is there already.
    pub fn object(&mut self, name: &'static str, rust_type: &'static str, description: String) -> bool {
        if let Some(known) = self.objects.get(name) {
            if known.rust_type != rust_type {
                self.clashes.push(name);
            }
            return false;
        }
        let declaration = InputDeclaration { rust_type, description, fields: Vec::new() };
        self.objects.insert(name, declaration).is_none()
    }

    /// Says what fields an input object has.
    pub fn set_fields(&mut self, name: &'static str, fields: Vec<InputField>) {
        if let Some(declaration) = self.objects.get_mut(name) {
            declaration.fields = fields;
        }
    }

    /// Adds an enum.
    pub fn choice(&mut self, choices: &'static Choices) {
        if self.choices.insert(choices.name, choices).is_some_and(|known| known != choices) {
            self.clashes.push(choices.name);
        }
    }
}
