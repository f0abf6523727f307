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

use shoal_graphql::message;
use shoal_graphql::message::Message;

pub use entity::{Column, Entity, Model};

/// What is said of a user that is not there.
pub const NOT_FOUND: Message = message!("user-not-found", "user not found");
