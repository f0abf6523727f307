//! What other systems call an account or a contact.

pub mod entity;
pub mod graphql;
pub mod service;

pub use entity::{Column, Entity, Model};
