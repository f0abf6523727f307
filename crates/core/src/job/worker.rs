//! Workers: each claims the job that comes next, does some of its steps, and gives it back or ends it.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt as _;
use shoal_graphql::error::Error;
use uuid::Uuid;

use super::ahead::{AtWork, Worked};
use super::claim::{self, Claimed, held, lease, may_run};
use super::entity::{Entity, JobState, Model};
use super::kind::Stepped;
use super::rules::next_attempt;
use super::schedule;
use crate::context::RequestContext;
use crate::kernel::Kernel;
use crate::unit_of_work::UnitOfWork;

/// So long after a job of another process, or the end of a wait, it is found.
const LOOK: Duration = Duration::from_millis(250);

/// The time between two looks for what begins by itself.
const SCHEDULES: Duration = Duration::from_secs(5);

/// After so long a job is given back between two steps, so that those of other companies have their turn.
const TURN: Duration = Duration::from_secs(2);

/// How often a step is done again at once when another writer was faster.
const RACES: usize = 4;

/// Characters of an error that are kept.
const ERROR: usize = 500;

/// Works until `end` with so many workers; with none, only what is due by itself is enqueued. What is under way then is
/// finished, and the rest given back; a kill at any moment loses the steps under way.
pub async fn run(kernel: Arc<Kernel>, workers: u32, end: impl Future<Output = ()> + Send) {
    let end = end.shared();
    let workers = (0..workers).map(|_| worker(&kernel, end.clone()));
    tokio::join!(scheduler(&kernel, end.clone()), futures::future::join_all(workers));
}

/// Does what is due now, on this task. How often a job was taken up.
///
/// # Errors
/// Faults of the database beside the jobs. What fails in a job is noted with it.
pub async fn drain(kernel: &Arc<Kernel>) -> Result<usize, Error> {
    schedule::enqueue_due(kernel).await?;
    let (mut taken, mut after) = (0, Uuid::nil());
    while let Some(claimed) = claim::next(kernel, after).await? {
        after = claimed.tenant.id;
        work(kernel, claimed, || false).await?;
        taken += 1;
    }
    Ok(taken)
}

async fn scheduler(kernel: &Arc<Kernel>, mut end: impl Future<Output = ()> + Unpin) {
    loop {
        if let Err(error) = schedule::enqueue_due(kernel).await {
            tracing::error!(%error, "what begins by itself could not be enqueued");
        }
        tokio::select! {
            () = &mut end => return,
            () = tokio::time::sleep(SCHEDULES) => {}
        }
    }
}

async fn worker(kernel: &Arc<Kernel>, mut end: impl Future<Output = ()> + Clone + Unpin) {
    let mut heard = kernel.jobs.listen();
    // Workers of several nodes need not begin with the same company.
    let mut after = kernel.ids.next();
    loop {
        let ending = end.clone();
        if ending.clone().now_or_never().is_some() {
            return;
        }
        let done = match claim::next(kernel, after).await {
            Ok(Some(claimed)) => {
                after = claimed.tenant.id;
                work(kernel, claimed, || ending.clone().now_or_never().is_some()).await.map(|()| true)
            }
            Ok(None) => Ok(false),
            Err(error) => Err(error),
        };
        let goes_on = done.unwrap_or_else(|error| {
            tracing::error!(%error, "jobs could not be done");
            false
        });
        if !goes_on {
            tokio::select! {
                () = &mut end => return,
                () = heard.wait(LOOK) => {}
            }
        }
    }
}

/// Does steps of a job until it is over, has to wait, or others have their turn.
async fn work(kernel: &Arc<Kernel>, claimed: Claimed, ending: impl Fn() -> bool) -> Result<(), Error> {
    let began = Instant::now();
    let mut claimed = claimed;
    let mut ready = None;
    loop {
        // Of the last steps of a turn no next one is begun.
        let is_over = || began.elapsed() > TURN || ending();
        let (next, ahead) = step(kernel, &claimed, ready, !is_over()).await?;
        let Some(next) = next else { return Ok(()) };
        claimed.job = next;
        let tenant = kernel.tenant(claimed.tenant.id).await?;
        let Some(tenant) = tenant.filter(|tenant| may_run(tenant, &claimed.kind)) else {
            drop(ahead);
            return claim::give_back(&RequestContext::system(kernel, &claimed.tenant), &claimed.job).await;
        };
        // It knows rights as they were.
        let same = tenant.revision == claimed.tenant.revision;
        ready = ahead.filter(|ahead| same && ahead.follows(&claimed.job));
        claimed.tenant = tenant;
        if ready.is_none() && is_over() {
            return claim::give_back(&RequestContext::system(kernel, &claimed.tenant), &claimed.job).await;
        }
    }
}

/// What became of a step.
enum Attempt {
    /// The job goes on, as it is now.
    Next(Box<Model>),
    /// The job is over, or not ours any more.
    Over,
    Failed(Error),
}

