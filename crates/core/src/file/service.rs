//! Use cases of files.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait as _, QueryFilter as _, QuerySelect as _};
use serde_json::json;
use shoal_graphql::context::Context;
use shoal_graphql::database::{Sql, StatementCount};
use shoal_graphql::declare::{Done, Handled};
use shoal_graphql::error::{Error, Refusal, code};
use shoal_graphql::message;
use uuid::Uuid;

use super::graphql::{FileAttach, FileDetach};
use super::record::{self, Found};
use super::{Column, Entity, Files, Model, STORAGE_FULL};
use crate::batch::{Tracked as _, load, one_by_one};
use crate::context::RequestContext;
use crate::record::TenantEntity;
use crate::unit_of_work::UnitOfWork;

/// Files that were uploaded, or detached, are kept for so long until somebody attaches or uses them.
pub const UNUSED: TimeDelta = TimeDelta::hours(24);

/// Rows that are deleted in one transaction.
const DELETED_AT_ONCE: usize = 1_000;

/// Attaches files to records.
///
/// # Errors
/// Faults of the database; refusals are per input: `NOT_FOUND`, `FORBIDDEN`, `CONFLICT` if it is another record's.
pub async fn attach(context: Arc<dyn Context>, inputs: Vec<FileAttach>) -> Result<Handled, Error> {
    one_by_one(&context, inputs, |unit, input| Box::pin(attach_one(unit, input))).await
}

/// Takes files off their records.
///
/// # Errors
/// Faults of the database; refusals are per input: `NOT_FOUND`, `FORBIDDEN`.
pub async fn detach(context: Arc<dyn Context>, inputs: Vec<FileDetach>) -> Result<Handled, Error> {
    one_by_one(&context, inputs, |unit, input| Box::pin(detach_one(unit, input))).await
}

async fn attach_one(unit: &mut UnitOfWork, input: &FileAttach) -> Result<Done, Error> {
    let before = load::<Entity>(unit, [input.file_id]).await?.remove(&input.file_id);
    let before = before.ok_or_else(not_found)?;
    let record = record::by_id(unit, input.record_id).await?;
    let record = record.filter(|record| record.is_seen(&unit.context().caller)).ok_or_else(|| {
        let message = message!("attachable-not-found", "there is no such record that can have files");
        Refusal::not_found(message, ["recordId"])
    })?;
    expect_change(unit, &record)?;
    attach_file(unit, &before, (record.kind.name, input.record_id))?;
    Ok(input.file_id.into())
}

/// Stages that a file which the caller has made is attached to a record of the module's own. Whoever calls it has looked
/// whether the caller may change the record.
///
/// # Errors
/// `CONFLICT` if it is attached to another record; faults of the database.
pub async fn attach_to<E: TenantEntity>(unit: &mut UnitOfWork, id: Uuid, record: Uuid) -> Result<(), Error> {
    let record = attached_to::<E>(unit, record)?;
    if let Some(before) = load::<Entity>(unit, [id]).await?.remove(&id) {
        attach_file(unit, &before, record)?;
    }
    Ok(())
}

