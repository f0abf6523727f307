//! Gives events their numbers, and the deliveries to those who want to know them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use sea_orm::{ConnectionTrait as _, DatabaseTransaction, Statement};
use shoal_graphql::database::{Dialect, Sql, StatementCount};
use shoal_graphql::error::Error;
use shoal_graphql::value::Choice as _;
use uuid::Uuid;

use super::delivery::{self, DeliveryState};
use super::dispatcher::full_name;
use super::feed::{LAST, push_commits_with_events};
use crate::kernel::Kernel;
use crate::statement::{self, Change, Table};
use crate::tenancy::Tenant;

/// Events that are numbered in one transaction, or a few more: those of a commit are not parted.
const NUMBERED_AT_ONCE: usize = 1_000;

/// Companies as they are now; `None` for one that is gone.
type Tenants = HashMap<Uuid, Option<Arc<Tenant>>>;

/// Handlers by the events they want to know: module, and name among all handlers.
type Handlers = BTreeMap<&'static str, Vec<(&'static str, String)>>;

/// Gives the events of the oldest commits without a number the next ones, in the order in which they were written, and
/// stores a delivery for each handler that wants to know them. One node at a time does it, so that numbers become visible
/// in their order: whoever has seen one has seen all before it. Whether there were any; not while another node is at it.
///
/// # Errors
/// Faults of the database.
pub async fn number(kernel: &Arc<Kernel>) -> Result<bool, Error> {
    loop {
        let tenants = tenants(kernel).await?;
        if tenants.is_empty() {
            return Ok(false);
        }
        let transaction = kernel.database.begin().await?;
        let done = number_in(kernel, &transaction, &tenants).await;
        match done {
            Ok(Some(any)) => {
                transaction.commit().await?;
                if any {
                    kernel.numbered.wake();
                }
                return Ok(any);
            }
            // Events of yet another company have come in between.
            Ok(None) => transaction.rollback().await?,
            Err(error) => {
                transaction.rollback().await?;
                return Err(error);
            }
        }
    }
}

/// The companies of the events that come next. They are read before the transaction, which then need not wait for another
/// connection.
async fn tenants(kernel: &Kernel) -> Result<Tenants, Error> {
    let mut sql = Sql::new(kernel.database.dialect());
    let oldest = oldest(sql.dialect(), "tenant_id");
    sql.push(&format!("SELECT DISTINCT tenant_id FROM ({oldest}) AS oldest"));
    let rows = kernel.database.reader().rows(sql, &StatementCount::default()).await?;
    let mut tenants = HashMap::with_capacity(rows.len());
    for row in rows {
        let id = row.try_get_by_index(0)?;
        tenants.insert(id, kernel.tenant(id).await?);
    }
    Ok(tenants)
}

/// `None` if there are events of companies that are not among these.
async fn number_in(
    kernel: &Kernel,
    transaction: &DatabaseTransaction,
    tenants: &Tenants,
) -> Result<Option<bool>, Error> {
    let dialect = kernel.database.dialect();
    if dialect == Dialect::Postgres {
        let text = "SELECT pg_try_advisory_xact_lock(7302916450519)";
        let row = transaction.query_one_raw(Statement::from_string(dialect.backend(), text)).await?;
        if !row.map_or(Ok(false), |row| row.try_get_by_index::<bool>(0))? {
            return Ok(Some(false));
        }
    }
    // A statement of its own, so that it sees what the last one who held the lock has written.
    let statement = Statement::from_string(dialect.backend(), numbering(dialect));
    tracing::trace!(sql = %statement.sql, "write");
    let mut numbers = Vec::new();
    for row in transaction.query_all_raw(statement).await? {
        if !tenants.contains_key(&row.try_get_by_index(0)?) {
            return Ok(None);
        }
        numbers.push(row.try_get_by_index::<i64>(1)?);
    }
    let (Some(first), Some(last)) = (numbers.iter().min(), numbers.iter().max()) else {
        return Ok(Some(false));
    };
    let handlers = handlers(kernel);
    if !handlers.is_empty() {
        let events = wanted(transaction, dialect, &handlers, (*first, *last)).await?;
        let mut tables = [deliveries(kernel, tenants, &handlers, &events)];
        for statement in statement::write(&mut tables, Change::Insert, dialect)? {
            transaction.execute_raw(statement).await?;
        }
    }
    Ok(Some(true))
}

