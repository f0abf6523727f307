//! What a process does beside answering requests: it delivers events, does the modules' background work, and throws away
//! what nobody needs any more.

use std::collections::HashSet;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use futures::FutureExt as _;
use futures::stream::{FuturesUnordered, StreamExt as _};
use sea_orm::{ColumnTrait as _, QueryFilter as _};
use shoal_graphql::database::{Sql, StatementCount};
use shoal_graphql::error::Error;
use shoal_graphql::value::instant_value;
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::dispatcher::Queue;
use super::{background, dispatcher};
use crate::context::RequestContext;
use crate::kernel::Kernel;
use crate::module::Background;
use crate::tenancy::{ModuleState, tenants};
use crate::unit_of_work::UnitOfWork;

/// So long after an event of another process, or the end of a wait, it is found.
const LOOK: Duration = Duration::from_millis(250);

/// Events of so long are numbered together.
const MOMENT: Duration = Duration::from_millis(20);

/// Handlers that work at once. Each holds a connection.
const HANDLERS: usize = 4;

/// The time between two looks for background work that is due.
const BACKGROUND: Duration = Duration::from_secs(5);

/// Another node takes over work whose node has said nothing for so long.
const LEASE: TimeDelta = TimeDelta::minutes(10);

/// Works until `end`. What is under way then is finished; a kill at any moment loses nothing.
pub async fn run(kernel: Arc<Kernel>, end: impl Future<Output = ()> + Send) {
    let end = end.shared();
    tokio::join!(
        numbering(&kernel, end.clone()),
        delivering(&kernel, end.clone()),
        background_work(&kernel, end)
    );
}

/// Numbers events as they come. Those of a moment are numbered together: each time costs a transaction.
async fn numbering(kernel: &Arc<Kernel>, mut end: impl Future<Output = ()> + Unpin) {
    let mut heard = kernel.signal.listen();
    loop {
        let numbered = dispatcher::number(kernel).await.unwrap_or_else(|error| {
            tracing::error!(%error, "events could not be numbered");
            false
        });
        let next = async {
            tokio::time::sleep(MOMENT).await;
            heard.wait(if numbered { Duration::ZERO } else { LOOK }).await;
        };
        tokio::select! {
            () = &mut end => return,
            () = next => {}
        }
    }
}

/// Delivers to several handlers at once, so that a slow one does not hold up the others.
async fn delivering(kernel: &Arc<Kernel>, mut end: impl Future<Output = ()> + Unpin) {
    let mut heard = kernel.numbered.listen();
    // First come, first served.
    let turns = Arc::new(Semaphore::new(HANDLERS));
    let (mut under_way, mut busy) = (FuturesUnordered::new(), HashSet::new());
    loop {
        let queues = dispatcher::queues(kernel).await.unwrap_or_else(|error| {
            tracing::error!(%error, "what is to be delivered could not be read");
            Vec::new()
        });
        for queue in queues {
            let key = (queue.tenant.id, queue.name.clone());
            if busy.insert(key.clone()) {
                let task = tokio::spawn(deliver(Arc::clone(kernel), Arc::clone(&turns), queue));
                under_way.push(task.map(move |_| key));
            }
        }
        let look = heard.wait(LOOK);
        tokio::pin!(look);
        loop {
            tokio::select! {
                () = &mut end => {
                    turns.close();
                    while under_way.next().await.is_some() {}
                    return;
                }
                Some(key) = under_way.next() => drop(busy.remove(&key)),
                () = &mut look => break,
            }
        }
    }
}

async fn deliver(kernel: Arc<Kernel>, turns: Arc<Semaphore>, queue: Queue) {
    // None are left when the program ends.
    let Ok(_turn) = turns.acquire().await else { return };
    if let Err(error) = dispatcher::deliver(&kernel, &queue).await {
        tracing::error!(handler = queue.name, %error, "events could not be delivered");
    }
}

async fn background_work(kernel: &Arc<Kernel>, mut end: impl Future<Output = ()> + Unpin) {
    loop {
        if let Err(error) = background(kernel).await {
            tracing::error!(%error, "background work could not be done");
        }
        tokio::select! {
            () = &mut end => return,
            () = tokio::time::sleep(BACKGROUND) => {}
        }
    }
}

