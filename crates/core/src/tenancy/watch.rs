//! Looks at many callers at once.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, Utc};
use sea_orm::QueryResult;
use serde_json::json;
use shoal_graphql::database::{Dialect, Sql, StatementCount};
use shoal_graphql::error::Error;
use uuid::Uuid;

use super::cache::Known;
use crate::caller::Actor;
use crate::kernel::Kernel;

/// The row of a session or key that can still be used: all by which a change of it can be seen.
#[derive(Debug, PartialEq)]
struct Row {
    revision: i64,
    expires_at: Option<DateTime<Utc>>,
    /// The version of the session's user.
    user: Option<i32>,
}

const SESSIONS: &str = "SELECT s.tenant_id, s.id, t.access_revision, s.expires_at, u.version
    FROM ASKED JOIN core_session AS s ON s.tenant_id = asked.tenant_id AND s.id = asked.id
    JOIN core_user AS u ON u.tenant_id = s.tenant_id AND u.id = s.user_id
    JOIN core_tenant AS t ON t.tenant_id = s.tenant_id AND t.id = s.tenant_id
    WHERE s.revoked_at IS NULL AND u.active";

const KEYS: &str = "SELECT k.tenant_id, k.id, t.access_revision, k.expires_at, CAST(NULL AS int)
    FROM ASKED JOIN core_api_key AS k ON k.tenant_id = asked.tenant_id AND k.id = asked.id
    JOIN core_tenant AS t ON t.tenant_id = k.tenant_id AND t.id = k.tenant_id
    WHERE k.revoked_at IS NULL";

impl Known {
    /// The company and the session or key.
    fn key(&self) -> Option<(Uuid, Uuid)> {
        let id = match self.caller.actor {
            Actor::ApiKey(id) => Some(id),
            _ => self.caller.session,
        };
        id.map(|id| (self.tenant.id, id))
    }

    fn row(&self) -> Row {
        let Self { stored, .. } = self;
        Row {
            revision: stored.revision,
            expires_at: stored.expires_at,
            user: stored.user.as_ref().map(|user| user.version),
        }
    }
}

impl Kernel {
    /// Looks whether callers are still the same, with one statement for all sessions and one for all keys: `true` for those
    /// of `known` who are not, whom [`caller`](Self::caller) then looks up anew. For the others it need not look for a while.
    ///
    /// # Errors
    /// Faults of the database.
    pub async fn changed(&self, known: &[Arc<Known>]) -> Result<Vec<bool>, Error> {
        let began = Instant::now();
        let is_key = |known: &&Arc<Known>| matches!(known.caller.actor, Actor::ApiKey(_));
        let (keys, sessions): (Vec<_>, Vec<_>) = known.iter().partition(is_key);
        let mut rows = self.usable(SESSIONS, &sessions).await?;
        rows.extend(self.usable(KEYS, &keys).await?);
        let now = self.clock.now();
        let changed = known.iter().map(|known| {
            let row = known.key().and_then(|key| rows.get(&key));
            let same = row.is_some_and(|row| *row == known.row()) && !known.stored.is_over(now);
            if same {
                known.looked_before(began.elapsed());
            } else {
                known.outdated();
            }
            !same
        });
        Ok(changed.collect())
    }

    /// Those that can still be used.
    async fn usable(&self, text: &str, known: &[&Arc<Known>]) -> Result<HashMap<(Uuid, Uuid), Row>, Error> {
        let reader = self.database.reader();
        let keys: Vec<(Uuid, Uuid)> = known.iter().filter_map(|known| known.key()).collect();
        let (Some((before, after)), false) = (text.split_once("ASKED"), keys.is_empty()) else {
            return Ok(HashMap::new());
        };
        let mut sql = Sql::new(reader.dialect());
        sql.push(before);
        // One text, whatever the number.
        let hex = |id: &Uuid| id.simple().to_string();
        let list = keys.iter().map(|(tenant, id)| json!({"tenant_id": hex(tenant), "id": hex(id)}));
        let list = list.collect::<serde_json::Value>().to_string();
        match reader.dialect() {
            Dialect::Postgres => {
                sql.push("json_to_recordset(CAST(").bind(list);
                sql.push(" AS json)) AS asked(tenant_id uuid, id uuid)")
            }
            Dialect::Sqlite => {
                sql.push("(SELECT unhex(value ->> 'tenant_id') AS tenant_id, unhex(value ->> 'id') AS id FROM json_each(");
                sql.bind(list).push(")) AS asked")
            }
        };
        sql.push(after);
        let rows = reader.rows(sql, &StatementCount::default()).await?;
        rows.iter().map(|row| Ok(read(row)?)).collect()
    }
}

fn read(row: &QueryResult) -> Result<((Uuid, Uuid), Row), sea_orm::DbErr> {
    let key = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    let read = Row {
        revision: row.try_get_by_index(2)?,
        expires_at: row.try_get_by_index(3)?,
        user: row.try_get_by_index(4)?,
    };
    Ok((key, read))
}
