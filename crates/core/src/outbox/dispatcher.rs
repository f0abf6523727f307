//! Brings events to the handlers of modules.
//!
//! Two steps, each in transactions of its own, so that a crash at any moment loses nothing:
//!
//! 1. **Numbering.** Events without a number get the next ones, in the order in which they were written, and a delivery for
//!    each handler that wants to know them. One node at a time does it, so that numbers become visible in their order, and
//!    whoever has seen number *n* has seen all before it.
//! 2. **Delivering.** For each company and handler, one node at a time takes the oldest deliveries, calls the handler, and
//!    commits what it staged together with the end of the deliveries. What fails is tried again later, alone, with
//!    everything that comes after it about the same record; after [`MOST_ATTEMPTS`] it waits for a person.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures::FutureExt as _;
use sea_orm::{ColumnTrait as _, ConnectionTrait as _, QueryFilter as _, QueryResult, Statement};
use shoal_graphql::database::{Dialect, Sql, StatementCount};
use shoal_graphql::error::Error;
use shoal_graphql::value::instant_value;
use uuid::Uuid;

use super::delivery;
use crate::context::RequestContext;
use crate::kernel::Kernel;
use crate::module::{Event, EventHandler};
use crate::statement::{self, Change, Table};
use crate::tenancy::{ModuleState, Tenant};
use crate::unit_of_work::UnitOfWork;

/// Events that are numbered in one transaction.
const NUMBERED_AT_ONCE: usize = 1_000;

/// Events that a handler is given at once.
const DELIVERED_AT_ONCE: usize = 200;

/// How long a handler may take for what it is given at once.
const PATIENCE: Duration = Duration::from_mins(1);

/// After so many failures a delivery waits for a person.
pub const MOST_ATTEMPTS: i32 = 12;

/// The longest wait between two attempts, in seconds.
const LONGEST_WAIT: i64 = 3_600;

/// Characters of an error that are kept.
const ERROR: usize = 500;

/// Waiting, to be delivered.
pub(crate) const PENDING: &str = "PENDING";

/// Failed too often, waiting for a person.
pub(crate) const DEAD: &str = "DEAD";

/// A company and a handler with something to deliver.
type Queue = (Uuid, String);

/// Numbers and delivers until there is nothing that can be done now. How many events were delivered.
///
/// # Errors
/// Faults of the database. What fails in a handler is noted with the delivery.
pub async fn drain(kernel: &Arc<Kernel>) -> Result<usize, Error> {
    let mut delivered = 0;
    loop {
        let numbered = number(kernel).await?;
        let queues = queues(kernel).await?;
        let mut progress = 0;
        for queue in queues {
            progress += deliver(kernel, &queue).await?;
        }
        delivered += progress;
        if numbered == 0 && progress == 0 {
            return Ok(delivered);
        }
    }
}

/// Gives numbers to events that have none. How many there were; 0 also while another node is at it.
///
/// # Errors
/// Faults of the database.
pub async fn number(kernel: &Arc<Kernel>) -> Result<usize, Error> {
    let tenants = unnumbered(kernel).await?;
    if tenants.is_empty() {
        return Ok(0);
    }
    let handlers = handlers(kernel);
    let transaction = kernel.database.begin().await?;
    let dialect = kernel.database.dialect();
    if dialect == Dialect::Postgres {
        let text = "SELECT pg_try_advisory_xact_lock(7302916450519)";
        let asked = Statement::from_string(dialect.backend(), text);
        let row = transaction.query_one_raw(asked).await?;
        if !row.map_or(Ok(false), |row| row.try_get_by_index::<bool>(0))? {
            return Ok(0);
        }
    }
    let numbered =
        transaction.query_all_raw(Statement::from_string(dialect.backend(), numbering(dialect))).await?;
    let count = numbered.len();
    let mut table = Table::of::<delivery::Entity>(Change::Insert);
    for row in &numbered {
        let name: String = row.try_get_by_index(3)?;
        for (module, handler) in handlers.get(name.as_str()).into_iter().flatten() {
            let tenant: Uuid = row.try_get_by_index(0)?;
            if tenants.get(&tenant).is_none_or(|tenant| wants(tenant, module)) {
                let new = delivery::Model {
                    tenant_id: tenant,
                    id: kernel.ids.next(),
                    handler: handler.clone(),
                    event_id: row.try_get_by_index(1)?,
                    number: row.try_get_by_index(2)?,
                    record_id: row.try_get_by_index(4)?,
                    state: PENDING.to_owned(),
                    attempts: 0,
                    due_at: kernel.clock.now(),
                    error: None,
                };
                table.push::<delivery::Entity>(&new, dialect);
            }
        }
    }
    if !table.rows.is_empty() {
        for statement in statement::write(&mut table, dialect)? {
            transaction.execute_raw(statement).await?;
        }
    }
    transaction.commit().await?;
    if count > 0 {
        kernel.numbered.wake();
    }
    Ok(count)
}

