//! Imports: files become records, by the same use cases as the API's mutations. What can be imported is declared by
//! [`Importable`]; fields are the leaves of an input of the API. A file is read once, into a spool from which any row can be
//! read; rows are then checked or brought in by jobs, a chunk in each step, and each row owns the record that it has made or
//! changed, so that nothing is done twice, however often the program or the import is begun again.

mod brought;
mod checks;
pub mod convert;
pub mod entity;
mod errors;
pub mod field;
pub(crate) mod graphql;
pub(crate) mod job;
pub mod key;
pub mod kind;
mod manage;
pub mod mapping;
pub mod propose;
mod revert;
mod rows;
mod spool;
mod words;

pub use kind::{Card, Find, Finds, Found, ImportKind, Importable, Key, Make, Preset, Reference, SavedRow};

pub(crate) use manage::forget_some;

use crate::context::RequestContext;

impl RequestContext {
    /// Records of a type that can be imported, if their module is there for the caller.
    pub fn import_kind(&self, record_type: &str) -> Option<&ImportKind> {
        self.import_kinds().find(|kind| kind.record_type == record_type)
    }

    /// All records that can be imported, of the modules that are there for the caller.
    pub fn import_kinds(&self) -> impl Iterator<Item = &ImportKind> {
        let enabled = |module: &str| self.caller.modules.contains(module);
        self.kernel.modules.imports().filter(move |(module, _)| enabled(module)).map(|(_, kind)| kind)
    }
}
