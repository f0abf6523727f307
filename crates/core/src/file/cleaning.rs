//! Takes away files that nobody needs any more, and bytes that nobody knows.

use std::collections::HashSet;
use std::path::Path;
use std::time::SystemTime;

use chrono::{DateTime, TimeDelta, Utc};
use futures::TryStreamExt as _;
use object_store::ObjectMeta;
use sea_orm::sea_query::{ExprTrait as _, LockType};
use sea_orm::{ColumnTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _};
use serde::{Deserialize, Serialize};
use shoal_graphql::database::{Sql, StatementCount};
use shoal_graphql::error::Error;
use shoal_graphql::value::instant_value;
use uuid::Uuid;

use super::store::prefix;
use super::{Column, Entity};
use crate::context::RequestContext;
use crate::job::{Job, Run, Step};

/// Files that expire in one transaction, and objects that are looked for in one statement.
const AT_ONCE: usize = 500;

/// Bytes that no row tells of may still be on their way for so long.
const UNDER_WAY: TimeDelta = TimeDelta::days(1);

/// Files that have expired go, and so do bytes that no file tells of any more, or ever did: what became of it was refused, or
/// the process was killed.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CleanUpFiles {}

impl Job for CleanUpFiles {
    const NAME: &'static str = "core.clean_up_files";
    /// Whether all files that have expired are gone, so that the bytes of nobody are what is left to do.
    type Cursor = bool;
    type Output = ();

    async fn step(&self, run: &mut Run<'_, bool>) -> Result<Step<Self>, Error> {
        if run.cursor == Some(true) {
            // Without a transaction, as it may take its time.
            sweep(run.context()).await?;
            return Ok(Step::Done(()));
        }
        let unit = run.begin().await?;
        let now = instant_value(unit.now(), unit.dialect());
        let expired = unit.find::<Entity>().filter(Column::ExpiresAt.into_expr().lte(now));
        let expired = expired.order_by_asc(Column::ExpiresAt).limit(AT_ONCE as u64).lock(LockType::Update);
        let expired = expired.all(unit.transaction()).await?;
        for file in &expired {
            unit.remove::<Entity>(file);
        }
        let gone = i64::try_from(expired.len()).unwrap_or_default();
        Ok(Step::Next { cursor: expired.len() < AT_ONCE, done: run.done + gone, total: None })
    }
}

/// Deletes the objects of the company that are older than a day and that no row tells of.
async fn sweep(context: &RequestContext) -> Result<(), Error> {
    let (files, tenant) = (&context.kernel.files, context.tenant.id);
    let before = context.now() - UNDER_WAY;
    let mut objects = files.objects.list(Some(&prefix(tenant)));
    let mut some = Vec::with_capacity(AT_ONCE);
    while let Some(object) = objects.try_next().await.map_err(Error::fault)? {
        some.extend(id_of(&object).filter(|_| object.last_modified < before));
        if some.len() == AT_ONCE {
            sweep_some(context, &mut some).await?;
        }
    }
    sweep_some(context, &mut some).await?;
    if let Some(folder) = &files.folder {
        sweep_parts(&folder.join(tenant.to_string()), before).await.map_err(Error::fault)?;
    }
    Ok(())
}

fn id_of(object: &ObjectMeta) -> Option<Uuid> {
    object.location.filename()?.parse().ok()
}

async fn sweep_some(context: &RequestContext, ids: &mut Vec<Uuid>) -> Result<(), Error> {
    let Some((last, others)) = ids.split_last() else { return Ok(()) };
    let reader = context.database().reader();
    let mut sql = Sql::new(reader.dialect());
    sql.push("SELECT id FROM core_file WHERE tenant_id = ").bind(context.tenant.id).push(" AND id IN (");
    for id in others {
        sql.bind(*id).push(", ");
    }
    sql.bind(*last).push(")");
    let rows = reader.rows(sql, &StatementCount::default()).await?;
    let known: Result<HashSet<Uuid>, _> = rows.iter().map(|row| row.try_get_by_index(0)).collect();
    let known = known?;
    for id in ids.drain(..).filter(|id| !known.contains(id)) {
        context.kernel.files.delete(context.tenant.id, id).await?;
    }
    Ok(())
}

/// Removes what a killed process had begun to write into a folder: `<id>#<number>`, which the store does not list.
async fn sweep_parts(folder: &Path, before: DateTime<Utc>) -> std::io::Result<()> {
    let Ok(mut entries) = tokio::fs::read_dir(folder).await else { return Ok(()) };
    while let Some(entry) = entries.next_entry().await? {
        let is_part = entry.file_name().to_string_lossy().contains('#');
        if is_part && entry.metadata().await?.modified()? < SystemTime::from(before) {
            tokio::fs::remove_file(entry.path()).await?;
        }
    }
    Ok(())
}
