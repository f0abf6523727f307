//! Who is what at which account, from when to when.

pub mod entity;
pub mod graphql;
mod rules;
pub mod service;

pub use entity::{Column, Entity, Model};
