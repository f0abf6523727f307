//! Throws away what nobody needs any more.

use chrono::{DateTime, TimeDelta, Utc};
use futures::future::BoxFuture;
use shoal_graphql::database::{Sql, StatementCount};
use shoal_graphql::error::Error;
use shoal_graphql::value::instant_value;
use uuid::Uuid;

use super::feed::{IS_OF_COMMIT, LAST};
use crate::context::RequestContext;
use crate::sign_in::guess;
use crate::unit_of_work::UnitOfWork;

/// Events are kept for so long after they were delivered, for those who resume; sessions and links after their end.
pub(super) const KEPT: TimeDelta = TimeDelta::days(7);

/// Commits that are looked at in one transaction.
const AT_ONCE: usize = 200;

/// The kernel's own background work: events that everybody has seen go, and sessions and links that are long over.
pub(crate) fn clean_up(context: RequestContext) -> BoxFuture<'static, Result<(), Error>> {
    Box::pin(async move {
        let before = context.now() - KEPT;
        let mut from = Uuid::nil();
        while let Some(old) = oldest(&context, from, before).await? {
            from = old.last;
            delete_events(&context, old).await?;
        }
        delete_access(&context, before).await
    })
}

/// Some commits that follow each other.
#[derive(Clone, Copy)]
struct Old {
    first: Uuid,
    last: Uuid,
    /// Of the last one.
    last_event: Uuid,
}

/// The next commits behind `from` that are numbered and old, in the order of their ids, which is that of time.
async fn oldest(context: &RequestContext, from: Uuid, before: DateTime<Utc>) -> Result<Option<Old>, Error> {
    let reader = context.database().reader();
    let mut sql = Sql::new(reader.dialect());
    sql.push("SELECT id, last_event, at, number FROM core_commit WHERE tenant_id = ").bind(context.tenant.id);
    sql.push(" AND id > ").bind(from).push(&format!(" ORDER BY id LIMIT {AT_ONCE}"));
    let mut old: Option<Old> = None;
    for row in reader.rows(sql, &StatementCount::default()).await? {
        let (id, number): (Uuid, Option<i64>) = (row.try_get_by_index(0)?, row.try_get_by_index(3)?);
        if number.is_none() || row.try_get_by_index::<DateTime<Utc>>(2)? >= before {
            break;
        }
        let first = old.map_or(id, |old| old.first);
        old = Some(Old { first, last: id, last_event: row.try_get_by_index(1)? });
    }
    Ok(old)
}

/// Deletes the events of some commits, and the commits. What is not delivered stays, and the last number, as the next is
/// counted from it.
async fn delete_events(context: &RequestContext, old: Old) -> Result<(), Error> {
    UnitOfWork::run(context, |unit| {
        Box::pin(async move {
            let mut events = Sql::new(unit.dialect());
            events.push("DELETE FROM core_event AS e WHERE e.tenant_id = ").bind(unit.tenant());
            events.push(" AND e.id >= ").bind(old.first).push(" AND e.id <= ").bind(old.last_event);
            events.push(" AND NOT EXISTS (SELECT 1 FROM core_delivery AS d WHERE d.tenant_id = e.tenant_id");
            events.push(" AND d.event_id = e.id)");
            unit.execute(events).await?;
            let mut commits = Sql::new(unit.dialect());
            commits.push("DELETE FROM core_commit AS c WHERE c.tenant_id = ").bind(unit.tenant());
            commits.push(" AND c.id >= ").bind(old.first).push(" AND c.id <= ").bind(old.last);
            commits.push(&format!(" AND c.number < (SELECT number FROM ({LAST}) AS last)"));
            commits
                .push(" AND NOT EXISTS (SELECT 1 FROM core_event AS e WHERE ")
                .push(IS_OF_COMMIT)
                .push(")");
            unit.execute(commits).await?;
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
    many.push(" AND (locked_until IS NULL OR locked_until <= ").bind(instant_value(now, dialect)).push(")");
    unit.execute(many).await?;
    Ok(())
}
