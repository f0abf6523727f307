//! Search: records are found by any part of a name, an e-mail address or a phone number.
//!
//! Columns that are declared `.searchable(…)` become [terms](term) when a unit of work changes them, in the same transaction.
//! What the columns of a part (an e-mail address) say is a term of the record that it belongs to. `docs/search.md` says how
//! records are found and ranked, ADR 0010 why it is done so.

mod graphql;
mod rebuild;
mod source;
pub mod term;
pub mod tokens;

pub(crate) use graphql::declare;
pub(crate) use rebuild::forget_some;
pub use rebuild::{Position, rebuild};
pub(crate) use source::sources;
pub use source::{Field, Source};
