//! What people do with jobs, and with when they begin.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use sea_orm::{ColumnTrait as _, QueryFilter as _};
use serde_json::json;
use shoal_graphql::context::Context;
use shoal_graphql::declare::{Done, Handled, Patch};
use shoal_graphql::error::{Error, Refusal, code};
use shoal_graphql::message;
use shoal_graphql::value::Choice as _;
use uuid::Uuid;

use super::entity::{Column, Entity, JobState, Model};
use super::rules::next_instant;
use super::schedule;
use crate::audit;
use crate::batch::{Tracked as _, expect_reach, expect_version, load, one_by_one};
use crate::context::RequestContext;
use crate::permission::JOB_MANAGE;
use crate::record::Action;
use crate::unit_of_work::UnitOfWork;

/// The type of jobs in the API and the audit.
const TYPE: &str = "Job";

shoal_graphql::input! {
    /// A job.
    pub struct JobChoice {
        /// The job's id.
        pub id: Uuid,
    }

    /// When jobs of a kind begin by themselves. What is absent stays as it is.
    pub struct JobScheduleUpdate {
        /// The schedule's id.
        pub id: Uuid,
        /// The version that was read; if the schedule has changed since, the answer is CONFLICT.
        pub expected_version: i32,
        /// Five fields of cron in the company's time zone: minute, hour, day of the month, month, day of the week, such as
        /// `0 3 * * MON`; or `@daily` and the like. Null takes the module's own again.
        pub pattern: Patch<Option<String>>,
        /// Whether jobs begin by themselves at all.
        pub active: Patch<bool>,
    }
}

/// Cancels jobs: one that waits at once; of one that runs, the step under way leaves nothing.
///
/// # Errors
/// Faults of the database; refusals are per row: `NOT_FOUND`, `FORBIDDEN`, `CONFLICT` of what is over.
pub async fn cancel(context: Arc<dyn Context>, inputs: Vec<JobChoice>) -> Result<Handled, Error> {
    change(context, inputs, |unit, before| {
        if before.state == JobState::Cancelled.code() {
            return Ok(());
        }
        if before.finished_at.is_some() {
            let message = message!("job-over", "the job is over: there is nothing to cancel");
            return Err(Refusal::new(code::CONFLICT, message));
        }
        put(unit, before, before.over(JobState::Cancelled, unit.now()));
        Ok(())
    })
    .await
}

/// Goes on with jobs that have failed or were cancelled, where they stopped.
///
/// # Errors
/// Faults of the database; refusals are per row: `NOT_FOUND`, `FORBIDDEN`, `CONFLICT` of what is not over or has succeeded, or
/// if another job has its unique key.
pub async fn retry(context: Arc<dyn Context>, inputs: Vec<JobChoice>) -> Result<Handled, Error> {
    change(context, inputs, |unit, before| {
        if ![JobState::Failed.code(), JobState::Cancelled.code()].contains(&before.state.as_str()) {
            let message = message!("job-not-failed", "only a job that has failed or was cancelled can go on");
            return Err(Refusal::new(code::CONFLICT, message));
        }
        let (due_at, queued) = (unit.now(), before.next(JobState::Queued));
        put(unit, before, Model { due_at, attempts: 0, error: None, finished_at: None, ..queued });
        unit.job_came();
        Ok(())
    })
    .await
}

/// Stages a job as somebody wants it, with the audit that jobs do not have otherwise.
fn put(unit: &mut UnitOfWork, before: &Model, after: Model) {
    let changes = json!({"state": [before.state, after.state]});
    unit.update::<Entity>(before, after);
    audit::stage(unit, TYPE, before.id, Action::Updated, Some(changes));
}

type Change = fn(&mut UnitOfWork, &Model) -> Result<(), Refusal>;

