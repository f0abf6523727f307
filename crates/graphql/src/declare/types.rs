//! The object and enum types that inputs and outputs need of the schema.

use indexmap::IndexMap;

use crate::value::Choices;

/// An object type of the API: an input, or what a query answers that is no entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectDeclaration<F> {
    /// The Rust type that stands for it.
    pub rust_type: &'static str,
    /// Description in the API.
    pub description: String,
    /// Its fields.
    pub fields: Vec<F>,
}

/// The objects and enums that some declarations need, by name.
#[derive(Debug, Clone)]
pub struct Types<F> {
    /// Objects.
    pub objects: IndexMap<&'static str, ObjectDeclaration<F>>,
    /// Enums.
    pub choices: IndexMap<&'static str, &'static Choices>,
    /// Names that two different Rust types want.
    pub clashes: Vec<&'static str>,
}

impl<F> Default for Types<F> {
    fn default() -> Self {
        Self { objects: IndexMap::new(), choices: IndexMap::new(), clashes: Vec::new() }
    }
}

impl<F> Types<F> {
    /// Adds an object, without its fields yet. `false` if it is there already.
    pub fn object(&mut self, name: &'static str, rust_type: &'static str, description: String) -> bool {
        if let Some(known) = self.objects.get(name) {
            if known.rust_type != rust_type {
                self.clashes.push(name);
            }
            return false;
        }
        let declaration = ObjectDeclaration { rust_type, description, fields: Vec::new() };
        self.objects.insert(name, declaration).is_none()
    }

    /// Says what fields an object has.
    pub fn set_fields(&mut self, name: &'static str, fields: Vec<F>) {
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