/// Numbers the oldest events: `(tenant, event, number, name, record)`.
fn numbering(dialect: Dialect) -> String {
    let entry = match dialect {
        Dialect::Postgres => "entry",
        Dialect::Sqlite => "rowid",
    };
    format!(
        "WITH unnumbered AS (
            SELECT tenant_id, id, {entry} AS entered FROM core_event WHERE number IS NULL ORDER BY {entry} LIMIT {NUMBERED_AT_ONCE}
        ), numbered AS (
            SELECT tenant_id, id, (SELECT coalesce(max(number), 0) FROM core_event) + row_number() OVER (ORDER BY entered) AS number
            FROM unnumbered
        )
        UPDATE core_event SET number = numbered.number FROM numbered
        WHERE core_event.tenant_id = numbered.tenant_id AND core_event.id = numbered.id
        RETURNING core_event.tenant_id, core_event.id, core_event.number, core_event.name, core_event.record_id"
    )
}

/// Which handlers want to know an event: its module, and its name among all handlers.
fn handlers(kernel: &Kernel) -> BTreeMap<&'static str, Vec<(&'static str, String)>> {
    let mut wanted: BTreeMap<&'static str, Vec<(&'static str, String)>> = BTreeMap::new();
    for module in kernel.modules.modules() {
        let id = module.manifest.id;
        for handler in &module.handlers {
            for event in handler.events {
                wanted.entry(*event).or_default().push((id, full_name(id, handler)));
            }
        }
    }
    wanted
}

fn full_name(module: &str, handler: &EventHandler) -> String {
    format!("{module}.{}", handler.name)
}

/// Whether events of now are kept for a module: also while it is suspended, to be delivered when it is used again.
fn wants(tenant: &Tenant, module: &str) -> bool {
    module == crate::MODULE || tenant.state(module).is_readable()
}

/// The companies that have events without a number. They are read before the transaction, which then need not wait for
/// another connection.
async fn unnumbered(kernel: &Kernel) -> Result<HashMap<Uuid, Arc<Tenant>>, Error> {
    let mut sql = Sql::new(kernel.database.dialect());
    sql.push("SELECT DISTINCT tenant_id FROM core_event WHERE number IS NULL");
    let rows = kernel.database.reader().rows(sql, &StatementCount::default()).await?;
    let mut tenants = HashMap::with_capacity(rows.len());
    for row in rows {
        let id = row.try_get_by_index(0)?;
        tenants.extend(kernel.tenant(id).await?.map(|tenant| (id, tenant)));
    }
    Ok(tenants)
}

/// Companies and handlers with something that is due.
async fn queues(kernel: &Kernel) -> Result<BTreeSet<Queue>, Error> {
    let dialect = kernel.database.dialect();
    let mut sql = Sql::new(dialect);
    sql.push("SELECT DISTINCT tenant_id, handler FROM core_delivery WHERE state = ").bind(PENDING);
    sql.push(" AND due_at <= ").bind(instant_value(kernel.clock.now(), dialect));
    let rows = kernel.database.reader().rows(sql, &StatementCount::default()).await?;
    rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect()
}

/// Delivers what is due in one queue. How many events were delivered or failed.
async fn deliver(kernel: &Arc<Kernel>, (tenant, name): &Queue) -> Result<usize, Error> {
    let Some((module, handler)) = find(kernel, name) else { return Ok(0) };
    let Some(tenant) = kernel.tenant(*tenant).await? else { return Ok(0) };
    // Background work asks the company, not who did it: pilots are not told apart.
    if module != crate::MODULE && tenant.state(module) != ModuleState::Enabled {
        return Ok(0);
    }
    let context = RequestContext::system(kernel, &tenant);
    let mut delivered = 0;
    loop {
        match attempt(&context, name, &handler, DELIVERED_AT_ONCE).await? {
            Attempt::Nothing => return Ok(delivered),
            Attempt::Delivered(count) => delivered += count,
            Attempt::Failed(_, _) => {
                let tried = one_by_one(&context, name, &handler).await?;
                if tried == 0 {
                    return Ok(delivered);
                }
                delivered += tried;
            }
        }
    }
}

fn find(kernel: &Kernel, name: &str) -> Option<(&'static str, EventHandler)> {
    let (module, _) = name.split_once('.')?;
    let module = kernel.modules.module(module)?;
    let handler = module.handlers.iter().find(|handler| full_name(module.manifest.id, handler) == name)?;
    Some((module.manifest.id, handler.clone()))
}

/// What became of an attempt.
enum Attempt {
    /// There is nothing to deliver, or another node is at it.
    Nothing,
    Delivered(usize),
    /// The first delivery of those that failed together, and why.
    Failed(Uuid, String),
}

