//! What became of a row of a file.

use serde_json::Value as Json;
use shoal_graphql::value::Choice as _;
use uuid::Uuid;

use super::entity::{ImportOutcome, row};
use crate::unit_of_work::UnitOfWork;

/// What became of a row.
#[derive(Debug)]
pub struct Brought {
    /// From 1.
    pub number: i64,
    /// The line of the file.
    pub line: i64,
    /// What became of it.
    pub outcome: ImportOutcome,
    /// The record and its version now.
    pub record: Option<(Uuid, i32)>,
    /// The text by which it named the record.
    pub key: Option<String>,
    /// What the record was before.
    pub before: Option<Json>,
    /// What is wrong, as it is stored.
    pub errors: Option<Json>,
}

impl Brought {
    /// The row as it is stored, under a new id.
    pub(super) fn stored(self, unit: &UnitOfWork, import: Uuid) -> row::Model {
        row::Model {
            tenant_id: unit.tenant(),
            id: unit.new_id(),
            import_id: import,
            row: self.number,
            line: self.line,
            outcome: self.outcome.code().to_owned(),
            record_id: self.record.map(|(id, _)| id),
            record_version: self.record.map(|(_, version)| version),
            key: self.key,
            before: self.before,
            errors: self.errors,
        }
    }

    /// Of which nothing more is known.
    pub fn new(number: i64, line: i64, outcome: ImportOutcome) -> Self {
        Self { number, line, outcome, record: None, key: None, before: None, errors: None }
    }
}
