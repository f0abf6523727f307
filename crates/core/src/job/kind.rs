//! What a module says about work that it does later.

use std::future::Future;
use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use serde::de::DeserializeOwned;
use serde::{Deserialize as _, Serialize};
use serde_json::Value as Json;
use shoal_graphql::error::Error;
use uuid::Uuid;

use super::ahead::Line;
use super::claim;
use super::entity::Model;
use crate::context::RequestContext;
use crate::unit_of_work::UnitOfWork;

/// Work that is done later, in steps. The value is its input: it is stored with the job.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use shoal_core::job::{Job, Run, Step};
/// use shoal_graphql::error::Error;
///
/// #[derive(Serialize, Deserialize)]
/// struct Count { to: i64 }
///
/// impl Job for Count {
///     const NAME: &'static str = "loans.count";
///     type Cursor = i64;
///     type Output = ();
///
///     async fn step(&self, run: &mut Run<'_, i64>) -> Result<Step<Self>, Error> {
///         let next = run.cursor.unwrap_or(0) + 1;
///         if next > self.to {
///             return Ok(Step::Done(()));
///         }
///         Ok(Step::Next { cursor: next, done: next, total: Some(self.to) })
///     }
/// }
/// ```
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// `<module>.<what_to_do>`. Its title is `job-<name with - for .>` in the translations.
    const NAME: &'static str;
    /// Where a step begins; `()` for work of one step.
    type Cursor: Serialize + DeserializeOwned + Send + Sync;
    /// What comes of it. Whoever sees the job may read it if they have the right of the [kind](JobKind::right).
    type Output: Serialize + Send;

    /// Does a step. What it stages in [`Run::begin`] is committed together with the answer, if the job has not been cancelled
    /// meanwhile; else nothing of it is. What it does elsewhere (files, mail) may be done again after a crash.
    ///
    /// A refusal ends the job. A fault is tried again, later and later, until it has failed ten times in a row. A step may
    /// take ten minutes, or as long as its [kind](JobKind::patience) says.
    fn step(&self, run: &mut Run<'_, Self::Cursor>) -> impl Future<Output = Result<Step<Self>, Error>> + Send
    where
        Self: Sized;
}

/// A step of a job, and how far the job is when it begins.
pub struct Run<'s, C> {
    /// The job.
    pub id: Uuid,
    /// What the last step has left; `None` for the first one.
    pub cursor: Option<C>,
    /// How much is done, as the last step has said.
    pub done: i64,
    /// Of how much.
    pub total: Option<i64>,
    context: &'s RequestContext,
    unit: &'s mut Option<UnitOfWork>,
    /// As it was claimed.
    job: &'s Model,
    line: &'s mut Line,
    /// When that was written.
    reported: Option<Instant>,
}

/// The time between two reports of a long step.
const REPORTS: Duration = Duration::from_secs(1);

impl<C> Run<'_, C> {
    /// Whose rights the step has, and all that it may read.
    pub fn context(&self) -> &RequestContext {
        self.context
    }

    /// The transaction of the step, which the first call begins. From then on nobody else can write to SQLite, so whatever
    /// takes time and needs no transaction comes before.
    ///
    /// # Errors
    /// Faults of the database.
    pub async fn begin(&mut self) -> Result<&mut UnitOfWork, Error> {
        let unit = match self.unit.take() {
            Some(unit) => unit,
            None => UnitOfWork::begin(self.context).await?,
        };
        Ok(self.unit.insert(unit))
    }

    /// Tells, before the step is done, where the next one will begin: that may then work already, in a transaction of its own,
    /// until its [turn](Self::turn). Only for steps that need nothing of what the one before them writes. Does nothing before
    /// the transaction [begins](Self::begin): on SQLite the next one would have the one writer, and this one would wait for it.
    ///
    /// # Errors
    /// Faults: a cursor that cannot be written down.
    pub fn goes_on(&mut self, cursor: &C, done: i64, total: Option<i64>) -> Result<(), Error>
    where
        C: Serialize,
    {
        if self.unit.is_some() {
            let cursor = serde_json::to_value(cursor).map_err(Error::fault)?;
            self.line.tell(Stepped::Next { cursor, done, total });
        }
        Ok(())
    }

    /// Waits until the steps before this one are committed. Whoever says where the [next one begins](Self::goes_on) waits here
    /// before they read or write what all steps do.
    pub async fn turn(&mut self) {
        self.line.turn().await;
    }

    /// Tells how far a long step is before its transaction [begins](Self::begin): at once, and then once in a second. Whether it was
    /// written, so that whoever follows what the job works on can be told, too.
    ///
    /// # Errors
    /// Faults of the database.
    pub async fn report(&mut self, done: i64, total: Option<i64>) -> Result<bool, Error> {
        let is_early = self.reported.is_some_and(|reported| reported.elapsed() < REPORTS);
        if is_early || self.unit.is_some() {
            return Ok(false);
        }
        self.reported = Some(Instant::now());
        claim::report(&self.context.kernel, self.job, done, total).await
    }
}

