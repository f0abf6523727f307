//! Companies.

mod entity;
pub mod graphql;
pub mod rules;
pub mod service;
mod update;

pub use entity::{Column, Entity, Model};
