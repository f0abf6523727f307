//! Black-box tests over HTTP and the command line: `stories/` has one file per theme, each test runs on SQLite and on
//! PostgreSQL. Here is what they need that must not be in a product.

mod bell;
mod count;
mod witness;

pub use bell::{Bell, HEAR};
pub use witness::Witness;
