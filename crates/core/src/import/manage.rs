//! What people do with imports.

use std::sync::Arc;

use sea_orm::{ColumnTrait as _, QueryFilter as _};
use serde_json::{Value as Json, json};
use shoal_graphql::context::Context;
use shoal_graphql::database::Sql;
use shoal_graphql::declare::{Done, Handled, Patch};
use shoal_graphql::error::{Error, Refusal, code};
use shoal_graphql::message;
use shoal_graphql::value::Choice as _;
use uuid::Uuid;

use super::checks::{expect_rights, expect_startable, expect_state, identity, import, kind_of, plan_of};
use super::convert::ImportDateOrder;
use super::entity::{Column, Entity, ImportMode, ImportState, Model};
use super::job::{Check, Read, Revert, Run};
use super::mapping::{ImportMissing, Mapped};
use super::spool;
use crate::batch::{Tracked as _, expect_version, one_by_one};
use crate::file;
use crate::job::{self, Job};
use crate::unit_of_work::UnitOfWork;

/// What is locked while imports that may be the same begin.
const IMPORTS: &str = "core.imports";

shoal_graphql::input! {
    /// A file to import. It is read in a job; then the import is READY.
    pub struct ImportCreate {
        /// A file that was uploaded to `/files`.
        pub file_id: Uuid,
        /// What its rows are, such as Contact; see `importTargets`.
        pub record_type: String,
        /// How it is to be read, if not as it was found: the `format` of another import of the file, changed.
        pub format: Option<Json>,
    }

    /// A field, and the column that it is.
    pub struct ImportColumnInput {
        /// The field, with positions in lists, such as `givenName` or `emails.0.address`; see `importTargets`.
        pub field: String,
        /// The column's name.
        pub column: Option<String>,
        /// The text of all rows, or of those in which the column is blank.
        pub value: Option<String>,
        /// By which key the cells name another record, such as `name`; by its id if absent.
        pub by: Option<String>,
        /// What is done where there is no such record; REFUSE if absent.
        pub missing: Option<ImportMissing>,
    }

    /// How a file is imported. What is absent stays as it is.
    pub struct ImportUpdate {
        /// The import. It must be READY or CHECKED, and is READY then.
        pub id: Uuid,
        /// The version that was read; if the import has changed since, the answer is CONFLICT.
        pub expected_version: i32,
        /// What rows do; CREATE at first.
        pub mode: Patch<ImportMode>,
        /// The key by which rows name records, for UPSERT and UPDATE: `id`, or one of the record type's, such as `email` or
        /// `externalId:northwind`.
        pub match_by: Patch<Option<String>>,
        /// All columns that count.
        pub columns: Patch<Vec<ImportColumnInput>>,
        /// How dates such as 03/04/2026 are read; those are refused if null.
        pub date_order: Patch<Option<ImportDateOrder>>,
        /// Whether numbers are written 1.234,5 and not 1,234.5.
        pub decimal_comma: Patch<bool>,
    }

    /// An import.
    pub struct ImportChoice {
        /// The import.
        pub id: Uuid,
    }
}

/// Begins imports: their files are read in jobs.
///
/// # Errors
/// Faults of the database; refusals are per row.
pub async fn create(context: Arc<dyn Context>, inputs: Vec<ImportCreate>) -> Result<Handled, Error> {
    one_by_one(&context, inputs, |unit, input| Box::pin(create_one(unit, input))).await
}

async fn create_one(unit: &mut UnitOfWork, input: &ImportCreate) -> Result<Done, Error> {
    let kind = kind_of(unit, &input.record_type)?;
    expect_rights(unit.context(), kind, ImportMode::Create).or_else(|refusal| {
        // Whoever may only change records may go on with UPDATE.
        expect_rights(unit.context(), kind, ImportMode::Update).map_err(|_| refusal)
    })?;
    let record_type = kind.record_type.to_owned();
    let file = file::find(unit.context(), input.file_id).await?.ok_or_else(file::not_found)?;
    let (now, actor, id) = (unit.now(), unit.actor(), unit.new_id());
    let job_id = unit.enqueue(&Read { import: id, format: input.format.clone() }, first()).await?;
    file::keep_until(unit, file.id, Some(now + spool::KEPT)).await?;
    unit.insert::<Entity>(Model {
        tenant_id: unit.tenant(),
        id,
        record_type,
        file_id: Some(file.id),
        file_name: file.name.clone(),
        state: ImportState::Reading.code().to_owned(),
        preset: None,
        format: None,
        columns: None,
        samples: None,
        sha256: None,
        spool_id: None,
        total_rows: None,
        mode: ImportMode::Create.code().to_owned(),
        match_by: None,
        date_order: None,
        decimal_comma: false,
        mapping: json!([]),
        identity: None,
        rows_of: id,
        job_id: Some(job_id),
        created_rows: 0,
        updated_rows: 0,
        unchanged_rows: 0,
        refused_rows: 0,
        kept_rows: 0,
        error: None,
        error_file_id: None,
        created_at: now,
        created_by: actor,
        updated_at: now,
        updated_by: actor,
        version: 1,
    });
    Ok(id.into())
}

