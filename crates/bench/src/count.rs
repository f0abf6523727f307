//! Counts the statements that reach a database, by the driver's own log.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

static STATEMENTS: AtomicU64 = AtomicU64::new(0);

/// Listens to one target only.
struct Counter;

/// What the driver calls its log of statements.
const TARGET: &str = "sqlx::query";

impl Subscriber for Counter {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == TARGET && *metadata.level() <= Level::DEBUG
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &Event<'_>) {
        STATEMENTS.fetch_add(1, Ordering::Relaxed);
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// The statements that this process sent while `work` ran. 0 if somebody else has set up a log.
pub async fn statements<T>(work: impl Future<Output = T>) -> (u64, T) {
    static INSTALLED: OnceLock<bool> = OnceLock::new();
    INSTALLED.get_or_init(|| tracing::subscriber::set_global_default(Counter).is_ok());
    let before = STATEMENTS.load(Ordering::Relaxed);
    let done = work.await;
    (STATEMENTS.load(Ordering::Relaxed) - before, done)
}