/// Delivers the oldest events of a queue, in one transaction with what the handler stages.
async fn attempt(
    context: &RequestContext,
    name: &str,
    handler: &EventHandler,
    most: usize,
) -> Result<Attempt, Error> {
    let mut unit = UnitOfWork::begin(context).await?;
    if !unit.try_lock(&format!("deliver.{name}")).await? {
        return Ok(Attempt::Nothing);
    }
    let (ids, events) = due(&unit, name, most).await?;
    let Some(first) = ids.first().copied() else { return Ok(Attempt::Nothing) };
    let handled = AssertUnwindSafe((handler.handle)(&mut unit, &events)).catch_unwind();
    let failure = match tokio::time::timeout(PATIENCE, handled).await {
        Ok(Ok(Ok(()))) => None,
        Ok(Ok(Err(error))) => Some(error.to_string()),
        Ok(Err(_)) => Some("the handler panicked".to_owned()),
        Err(_) => Some("the handler took too long".to_owned()),
    };
    if let Some(failure) = failure {
        return Ok(Attempt::Failed(first, failure));
    }
    for id in ids {
        unit.delete_where::<delivery::Entity>(delivery::Column::Id, id);
    }
    match unit.commit().await {
        Ok(()) => Ok(Attempt::Delivered(events.len())),
        Err(error) => Ok(Attempt::Failed(first, error.to_string())),
    }
}

/// Delivers each event alone, so that one that fails holds up its own record only. How many were tried.
async fn one_by_one(context: &RequestContext, name: &str, handler: &EventHandler) -> Result<usize, Error> {
    let mut tried = 0;
    while tried < DELIVERED_AT_ONCE {
        match attempt(context, name, handler, 1).await? {
            Attempt::Nothing => break,
            Attempt::Delivered(count) => tried += count,
            Attempt::Failed(delivery, why) => {
                failed(context, delivery, &why).await?;
                tried += 1;
            }
        }
    }
    Ok(tried)
}

/// Notes a failure: the delivery waits, longer each time.
async fn failed(context: &RequestContext, delivery: Uuid, why: &str) -> Result<(), Error> {
    tracing::warn!(delivery = %delivery, error = why, "an event could not be delivered");
    let why: String = why.chars().take(ERROR).collect();
    UnitOfWork::run(context, |unit| {
        let why = why.clone();
        Box::pin(async move {
            let found = unit.find::<delivery::Entity>().filter(delivery::Column::Id.eq(delivery));
            if let Some(before) = found.one(unit.transaction()).await? {
                let attempts = before.attempts + 1;
                let state = if attempts >= MOST_ATTEMPTS { DEAD } else { PENDING };
                let after = delivery::Model {
                    attempts,
                    state: state.to_owned(),
                    due_at: next_attempt(attempts, unit.now()),
                    error: Some(why),
                    ..before.clone()
                };
                unit.update::<delivery::Entity>(&before, after);
            }
            Ok(())
        })
    })
    .await
}

/// When to try again after so many failures: after 1, 2, 4, … seconds.
fn next_attempt(attempts: i32, now: DateTime<Utc>) -> DateTime<Utc> {
    let doubled = u32::try_from(attempts - 1).unwrap_or_default().min(20);
    now + TimeDelta::seconds((1_i64 << doubled).min(LONGEST_WAIT))
}

/// The oldest due deliveries of a queue, with their events: none that comes after a failed one of the same record.
async fn due(unit: &UnitOfWork, name: &str, most: usize) -> Result<(Vec<Uuid>, Vec<Event>), Error> {
    let (dialect, now) = (unit.dialect(), instant_value(unit.now(), unit.dialect()));
    let mut sql = Sql::new(dialect);
    sql.push("SELECT d.id, e.id, e.number, e.name, e.payload_version, e.record_type, e.record_id, e.payload, e.at, e.actor_id");
    sql.push(
        " FROM core_delivery AS d JOIN core_event AS e ON e.tenant_id = d.tenant_id AND e.id = d.event_id",
    );
    sql.push(" WHERE d.tenant_id = ").bind(unit.tenant()).push(" AND d.handler = ").bind(name);
    sql.push(" AND d.state = ").bind(PENDING).push(" AND d.due_at <= ").bind(now.clone());
    sql.push(" AND NOT EXISTS (SELECT 1 FROM core_delivery AS b WHERE b.tenant_id = d.tenant_id");
    sql.push(" AND b.handler = d.handler AND b.record_id = d.record_id AND b.number < d.number");
    sql.push(" AND (b.state <> ").bind(PENDING).push(" OR b.due_at > ").bind(now).push("))");
    sql.push(&format!(" ORDER BY d.number LIMIT {most}"));
    let rows = unit.transaction().query_all_raw(sql.into_statement()).await?;
    let ids = rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?;
    let events = rows.iter().map(event_of).collect::<Result<_, _>>()?;
    Ok((ids, events))
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
