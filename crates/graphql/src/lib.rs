//! Entities that are *declared* become a fast, exact GraphQL API.
//!
//! ```text
//! declare ──compose──▶ catalog (+ schema) ──plan──▶ plan ──execute──▶ JSON
//! ```
//! * [`declare`]: what modules say, as data: entities, mutations over batches ([`input!`](crate::input)), queries that
//!   answer Rust values ([`output!`](crate::output));
//! * [`catalog`]: the checked whole; [`compose`]: what may be wrong with it;
//! * `plan`: a document is validated and planned once and kept in a bounded cache; what it may cost is worked out from the
//!   plan and the variables (the README has the rules);
//! * `read`: a plan's nodes as SQL, one statement per relation and level;
//! * `execute`: loads level by level and writes JSON straight from the rows;
//! * [`engine`]: all of it behind one call, and subscriptions to changes of records, whose transport and feed live
//!   elsewhere.
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
pub mod request;
mod sdl;
pub mod value;
