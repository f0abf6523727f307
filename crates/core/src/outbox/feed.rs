//! Numbered events in their order, for those who tell clients.

use chrono::{DateTime, TimeDelta, Utc};
use shoal_graphql::database::{Dialect, Sql, StatementCount};
use shoal_graphql::error::Error;
use uuid::Uuid;

use super::cleaning::KEPT;
use crate::kernel::Kernel;

/// Whoever was away for longer cannot resume. A day less than events are kept: an event may say that it happened earlier
/// than one of a lower number, but not by so much.
const RESUMABLE: TimeDelta = match KEPT.checked_sub(&TimeDelta::days(1)) {
    Some(time) => time,
    None => KEPT,
};

/// Holds for an event `e` of a commit `c`.
pub(super) const IS_OF_COMMIT: &str = "e.tenant_id = c.tenant_id AND e.id >= c.id AND e.id <= c.last_event";

/// Writes commits `c` with their events `e`: commit by commit, in the order of their numbers. Left to themselves the
/// databases would rather compare every event of a company with every commit: PostgreSQL from some fifty commits on, SQLite
/// where it has statistics.
pub(super) fn push_commits_with_events(sql: &mut Sql) {
    let joined = match sql.dialect() {
        Dialect::Postgres => {
            format!("CROSS JOIN LATERAL (SELECT * FROM core_event AS e WHERE {IS_OF_COMMIT} OFFSET 0) AS e")
        }
        Dialect::Sqlite => format!(
            "INDEXED BY core_commit_number
             CROSS JOIN core_event AS e INDEXED BY sqlite_autoindex_core_event_1 ON {IS_OF_COMMIT}"
        ),
    };
    sql.push(" FROM core_commit AS c ").push(&joined);
}

/// The commit with the last number.
pub(super) const LAST: &str =
    "SELECT number, events FROM core_commit WHERE number IS NOT NULL ORDER BY number DESC LIMIT 1";

/// An event as far as those need it who tell that a record has changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// Its place in the order of all events of all companies.
    pub number: i64,
    /// The company.
    pub tenant: Uuid,
    /// `<module>.<what_happened>`
    pub name: String,
    /// The record it is about.
    pub record: Uuid,
    /// For events of records: the fields that are different.
    pub changed: Vec<String>,
}

/// The last number that was given; 0 if there is none.
///
/// # Errors
/// Faults of the database.
pub async fn last(kernel: &Kernel) -> Result<i64, Error> {
    let reader = kernel.database.reader();
    let mut sql = Sql::new(reader.dialect());
    sql.push(&format!("SELECT coalesce(max(number + events), 1) - 1 FROM ({LAST}) AS last"));
    let rows = reader.rows(sql, &StatementCount::default()).await?;
    Ok(rows.first().map_or(Ok(0), |row| row.try_get_by_index(0))?)
}

/// Whether all events behind a number are still there. Of old ones some may be gone and others not, company by company, so
/// that this goes by the age of the event itself. Not of a number that was never given.
///
/// # Errors
/// Faults of the database.
pub async fn is_resumable(kernel: &Kernel, number: i64) -> Result<bool, Error> {
    if number == last(kernel).await? {
        return Ok(true);
    }
    let reader = kernel.database.reader();
    let mut sql = Sql::new(reader.dialect());
    // Behind 0 comes the first event of all.
    let number = number.max(1);
    sql.push("SELECT number + events, at FROM core_commit WHERE number <= ").bind(number);
    sql.push(" ORDER BY number DESC LIMIT 1");
    let rows = reader.rows(sql, &StatementCount::default()).await?;
    let Some(row) = rows.first() else { return Ok(false) };
    let (end, at): (i64, DateTime<Utc>) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    Ok(number < end && kernel.clock.now() - at < RESUMABLE)
}

/// The events behind a number, of one company or of all, at most so many. Whoever has seen a number has seen all before
/// it: numbers become visible in their order.
///
/// # Errors
/// Faults of the database.
pub async fn after(
    kernel: &Kernel,
    number: i64,
    tenant: Option<Uuid>,
    most: usize,
) -> Result<Vec<Told>, Error> {
    let reader = kernel.database.reader();
    let mut sql = Sql::new(reader.dialect());
    sql.push("SELECT c.number + e.position, c.tenant_id, e.name, e.record_id, e.payload");
    push_commits_with_events(&mut sql);
    // The first commit may have begun before.
    sql.push(" WHERE c.number >= coalesce((SELECT max(number) FROM core_commit WHERE number <= ")
        .bind(number);
    sql.push("), 1) AND c.number + e.position > ").bind(number);
    if let Some(tenant) = tenant {
        sql.push(" AND c.tenant_id = ").bind(tenant);
    }
    sql.push(&format!(" ORDER BY c.number, e.id LIMIT {most}"));
    let rows = reader.rows(sql, &StatementCount::default()).await?;
    let told = rows.iter().map(|row| {
        let payload: serde_json::Value = row.try_get_by_index(4)?;
        let changed = payload["changed"].as_array().into_iter().flatten();
        Ok(Told {
            number: row.try_get_by_index(0)?,
            tenant: row.try_get_by_index(1)?,
            name: row.try_get_by_index(2)?,
            record: row.try_get_by_index(3)?,
            changed: changed.filter_map(|name| Some(name.as_str()?.to_owned())).collect(),
        })
    });
    told.collect()
}
