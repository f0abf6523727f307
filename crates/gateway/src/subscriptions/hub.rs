//! Follows the events.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use shoal_core::Kernel;
use shoal_core::outbox::feed;
use shoal_core::record::Action;
use shoal_graphql::declare::ChangeKind;
use shoal_graphql::error::Error;
use tokio::sync::broadcast;

use super::batch::Batch;

/// Batches that a subscriber may be behind; whoever is further behind reads them from the database.
const BATCHES: usize = 64;

/// Events of a batch.
const AT_ONCE: usize = 1_000;

/// So soon an event that another process has numbered is found.
const LOOK: Duration = Duration::from_millis(200);

/// After an error the database is left alone for so long.
const PAUSE: Duration = Duration::from_secs(1);

/// Hands events on to subscribers.
pub(crate) struct Hub {
    pub(super) kernel: Arc<Kernel>,
    /// What an event of a record means, by its name: the record's type, and what happened.
    pub(super) kinds: HashMap<String, (&'static str, ChangeKind)>,
    sender: broadcast::Sender<Arc<Batch>>,
    following: AtomicBool,
}

impl Hub {
    pub(crate) fn new(kernel: Arc<Kernel>) -> Arc<Self> {
        let kinds = kernel.modules.records().flat_map(|record| {
            Action::ALL.into_iter().map(|action| (record.event_name(action), (record.name, kind_of(action))))
        });
        let kinds = kinds.collect();
        let sender = broadcast::Sender::new(BATCHES);
        Arc::new(Self { kernel, kinds, sender, following: AtomicBool::new(false) })
    }

    /// Batches from now on. The first subscriber sets off the task that follows the events; it ends with the last.
    pub(super) fn listen(self: &Arc<Self>) -> broadcast::Receiver<Arc<Batch>> {
        let receiver = self.sender.subscribe();
        if !self.following.swap(true, Ordering::AcqRel) {
            tokio::spawn(follow(Arc::downgrade(self)));
        }
        receiver
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

/// Hands on what comes, as long as anybody listens.
async fn follow(hub: Weak<Hub>) {
    let mut seen = None;
    while let Some(hub) = hub.upgrade() {
        if hub.sender.receiver_count() == 0 {
            hub.following.store(false, Ordering::Release);
            // Somebody may have come in between, and seen the task still there.
            if hub.sender.receiver_count() == 0 || hub.following.swap(true, Ordering::AcqRel) {
                return;
            }
        }
        let mut numbered = hub.kernel.numbered().listen();
        match step(&hub, &mut seen).await {
            Ok(true) => {}
            Ok(false) => {
                drop(hub);
                numbered.wait(LOOK).await;
            }
            Err(error) => {
                tracing::warn!(%error, "events for subscribers could not be read");
                drop(hub);
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Hands the next batch on, if there is one.
async fn step(hub: &Hub, seen: &mut Option<i64>) -> Result<bool, Error> {
    let after = match *seen {
        Some(number) => number,
        None => *seen.insert(feed::last(&hub.kernel).await?),
    };
    let Some(batch) = Batch::new(feed::after(&hub.kernel, after, None, AT_ONCE).await?) else {
        return Ok(false);
    };
    *seen = Some(batch.last);
    // Nobody may be there any more.
    let _ = hub.sender.send(Arc::new(batch));
    Ok(true)
}
