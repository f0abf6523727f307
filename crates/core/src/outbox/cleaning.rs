//! Throws away what nobody needs any more.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use shoal_graphql::database::Sql;
use shoal_graphql::error::Error;
use shoal_graphql::value::instant_value;
use uuid::Uuid;

use super::feed::{IS_OF_COMMIT, LAST};
use crate::job::{self, Job, Run, Step};
use crate::sign_in::guess;
use crate::unit_of_work::UnitOfWork;

/// Events are kept for so long after they were delivered, for those who resume; sessions and links after their end.
pub(super) const KEPT: TimeDelta = TimeDelta::days(7);

/// Commits that are looked at in one transaction.
const AT_ONCE: usize = 200;

/// What nobody needs any more goes: events that everybody has seen, jobs, sessions and links that are long over.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CleanUp {}

impl Job for CleanUp {
    const NAME: &'static str = "core.clean_up";
    /// The last commit that was looked at.
    type Cursor = Uuid;
    type Output = ();

    async fn step(&self, run: &mut Run<'_, Uuid>) -> Result<Step<Self>, Error> {
        let (from, done) = (run.cursor.unwrap_or_default(), run.done + 1);
        let unit = run.begin().await?;
        let before = unit.now() - KEPT;
        let next = |cursor| Ok(Step::Next { cursor, done, total: None });
        if let Some(old) = oldest(unit, from, before).await? {
            delete_events(unit, old).await?;
            return next(old.last);
        }
        if job::delete_old(unit).await? {
            return next(from);
        }
        delete_access(unit, before).await?;
        Ok(Step::Done(()))
    }
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
async fn oldest(unit: &UnitOfWork, from: Uuid, before: DateTime<Utc>) -> Result<Option<Old>, Error> {
    let mut sql = Sql::new(unit.dialect());
    sql.push("SELECT id, last_event, at, number FROM core_commit WHERE tenant_id = ").bind(unit.tenant());
    sql.push(" AND id > ").bind(from).push(&format!(" ORDER BY id LIMIT {AT_ONCE}"));
    let mut old: Option<Old> = None;
    for row in unit.rows(sql).await? {
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
async fn delete_events(unit: &UnitOfWork, old: Old) -> Result<(), Error> {
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
    commits.push(" AND NOT EXISTS (SELECT 1 FROM core_event AS e WHERE ").push(IS_OF_COMMIT).push(")");
    unit.execute(commits).await?;
    Ok(())
}

async fn delete_access(unit: &UnitOfWork, before: DateTime<Utc>) -> Result<(), Error> {
    for table in ["core_session", "core_link"] {
        let mut sql = Sql::new(unit.dialect());
        sql.push("DELETE FROM ").name(table).push(" WHERE tenant_id = ").bind(unit.tenant());
        sql.push(" AND expires_at < ").bind(instant_value(before, unit.dialect()));
        unit.execute(sql).await?;
    }
    delete_guesses(unit).await
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
