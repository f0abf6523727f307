#![doc = include_str!("../README.md")]

pub mod account;
pub mod choices;
pub mod contact;
pub mod contact_point;
pub mod contact_role;
pub mod external_id;
pub mod interaction;
pub mod permission;
pub mod public;
pub mod tag;

mod import;
mod module;
mod rules;
mod save;

pub use module::Contacts;
