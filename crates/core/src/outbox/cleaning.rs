//! Throws away what nobody needs any more.

use chrono::{DateTime, TimeDelta, Utc};
use futures::future::BoxFuture;
use shoal_graphql::database::{Sql, StatementCount};
use shoal_graphql::error::Error;
use shoal_graphql::value::instant_value;
use uuid::Uuid;

use crate::context::RequestContext;
use crate::sign_in::guess;
use crate::unit_of_work::UnitOfWork;

/// Events are kept for so long after they were delivered, for those who resume; sessions and links after their end.
pub(super) const KEPT: TimeDelta = TimeDelta::days(7);

/// Events that are looked at in one transaction.
const AT_ONCE: usize = 1_000;

/// The kernel's own background work: events that everybody has seen go, and sessions and links that are long over.
pub(crate) fn clean_up(context: RequestContext) -> BoxFuture<'static, Result<(), Error>> {
    Box::pin(async move {
        let before = context.now() - KEPT;
        let mut from = Uuid::nil();
        while let Some(to) = oldest(&context, from, before).await? {
            delete_events(&context, (from, to), before).await?;
            from = to;
        }
        delete_access(&context, before).await
    })
}

/// The last of the next events behind `from`, in the order of their ids, which is that of time; `None` if none of them
/// is old.
async fn oldest(context: &RequestContext, from: Uuid, before: DateTime<Utc>) -> Result<Option<Uuid>, Error> {
    let reader = context.database().reader();
    let mut sql = Sql::new(reader.dialect());
    sql.push("SELECT id, at FROM core_event WHERE tenant_id = ").bind(context.tenant.id);
    sql.push(" AND id > ").bind(from).push(&format!(" ORDER BY id LIMIT {AT_ONCE}"));
    let rows = reader.rows(sql, &StatementCount::default()).await?;
    let mut last = None;
    for row in &rows {
        if row.try_get_by_index::<DateTime<Utc>>(1)? < before {
            last = rows.last();
        }
    }
    Ok(last.map(|row| row.try_get_by_index(0)).transpose()?)
}

/// Deletes the old ones of some events. What is not delivered stays, and the last number, as the next is counted from it.
async fn delete_events(
    context: &RequestContext,
    (from, to): (Uuid, Uuid),
    before: DateTime<Utc>,
) -> Result<(), Error> {
    UnitOfWork::run(context, |unit| {
        Box::pin(async move {
            let mut sql = Sql::new(unit.dialect());
            sql.push("DELETE FROM core_event WHERE tenant_id = ").bind(unit.tenant());
            sql.push(" AND id > ").bind(from).push(" AND id <= ").bind(to);
            sql.push(" AND at < ").bind(instant_value(before, unit.dialect()));
            sql.push(" AND number < (SELECT max(number) FROM core_event WHERE number IS NOT NULL)");
            sql.push(
                " AND NOT EXISTS (SELECT 1 FROM core_delivery AS d WHERE d.tenant_id = core_event.tenant_id",
            );
            sql.push(" AND d.event_id = core_event.id)");
            unit.execute(sql).await?;
            Ok(())
        })
    })
    .await
}

async fn delete_access(context: &RequestContext, before: DateTime<Utc>) -> Result<(), Error> {
    UnitOfWork::run(context, |unit| {
        Box::pin(async move {
            for table in ["core_session", "core_link"] {
                let mut sql = Sql::new(unit.dialect());
                sql.push("DELETE FROM ").name(table).push(" WHERE tenant_id = ").bind(unit.tenant());
                sql.push(" AND expires_at < ").bind(instant_value(before, unit.dialect()));
                unit.execute(sql).await?;
            }
            delete_guesses(unit).await
        })
    })
    .await
}

/// Wrong passwords that do not count any more, and the oldest where there are too many.
async fn delete_guesses(unit: &UnitOfWork) -> Result<(), Error> {
    let (now, dialect) = (unit.now(), unit.dialect());
    let mut old = Sql::new(dialect);
    old.push("DELETE FROM core_guess WHERE tenant_id = ").bind(unit.tenant());
    old.push(" AND since <= ").bind(instant_value(now - guess::COUNTED, dialect));
    old.push(" AND (locked_until IS NULL OR locked_until <= ").bind(instant_value(now, dialect)).push(")");
    unit.execute(old).await?;
    let mut many = Sql::new(dialect);
    many.push("DELETE FROM core_guess WHERE tenant_id = ").bind(unit.tenant());
    many.push(" AND since < (SELECT since FROM core_guess WHERE tenant_id = ").bind(unit.tenant());
    many.push(&format!(" ORDER BY since DESC LIMIT 1 OFFSET {})", guess::MOST));
    unit.execute(many).await?;
    Ok(())
}
