//! One subscriber.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream;
use shoal_core::outbox::feed::{self, Told};
use shoal_core::tenancy::Known;
use shoal_graphql::context::Context;
use shoal_graphql::declare::Change;
use shoal_graphql::engine::{Engine, Subscription};
use shoal_graphql::error::{Error, code};
use shoal_graphql::request::{Request, Response};
use tokio::sync::broadcast::{self, error::RecvError};

use super::batch::{Batch, Group};
use super::{Ending, Next, Stream};
use crate::application::Application;
use crate::{Denied, RequestId};

/// Events that are read at once by who has to catch up.
const AT_ONCE: usize = 500;

/// Whoever hears nothing for so long is looked at: are they still who they were?
const LOOK: Duration = Duration::from_secs(5);

/// A subscriber with all that it takes to answer it.
pub(crate) struct Subscriber {
    application: Arc<Application>,
    token: String,
    request: Request,
    id: RequestId,
    known: Arc<Known>,
    engine: Arc<Engine>,
    subscription: Subscription,
    batches: broadcast::Receiver<Arc<Batch>>,
    /// The last number that was looked at.
    seen: i64,
    /// What is still to be told.
    waiting: std::collections::VecDeque<Next>,
    over: bool,
}

/// A subscription that could not be begun.
pub(crate) enum NotBegun {
    /// Nobody knows who asks, or the database fails.
    Denied(Denied),
    /// The request is refused.
    Refused(Response),
    /// The events behind the number are not kept any more.
    TooOld,
}

impl From<Denied> for NotBegun {
    fn from(denied: Denied) -> Self {
        Self::Denied(denied)
    }
}

impl Subscriber {
    /// Begins a subscription, behind an event or from now on.
    pub(crate) async fn begin(
        application: Arc<Application>,
        request: Request,
        token: String,
        id: RequestId,
        after: Option<i64>,
    ) -> Result<Self, NotBegun> {
        let known = application.known(Some(&token)).await?;
        let (engine, subscription) = plan(&application, &request, &known, &id).map_err(NotBegun::Refused)?;
        // First listen, then look where it begins: nothing can happen in between unheard.
        let batches = application.hub().listen();
        let failed = |error: Error| NotBegun::Denied(Denied::of(&error));
        let seen = match after {
            Some(number) => {
                let first = feed::first(application.kernel()).await.map_err(failed)?;
                let last = feed::last(application.kernel()).await.map_err(failed)?;
                if number < first.saturating_sub(1) && last > number {
                    return Err(NotBegun::TooOld);
                }
                number
            }
            None => feed::last(application.kernel()).await.map_err(failed)?,
        };
        Ok(Self {
            application,
            token,
            request,
            id,
            known,
            engine,
            subscription,
            batches,
            seen,
            waiting: std::collections::VecDeque::new(),
            over: false,
        })
    }

    /// What it is told.
    pub(crate) fn into_stream(self) -> Stream {
        stream::unfold(self, |mut subscriber| async move {
            let next = subscriber.next().await?;
            Some((next, subscriber))
        })
        .boxed()
    }

    async fn next(&mut self) -> Option<Result<Next, Ending>> {
        loop {
            if let Some(next) = self.waiting.pop_front() {
                return Some(Ok(next));
            }
            if self.over {
                return None;
            }
            if let Err(ending) = self.go_on().await {
                self.over = true;
                return Some(Err(ending));
            }
        }
    }

    /// Waits for events and works out what is to be told of them.
    async fn go_on(&mut self) -> Result<(), Ending> {
        let batch = match tokio::time::timeout(LOOK, self.batches.recv()).await {
            Err(_) => return self.look().await,
            // What was missed shows as a gap in front of the next batch.
            Ok(Err(RecvError::Lagged(_))) => return Ok(()),
            Ok(Err(RecvError::Closed)) => {
                self.over = true;
                return Ok(());
            }
            Ok(Ok(batch)) => batch,
        };
        while self.seen + 1 < batch.first {
            if !self.catch_up(batch.first - 1).await? {
                break;
            }
        }
        if batch.last <= self.seen {
            return Ok(());
        }
        let (changes, numbers) = self.changes(batch.events.iter().filter(|told| told.number > self.seen));
        let whole = batch.first > self.seen;
        self.seen = batch.last;
        if changes.is_empty() {
            return Ok(());
        }
        self.look().await?;
        if !whole {
            let told = self.answer(&changes, &numbers).await;
            self.waiting.extend(told.iter().cloned());
            return Ok(());
        }
        let group = Group::of(self.known.tenant.id, self.subscription.key(), &self.known.caller);
        let answers = batch.answers(group);
        let told = answers.get_or_init(|| self.answer(&changes, &numbers)).await;
        self.waiting.extend(told.iter().cloned());
        Ok(())
    }

