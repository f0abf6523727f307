//! People.

pub mod entity;
pub mod graphql;
mod rules;
pub mod service;

pub use entity::{Column, Entity, Model};
