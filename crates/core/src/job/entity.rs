//! A piece of work that is done in steps.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;
use shoal_graphql::value::Choice as _;

shoal_graphql::choices! {
    /// How far a job is.
    pub enum JobState {
        /// It waits: for its time, for a worker, or for the next attempt.
        Queued => "QUEUED",
        /// Workers are at it.
        Running => "RUNNING",
        /// It is done.
        Succeeded => "SUCCEEDED",
        /// It was refused, or failed too often.
        Failed => "FAILED",
        /// Somebody has cancelled it.
        Cancelled => "CANCELLED",
    }
}

/// A piece of work that is done in steps. It is over once it has `finished_at`. Only the worker by whom it is claimed
/// changes it, until the lease ends at `due_at`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "core_job")]
#[expect(missing_docs, reason = "the declaration describes each column")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: String,
    /// Of one kind there is one job at a time with this key.
    pub unique_key: Option<String>,
    pub priority: i32,
    pub state: String,
    pub due_at: DateTime<Utc>,
    /// Names the claim of a worker.
    pub claimed_by: Option<Uuid>,
    /// Failures since the last step that was done.
    pub attempts: i32,
    pub error: Option<String>,
    pub done: i64,
    pub total: Option<i64>,
    pub input: Json,
    /// Where the next step begins.
    pub cursor: Option<Json>,
    pub output: Option<Json>,
    /// With whose rights: the code of an [`Actor`](crate::Actor).
    pub runs_as: String,
    pub created_by: Option<Uuid>,
    pub created_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
    pub version: i32,
}

crate::tenant_entity!();

impl Model {
    /// The same in its next version, as nobody's.
    pub(super) fn next(&self, state: JobState) -> Self {
        Self { state: state.code().to_owned(), claimed_by: None, version: self.version + 1, ..self.clone() }
    }

    /// The same, over.
    pub(super) fn over(&self, state: JobState, now: DateTime<Utc>) -> Self {
        Self { finished_at: Some(now), ..self.next(state) }
    }
}
