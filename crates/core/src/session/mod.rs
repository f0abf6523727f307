//! Sessions: somebody is signed in on a device.

mod entity;
pub mod graphql;
pub mod service;

pub use entity::{Column, Entity, Model};