async fn change(context: Arc<dyn Context>, inputs: Vec<JobChoice>, one: Change) -> Result<Handled, Error> {
    UnitOfWork::run(&RequestContext::of(&context)?, |unit| {
        let ids: Vec<Uuid> = inputs.iter().map(|input| input.id).collect();
        Box::pin(async move {
            let mut known = load::<Entity>(unit, ids.iter().copied()).await?;
            let mut taken = taken(unit, &known).await?;
            let mut handled = Vec::with_capacity(ids.len());
            for id in ids {
                handled.push(change_one(unit, known.remove(&id), &mut taken, one).map(|()| id.into()));
            }
            Ok(handled)
        })
    })
    .await
}

fn change_one(
    unit: &mut UnitOfWork,
    found: Option<Model>,
    taken: &mut BTreeSet<(String, String)>,
    one: Change,
) -> Result<(), Refusal> {
    // What is named twice is as it should be the second time.
    let found = found.ok_or_else(|| Refusal::not_found(message!("job-not-found", "job not found"), ["id"]));
    let before = found?;
    expect_reach::<Entity>(unit, JOB_MANAGE, &before)?;
    let is_over = before.finished_at.is_some();
    if let Some(key) =
        before.unique_key.clone().filter(|_| is_over && before.state != JobState::Succeeded.code())
        && !taken.insert((before.kind.clone(), key))
    {
        let message = message!("job-taken", "another job has taken its place");
        return Err(Refusal::new(code::CONFLICT, message));
    }
    one(unit, &before)
}

/// Kind and unique key of jobs that are not over, of those that these would have.
async fn taken(unit: &UnitOfWork, jobs: &HashMap<Uuid, Model>) -> Result<BTreeSet<(String, String)>, Error> {
    let keys: BTreeSet<String> = jobs.values().filter_map(|job| job.unique_key.clone()).collect();
    if keys.is_empty() {
        return Ok(BTreeSet::new());
    }
    let open = unit.find::<Entity>().filter(Column::FinishedAt.is_null());
    let open = open.filter(unit.any_of(Column::UniqueKey, keys)).all(unit.transaction()).await?;
    Ok(open.into_iter().filter_map(|job| Some((job.kind, job.unique_key?))).collect())
}

/// Changes when jobs begin by themselves.
///
/// # Errors
/// Faults of the database; refusals are per input: `NOT_FOUND`, `CONFLICT`, `VALIDATION`.
pub(super) async fn update_schedule(
    context: Arc<dyn Context>,
    inputs: Vec<JobScheduleUpdate>,
) -> Result<Handled, Error> {
    one_by_one(&context, inputs, |unit, input| Box::pin(update_one(unit, input))).await
}

async fn update_one(unit: &mut UnitOfWork, input: &JobScheduleUpdate) -> Result<Done, Error> {
    let found = load::<schedule::Entity>(unit, [input.id]).await?.remove(&input.id);
    let before = found.ok_or_else(|| {
        Refusal::not_found(message!("job-schedule-not-found", "schedule not found"), ["id"])
    })?;
    let (mut after, given) = (before.clone(), input.clone());
    given.pattern.apply(&mut after.pattern);
    given.active.apply(&mut after.active);
    expect_version(&before, &after, input.expected_version)?;
    if before != after {
        let zone = unit.context().tenant.time_zone;
        let own = unit.context().kernel.modules.job(&after.kind).and_then(|kind| kind.schedule);
        let pattern = after.pattern.as_deref().or(own).unwrap_or_default();
        after.next_at = match next_instant(pattern, zone, unit.now()) {
            Ok(Some(next)) => Some(next),
            Ok(None) => {
                let message = message!("schedule-never", "names no day that there is");
                return Err(Refusal::field(["pattern"], "SCHEDULE_NEVER", message).into());
            }
            Err(mistake) => {
                let message = message!("schedule-invalid", "is no schedule: {mistake}", mistake);
                return Err(Refusal::field(["pattern"], "SCHEDULE_INVALID", message).into());
            }
        };
        zone.name().clone_into(&mut after.time_zone);
        after.touch(unit.now(), unit.actor());
        unit.update::<schedule::Entity>(&before, after);
    }
    Ok(input.id.into())
}
