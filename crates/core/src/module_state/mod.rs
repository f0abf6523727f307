//! Which modules a company has, and how far each is.

mod entity;
pub mod graphql;
pub mod pilot_team;
pub mod plan;
pub mod service;
pub mod settings;
mod tables;

pub use entity::{Column, Entity, Model};
