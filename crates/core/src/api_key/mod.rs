//! API keys: how programs come in.

mod entity;
pub mod graphql;
pub mod role;
mod rules;
pub mod service;

pub use entity::{Column, Entity, Model};
