//! Teams, as a tree.

mod entity;
pub mod graphql;
pub mod member;

pub use entity::{Column, Entity, Model};
