//! One subscriber.

use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream;
use shoal_core::RequestContext;
use shoal_core::outbox::feed::{self, Told};
use shoal_core::tenancy::Known;
use shoal_graphql::context::{Allowance, Context};
use shoal_graphql::declare::Change;
use shoal_graphql::engine::{Engine, Subscription};
use shoal_graphql::error::{Error, code};
use shoal_graphql::message;
use shoal_graphql::message::Message;
use shoal_graphql::request::{Outcome, Request, Response};
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use super::batch::{Answer, Answers, Batch, Group};
use super::hub::{News, Place};
use super::{Ending, Next, Stream};
use crate::application::Application;
use crate::{Denied, RequestId, edge};

/// Events that are read at once by who has to catch up.
const AT_ONCE: usize = 500;

/// After so long without anything to tell the subscriber is told at least how far it has come. Proxies take connections for
/// dead that are silent for longer.
const SILENCE: Duration = Duration::from_secs(12);

/// Who is told much, and has to wait until they may be told more, looks as often whether that is so.
const TURN: Duration = Duration::from_millis(250);

/// A subscriber with all that it takes to answer it.
pub(crate) struct Subscriber {
    application: Arc<Application>,
    token: String,
    request: Request,
    id: RequestId,
    place: Place,
    known: Arc<Known>,
    engine: Arc<Engine>,
    subscription: Subscription,
    news: watch::Receiver<News>,
    /// How often somebody had changed when it was last looked whether this subscriber has.
    changes: u64,
    /// The last number that was looked at.
    seen: i64,
    /// What is still to be told.
    waiting: VecDeque<Answer>,
    /// When something was told last; `None` before the first time.
    told_at: Option<Instant>,
    line: Line,
}