/// Says how files are imported.
///
/// # Errors
/// Faults of the database; refusals are per row.
pub async fn update(context: Arc<dyn Context>, inputs: Vec<ImportUpdate>) -> Result<Handled, Error> {
    one_by_one(&context, inputs, |unit, input| Box::pin(update_one(unit, input))).await
}

async fn update_one(unit: &mut UnitOfWork, input: &ImportUpdate) -> Result<Done, Error> {
    let before = import(unit, input.id).await?;
    let mut after = before.clone();
    let text = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    if let Some(mode) = input.mode.given() {
        mode.code().clone_into(&mut after.mode);
    }
    if let Some(by) = input.match_by.given() {
        after.match_by = text(by);
    }
    if let Some(order) = input.date_order.given() {
        after.date_order = order.map(|order| order.code().to_owned());
    }
    input.decimal_comma.clone().apply(&mut after.decimal_comma);
    if let Some(columns) = input.columns.given() {
        let mapped = columns.iter().map(|ImportColumnInput { field, column, value, by, missing }| Mapped {
            field: field.clone(),
            column: column.clone(),
            value: text(value),
            by: text(by),
            missing: *missing,
        });
        after.mapping = serde_json::to_value(mapped.collect::<Vec<_>>()).map_err(Error::fault)?;
    }
    expect_version(&before, &after, input.expected_version)?;
    expect_state(&before, &[ImportState::Ready, ImportState::Checked])?;
    let kind = kind_of(unit, &before.record_type)?;
    plan_of(unit.context(), kind, &after)?;
    if after != before {
        forget_rows(unit, &before).await?;
        ImportState::Ready.code().clone_into(&mut after.state);
        after.refused_rows = 0;
        after.touch(unit.now(), unit.actor());
        unit.update::<Entity>(&before, after);
    }
    Ok(input.id.into())
}

/// Checks all rows of imports in jobs, and changes nothing.
///
/// # Errors
/// Faults of the database; refusals are per row.
pub async fn check(context: Arc<dyn Context>, inputs: Vec<ImportChoice>) -> Result<Handled, Error> {
    one_by_one(&context, inputs, |unit, input| {
        Box::pin(async move {
            let before = import(unit, input.id).await?;
            let states = [ImportState::Ready, ImportState::Checked, ImportState::Checking];
            expect_startable(unit, &before, &states).await?;
            forget_rows(unit, &before).await?;
            begin(unit, &before, ImportState::Checking, &Check { import: before.id }).await
        })
    })
    .await
}

/// Brings the rows of imports in, in jobs. Those that an earlier import has brought in by the same columns of the same file
/// are left out.
///
/// # Errors
/// Faults of the database; refusals are per row.
pub async fn start(context: Arc<dyn Context>, inputs: Vec<ImportChoice>) -> Result<Handled, Error> {
    one_by_one(&context, inputs, |unit, input| Box::pin(start_one(unit, input))).await
}

async fn start_one(unit: &mut UnitOfWork, input: &ImportChoice) -> Result<Done, Error> {
    let mut before = import(unit, input.id).await?;
    let states = [
        ImportState::Ready,
        ImportState::Checked,
        ImportState::Running,
        ImportState::Done,
        ImportState::Reverted,
    ];
    expect_startable(unit, &before, &states).await?;
    unit.lock(IMPORTS).await?;
    let identity = identity(&before);
    let same = unit.find::<Entity>().filter(Column::Identity.eq(identity)).filter(Column::Id.ne(before.id));
    let mut same = same.all(unit.transaction()).await?;
    same.sort_by_key(|import| (import.created_at, import.id));
    if let Some(first) = same.first() {
        before.rows_of = first.rows_of;
    }
    before.identity = Some(identity);
    begin(unit, &before, ImportState::Running, &Run { import: before.id }).await
}