/// Does one step, which may be at work already. The job as it is then, if it goes on at once; and the step behind it, if that
/// is at work.
async fn step(
    kernel: &Arc<Kernel>,
    claimed: &Claimed,
    ready: Option<AtWork>,
    beside: bool,
) -> Result<(Option<Model>, Option<AtWork>), Error> {
    // What has begun too early may fail for reasons of its own.
    let mut early = ready.is_some();
    let at_work = ready.unwrap_or_else(|| AtWork::begin(kernel, claimed.clone()));
    let (mut attempt, mut ahead) = step_once(kernel, claimed, at_work, beside).await;
    for _ in 1..RACES {
        if !matches!(&attempt, Attempt::Failed(error) if early || matches!(error, Error::Race(_))) {
            break;
        }
        early = false;
        drop(ahead.take());
        let at_work = AtWork::begin(kernel, claimed.clone());
        (attempt, ahead) = step_once(kernel, claimed, at_work, false).await;
    }
    match attempt {
        Attempt::Next(job) => Ok((Some(*job), ahead)),
        Attempt::Over => Ok((None, None)),
        Attempt::Failed(error) => {
            // It may hold what is to be written.
            drop(ahead);
            failed(&RequestContext::system(kernel, &claimed.tenant), claimed, &error).await?;
            Ok((None, None))
        }
    }
}

/// Does one step in one transaction with what it stages and how far the job has come.
async fn step_once(
    kernel: &Arc<Kernel>,
    claimed: &Claimed,
    at_work: AtWork,
    beside: bool,
) -> (Attempt, Option<AtWork>) {
    let (worked, ahead) = tokio::select! {
        worked = at_work.finish(kernel, claimed, beside) => worked,
        () = claim::beat(kernel, &claimed.job) => return (Attempt::Over, None),
    };
    match commit(&claimed.job, worked).await {
        Ok(attempt) => (attempt, ahead),
        Err(error) => (Attempt::Failed(error), ahead),
    }
}

async fn commit(job: &Model, worked: Result<Worked, Error>) -> Result<Attempt, Error> {
    let Worked { context, unit, answer } = worked?;
    let mut unit = match unit {
        Some(unit) => unit,
        None => UnitOfWork::begin(&context).await?,
    };
    match staged(&mut unit, job, answer).await {
        Ok(Some(after)) => {
            unit.commit().await?;
            Ok(if after.finished_at.is_some() { Attempt::Over } else { Attempt::Next(Box::new(after)) })
        }
        Ok(None) => {
            unit.rollback().await;
            Ok(Attempt::Over)
        }
        Err(error) => {
            unit.rollback().await;
            Err(error)
        }
    }
}

/// Stages what becomes of the job with what the step has staged; `None` if it is not ours any more.
async fn staged(
    unit: &mut UnitOfWork,
    job: &Model,
    answer: Result<Stepped, Error>,
) -> Result<Option<Model>, Error> {
    let stepped = answer?;
    let Some(before) = held(unit, job).await? else { return Ok(None) };
    let after = stepped_to(&unit.context().kernel, &before, stepped);
    unit.update::<Entity>(&before, after.clone());
    Ok(Some(after))
}

/// The job after a step that was done.
fn stepped_to(kernel: &Kernel, before: &Model, stepped: Stepped) -> Model {
    match stepped {
        Stepped::Next { cursor, done, total } => Model {
            claimed_by: before.claimed_by,
            due_at: lease(kernel),
            attempts: 0,
            error: None,
            cursor: Some(cursor),
            done,
            total,
            ..before.next(JobState::Running)
        },
        Stepped::Done(output) => Model {
            attempts: 0,
            error: None,
            output: Some(output).filter(|output| !output.is_null()),
            done: before.total.unwrap_or(before.done),
            ..before.over(JobState::Succeeded, kernel.clock.now())
        },
    }
}

/// Notes a failure: the job ends, or waits, longer each time.
async fn failed(context: &RequestContext, claimed: &Claimed, error: &Error) -> Result<(), Error> {
    let job = &claimed.job;
    if matches!(error, Error::Refused(_)) {
        tracing::info!(job = %job.id, kind = job.kind, %error, "a job was refused");
    } else {
        tracing::warn!(job = %job.id, kind = job.kind, %error, "a step of a job has failed");
    }
    UnitOfWork::run(context, |unit| {
        let (job, told, refused) = (job.clone(), told(error), matches!(error, Error::Refused(_)));
        Box::pin(async move {
            let Some(before) = held(unit, &job).await? else { return Ok(()) };
            let attempts = before.attempts + 1;
            let again = next_attempt(attempts, unit.now()).filter(|_| !refused);
            let after = match again {
                Some(due_at) => Model { due_at, ..before.next(JobState::Queued) },
                None => before.over(JobState::Failed, unit.now()),
            };
            unit.update::<Entity>(&before, Model { attempts, error: Some(told), ..after });
            Ok(())
        })
    })
    .await
}

/// What people are told of an error: the text of a fault is for the log only.
fn told(error: &Error) -> String {
    match error {
        Error::Refused(refusal) => refusal.to_string().chars().take(ERROR).collect(),
        Error::Timeout => "it took too long".to_owned(),
        Error::Race(_) => "other writers were faster each time".to_owned(),
        Error::Fault(_) => "internal error; the log has the details under the job's id".to_owned(),
    }
}
