//! Teams, as a tree.

mod entity;
pub mod graphql;
pub mod member;
mod members;
mod reach;
mod rules;
pub mod service;
mod usage;

pub(crate) use reach::Reach;

pub use entity::{Column, Entity, Model};
