//! What modules say: entities, relations, computed fields, mutations, queries of values, as data.
//!
//! ```text
//! let mut registry = Registry::default();
//! let mut module = registry.module("contacts");
//! module
//!     .entity::<account::Entity>("Account", "An organisation we deal with.")
//!     .partition(account::Column::TenantId)
//!     .right("contacts.account.read")
//!     .column(column(account::Column::Name, "The name people use.").filterable().sorted_by(account::Column::NameSort))
//!     .relation(to_one::<account::Entity>("parent", "The organisation it belongs to.", account::Column::ParentId));
//! ```
//! [`Registry::compose`] turns all of it into one [`Catalog`] or says what does not fit.

mod change;
mod column;
mod computed;
mod entity;
mod input;
mod mutation;
mod output;
mod query;
mod relation;
mod types;

pub use change::{Change, ChangeKind};
pub use column::{ColumnDeclaration, MoneyDeclaration, Searchable, column, money};
pub use computed::{ComputedDeclaration, RowView, computed, hidden};
pub use entity::{
    AbstractDeclaration, EntityBuilder, EntityDeclaration, ExtensionBuilder, ExtensionDeclaration, Ownership,
};
pub use input::{
    InputDeclaration, InputField, InputObject, InputType, InputTypes, MoneyInput, Patch, input_field_name,
    take_field,
};
pub(crate) use mutation::Outcome;
pub use mutation::{Done, Extra, Handled, MutationDeclaration};
pub use output::{
    AnyRecord, LeafType, Money, OutputDeclaration, OutputField, OutputForm, OutputRef, OutputType,
    OutputTypes, OutputValue, Record,
};
pub use query::{NoArguments, QueryDeclaration};
pub use relation::{
    Condition, OrderColumn, RelationDeclaration, RelationKind, RelationTarget, Through, any_record, through,
    to_many, to_many_of_any, to_many_through, to_one, to_one_through,
};
pub use types::{ObjectDeclaration, Types};

use std::collections::BTreeSet;
use std::sync::Arc;

use sea_orm::EntityTrait;

use crate::catalog::Catalog;
use crate::compose::{self, ComposeError};

/// Collects the declarations of all modules. A clone shares them.
#[derive(Clone, Default)]
pub struct Registry {
    pub(crate) modules: BTreeSet<&'static str>,
    pub(crate) entities: Vec<Arc<EntityDeclaration>>,
    pub(crate) extensions: Vec<Arc<ExtensionDeclaration>>,
    pub(crate) abstracts: Vec<AbstractDeclaration>,
    pub(crate) mutations: Vec<MutationDeclaration>,
    pub(crate) queries: Vec<QueryDeclaration>,
    /// Of a part that is cut to rights: entities that may not be read, but perhaps be changed.
    pub(crate) unread: Vec<Arc<EntityDeclaration>>,
}

impl Registry {
    /// Declarations made through the answer belong to the module called `name`; errors name it.
    pub fn module(&mut self, name: &'static str) -> ModuleRegistry<'_> {
        self.modules.insert(name);
        ModuleRegistry { registry: self, module: name }
    }

    /// Checks everything against everything and makes the catalogue that the engine runs on.
    ///
    /// # Errors
    /// The first declaration that does not fit, with the modules on both sides.
    pub fn compose(self) -> Result<Catalog, ComposeError> {
        compose::compose(self)
    }
}

/// The registry as one module sees it.
pub struct ModuleRegistry<'a> {
    registry: &'a mut Registry,
    module: &'static str,
}

impl ModuleRegistry<'_> {
    /// Declares an entity: its GraphQL name in the singular and what it is.
    pub fn entity<E: EntityTrait>(
        &mut self,
        name: &'static str,
        description: &'static str,
    ) -> EntityBuilder<'_, E> {
        self.registry.entities.push(Arc::new(EntityDeclaration::new::<E>(self.module, name, description)));
        let last = self.registry.entities.len() - 1;
        EntityBuilder::new(Arc::make_mut(&mut self.registry.entities[last]))
    }

    /// Adds fields to an entity that another module declares.
    pub fn extend<E: EntityTrait>(&mut self) -> ExtensionBuilder<'_, E> {
        self.registry.extensions.push(Arc::new(ExtensionDeclaration::new::<E>(self.module)));
        let last = self.registry.extensions.len() - 1;
        ExtensionBuilder::new(Arc::make_mut(&mut self.registry.extensions[last]))
    }

    /// Declares an interface with the fields that its entities share. Entities join by
    /// [`EntityBuilder::implements`]; each must have all of `fields`.
    pub fn interface(
        &mut self,
        name: &'static str,
        description: &'static str,
        fields: &[&'static str],
    ) -> &mut Self {
        self.registry.abstracts.push(AbstractDeclaration {
            module: self.module,
            name,
            description,
            fields: fields.to_vec(),
            members: None,
        });
        self
    }

    /// Declares a union of entities, by their GraphQL names.
    pub fn union(
        &mut self,
        name: &'static str,
        description: &'static str,
        members: &[&'static str],
    ) -> &mut Self {
        self.registry.abstracts.push(AbstractDeclaration {
            module: self.module,
            name,
            description,
            fields: Vec::new(),
            members: Some(members.to_vec()),
        });
        self
    }

    /// Declares a mutation; see [`MutationDeclaration`].
    pub fn mutation(&mut self, mut declaration: MutationDeclaration) -> &mut Self {
        declaration.module = self.module;
        self.registry.mutations.push(declaration);
        self
    }

    /// Declares a query that answers a value; see [`QueryDeclaration`].
    pub fn query(&mut self, mut declaration: QueryDeclaration) -> &mut Self {
        declaration.module = self.module;
        self.registry.queries.push(declaration);
        self
    }
}

/// `snake_case` to `camelCase`, the form of GraphQL field names.
pub fn camel_case(snake: &str) -> String {
    let mut name = String::with_capacity(snake.len());
    let mut upper = false;
    for character in snake.chars() {
        if character == '_' {
            upper = !name.is_empty();
        } else if upper {
            name.extend(character.to_uppercase());
            upper = false;
        } else {
            name.push(character);
        }
    }
    name
}
