//! Exports: any list of the API becomes a file, in a job. The engine reads it, page by page, as it is at one moment, so that
//! the rows and fields are those that whoever asks may see. The answers wait on the disk, as only the last of them tells how
//! many e-mail addresses somebody has; then the file is written, with a manifest beside it. The same memory for any number of
//! records; either the whole file is there, or none.

pub mod column;
pub mod entity;
pub(crate) mod graphql;
pub(crate) mod job;
mod manage;
mod query;
mod write;

pub use column::{Column, Columns};
