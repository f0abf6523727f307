//! Tells the other processes of an installation that there are events, and hears it from them, by PostgreSQL's NOTIFY. It
//! only makes them sooner: whoever hears nothing looks from time to time.
//!
//! Not within the transactions that write events: PostgreSQL lets those that notify commit only one after the other, which
//! takes a third of the writes.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::ConnectionTrait as _;
use sea_orm::sqlx::postgres::PgListener;
use shoal_graphql::database::Dialect;

use crate::kernel::Kernel;

/// What all processes of an installation listen to.
const CHANNEL: &str = "shoal_events";

/// Between two notifications.
const BREATH: Duration = Duration::from_millis(20);

/// Between two attempts to listen while the database is away.
const PAUSE: Duration = Duration::from_secs(1);

/// Tells and hears until `end`; there is nothing to do on SQLite. Listening takes a connection of its own to `url`, which
/// must be one to the database itself: behind a pooler nothing is heard.
pub async fn run(kernel: Arc<Kernel>, url: String, end: impl Future<Output = ()>) {
    if kernel.database.dialect() != Dialect::Postgres {
        return;
    }
    let mut name = [0; 8];
    kernel.randomness.fill(&mut name);
    let name = format!("{:x}", u64::from_be_bytes(name));
    tokio::select! {
        () = end => {}
        () = tell(&kernel, &name) => {}
        () = hear(&kernel, &url, &name) => {}
    }
}

/// Says that something was written or numbered here.
async fn tell(kernel: &Kernel, name: &str) {
    let (mut written, mut numbered) = (kernel.signal.listen_here(), kernel.numbered.listen_here());
    let text = format!("SELECT pg_notify('{CHANNEL}', '{name}')");
    loop {
        tokio::select! {
            () = written.heard() => {}
            () = numbered.heard() => {}
        }
        // What happens until then is said together.
        if let Err(error) = kernel.database.writer().execute_unprepared(&text).await {
            tracing::debug!(%error, "other processes could not be told of events");
        }
        tokio::time::sleep(BREATH).await;
    }
}

/// Wakes those who wait here when something happened elsewhere.
async fn hear(kernel: &Kernel, url: &str, name: &str) {
    loop {
        if let Err(error) = listen(kernel, url, name).await {
            tracing::warn!(%error, "other processes cannot be heard; their events are looked for");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn listen(kernel: &Kernel, url: &str, name: &str) -> Result<(), sea_orm::SqlxError> {
    let mut listener = PgListener::connect(url).await?;
    listener.listen(CHANNEL).await?;
    loop {
        // Nothing: the connection was lost, and something may have been missed.
        let ours = listener.try_recv().await?.is_some_and(|heard| heard.payload() == name);
        if !ours {
            kernel.signal.pass_on();
            kernel.numbered.pass_on();
        }
    }
}
