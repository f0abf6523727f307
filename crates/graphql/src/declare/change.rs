//! Changes of records.

use uuid::Uuid;

crate::choices! {
    /// What happened to a record.
    pub enum ChangeKind {
        /// It was made.
        Created => "CREATED",
        /// Some of its fields changed.
        Updated => "UPDATED",
        /// It was deleted.
        Deleted => "DELETED",
        /// It was deleted and is there again.
        Restored => "RESTORED",
    }
}

/// A change of a record, as whoever made it tells subscribers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What happened.
    pub kind: ChangeKind,
    /// The record's id.
    pub id: Uuid,
    /// Names of the fields that changed, as they are called in the API. Others are not told.
    pub fields: Vec<String>,
}
