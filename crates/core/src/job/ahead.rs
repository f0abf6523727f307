//! Steps that work before the ones in front of them are committed.
//!
//! A step runs on a task of its own, with a transaction of its own. One that says early where the next begins
//! ([`Run::goes_on`](super::Run::goes_on)) has that one beside it: two of a job work at once, and one after the other is committed. What
//! the next one has done is thrown away if it does not begin where the first one ends after all.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use shoal_graphql::error::Error;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::caller::context_of;
use super::claim::Claimed;
use super::entity::Model;
use super::kind::Stepped;
use crate::context::RequestContext;
use crate::kernel::Kernel;
use crate::unit_of_work::UnitOfWork;

/// So long a step may go on while the next one waits for it: longer, and it may be that it waits for what that one has locked.
const PATIENCE: Duration = Duration::from_secs(1);

/// How a step knows of the one before it, and that of it.
pub(super) struct Line {
    /// Closed once its turn has come.
    turn: Option<oneshot::Receiver<()>>,
    /// Told that it waits.
    waits: Option<oneshot::Sender<()>>,
    next: Option<oneshot::Sender<Stepped>>,
}

impl Line {
    /// Says where the next step begins; only the first word counts.
    pub fn tell(&mut self, next: Stepped) {
        if let Some(told) = self.next.take() {
            // Nobody may want to know.
            let _ = told.send(next);
        }
    }

    pub async fn turn(&mut self) {
        if let Some(turn) = self.turn.take() {
            if let Some(waits) = self.waits.take() {
                let _ = waits.send(());
            }
            let _ = turn.await;
        }
    }
}

/// What a step has done; nothing of it is committed.
pub(super) struct Worked {
    pub context: RequestContext,
    /// Its transaction, if it has begun one.
    pub unit: Option<UnitOfWork>,
    pub answer: Result<Stepped, Error>,
}

/// A step at work. Dropped, it ends without a trace.
pub(super) struct AtWork {
    /// The job as it is when the step begins.
    job: Model,
    task: JoinHandle<Result<Worked, Error>>,
    turn: Option<oneshot::Sender<()>>,
    waits: Option<oneshot::Receiver<()>>,
    next: Option<oneshot::Receiver<Stepped>>,
}

impl Drop for AtWork {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl AtWork {
    /// Begins a step of a job that is ours.
    pub fn begin(kernel: &Arc<Kernel>, claimed: Claimed) -> Self {
        let (turn, my_turn) = oneshot::channel();
        let (i_wait, waits) = oneshot::channel();
        let (tell, next) = oneshot::channel();
        let line = Line { turn: Some(my_turn), waits: Some(i_wait), next: Some(tell) };
        let job = claimed.job.clone();
        let task = tokio::spawn(work(Arc::clone(kernel), claimed, line));
        Self { job, task, turn: Some(turn), waits: Some(waits), next: Some(next) }
    }

    /// Whether it begins where a step has ended.
    pub fn follows(&self, job: &Model) -> bool {
        (&self.job.cursor, self.job.done) == (&job.cursor, job.done)
    }

    /// Its turn has come. Waits until it has worked; meanwhile the next one begins, if it says where that is and `beside` is true.
    pub async fn finish(
        mut self,
        kernel: &Arc<Kernel>,
        claimed: &Claimed,
        beside: bool,
    ) -> (Result<Worked, Error>, Option<Self>) {
        drop(self.turn.take());
        let mut next: Option<Self> = None;
        let mut told = self.next.take().filter(|_| beside);
        loop {
            tokio::select! {
                worked = &mut self.task => {
                    return (worked.unwrap_or_else(|error| Err(Error::fault(error))), next);
                }
                stepped = heard(told.as_mut()) => {
                    told = None;
                    let ahead = stepped.and_then(|stepped| stepped_ahead(claimed, stepped));
                    next = ahead.map(|claimed| Self::begin(kernel, claimed));
                }
                () = overdue(next.as_mut()) => next = None,
            }
        }
    }
}

/// What the step says of the next one, if it does.
async fn heard(told: Option<&mut oneshot::Receiver<Stepped>>) -> Option<Stepped> {
    match told {
        Some(told) => told.await.ok(),
        None => std::future::pending().await,
    }
}

/// Ends when the next step has waited too long for this one.
async fn overdue(next: Option<&mut AtWork>) {
    match next.and_then(|next| next.waits.as_mut()) {
        Some(waits) => {
            // It may have ended without waiting, and holds what it has locked all the same.
            let _ = waits.await;
            tokio::time::sleep(PATIENCE).await;
        }
        None => std::future::pending().await,
    }
}

/// The job as it will be.
fn stepped_ahead(claimed: &Claimed, stepped: Stepped) -> Option<Claimed> {
    match stepped {
        Stepped::Next { cursor, done, total } => {
            let job = Model { cursor: Some(cursor), done, total, ..claimed.job.clone() };
            Some(Claimed { job, ..claimed.clone() })
        }
        Stepped::Done(_) => None,
    }
}

/// Calls the step, which may do anything.
async fn work(kernel: Arc<Kernel>, claimed: Claimed, mut line: Line) -> Result<Worked, Error> {
    let Claimed { tenant, kind, job } = &claimed;
    let context = context_of(&kernel, tenant, kind, job).await?;
    let mut unit = None;
    let step = AssertUnwindSafe(async { (kind.step)(&context, job, (&mut unit, &mut line)).await });
    let answer = match tokio::time::timeout(kind.patience, step.catch_unwind()).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(_)) => Err(Error::fault("the job panicked")),
        Err(_) => Err(Error::Timeout),
    };
    Ok(Worked { context, unit, answer })
}