/// A subscription that could not be begun.
pub(crate) enum NotBegun {
    /// Nobody knows who asks, there is no room, or the database fails.
    Denied(Denied),
    /// The request is refused.
    Refused(Response),
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
        let context = application.context(&known, &id);
        let planned = plan(&application, &request, context);
        let (engine, subscription) = planned.map_err(NotBegun::Refused)?;
        let place = application.hub().place().ok_or(Denied::Full)?;
        place.watch(&known);
        let news = application.hub().listen();
        let kernel = application.kernel();
        let failed = |error: Error| Denied::of(&error);
        let seen = match after {
            Some(number) if feed::is_resumable(kernel, number).await.map_err(failed)? => number,
            Some(_) => return Err(Denied::TooOld.into()),
            None => feed::last(kernel).await.map_err(failed)?,
        };
        let line = Line::new(&id, &subscription);
        Ok(Self {
            application,
            token,
            request,
            id,
            place,
            known,
            engine,
            subscription,
            news,
            changes: 0,
            seen,
            waiting: VecDeque::new(),
            told_at: None,
            line,
        })
    }

    /// What the subscriber may spend still, if that is limited.
    pub(crate) fn allowance(&self) -> Option<Allowance> {
        self.application.context(&self.known, &self.id).allowance()
    }

    /// What it is told. A panic ends it, as any failure.
    pub(crate) fn into_stream(self) -> Stream {
        let id = self.id.clone();
        let failed = message!("subscription-failed", "something went wrong on the server; subscribe again");
        let failed = self.ending(code::INTERNAL, &failed);
        let told = stream::unfold(Some(self), |subscriber| async move {
            let mut subscriber = subscriber?;
            match subscriber.next().await {
                Ok(next) => Some((Ok(next), Some(subscriber))),
                Err(ending) => {
                    subscriber.line.ending.clone_from(&ending.code);
                    Some((Err(ending), None))
                }
            }
        });
        let caught = AssertUnwindSafe(told).catch_unwind().map(move |next| {
            next.unwrap_or_else(|panic| {
                let _ = edge::panicked(panic.as_ref(), &id);
                Err(failed.clone())
            })
        });
        caught.boxed()
    }

    async fn next(&mut self) -> Result<Next, Ending> {
        loop {
            let now = Instant::now();
            if let Some((number, body)) = self.take().await? {
                self.told_at = Some(now);
                self.line.events += 1;
                return Ok(Next::Change { number, body });
            }
            match self.told_at.map(|told_at| told_at + SILENCE) {
                Some(end) if now < end => self.go_on(end).await?,
                _ => {
                    self.told_at = Some(now);
                    return Ok(Next::Nothing { number: self.seen });
                }
            }
        }
    }

    /// The next of what waits. It may have waited for long: if the subscriber is not the same any more, it is worked out
    /// anew.
    async fn take(&mut self) -> Result<Option<Answer>, Ending> {
        let Some((number, _)) = self.waiting.front() else { return Ok(None) };
        let before = *number - 1;
        if self.look().await? {
            self.waiting.clear();
            self.seen = before;
        }
        Ok(self.waiting.pop_front())
    }

    /// Works out what is to be told of new events; waits for some if there are none, but only so long.
    async fn go_on(&mut self, end: Instant) -> Result<(), Ending> {
        let news = *self.news.borrow_and_update();
        if news.changes != self.changes {
            self.changes = news.changes;
            self.look().await?;
        }
        if news.last <= self.seen {
            // An error would mean that the hub is gone, but the application holds it.
            let _ = timeout_at(end, self.news.changed()).await;
            return Ok(());
        }
        let payable = self.payable();
        if payable == 0 {
            let _ = timeout_at(end.min(Instant::now() + TURN), self.news.changed()).await;
            return Ok(());
        }
        match self.application.hub().batch(self.seen + 1) {
            Some(batch) if self.is_payable(&batch, payable) => self.go_through(&batch).await,
            _ => self.catch_up(news.last, payable.min(AT_ONCE)).await,
        }
    }

    /// How many changes may be told now, whatever they cost. Who is told more than they may pay for is told later, and never
    /// let go for it: it is not they who make so many changes. Those who share answers pay for them once.
    fn payable(&self) -> usize {
        let Some(limiter) = self.application.told_limiter() else { return usize::MAX };
        let allowance = limiter.allowance((self.known.tenant.id, self.known.caller.actor));
        usize::try_from(allowance.remaining / self.subscription.cost().max(1)).unwrap_or(usize::MAX)
    }

    fn is_payable(&self, batch: &Batch, payable: usize) -> bool {
        let mine = || self.changes_in(batch.events.iter().filter(|told| told.number > self.seen)).0.len();
        batch.events.len() <= payable || mine() <= payable
    }

    /// Works out what is to be told of a batch.
    async fn go_through(&mut self, batch: &Batch) -> Result<(), Ending> {
        let changes = self.changes_in(batch.events.iter().filter(|told| told.number > self.seen));
        if !changes.0.is_empty() {
            self.look().await?;
            let group = Group::of(&self.known, self.subscription.key(), self.engine.catalog());
            // Of the rest of a batch nobody else wants to know.
            let group = group.filter(|_| batch.first > self.seen);
            let answers = match group {
                Some(group) => batch.answers(group, self.answer(&changes)).await?,
                None => self.answer(&changes).await?,
            };
            self.waiting.extend(answers.iter().cloned());
        }
        self.seen = batch.last;
        Ok(())
    }

    /// Reads so many events from the database, and works out what is to be told of them. All up to `last` can be read.
    async fn catch_up(&mut self, last: i64, most: usize) -> Result<(), Ending> {
        let kernel = self.application.kernel();
        let read = feed::after(kernel, self.seen, Some(self.known.tenant.id), most).await;
        let events = read.map_err(|error| {
            tracing::warn!(%error, "a subscriber could not catch up");
            self.ending(
                code::INTERNAL,
                &message!("events-unread", "events could not be read; subscribe again"),
            )
        })?;
        let read_to = events.last().map_or(self.seen, |told| told.number);
        let changes = self.changes_in(events.iter());
        if !changes.0.is_empty() {
            self.look().await?;
            let answers = self.answer(&changes).await?;
            self.waiting.extend(answers.iter().cloned());
        }
        // Fewer than could be: there are no others before `last`.
        self.seen = if events.len() < most { read_to.max(last) } else { read_to };
        Ok(())
    }

    /// Changes of the subscription's type in the subscriber's company, with the numbers of their events.
    fn changes_in<'t>(&self, events: impl Iterator<Item = &'t Told>) -> (Vec<Change>, Vec<i64>) {
        let (tenant, entity) = (self.known.tenant.id, self.subscription.entity());
        let hub = self.application.hub();
        let mine = events.filter(|told| told.tenant == tenant).filter_map(|told| {
            let (name, kind) = hub.kinds.get(&told.name)?;
            let change = Change { kind: *kind, id: told.record, fields: told.changed.clone() };
            (*name == entity).then_some((change, told.number))
        });
        mine.unzip()
    }

    /// An ending in the language of the subscriber.
    fn ending(&self, code: &str, message: &Message) -> Ending {
        let words = self.application.kernel().modules.words(self.known.caller.language, message);
        Ending::new(code, words.unwrap_or_else(|| message.text().to_owned()))
    }

    async fn answer(&self, (changes, numbers): &(Vec<Change>, Vec<i64>)) -> Result<Answers, Ending> {
        let context: Arc<dyn Context> = Arc::new(self.application.context(&self.known, &self.id));
        let told = self.engine.changes(&self.subscription, &context, changes).await;
        if let Some(limiter) = self.application.told_limiter() {
            let spent = told.iter().flatten().map(|response| response.spent).sum();
            limiter.charge((self.known.tenant.id, self.known.caller.actor), spent);
        }
        let mut answers = Vec::with_capacity(told.len());
        for (response, number) in told.into_iter().zip(numbers) {
            match response {
                // The plan was made for the rights of who is known, so that this should not be.
                Some(refused) if refused.outcome != Outcome::Executed => return Err(ending_of(&refused)),
                Some(response) => answers.push((*number, response.body.into())),
                None => {}
            }
        }
        Ok(answers.into())
    }

    /// Looks whether the subscriber is still who they were; if their rights or modules have changed, the subscription is
    /// planned anew. Whether it was.
    async fn look(&mut self) -> Result<bool, Ending> {
        let known = match self.application.known(Some(&self.token)).await {
            Ok(known) => known,
            Err(Denied::Unauthenticated) => {
                return Err(self.ending(
                    "UNAUTHENTICATED",
                    &message!("session-ended", "the session has ended; sign in again"),
                ));
            }
            Err(_) => {
                let message =
                    message!("caller-unread", "who you are could not be looked up; subscribe again");
                return Err(self.ending(code::INTERNAL, &message));
            }
        };
        if Arc::ptr_eq(&known, &self.known) {
            return Ok(false);
        }
        // It is not the subscriber's doing that this is done again.
        let context = RequestContext { limiter: None, ..self.application.context(&known, &self.id) };
        let planned = plan(&self.application, &self.request, context);
        (self.engine, self.subscription) = planned.map_err(|refused| ending_of(&refused))?;
        self.place.watch(&known);
        self.known = known;
        Ok(true)
    }
}

