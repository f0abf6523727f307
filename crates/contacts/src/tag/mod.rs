//! Tags: short names that people put on accounts and contacts.

pub mod entity;
pub mod graphql;
pub mod service;
pub mod tagging;

pub use entity::{Column, Entity, Model};
