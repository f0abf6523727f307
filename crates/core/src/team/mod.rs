//! Teams, as a tree.

mod entity;
pub mod graphql;
pub mod member;
mod members;
mod reach;
mod rules;
pub mod service;
mod usage;

use shoal_graphql::message;
use shoal_graphql::message::Message;

pub(crate) use reach::Reach;

pub use entity::{Column, Entity, Model};

/// What is said of a team that is not there.
pub const NOT_FOUND: Message = message!("team-not-found", "team not found");
