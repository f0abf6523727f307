//! Roles: rights that people and programs get together. Whoever has several roles has the rights of all of them, each
//! with the widest scope.

mod entity;
pub mod graphql;
pub mod right;
pub(crate) mod rights;
mod rules;
pub mod service;

use shoal_graphql::message;
use shoal_graphql::message::Message;

pub use entity::{Column, Entity, Model};

/// What is said of a role that is not there.
pub const NOT_FOUND: Message = message!("role-not-found", "role not found");

/// The built-in role with every right, also those of modules to come.
pub const ADMINISTRATOR: &str = "ADMINISTRATOR";

/// The built-in role with what each module gives to every employee.
pub const EMPLOYEE: &str = "EMPLOYEE";
