//! Everything the crate promises, on SQLite and PostgreSQL, over an invented library.

mod common;

mod execution;
mod paging;
mod filters;
mod aggregates;
mod bad_input;