/// What becomes of a job after a step.
pub enum Step<J: Job> {
    /// It goes on.
    Next {
        /// Where the next step begins.
        cursor: J::Cursor,
        /// How much is done.
        done: i64,
        /// Of how much, if that is known.
        total: Option<i64>,
    },
    /// It is done.
    Done(J::Output),
}

/// What becomes of a job after a step, without its types.
pub(super) enum Stepped {
    Next { cursor: Json, done: i64, total: Option<i64> },
    Done(Json),
}

type StepFn = for<'s> fn(
    &'s RequestContext,
    &'s Model,
    (&'s mut Option<UnitOfWork>, &'s mut Line),
) -> BoxFuture<'s, Result<Stepped, Error>>;

/// How long a step may take.
const PATIENCE: Duration = Duration::from_mins(10);

/// A kind of jobs that a module has.
#[derive(Clone)]
pub struct JobKind {
    /// `<module>.<what_to_do>`
    pub name: &'static str,
    /// What whoever enqueues it must be allowed at every step; `None` if nothing.
    pub right: Option<&'static str>,
    /// Whether it runs as the system, whoever enqueues it.
    pub as_system: bool,
    /// When it is enqueued by itself, as five fields of cron in the company's time zone; `None` if it is not.
    pub schedule: Option<&'static str>,
    /// How long a step may take; ten minutes unless said.
    pub patience: Duration,
    /// The input of what is enqueued by itself.
    pub(super) scheduled: Json,
    pub(super) step: StepFn,
}

impl JobKind {
    /// The jobs `J`.
    pub fn of<J: Job>() -> Self {
        Self {
            name: J::NAME,
            right: None,
            as_system: false,
            schedule: None,
            patience: PATIENCE,
            scheduled: Json::Null,
            step: step::<J>,
        }
    }

    /// A step may take so long, for work that cannot be divided.
    #[must_use]
    pub fn patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Runs only while whoever has enqueued it has this right.
    #[must_use]
    pub fn right(self, right: &'static str) -> Self {
        Self { right: Some(right), ..self }
    }

    /// Runs as the system, whoever enqueues it.
    #[must_use]
    pub fn as_system(self) -> Self {
        Self { as_system: true, ..self }
    }

    /// Is enqueued by itself, as the system, in each company that has the module enabled: `"0 3 * * *"` at three at night in
    /// its time zone. A company can say otherwise. What was missed is made up for once.
    ///
    /// # Panics
    /// Never: an input that cannot be written as JSON is null, and the job then fails.
    #[must_use]
    pub fn scheduled<J: Job>(self, pattern: &'static str, input: &J) -> Self {
        let scheduled = serde_json::to_value(input).unwrap_or_default();
        Self { schedule: Some(pattern), scheduled, ..self }
    }

    /// The module that has it.
    pub(crate) fn module(&self) -> &'static str {
        self.name.split_once('.').map_or(self.name, |(module, _)| module)
    }
}

impl std::fmt::Debug for JobKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JobKind")
            .field("name", &self.name)
            .field("right", &self.right)
            .field("schedule", &self.schedule)
            .finish_non_exhaustive()
    }
}

fn step<'s, J: Job>(
    context: &'s RequestContext,
    job: &'s Model,
    (unit, line): (&'s mut Option<UnitOfWork>, &'s mut Line),
) -> BoxFuture<'s, Result<Stepped, Error>> {
    Box::pin(async move {
        let input = J::deserialize(&job.input).map_err(Error::fault)?;
        let cursor = job.cursor.as_ref().map(J::Cursor::deserialize).transpose().map_err(Error::fault)?;
        let (done, total) = (job.done, job.total);
        let mut run = Run { id: job.id, cursor, done, total, context, unit, job, line, reported: None };
        Ok(match input.step(&mut run).await? {
            Step::Next { cursor, done, total } => {
                Stepped::Next { cursor: serde_json::to_value(cursor).map_err(Error::fault)?, done, total }
            }
            Step::Done(output) => Stepped::Done(serde_json::to_value(output).map_err(Error::fault)?),
        })
    })
}
