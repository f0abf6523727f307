//! Brings events to the handlers of modules.
//!
//! Two steps, each in transactions of its own, so that a crash at any moment loses nothing: events get their numbers and
//! their deliveries ([`number`]), and for each company and handler, a *queue*, one node at a time takes the oldest
//! deliveries, calls the handler, and commits what it staged together with the end of the deliveries.
//!
//! What fails together is tried one by one. What fails alone is tried again later, and all that comes after it about the
//! same record is blocked until then; after [`MOST_ATTEMPTS`] it waits for a person.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures::FutureExt as _;
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait as _, QueryFilter as _, QueryResult, QuerySelect as _};
use shoal_graphql::database::{Dialect, Sql, StatementCount};
use shoal_graphql::error::Error;
use shoal_graphql::value::{Choice as _, instant_value};
use uuid::Uuid;

use super::delivery::{self, DeliveryState};
pub use super::numbering::number;
use crate::context::RequestContext;
use crate::kernel::Kernel;
use crate::module::{Event, EventHandler};
use crate::tenancy::{ModuleState, Tenant};
use crate::unit_of_work::UnitOfWork;

/// Events that a handler is given at once.
const DELIVERED_AT_ONCE: usize = 200;

/// How long a handler may take for what it is given at once. Whoever retries a delivery waits for it, and on SQLite
/// everybody who writes.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often a handler is called again at once when another writer was faster.
const RACES: usize = 4;

/// After so many failures, about half an hour after the first, a delivery waits for a person.
pub const MOST_ATTEMPTS: i32 = 12;

/// Characters of an error that are kept.
const ERROR: usize = 500;

/// What is to be delivered to one handler in one company.
#[derive(Debug, Clone)]
pub(super) struct Queue {
    pub tenant: Arc<Tenant>,
    pub handler: EventHandler,
    /// The handler's name among all handlers.
    pub name: String,
}

/// The name of a handler among all handlers.
pub(super) fn full_name(module: &str, handler: &EventHandler) -> String {
    format!("{module}.{}", handler.name)
}

/// The name of the lock that whoever changes deliveries of a handler holds.
pub(super) fn lock_of(handler: &str) -> String {
    format!("deliver.{handler}")
}

/// Numbers and delivers until there is nothing that can be done now. How many deliveries were made or failed.
///
/// # Errors
/// The first fault of the database, after everything else was tried. What fails in a handler is noted with the delivery.
pub async fn drain(kernel: &Arc<Kernel>) -> Result<usize, Error> {
    let mut delivered = 0;
    loop {
        let (numbered, mut progress, mut fault) = (number(kernel).await?, 0, None);
        for queue in queues(kernel).await? {
            match deliver(kernel, &queue).await {
                Ok(count) => progress += count,
                Err(error) => fault = fault.or(Some(error)),
            }
        }
        delivered += progress;
        if !numbered && progress == 0 {
            return fault.map_or(Ok(delivered), Err);
        }
    }
}

