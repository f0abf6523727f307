//! People who work with Shoal. Each belongs to one company; an e-mail address is known once in each.

pub mod credential;
mod directory;
mod entity;
pub mod graphql;
mod invitation;
pub mod role;
pub mod rules;
pub mod service;
mod update;

pub use entity::{Column, Entity, Model};
