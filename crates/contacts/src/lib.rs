#![doc = include_str!("../README.md")]

pub mod account;
pub mod choices;
pub mod contact;
pub mod contact_point;
pub mod contact_role;
pub mod external_id;
pub mod load;
pub mod permission;
pub mod tag;

mod rules;
mod save;

use shoal_graphql::declare::Registry;

/// The module's name, the first part of its tables, rights and codes.
pub const MODULE: &str = "contacts";

/// Declares everything the module brings to the API.
pub fn declare(registry: &mut Registry) {
    let mut module = registry.module(MODULE);
    account::graphql::declare(&mut module);
    contact::graphql::declare(&mut module);
    contact_role::graphql::declare(&mut module);
    contact_point::graphql::declare(&mut module);
    tag::graphql::declare(&mut module);
    external_id::graphql::declare(&mut module);
}
