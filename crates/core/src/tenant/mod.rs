//! Companies.

mod entity;
pub mod graphql;
pub mod rules;
pub mod service;

pub use entity::{Column, Entity, Model};