/// Takes back what imports have done, in jobs, as far as nobody has changed it since.
///
/// # Errors
/// Faults of the database; refusals are per row.
pub async fn revert(context: Arc<dyn Context>, inputs: Vec<ImportChoice>) -> Result<Handled, Error> {
    one_by_one(&context, inputs, |unit, input| {
        Box::pin(async move {
            let before = import(unit, input.id).await?;
            let states = [ImportState::Running, ImportState::Done, ImportState::Reverting];
            expect_startable(unit, &before, &states).await?;
            expect_own_rows(unit, &before).await?;
            if kind_of(unit, &before.record_type)?.delete.is_none() {
                let message =
                    message!("import-no-revert", "imports of records of this type cannot be taken back");
                return Err(Refusal::field(["id"], "UNSUPPORTED", message).into());
            }
            begin(unit, &before, ImportState::Reverting, &Revert { import: before.id }).await
        })
    })
    .await
}

/// Refuses to take back what only another import has brought in, or one that the caller may not see.
async fn expect_own_rows(unit: &UnitOfWork, import: &Model) -> Result<(), Error> {
    if import.rows_of == import.id {
        return Ok(());
    }
    let first = unit.find::<Entity>().filter(Column::Id.eq(import.rows_of)).one(unit.transaction()).await?;
    let sees = first.is_none_or(|first| unit.sees::<Entity>(&first));
    if sees && import.created_rows + import.updated_rows > 0 {
        return Ok(());
    }
    let message = message!(
        "import-rows-of-another",
        "these rows were brought in by another import of the same file: take that one back"
    );
    Err(Refusal::new(code::CONFLICT, message).into())
}

async fn begin<J: Job>(
    unit: &mut UnitOfWork,
    before: &Model,
    state: ImportState,
    job: &J,
) -> Result<Done, Error> {
    let job_id = unit.enqueue(job, first()).await?;
    let (stored, now, actor) = (import(unit, before.id).await?, unit.now(), unit.actor());
    let mut after =
        Model { state: state.code().to_owned(), job_id: Some(job_id), error: None, ..before.clone() };
    if state != ImportState::Reverting {
        (after.created_rows, after.updated_rows, after.unchanged_rows, after.refused_rows) = (0, 0, 0, 0);
    }
    (after.kept_rows, after.error_file_id) = (0, None);
    after.touch(now, actor);
    unit.update::<Entity>(&stored, after);
    Ok(before.id.into())
}

/// Somebody waits for it.
fn first() -> job::Options {
    job::Options { priority: job::FIRST, ..job::Options::default() }
}

/// Rows that were only checked.
async fn forget_rows(unit: &UnitOfWork, import: &Model) -> Result<(), Error> {
    let mut sql = Sql::new(unit.dialect());
    sql.push("DELETE FROM core_import_row WHERE tenant_id = ").bind(unit.tenant());
    sql.push(" AND import_id = ").bind(import.id).push(" AND record_id IS NULL");
    unit.execute(sql).await?;
    Ok(())
}

/// Rows that are deleted in one transaction.
const FORGOTTEN_AT_ONCE: usize = 5_000;

/// Forgets some imports of a module's records that is being purged. How many rows; 0 if there was nothing left.
///
/// # Errors
/// Faults of the database.
pub(crate) async fn forget_some(unit: &UnitOfWork, module: &str) -> Result<u64, Error> {
    let kinds = unit.context().kernel.modules.imports().filter(|(known, _)| *known == module);
    let types: Vec<&str> = kinds.map(|(_, kind)| kind.record_type).collect();
    for record_type in types {
        let of_type = |sql: &mut Sql| {
            sql.push(" IN (SELECT id FROM core_import WHERE tenant_id = ").bind(unit.tenant());
            sql.push(" AND record_type = ").bind(record_type).push(")");
        };
        let mut rows = Sql::new(unit.dialect());
        rows.push("DELETE FROM core_import_row WHERE tenant_id = ").bind(unit.tenant());
        rows.push(" AND id IN (SELECT id FROM core_import_row WHERE tenant_id = ").bind(unit.tenant());
        rows.push(" AND import_id");
        of_type(&mut rows);
        rows.push(&format!(" LIMIT {FORGOTTEN_AT_ONCE})"));
        let deleted = unit.execute(rows).await?;
        if deleted > 0 {
            return Ok(deleted);
        }
        let mut imports = Sql::new(unit.dialect());
        imports.push("DELETE FROM core_import WHERE tenant_id = ").bind(unit.tenant());
        imports.push(" AND record_type = ").bind(record_type);
        unit.execute(imports).await?;
    }
    Ok(0)
}
