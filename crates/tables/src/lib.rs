#![doc = include_str!("../README.md")]

mod cards;
pub mod detect;
mod error;
mod format;
mod guard;
mod limits;
pub mod list;
mod read;
pub mod spool;
pub mod write;

pub use self::detect::detect;
pub use self::error::{FileError, RowError, RowErrorCode};
pub use self::format::{Delimiter, Encoding, Format};
pub use self::limits::Limits;
pub use self::spool::{Progress, Row, SpoolReader, Spooled, spool};
pub use self::write::{OutputFormat, Summary, TableWriter, Value, WriteError};
