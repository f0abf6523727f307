//! Who is what at which account, from when to when.

pub mod entity;
pub mod graphql;
mod rules;
pub mod service;

use shoal_graphql::message;
use shoal_graphql::message::Message;

pub use entity::{Column, Entity, Model};

/// What is said of a role that is not there.
pub const NOT_FOUND: Message = message!("contacts-role-not-found", "role not found");
