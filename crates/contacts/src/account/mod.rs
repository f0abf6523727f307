//! Organisations.

pub mod entity;
pub mod graphql;
mod rules;
pub mod service;

use shoal_graphql::message;
use shoal_graphql::message::Message;

pub use entity::{Column, Entity, Model};

/// What is said of an account that is not there.
pub const NOT_FOUND: Message = message!("contacts-account-not-found", "account not found");
