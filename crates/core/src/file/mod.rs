//! Files: what people upload, what imports read, what exports write, and what is attached to records.
//!
//! A file is a row of `core_file` and an object in the [store](Files), under company and id. The bytes come first: a
//! [`FileWriter`] puts them in the store, then [`Stored::stage`] adds the row, in the transaction of whoever made them.
//! After a crash between the two there is an object without a row, which nobody sees, and which the job `core.clean_up_files` takes away.
//! So it does with files that have expired. Nothing changes the bytes of a file.
//!
//! ```no_run
//! # use shoal_core::{RequestContext, UnitOfWork, file};
//! # use chrono::TimeDelta;
//! # async fn export(context: &RequestContext, unit: &mut UnitOfWork) -> Result<(), shoal_graphql::error::Error> {
//! let mut writer = file::create(context, "contacts.csv").await?;
//! writer.write(b"name,email\n").await?;
//! let stored = writer.finish().await?;
//! let until = unit.now() + TimeDelta::days(7);
//! stored.stage(unit, Some(until)).await?;
//! # Ok(()) }
//! ```

mod cleaning;
mod entity;
pub(crate) mod graphql;
mod reading;
mod record;
pub mod rules;
mod service;
mod store;
mod writing;

pub(crate) use cleaning::CleanUpFiles;
pub use entity::{Column, Entity, Model};
pub use graphql::{ATTACHABLE, Attachable};
pub use reading::{copy_to, find, open};
pub(crate) use record::update_right;
pub(crate) use service::forget;
pub use service::{UNUSED, attach, attach_to, detach, expect_room, keep_until, not_found, release};
pub use store::{Files, Limits, OpenError};
pub use writing::{FileWriter, Stored, copy_from, create};

/// The file is larger than files may be.
pub const TOO_LARGE: &str = "FILE_TOO_LARGE";

/// The company's files would be more than it may have.
pub const STORAGE_FULL: &str = "FILE_STORAGE_FULL";

/// The codes of files, and their meanings, for the documentation.
pub const CODES: &[(&str, &str)] = &[
    (TOO_LARGE, "The file is larger than `files.max_bytes` of the server's configuration."),
    (
        STORAGE_FULL,
        "With this file the company would have more than `files.max_company_bytes` of the server's configuration.",
    ),
];
