//! People who work with Shoal. Each belongs to one company; an e-mail address is known once in each.

pub mod credential;
mod entity;
pub mod graphql;
pub mod role;
pub mod rules;
pub mod service;

pub use entity::{Column, Entity, Model};