/// Does the background work that is due, for each company that has the module enabled.
///
/// # Errors
/// Faults of the database when it looks for work. What fails then is logged, and tried again when it is due the next time.
pub async fn background(kernel: &Arc<Kernel>) -> Result<(), Error> {
    let waiting = waiting(kernel).await?;
    for (id, _) in tenants(kernel).await? {
        let Some(tenant) = kernel.tenant(id).await? else { continue };
        let context = RequestContext::system(kernel, &tenant);
        for module in kernel.modules.modules() {
            let id = module.manifest.id;
            if id != crate::MODULE && tenant.state(id) != ModuleState::Enabled {
                continue;
            }
            for work in &module.background {
                let name = format!("{id}.{}", work.name);
                if waiting.contains(&(tenant.id, name.clone())) {
                    continue;
                }
                if let Err(error) = do_work(&context, &name, work).await {
                    tracing::error!(work = name, %error, "background work could not be done");
                }
            }
        }
    }
    Ok(())
}

/// Companies and kinds of work that are not due.
async fn waiting(kernel: &Kernel) -> Result<HashSet<(Uuid, String)>, Error> {
    let mut sql = Sql::new(kernel.database.dialect());
    sql.push("SELECT tenant_id, name FROM core_background WHERE due_at > ");
    sql.bind(instant_value(kernel.clock.now(), kernel.database.dialect()));
    let rows = kernel.database.reader().rows(sql, &StatementCount::default()).await?;
    rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect()
}

async fn do_work(context: &RequestContext, name: &str, work: &Background) -> Result<(), Error> {
    if lease(context, name).await? {
        perform(context, name, work).await;
        settle(context, name, work.every).await?;
    }
    Ok(())
}

/// Takes work that is due, so that no other node does.
async fn lease(context: &RequestContext, name: &str) -> Result<bool, Error> {
    UnitOfWork::run(context, |unit| {
        let name = name.to_owned();
        Box::pin(async move {
            let known = unit.find::<background::Entity>().filter(background::Column::Name.eq(&name));
            let now = unit.now();
            match known.one(unit.transaction()).await? {
                Some(before) if before.due_at > now => Ok(false),
                Some(before) => {
                    // Whoever is faster has changed the row by then.
                    let mut taken = Sql::new(unit.dialect());
                    taken
                        .push("UPDATE core_background SET due_at = ")
                        .bind(instant_value(now + LEASE, unit.dialect()));
                    taken
                        .push(" WHERE tenant_id = ")
                        .bind(unit.tenant())
                        .push(" AND name = ")
                        .bind(name.as_str());
                    taken.push(" AND due_at = ").bind(instant_value(before.due_at, unit.dialect()));
                    Ok(unit.execute(taken).await? == 1)
                }
                None => {
                    let tenant_id = unit.tenant();
                    unit.insert::<background::Entity>(background::Model {
                        tenant_id,
                        name,
                        due_at: now + LEASE,
                    });
                    Ok(true)
                }
            }
        })
    })
    .await
}

async fn perform(context: &RequestContext, name: &str, work: &Background) {
    let working = AssertUnwindSafe(async { (work.run)(context.clone()).await }).catch_unwind();
    // As long as nobody else may begin it.
    match tokio::time::timeout(LEASE.to_std().unwrap_or_default(), working).await {
        Ok(Ok(Ok(()))) => {}
        Ok(Ok(Err(error))) => tracing::error!(work = name, %error, "background work failed"),
        Ok(Err(_)) => tracing::error!(work = name, "background work panicked"),
        Err(_) => tracing::error!(work = name, "background work took too long, and goes on the next time"),
    }
}

/// Says when the work is due again.
async fn settle(context: &RequestContext, name: &str, every: Duration) -> Result<(), Error> {
    let every = TimeDelta::from_std(every).map_err(Error::fault)?;
    UnitOfWork::run(context, |unit| {
        let name = name.to_owned();
        Box::pin(async move {
            let known = unit.find::<background::Entity>().filter(background::Column::Name.eq(&name));
            if let Some(before) = known.one(unit.transaction()).await? {
                let after = background::Model { due_at: unit.now() + every, ..before.clone() };
                unit.update::<background::Entity>(&before, after);
            }
            Ok(())
        })
    })
    .await
}
