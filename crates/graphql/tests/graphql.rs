//! Everything the crate promises, on SQLite and PostgreSQL, over an invented library.

mod common;

mod aggregates;
mod bad_input;
mod execution;
mod filters;
mod paging;
mod pets;