/// The queues in which something is due, of modules that are enabled: while one is suspended its queues wait.
pub(super) async fn queues(kernel: &Arc<Kernel>) -> Result<Vec<Queue>, Error> {
    let mut sql = Sql::new(kernel.database.dialect());
    write_queues(&mut sql, kernel.clock.now());
    let rows = kernel.database.reader().rows(sql, &StatementCount::default()).await?;
    let mut queues = Vec::with_capacity(rows.len());
    for row in rows {
        let (tenant, name): (Uuid, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        let Some((module, handler)) = find(kernel, &name) else { continue };
        let Some(tenant) = kernel.tenant(tenant).await? else { continue };
        // Background work asks the company, not who did it: pilots are not told apart.
        if module == crate::MODULE || tenant.state(module) == ModuleState::Enabled {
            queues.push(Queue { tenant, handler, name });
        }
    }
    Ok(queues)
}

/// Steps from queue to queue by the index, however many deliveries each has: those of suspended modules may be many.
fn write_queues(sql: &mut Sql, now: DateTime<Utc>) {
    let first = "FROM core_delivery WHERE state = 'PENDING' ORDER BY tenant_id, handler, number LIMIT 1";
    let next = "FROM core_delivery AS d WHERE d.state = 'PENDING' AND (d.tenant_id, d.handler) > (q.tenant_id, q.handler)
        ORDER BY d.tenant_id, d.handler, d.number LIMIT 1";
    let dialect = sql.dialect();
    sql.push(&format!(
        "WITH RECURSIVE queue (tenant_id, handler) AS (SELECT * FROM (SELECT tenant_id, handler {first}) AS first UNION ALL "
    ));
    sql.push("SELECT n.tenant_id, n.handler FROM queue AS q ");
    sql.push(&match dialect {
        Dialect::Postgres => format!("CROSS JOIN LATERAL (SELECT d.tenant_id, d.handler {next}) AS n"),
        Dialect::Sqlite => format!("JOIN core_delivery AS n ON n.rowid = (SELECT d.rowid {next})"),
    });
    // What is not due has failed before, which little has. SQLite would rather read the table, and sort.
    let by_index = if dialect == Dialect::Sqlite { " INDEXED BY core_delivery_next" } else { "" };
    sql.push(") SELECT tenant_id, handler FROM queue AS q WHERE (SELECT d.number FROM core_delivery AS d");
    sql.push(by_index);
    sql.push(
        " WHERE d.tenant_id = q.tenant_id AND d.handler = q.handler AND d.state = 'PENDING' AND d.due_at <= ",
    );
    sql.bind(instant_value(now, dialect)).push(" ORDER BY d.number LIMIT 1) IS NOT NULL");
}

fn find(kernel: &Kernel, name: &str) -> Option<(&'static str, EventHandler)> {
    let (module, _) = name.split_once('.')?;
    let module = kernel.modules.module(module)?;
    let handler = module.handlers.iter().find(|handler| full_name(module.manifest.id, handler) == name)?;
    Some((module.manifest.id, handler.clone()))
}

/// Delivers what is due in one queue. How many events were delivered or failed.
///
/// # Errors
/// Faults of the database.
pub(super) async fn deliver(kernel: &Arc<Kernel>, queue: &Queue) -> Result<usize, Error> {
    let context = RequestContext::system(kernel, &queue.tenant);
    let (mut done, mut alone) = (0, 0_usize);
    loop {
        let most = if alone == 0 { DELIVERED_AT_ONCE } else { 1 };
        match attempt(&context, queue, most).await? {
            Attempt::Nothing => return Ok(done),
            Attempt::Delivered(count) => {
                done += count;
                alone = alone.saturating_sub(count);
            }
            // One of them holds the others up.
            Attempt::Failed(failure) if failure.together > 1 => alone = failure.together,
            Attempt::Failed(failure) => {
                failed(&context, queue, &failure).await?;
                done += 1;
                alone = alone.saturating_sub(1);
            }
        }
    }
}

/// What became of an attempt.
enum Attempt {
    /// There is nothing to deliver, or another node is at it.
    Nothing,
    Delivered(usize),
    Failed(Failure),
}

/// What was tried, and why it failed.
struct Failure {
    /// The first delivery.
    first: Uuid,
    /// How many were tried together.
    together: usize,
    error: Error,
}

/// Delivers the oldest events of a queue, once more if another writer was faster.
async fn attempt(context: &RequestContext, queue: &Queue, most: usize) -> Result<Attempt, Error> {
    for _ in 1..RACES {
        match attempt_once(context, queue, most).await? {
            Attempt::Failed(Failure { error: Error::Race(_), .. }) => {}
            other => return Ok(other),
        }
    }
    attempt_once(context, queue, most).await
}

/// Delivers the oldest events of a queue in one transaction with what the handler stages.
async fn attempt_once(context: &RequestContext, queue: &Queue, most: usize) -> Result<Attempt, Error> {
    let mut unit = UnitOfWork::begin(context).await?;
    if !unit.try_lock(&lock_of(&queue.name)).await? {
        unit.rollback().await;
        return Ok(Attempt::Nothing);
    }
    let batch = due(&unit, &queue.name, most).await?;
    let Some(first) = batch.deliveries.first().copied() else {
        block(&unit, &queue.name).await?;
        unit.commit().await?;
        return Ok(Attempt::Nothing);
    };
    let together = batch.deliveries.len();
    let failure = |error| Ok(Attempt::Failed(Failure { first, together, error }));
    if let Err(error) = call(&queue.handler, &mut unit, &batch.events).await {
        unit.rollback().await;
        return failure(error);
    }
    for id in batch.deliveries {
        unit.delete_where::<delivery::Entity>(delivery::Column::Id, id);
    }
    if let Some(record) = batch.retried {
        release(&unit, vec![(queue.name.clone(), record)]).await?;
    }
    match unit.commit().await {
        Ok(()) => Ok(Attempt::Delivered(together)),
        Err(error) => failure(error.into()),
    }
}

/// Calls the handler, which may do anything.
async fn call(handler: &EventHandler, unit: &mut UnitOfWork, events: &[Event]) -> Result<(), Error> {
    let call = AssertUnwindSafe(async { (handler.handle)(unit, events).await }).catch_unwind();
    match tokio::time::timeout(PATIENCE, call).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(_)) => Err(Error::fault("the handler panicked")),
        Err(_) => Err(Error::Timeout),
    }
}

