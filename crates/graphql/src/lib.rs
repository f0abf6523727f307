//! Entities that are *declared* become a fast, exact GraphQL API.
//!
//! ```text
//! declare ──compose──▶ catalog (+ schema) ──plan──▶ plan ──execute──▶ JSON
//! ```
//! * [`declare`]: what modules say, as data: entities, mutations over batches ([`input!`](crate::input)), queries that
//!   answer Rust values ([`output!`](crate::output));
//! * [`compose`]: puts them together, all of them or those of a set of modules, or says what does not fit;
//! * [`catalog`]: the checked whole, and the schema as callers with fewer rights see it;
//! * `plan`: a document is validated and planned once and kept in a bounded cache, with the rights that it needs; what it
//!   may cost is worked out from the plan and the variables (the README has the rules);
//! * `read`: a plan's nodes as SQL, one statement per relation and level;
//! * `execute`: loads level by level and writes JSON straight from the rows;
//! * [`engine`]: all of it behind one call, and subscriptions to changes of records, whose transport and feed live
//!   elsewhere.
//!
//! The crate knows no tenant and no CRM: a request's [`context`] says where to read, what the leading key is, what the
//! caller may do and which rows there are for him.

pub mod catalog;
pub mod compose;
pub mod context;
pub mod database;
pub mod declare;
pub mod engine;
pub mod error;
mod execute;
pub mod message;
mod plan;
mod read;
mod recent;
pub mod request;
pub use read::search;
mod sdl;
pub mod value;
