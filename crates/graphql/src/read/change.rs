//! Records that were changed: which of them there are for the caller.

use sea_orm::Value;
use uuid::Uuid;

use super::Scope;
use super::condition::Deleted;
use super::list::select_columns;
use crate::catalog::Entity;
use crate::database::Sql;
use crate::error::Refusal;
use crate::value::InputMap;

impl Scope<'_> {
    /// Records by their ids for which the filter holds, deleted ones as they are: `columns`, then the id, then 1 for a
    /// deleted one, else 0.
    pub(crate) fn changed(
        &self,
        entity: &Entity,
        columns: &[String],
        filter: Option<&InputMap>,
        ids: &[Uuid],
    ) -> Result<Sql, Refusal> {
        let mut sql = Sql::new(self.dialect());
        sql.push("SELECT ");
        select_columns(&mut sql, "t", columns);
        sql.push(", ").column("t", "id").push(", CAST(");
        match &entity.declaration.deleted {
            Some(deleted) => sql.push("CASE WHEN ").column("t", deleted).push(" IS NULL THEN 0 ELSE 1 END"),
            None => sql.push("0"),
        };
        sql.push(" AS bigint) FROM ").name(entity.table()).push(" AS t WHERE ");
        self.visible(&mut sql, entity, "t", Deleted::Include);
        sql.push(" AND ").column("t", "id").is_any_of(ids.iter().map(|id| Value::from(*id)).collect());
        self.filtered(&mut sql, entity, "t", filter)?;
        Ok(sql)
    }
}
