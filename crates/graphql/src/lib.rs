//! Entities that are *declared* become a fast, exact GraphQL API.
//!
//! ```text
//! declare ──compose──▶ catalog (+ schema) ──plan──▶ plan ──execute──▶ JSON
//! ```
//! * [`declare`]: what modules say, as data;
//! * [`catalog`]: the checked whole; [`compose`]: what may be wrong with it;
//! * `plan`: a document is validated and planned once and kept in a bounded cache;
//! * `read`: a plan's nodes as SQL, one statement per relation and level;
//! * `execute`: loads level by level and writes JSON straight from the rows;
//! * [`engine`]: all of it behind one call.
//!
//! The crate knows no tenant and no CRM: a request's [`context`] says where to read, what the leading key is and which
//! rows there are for the caller.

pub mod catalog;
pub mod compose;
pub mod context;
pub mod database;
pub mod declare;
pub mod engine;
pub mod error;
mod execute;
mod plan;
mod read;
mod recent;
pub mod request;
mod sdl;
pub mod value;
