//! API keys: how programs come in.

mod entity;
pub mod graphql;
pub mod role;

pub use entity::{Column, Entity, Model};
