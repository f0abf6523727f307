//! Roles: rights that people and programs get together. Whoever has several roles has the rights of all of them, each
//! with the widest scope.

mod entity;
pub mod graphql;
pub mod right;
pub(crate) mod rights;
mod rules;
pub mod service;

pub use entity::{Column, Entity, Model};

/// The built-in role with every right, also those of modules to come.
pub const ADMINISTRATOR: &str = "ADMINISTRATOR";

/// The built-in role with what each module gives to every employee.
pub const EMPLOYEE: &str = "EMPLOYEE";