    /// Reads events up to a number from the database; whether there may be more.
    async fn catch_up(&mut self, until: i64) -> Result<bool, Ending> {
        let kernel = self.application.kernel();
        let read = feed::after(kernel, self.seen, Some(self.known.tenant.id), AT_ONCE).await;
        let events = read.map_err(|error| {
            tracing::warn!(%error, "a subscriber could not catch up");
            Ending::new(code::INTERNAL, "events could not be read; subscribe again")
        })?;
        let more = events.len() == AT_ONCE;
        let missed: Vec<&Told> = events.iter().filter(|told| told.number <= until).collect();
        let (changes, numbers) = self.changes(missed.iter().copied());
        self.seen = if more { events.last().map_or(until, |told| told.number.min(until)) } else { until };
        if !changes.is_empty() {
            self.look().await?;
            let told = self.answer(&changes, &numbers).await;
            self.waiting.extend(told.iter().cloned());
        }
        Ok(more && self.seen < until)
    }

    /// Changes of the subscription's type in the subscriber's company, with the numbers of their events.
    fn changes<'t>(&self, events: impl Iterator<Item = &'t Told>) -> (Vec<Change>, Vec<i64>) {
        let (tenant, entity) = (self.known.tenant.id, self.subscription.entity());
        let hub = self.application.hub();
        let mine = events.filter(|told| told.tenant == tenant).filter_map(|told| {
            let (name, kind) = hub.kinds.get(&told.name)?;
            let change = Change { kind: *kind, id: told.record, fields: told.changed.clone() };
            (*name == entity).then_some((change, told.number))
        });
        mine.unzip()
    }

    async fn answer(&self, changes: &[Change], numbers: &[i64]) -> Arc<[Next]> {
        let context: Arc<dyn Context> = Arc::new(self.application.context(&self.known, &self.id));
        let told = self.engine.changes(&self.subscription, &context, changes).await;
        let next = |(response, number): (Option<Response>, &i64)| {
            Some(Next { number: *number, body: response?.body.into() })
        };
        told.into_iter().zip(numbers).filter_map(next).collect()
    }

    /// Looks whether the subscriber is still who they were; if their rights or modules have changed, the subscription is
    /// planned anew.
    async fn look(&mut self) -> Result<(), Ending> {
        let known = match self.application.known(Some(&self.token)).await {
            Ok(known) => known,
            Err(Denied::Unauthenticated) => {
                return Err(Ending::new("UNAUTHENTICATED", "the session has ended; sign in again"));
            }
            Err(_) => {
                return Err(Ending::new(
                    code::INTERNAL,
                    "who you are could not be looked up; subscribe again",
                ));
            }
        };
        if Arc::ptr_eq(&known, &self.known) {
            return Ok(());
        }
        match plan(&self.application, &self.request, &known, &self.id) {
            Ok((engine, subscription)) => {
                (self.engine, self.subscription, self.known) = (engine, subscription, known);
                Ok(())
            }
            Err(refused) => Err(ending_of(&refused)),
        }
    }
}

/// The first error of a response as the end of a subscription.
fn ending_of(refused: &Response) -> Ending {
    let body: serde_json::Value = serde_json::from_slice(&refused.body).unwrap_or_default();
    let message = body["errors"][0]["message"].as_str().unwrap_or("it is refused now").to_owned();
    match body["errors"][0]["extensions"]["code"].as_str() {
        Some(code::MODULE_DISABLED) => Ending::new(code::MODULE_DISABLED, message),
        _ => Ending::new(code::FORBIDDEN, message),
    }
}

fn plan(
    application: &Application,
    request: &Request,
    known: &Known,
    id: &RequestId,
) -> Result<(Arc<Engine>, Subscription), Response> {
    let engine = application.engine(&known.caller.modules);
    let context: Arc<dyn Context> = Arc::new(application.context(known, id));
    let subscription = engine.subscribe(request, &context)?;
    Ok((engine, subscription))
}