/// Notes a failure: the delivery waits, longer each time.
async fn failed(context: &RequestContext, queue: &Queue, failure: &Failure) -> Result<(), Error> {
    let (delivery, error) = (failure.first, &failure.error);
    tracing::warn!(%delivery, handler = queue.name, %error, "an event could not be delivered");
    UnitOfWork::run(context, |unit| {
        let (lock, told) = (lock_of(&queue.name), told(error));
        Box::pin(async move {
            unit.lock(&lock).await?;
            let found = unit.find::<delivery::Entity>().filter(delivery::Column::Id.eq(delivery));
            let found = found.lock(LockType::NoKeyUpdate).one(unit.transaction()).await?;
            // Another node may have delivered it since.
            if let Some(before) = found {
                let attempts = before.attempts + 1;
                let state =
                    if attempts < MOST_ATTEMPTS { DeliveryState::Pending } else { DeliveryState::Dead };
                let after = delivery::Model {
                    attempts,
                    state: state.code().to_owned(),
                    due_at: next_attempt(attempts, unit.now()),
                    error: Some(told),
                    ..before.clone()
                };
                unit.update::<delivery::Entity>(&before, after);
            }
            Ok(())
        })
    })
    .await
}

/// What administrators are told of an error: the text of a fault is for the log only.
fn told(error: &Error) -> String {
    match error {
        Error::Refused(refusal) => refusal.to_string().chars().take(ERROR).collect(),
        Error::Timeout => "it took too long".to_owned(),
        Error::Race(_) => "other writers were faster each time".to_owned(),
        Error::Fault(_) => "internal error; the log has the details under the delivery's id".to_owned(),
    }
}

/// When to try again after so many failures: after 1, 2, 4, … seconds.
fn next_attempt(attempts: i32, now: DateTime<Utc>) -> DateTime<Utc> {
    let doubled = u32::try_from(attempts - 1).unwrap_or_default().min(20);
    now + TimeDelta::seconds(1_i64 << doubled)
}

/// Deliveries that are made together.
struct Batch {
    deliveries: Vec<Uuid>,
    events: Vec<Event>,
    /// The record of the event, if it failed before.
    retried: Option<Uuid>,
}