/// Stages that a file is attached to a record, unless it is so already.
fn attach_file(
    unit: &mut UnitOfWork,
    before: &Model,
    (name, record): (&'static str, Uuid),
) -> Result<(), Refusal> {
    if before.record_id.is_some_and(|other| other != record) {
        let message = message!("file-attached", "the file is attached to another record");
        return Err(Refusal::new(code::CONFLICT, message));
    }
    if before.record_id.is_none() {
        let mut after = Model { expires_at: None, ..before.clone() };
        (after.record_type, after.record_id) = (Some(name.to_owned()), Some(record));
        move_to(unit, before, after);
    }
    Ok(())
}

/// How a file says that it is attached to a record.
pub(super) fn attached_to<E: TenantEntity>(
    unit: &UnitOfWork,
    record: Uuid,
) -> Result<(&'static str, Uuid), Error> {
    let table = E::default().table_name().to_owned();
    let kind = unit.context().kernel.modules.record(&table).filter(|kind| kind.attachable);
    let kind = kind.ok_or_else(|| Error::fault(format!("files cannot be attached to records of {table}")))?;
    Ok((kind.name, record))
}

/// Stages that a file is attached otherwise.
fn move_to(unit: &mut UnitOfWork, before: &Model, mut after: Model) {
    after.touch(unit.now(), unit.actor());
    unit.note::<Entity>(before.id, "record", json!(before.record_id), json!(after.record_id));
    unit.update::<Entity>(before, after);
}

async fn detach_one(unit: &mut UnitOfWork, input: &FileDetach) -> Result<Done, Error> {
    // Whoever sees the record sees its files, which load() does not know.
    let found = unit.find::<Entity>().filter(Column::Id.eq(input.file_id)).lock(LockType::NoKeyUpdate);
    let before = found.one(unit.transaction()).await?.ok_or_else(not_found)?;
    let record = record::of(unit, &before).await?;
    let seen = record.as_ref().is_some_and(|record| record.is_seen(&unit.context().caller));
    if !seen && !unit.sees::<Entity>(&before) {
        return Err(not_found().into());
    }
    if let Some(record) = &record {
        expect_change(unit, record)?;
    }
    if before.record_id.is_some() {
        let mut after = Model { record_type: None, record_id: None, ..before.clone() };
        after.expires_at = Some(unit.now() + UNUSED);
        move_to(unit, &before, after);
    }
    Ok(input.file_id.into())
}

/// What is said of a file that is not there.
pub fn not_found() -> Refusal {
    Refusal::not_found(message!("file-not-found", "file not found"), ["fileId"])
}

/// Refuses what the caller may not change.
fn expect_change(unit: &UnitOfWork, record: &Found<'_>) -> Result<(), Refusal> {
    let context = unit.context();
    context.may_change(record.kind.module)?;
    let Some(right) = record.unreached(&context.caller) else { return Ok(()) };
    let message = message!(
        "record-out-of-reach",
        "your right {right} does not reach this record; its owner, or who leads their team, can help",
        right,
    );
    Err(Refusal::new(code::FORBIDDEN, message))
}

/// Stages that a file which the caller has made is kept until then, or until somebody ends it if `None`: what a job is to
/// read must not go before. `None` if there is no such file.
///
/// # Errors
/// Faults of the database.
pub async fn keep_until(
    unit: &mut UnitOfWork,
    id: Uuid,
    expires_at: Option<DateTime<Utc>>,
) -> Result<Option<Model>, Error> {
    let Some(before) = load::<Entity>(unit, [id]).await?.remove(&id) else { return Ok(None) };
    let mut after = Model { expires_at, ..before.clone() };
    // What is attached stays as long as its record.
    if before.record_id.is_none() && before.expires_at != after.expires_at {
        after.touch(unit.now(), unit.actor());
        unit.update::<Entity>(&before, after.clone());
        return Ok(Some(after));
    }
    Ok(Some(before))
}

/// Stages the end of all files of records that are erased or purged. Nobody sees them any more; their bytes go with the next
/// clean-up.
///
/// # Errors
/// Faults of the database.
pub async fn release<E: TenantEntity>(
    unit: &mut UnitOfWork,
    records: impl IntoIterator<Item = Uuid>,
) -> Result<(), Error> {
    let Some(name) = unit.context().kernel.modules.record(E::default().table_name()).map(|kind| kind.name)
    else {
        return Ok(());
    };
    let files = unit.find::<Entity>().filter(Column::RecordType.eq(name));
    let files = files.filter(unit.any_of(Column::RecordId, records)).lock(LockType::Update);
    for file in files.all(unit.transaction()).await? {
        unit.remove::<Entity>(&file);
    }
    Ok(())
}

/// Deletes some files of the records of a module that is being purged; how many.
///
/// # Errors
/// Faults of the database.
pub(crate) async fn forget(unit: &UnitOfWork, module: &str) -> Result<u64, Error> {
    let kinds = unit.context().kernel.modules.records().filter(|kind| kind.attachable);
    let names: Vec<&str> = kinds.filter(|kind| kind.module == module).map(|kind| kind.name).collect();
    let Some((last, others)) = names.split_last() else { return Ok(0) };
    let mut sql = Sql::new(unit.dialect());
    sql.push("DELETE FROM core_file WHERE tenant_id = ").bind(unit.tenant());
    sql.push(" AND id IN (SELECT id FROM core_file WHERE tenant_id = ").bind(unit.tenant());
    sql.push(" AND record_type IN (");
    for name in others {
        sql.bind(*name).push(", ");
    }
    sql.bind(*last).push(&format!(") LIMIT {DELETED_AT_ONCE})"));
    Ok(unit.execute(sql).await?)
}

/// Refuses a file of so many bytes that the company has no room for. To the end of the transaction nobody else adds one.
///
/// # Errors
/// `FILE_STORAGE_FULL`; faults of the database.
pub async fn expect_room(unit: &mut UnitOfWork, size: i64) -> Result<(), Error> {
    unit.lock("core.files").await?;
    unit.flush().await?;
    let rows = unit.rows(used(unit.context())).await?;
    let files = &unit.context().kernel.files;
    let used: i64 = rows.first().map_or(Ok(0), |row| row.try_get_by_index(0))?;
    if (used + size).unsigned_abs() > files.limits.company { Err(full(files).into()) } else { Ok(()) }
}

/// How many more bytes of files the company may have.
pub(super) async fn left(context: &RequestContext) -> Result<u64, Error> {
    let rows = context.database().reader().rows(used(context), &StatementCount::default()).await?;
    let used: i64 = rows.first().map_or(Ok(0), |row| row.try_get_by_index(0))?;
    Ok(context.kernel.files.limits.company.saturating_sub(used.unsigned_abs()))
}

fn used(context: &RequestContext) -> Sql {
    let mut sql = Sql::new(context.database().dialect());
    sql.push("SELECT CAST(COALESCE(SUM(size), 0) AS bigint) FROM core_file WHERE tenant_id = ");
    sql.bind(context.tenant.id);
    sql
}

/// There is no room for a file.
pub(super) fn full(files: &Files) -> Refusal {
    let limit = files.limits.company;
    let message =
        message!("file-storage-full", "All files of the company may have {limit} bytes at the most.", limit);
    Refusal::new(STORAGE_FULL, message)
}
