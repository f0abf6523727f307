//! Follows the events, and those who are told of them.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use shoal_core::Kernel;
use shoal_core::outbox::feed;
use shoal_core::record::Action;
use shoal_core::tenancy::Known;
use shoal_graphql::declare::ChangeKind;
use shoal_graphql::error::Error;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::Instant;

use super::batch::Batch;

/// Batches that are kept in memory. Whoever is further behind reads them from the database.
const BATCHES: usize = 32;

/// Events of a batch.
const AT_ONCE: usize = 200;

/// So soon an event that another process has numbered is found.
const LOOK: Duration = Duration::from_millis(200);

/// Between two looks whether subscribers are still who they were. Together with the time that both takes it has to be below a
/// second.
const WATCH: Duration = Duration::from_millis(300);

/// After an error the database is left alone for so long.
const PAUSE: Duration = Duration::from_secs(1);

/// What subscribers wait for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct News {
    /// All events up to this number can be read.
    pub last: i64,
    /// Counts how often somebody was found to have changed.
    pub changes: u64,
}

/// Hands events on to subscribers.
pub(crate) struct Hub {
    pub(super) kernel: Arc<Kernel>,
    /// What an event of a record means, by its name: the record's type, and what happened.
    pub(super) kinds: HashMap<String, (&'static str, ChangeKind)>,
    recent: Mutex<VecDeque<Arc<Batch>>>,
    news: watch::Sender<News>,
    following: AtomicBool,
    /// Who is told, subscriber by subscriber.
    callers: Mutex<HashMap<u64, Arc<Known>>>,
    next_subscriber: AtomicU64,
    places: Arc<Semaphore>,
}

/// The place of a subscriber.
pub(super) struct Place {
    hub: Arc<Hub>,
    number: u64,
    _permit: OwnedSemaphorePermit,
}

impl Place {
    /// Says who the subscriber is, so that it is noticed when they are not any more.
    pub(super) fn watch(&self, known: &Arc<Known>) {
        lock(&self.hub.callers).insert(self.number, Arc::clone(known));
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        lock(&self.hub.callers).remove(&self.number);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Hub {
    /// A hub for at most so many subscribers.
    pub(crate) fn new(kernel: Arc<Kernel>, most: usize) -> Arc<Self> {
        let kinds = kernel.modules.records().flat_map(|record| {
            Action::ALL.into_iter().map(|action| (record.event_name(action), (record.name, kind_of(action))))
        });
        let kinds = kinds.collect();
        Arc::new(Self {
            kernel,
            kinds,
            recent: Mutex::default(),
            news: watch::Sender::default(),
            following: AtomicBool::new(false),
            callers: Mutex::default(),
            next_subscriber: AtomicU64::new(0),
            places: Arc::new(Semaphore::new(most)),
        })
    }

    /// A place for one more subscriber; `None` if all are taken.
    pub(super) fn place(self: &Arc<Self>) -> Option<Place> {
        let permit = Arc::clone(&self.places).try_acquire_owned().ok()?;
        let number = self.next_subscriber.fetch_add(1, Ordering::Relaxed);
        Some(Place { hub: Arc::clone(self), number, _permit: permit })
    }

    /// News from now on. The first subscriber sets off the task that follows the events; it ends with the last.
    pub(super) fn listen(self: &Arc<Self>) -> watch::Receiver<News> {
        let receiver = self.news.subscribe();
        if !self.following.swap(true, Ordering::AcqRel) {
            tokio::spawn(follow(Arc::downgrade(self)));
        }
        receiver
    }

    /// The events that begin with this number, or with some before it; `None` if they are not in memory.
    pub(super) fn batch(&self, number: i64) -> Option<Arc<Batch>> {
        let recent = lock(&self.recent);
        // Most ask for the newest.
        recent.iter().rev().find(|batch| batch.first <= number && number <= batch.last).cloned()
    }

    fn keep(&self, batch: Batch) {
        let last = batch.last;
        let mut recent = lock(&self.recent);
        if recent.len() == BATCHES {
            recent.pop_front();
        }
        recent.push_back(Arc::new(batch));
        drop(recent);
        self.news.send_modify(|news| news.last = last);
    }
}

fn kind_of(action: Action) -> ChangeKind {
    match action {
        Action::Created => ChangeKind::Created,
        Action::Updated => ChangeKind::Updated,
        Action::Deleted | Action::Removed => ChangeKind::Deleted,
        Action::Restored => ChangeKind::Restored,
    }
}

/// Follows as long as anybody listens.
async fn follow(hub: Weak<Hub>) {
    let mut seen = None;
    let mut watched = Instant::now();
    while let Some(hub) = hub.upgrade() {
        if hub.news.receiver_count() == 0 {
            lock(&hub.recent).clear();
            hub.following.store(false, Ordering::Release);
            // Somebody may have come in between, and seen the task still there.
            if hub.news.receiver_count() == 0 || hub.following.swap(true, Ordering::AcqRel) {
                return;
            }
        }
        let mut numbered = hub.kernel.numbered().listen();
        let done = step(&hub, &mut seen, &mut watched).await;
        drop(hub);
        match done {
            Ok(true) => {}
            Ok(false) => numbered.wait(LOOK).await,
            Err(error) => {
                tracing::warn!(%error, "events for subscribers could not be read");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Looks for what is due; whether there may be more.
async fn step(hub: &Hub, seen: &mut Option<i64>, watched: &mut Instant) -> Result<bool, Error> {
    if watched.elapsed() >= WATCH {
        watch_callers(hub).await?;
        *watched = Instant::now();
    }
    let Some(after) = *seen else {
        // A subscriber may have looked a moment earlier where it begins; it then reads what is in between.
        let last = *seen.insert(feed::last(&hub.kernel).await?);
        hub.news.send_modify(|news| news.last = last);
        return Ok(true);
    };
    let Some(batch) = Batch::new(feed::after(&hub.kernel, after, None, AT_ONCE).await?) else {
        return Ok(false);
    };
    *seen = Some(batch.last);
    hub.keep(batch);
    Ok(true)
}

/// Looks whether subscribers are still who they were.
async fn watch_callers(hub: &Hub) -> Result<(), Error> {
    let mut callers: Vec<Arc<Known>> = lock(&hub.callers).values().cloned().collect();
    callers.sort_unstable_by_key(Arc::as_ptr);
    callers.dedup_by(|one, other| Arc::ptr_eq(one, other));
    if hub.kernel.changed(&callers).await?.contains(&true) {
        hub.news.send_modify(|news| news.changes += 1);
    }
    Ok(())
}
