//! Teams, as a tree.

mod entity;
pub mod graphql;
pub mod member;
mod members;
mod rules;
pub mod service;
mod usage;

pub use entity::{Column, Entity, Model};