/// The first error of a response as the end of a subscription.
fn ending_of(refused: &Response) -> Ending {
    let body: serde_json::Value = serde_json::from_slice(&refused.body).unwrap_or_default();
    let error = &body["errors"][0];
    let message = error["message"].as_str().unwrap_or("the subscription is refused now");
    Ending::new(error["extensions"]["code"].as_str().unwrap_or(code::FORBIDDEN), message)
}

fn plan(
    application: &Application,
    request: &Request,
    context: RequestContext,
) -> Result<(Arc<Engine>, Subscription), Response> {
    let engine = application.engine(&context.caller.modules);
    let context: Arc<dyn Context> = Arc::new(context);
    let subscription = engine.subscribe(request, &context)?;
    Ok((engine, subscription))
}

/// The log line of a subscription, written when it ends.
struct Line {
    id: RequestId,
    operation: Option<String>,
    start: Instant,
    events: u64,
    /// The code of what ended it; else the client or the server has gone.
    ending: String,
}

impl Line {
    fn new(id: &RequestId, subscription: &Subscription) -> Self {
        let operation = subscription.operation_name().map(str::to_owned);
        Self { id: id.clone(), operation, start: Instant::now(), events: 0, ending: String::new() }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        tracing::info!(
            target: "shoal::request",
            operation = self.operation.as_deref(),
            duration_ms = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX),
            events = self.events,
            ending = Some(self.ending.as_str()).filter(|ending| !ending.is_empty()),
            request_id = self.id.as_str(),
            "subscription"
        );
    }
}