/// An event that some handler wants to know.
struct Wanted {
    tenant: Uuid,
    id: Uuid,
    number: i64,
    name: String,
    record: Uuid,
}

/// The events of the commits from one number to another that handlers want to know.
async fn wanted(
    transaction: &DatabaseTransaction,
    dialect: Dialect,
    handlers: &Handlers,
    (first, last): (i64, i64),
) -> Result<Vec<Wanted>, Error> {
    let mut sql = Sql::new(dialect);
    sql.push("SELECT e.tenant_id, e.id, c.number + e.position, e.name, e.record_id");
    push_commits_with_events(&mut sql);
    sql.push(" WHERE c.number >= ").bind(first).push(" AND c.number <= ").bind(last);
    sql.push(" AND e.name").is_any_of(handlers.keys().map(|name| (*name).into()).collect());
    sql.push(" ORDER BY c.number, e.id");
    let statement = sql.into_statement();
    tracing::trace!(sql = %statement.sql, "read");
    let rows = transaction.query_all_raw(statement).await?;
    let wanted = rows.iter().map(|row| {
        Ok(Wanted {
            tenant: row.try_get_by_index(0)?,
            id: row.try_get_by_index(1)?,
            number: row.try_get_by_index(2)?,
            name: row.try_get_by_index(3)?,
            record: row.try_get_by_index(4)?,
        })
    });
    wanted.collect()
}

fn deliveries(kernel: &Kernel, tenants: &Tenants, handlers: &Handlers, events: &[Wanted]) -> Table {
    let now = kernel.clock.now();
    let mut table = Table::of::<delivery::Entity>(Change::Insert);
    for event in events {
        let Some(tenant) = tenants.get(&event.tenant).and_then(Option::as_ref) else { continue };
        let handlers = handlers.get(event.name.as_str()).into_iter().flatten();
        for (_, handler) in handlers.filter(|(module, _)| wants(tenant, module)) {
            let new = delivery::Model {
                tenant_id: event.tenant,
                id: kernel.ids.next(),
                handler: handler.clone(),
                event_id: event.id,
                number: event.number,
                record_id: event.record,
                state: DeliveryState::Pending.code().to_owned(),
                attempts: 0,
                due_at: now,
                error: None,
            };
            table.push::<delivery::Entity>(new, kernel.database.dialect());
        }
    }
    table
}

/// The commits without a number that were written first. Each has an event at least.
fn oldest(dialect: Dialect, columns: &str) -> String {
    let entry = entry(dialect);
    // SQLite would read the table in that order, from its beginning.
    let by_index = match dialect {
        Dialect::Postgres => "",
        Dialect::Sqlite => " INDEXED BY core_commit_unnumbered",
    };
    format!(
        "SELECT {columns} FROM core_commit{by_index} WHERE number IS NULL ORDER BY {entry} LIMIT {NUMBERED_AT_ONCE}"
    )
}

fn entry(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Postgres => "entry",
        Dialect::Sqlite => "rowid",
    }
}

fn numbering(dialect: Dialect) -> String {
    let oldest = oldest(dialect, &format!("tenant_id, id, events, {} AS entered", entry(dialect)));
    format!(
        "WITH oldest AS ({oldest}), last AS (
            SELECT coalesce(max(number + events), 1) AS next FROM ({LAST}) AS last
        ), counted AS (
            SELECT tenant_id, id, sum(events) OVER (ORDER BY entered) - events AS before FROM oldest
        ), numbered AS (
            SELECT tenant_id, id, (SELECT next FROM last) + before AS number FROM counted WHERE before < {NUMBERED_AT_ONCE}
        )
        UPDATE core_commit SET number = numbered.number FROM numbered
        WHERE core_commit.tenant_id = numbered.tenant_id AND core_commit.id = numbered.id
        RETURNING core_commit.tenant_id, core_commit.number"
    )
}

fn handlers(kernel: &Kernel) -> Handlers {
    let mut wanted = Handlers::new();
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

/// Whether events of now are kept for a module: also while it is suspended, to be delivered when it is used again.
fn wants(tenant: &Tenant, module: &str) -> bool {
    module == crate::MODULE || tenant.state(module).is_readable()
}