/// Holds for a delivery `d` that comes after one of the same record which cannot be made yet.
const IS_BEHIND: &str = "EXISTS (SELECT 1 FROM core_delivery AS b WHERE b.tenant_id = d.tenant_id
    AND b.handler = d.handler AND b.record_id = d.record_id AND b.number < d.number AND (b.state <> 'PENDING' OR b.due_at > ";

/// The oldest due deliveries of a queue that are not behind others: either new ones, or one that failed before.
async fn due(unit: &UnitOfWork, name: &str, most: usize) -> Result<Batch, Error> {
    let now = instant_value(unit.now(), unit.dialect());
    let mut sql = Sql::new(unit.dialect());
    sql.push("SELECT d.id, e.id, d.number, e.name, e.payload_version, e.record_type, e.record_id, e.payload, e.at,");
    sql.push(" e.actor_id, d.attempts FROM core_delivery AS d");
    sql.push(" JOIN core_event AS e ON e.tenant_id = d.tenant_id AND e.id = d.event_id");
    sql.push(" WHERE d.tenant_id = ").bind(unit.tenant()).push(" AND d.handler = ").bind(name);
    sql.push(" AND d.state = 'PENDING' AND d.due_at <= ").bind(now.clone());
    sql.push(" AND NOT ").push(IS_BEHIND).bind(now);
    sql.push(&format!(")) ORDER BY d.number LIMIT {most}"));
    let mut rows = unit.rows(sql).await?;
    let mut failed_before = Vec::with_capacity(rows.len());
    for row in &rows {
        failed_before.push(row.try_get_by_index::<i32>(10)? > 0);
    }
    let is_retry = failed_before.first() == Some(&true);
    rows.truncate(if is_retry { 1 } else { failed_before.iter().take_while(|failed| !**failed).count() });
    let deliveries = rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?;
    let events = rows.iter().map(event_of).collect::<Result<Vec<_>, _>>()?;
    let retried = events.first().filter(|_| is_retry).map(|event| event.record_id);
    Ok(Batch { deliveries, events, retried })
}

fn event_of(row: &QueryResult) -> Result<Event, sea_orm::DbErr> {
    Ok(Event {
        id: row.try_get_by_index(1)?,
        number: row.try_get_by_index(2)?,
        name: row.try_get_by_index(3)?,
        version: row.try_get_by_index(4)?,
        record_type: row.try_get_by_index(5)?,
        record_id: row.try_get_by_index(6)?,
        payload: row.try_get_by_index(7)?,
        at: row.try_get_by_index(8)?,
        actor: row.try_get_by_index(9)?,
    })
}

/// Puts aside what is due but behind something, so that it is not looked at again and again.
async fn block(unit: &UnitOfWork, name: &str) -> Result<(), Error> {
    let now = instant_value(unit.now(), unit.dialect());
    let mut sql = Sql::new(unit.dialect());
    sql.push("UPDATE core_delivery AS d SET state = 'BLOCKED' WHERE d.tenant_id = ").bind(unit.tenant());
    sql.push(" AND d.handler = ").bind(name).push(" AND d.state = 'PENDING' AND d.due_at <= ");
    sql.bind(now.clone()).push(" AND ").push(IS_BEHIND).bind(now).push("))");
    unit.execute(sql).await?;
    Ok(())
}

/// Lets deliveries go on that were behind others: those of these handlers about these records. What is still behind
/// something is put aside again when its turn comes.
pub(super) async fn release(unit: &UnitOfWork, freed: Vec<(String, Uuid)>) -> Result<(), Error> {
    if freed.is_empty() {
        return Ok(());
    }
    let (handlers, records) = freed.into_iter().map(|(name, record)| (name.into(), record.into())).unzip();
    let mut sql = Sql::new(unit.dialect());
    sql.push("UPDATE core_delivery SET state = 'PENDING' WHERE tenant_id = ").bind(unit.tenant());
    sql.push(" AND handler").is_any_of(handlers);
    sql.push(" AND record_id").is_any_of(records);
    sql.push(" AND state = 'BLOCKED'");
    unit.execute(sql).await?;
    Ok(())
}
