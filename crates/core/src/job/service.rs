//! Jobs come and go.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ColumnTrait as _, QueryFilter as _};
use serde_json::Value as Json;
use shoal_graphql::database::Sql;
use shoal_graphql::error::Error;
use shoal_graphql::value::{Choice as _, instant_value};
use uuid::Uuid;

use super::entity::{Column, Entity, JobState, Model};
use super::kind::{Job, JobKind};
use crate::caller::Actor;
use crate::unit_of_work::UnitOfWork;

/// Priority of what somebody waits for.
pub const FIRST: i32 = 0;
/// The usual priority.
pub const USUAL: i32 = 1;
/// Priority of what may come when there is nothing else to do.
pub const LAST: i32 = 2;

/// Jobs are kept for so long after they are over.
const KEPT: TimeDelta = TimeDelta::days(30);

/// Jobs that are deleted in one transaction.
const DELETED_AT_ONCE: usize = 1_000;

/// How a job is enqueued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// When it may begin; at once if `None`.
    pub due_at: Option<DateTime<Utc>>,
    /// While a job of the kind with this key waits or runs, no other is enqueued.
    pub unique_key: Option<String>,
    /// Those with a lower one come first within a company: [`FIRST`], [`USUAL`], [`LAST`].
    pub priority: i32,
}

impl Default for Options {
    fn default() -> Self {
        Self { due_at: None, unique_key: None, priority: USUAL }
    }
}

impl UnitOfWork {
    /// Stages a job, which begins when this transaction is committed. It runs with the rights that whoever asks for it now
    /// has at each step. Its id, or that of the one which has the unique key already.
    ///
    /// # Errors
    /// A fault if no module has the kind in its `jobs()`; faults of the database.
    pub async fn enqueue<J: Job>(&mut self, job: &J, options: Options) -> Result<Uuid, Error> {
        let kind = self.context().kernel.modules.job(J::NAME).cloned();
        let text = || format!("the job {} is enqueued, but no module has it in its jobs()", J::NAME);
        let kind = kind.ok_or_else(|| Error::fault(text()))?;
        let input = serde_json::to_value(job).map_err(Error::fault)?;
        enqueue(self, &kind, input, options).await
    }
}

/// Stages a job.
pub(super) async fn enqueue(
    unit: &mut UnitOfWork,
    kind: &JobKind,
    input: Json,
    options: Options,
) -> Result<Uuid, Error> {
    let Options { due_at, unique_key, priority } = options;
    if let Some(key) = &unique_key {
        // It may have been staged in this transaction.
        unit.flush().await?;
        let known = unit.find::<Entity>().filter(Column::Kind.eq(kind.name));
        let known = known.filter(Column::UniqueKey.eq(key)).filter(Column::FinishedAt.is_null());
        if let Some(known) = known.one(unit.transaction()).await? {
            return Ok(known.id);
        }
    }
    let (now, actor, id) = (unit.now(), unit.context().caller.actor, unit.new_id());
    let runs_as = if kind.as_system { Actor::System } else { actor };
    unit.insert::<Entity>(Model {
        tenant_id: unit.tenant(),
        id,
        kind: kind.name.to_owned(),
        unique_key,
        priority,
        state: JobState::Queued.code().to_owned(),
        due_at: due_at.unwrap_or(now),
        claimed_by: None,
        attempts: 0,
        error: None,
        done: 0,
        total: None,
        input,
        cursor: None,
        output: None,
        runs_as: runs_as.code().to_owned(),
        created_by: actor.id(),
        created_at: now,
        started_at: None,
        finished_at: None,
        version: 1,
    });
    unit.job_came();
    Ok(id)
}

/// Forgets the jobs of a module, and when they begin.
///
/// # Errors
/// Faults of the database.
pub(crate) async fn forget(unit: &UnitOfWork, module: &str) -> Result<(), Error> {
    for table in ["core_job", "core_schedule"] {
        let mut sql = Sql::new(unit.dialect());
        sql.push("DELETE FROM ").name(table).push(" WHERE tenant_id = ").bind(unit.tenant());
        // The names of its jobs begin with its own; the sign behind the point is the slash.
        sql.push(" AND kind > ").bind(format!("{module}."));
        sql.push(" AND kind < ").bind(format!("{module}/"));
        unit.execute(sql).await?;
    }
    Ok(())
}

/// Deletes some of the jobs that were over long ago; whether there may be more.
///
/// # Errors
/// Faults of the database.
pub(crate) async fn delete_old(unit: &UnitOfWork) -> Result<bool, Error> {
    let mut sql = Sql::new(unit.dialect());
    sql.push("DELETE FROM core_job WHERE tenant_id = ").bind(unit.tenant());
    sql.push(" AND id IN (SELECT id FROM core_job WHERE tenant_id = ").bind(unit.tenant());
    sql.push(" AND finished_at < ").bind(instant_value(unit.now() - KEPT, unit.dialect()));
    sql.push(&format!(" ORDER BY finished_at LIMIT {DELETED_AT_ONCE})"));
    Ok(unit.execute(sql).await? > 0)
}
