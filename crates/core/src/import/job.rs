//! The jobs of imports: reading the file, checking the rows, bringing them in, and taking them back.

use std::collections::HashMap;

use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use shoal_graphql::context::Context as _;
use shoal_graphql::error::{Error, Refusal};
use shoal_graphql::value::Choice as _;
use uuid::Uuid;

use super::brought::Brought;
use super::checks::{self, NOT_FOUND, kind_of, mode_of, plan_of};
use super::convert::{ImportDateOrder, Writing};
use super::entity::{Entity, ImportMode, ImportOutcome, ImportState, Model, row};
use super::kind::ImportKind;
use super::mapping::Plan;
use super::rows::{Bringing, ReadRow};
use super::{errors, revert, spool, words};
use crate::batch::Tracked as _;
use crate::context::RequestContext;
use crate::job::{Job, Run as JobRun, Step};
use crate::unit_of_work::UnitOfWork;

/// Rows of one step.
const AT_ONCE: usize = 1_000;

/// Rows that the file begins with, to show.
const SAMPLES: usize = 5;

/// Where a step begins.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct At {
    /// The place in the spool, in bytes.
    offset: u64,
    /// Rows before it.
    row: i64,
}

/// Reads a file: what it is, its columns, and its rows in a form that can be read from any row on.
#[derive(Debug, Serialize, Deserialize)]
pub struct Read {
    /// The import.
    pub import: Uuid,
    /// How it is to be read; as it is found if `None`.
    pub format: Option<Json>,
}

/// Checks all rows, and changes nothing.
#[derive(Debug, Serialize, Deserialize)]
pub struct Check {
    /// The import.
    pub import: Uuid,
}

/// Brings the rows in.
#[derive(Debug, Serialize, Deserialize)]
pub struct Run {
    /// The import.
    pub import: Uuid,
}

/// Takes back what an import has done.
#[derive(Debug, Serialize, Deserialize)]
pub struct Revert {
    /// The import.
    pub import: Uuid,
}

impl Job for Read {
    const NAME: &'static str = "core.import_read";
    type Cursor = ();
    type Output = ();

    async fn step(&self, run: &mut JobRun<'_, ()>) -> Result<Step<Self>, Error> {
        let before = find(run.context(), self.import).await?;
        let read = spool::read(run, &before, self.format.clone(), SAMPLES).await;
        let unit = run.begin().await?;
        let before = checks::import(unit, self.import).await?;
        let mut after = before.clone();
        match read {
            Ok(read) => {
                let kind = kind_of(unit, &before.record_type)?;
                let mut proposal = super::propose::propose(kind, &read.columns);
                let may = |field: &str| checks::missing_right(unit.context(), kind, field).is_none();
                proposal.columns.retain(|mapped| may(&mapped.field));
                ImportState::Ready.code().clone_into(&mut after.state);
                after.preset = proposal.preset.map(str::to_owned);
                after.mapping = serde_json::to_value(proposal.columns).map_err(Error::fault)?;
                after.columns = Some(json!(read.columns));
                after.samples = Some(json!(read.samples));
                after.format = Some(read.format);
                after.sha256 = Some(read.sha256);
                after.total_rows = Some(read.rows);
                after.spool_id = Some(read.file.id);
                read.file.stage(unit, Some(unit.now() + spool::KEPT)).await?;
            }
            Err(Error::Refused(refusal)) => {
                let message = unit.context().words(&refusal.message);
                ImportState::Failed.code().clone_into(&mut after.state);
                after.error = Some(message.unwrap_or_else(|| refusal.message.text().to_owned()));
            }
            Err(error) => return Err(error),
        }
        put(unit, &before, after);
        Ok(Step::Done(()))
    }
}

impl Job for Check {
    const NAME: &'static str = "core.import_check";
    type Cursor = At;
    type Output = ();

    async fn step(&self, run: &mut JobRun<'_, At>) -> Result<Step<Self>, Error> {
        let (at, chunk) = chunk(run, self.import).await?;
        let Some(mut chunk) = chunk else {
            let unit = run.begin().await?;
            end(unit, self.import, ImportState::Checked, None).await?;
            return Ok(Step::Done(()));
        };
        let mut trial = UnitOfWork::begin(run.context()).await?;
        let brought = chunk.bring(&mut trial).await;
        trial.rollback().await;
        let (brought, total) = (brought?, chunk.import.total_rows);
        let unit = run.begin().await?;
        count(unit, self.import, &brought, 0).await?;
        for row in brought {
            unit.insert::<row::Entity>(row.stored(unit, chunk.import.rows_of));
        }
        Ok(Step::Next { cursor: at, done: at.row, total })
    }
}

impl Job for Run {
    const NAME: &'static str = "core.import";
    type Cursor = At;
    type Output = ();

    async fn step(&self, run: &mut JobRun<'_, At>) -> Result<Step<Self>, Error> {
        let (at, chunk) = chunk(run, self.import).await?;
        let Some(mut chunk) = chunk else {
            let import = find(run.context(), self.import).await?;
            let file = errors::write(run.context(), &import).await?;
            let unit = run.begin().await?;
            if let Some(file) = &file {
                file.stage(unit, Some(unit.now() + spool::KEPT)).await?;
            }
            end(unit, self.import, ImportState::Done, file.map(|file| file.id)).await?;
            return Ok(Step::Done(()));
        };
        let total = chunk.import.total_rows;
        let unit = run.begin().await?;
        let known = chunk.known(unit).await?;
        // A row that has its record is never brought in again.
        let all = chunk.rows.len();
        chunk.rows.retain(|row| known.get(&row.number).is_none_or(|known| known.record_id.is_none()));
        let unchanged = i64::try_from(all - chunk.rows.len()).unwrap_or_default();
        let rows = std::mem::take(&mut chunk.rows);
        let named = chunk.bringing(false).find(unit, rows).await?;
        // The step behind the last rows sums up what all others have written.
        let is_last = total.is_none_or(|total| at.row >= total);
        if chunk.is_by_itself() && !named.has_made && !is_last {
            run.goes_on(&at, at.row, total)?;
        }
        let unit = run.begin().await?;
        let brought = chunk.bringing(false).bring(unit, named).await?;
        run.turn().await;
        let unit = run.begin().await?;
        count(unit, self.import, &brought, unchanged).await?;
        for row in brought {
            let now = row.stored(unit, chunk.import.rows_of);
            match known.get(&now.row) {
                Some(before) => unit.update::<row::Entity>(before, row::Model { id: before.id, ..now }),
                None => unit.insert::<row::Entity>(now),
            }
        }
        Ok(Step::Next { cursor: at, done: at.row, total })
    }
}

impl Job for Revert {
    const NAME: &'static str = "core.import_revert";
    /// The row behind the next ones: the last come first.
    type Cursor = i64;
    type Output = ();

    async fn step(&self, run: &mut JobRun<'_, i64>) -> Result<Step<Self>, Error> {
        let (behind, done, total) = (run.cursor.unwrap_or(i64::MAX), run.done, run.total);
        let unit = run.begin().await?;
        let import = checks::import(unit, self.import).await?;
        let kind = kind_of(unit, &import.record_type)?.clone();
        let rows = unit
            .find::<row::Entity>()
            .filter(row::Column::ImportId.eq(import.rows_of))
            .filter(row::Column::Row.lt(behind))
            .order_by_desc(row::Column::Row)
            .limit(AT_ONCE as u64)
            .all(unit.transaction())
            .await?;
        let Some(last) = rows.last().map(|row| row.row) else {
            end(unit, self.import, ImportState::Reverted, None).await?;
            return Ok(Step::Done(()));
        };
        let count = i64::try_from(rows.len()).unwrap_or_default();
        let kept = revert::rows(unit, &kind, rows).await?;
        let before = checks::import(unit, self.import).await?;
        let after = Model { kept_rows: before.kept_rows + kept, ..before.clone() };
        put(unit, &before, after);
        let total = total.or(import.total_rows);
        Ok(Step::Next { cursor: last, done: done + count, total })
    }
}

/// Rows of a file, ready to be brought in.
struct Chunk {
    import: Model,
    kind: ImportKind,
    plan: Plan,
    rows: Vec<ReadRow>,
}

/// The rows from where the last step has stopped, and where the next begins; `None` behind the last.
async fn chunk(run: &JobRun<'_, At>, id: Uuid) -> Result<(At, Option<Chunk>), Error> {
    let context = run.context();
    let import = find(context, id).await?;
    let at = run.cursor.unwrap_or_default();
    let kind = context.import_kind(&import.record_type).cloned();
    let kind = kind.ok_or_else(|| Refusal::not_found(NOT_FOUND, ["recordType"]))?;
    // Whoever has lost a right meanwhile goes no further.
    checks::expect_rights(context, &kind, mode_of(&import))?;
    let plan = plan_of(context, &kind, &import)?;
    let writing = Writing {
        dates: import.date_order.as_deref().and_then(ImportDateOrder::from_code),
        decimal_comma: import.decimal_comma,
        zone: context.tenant.time_zone,
    };
    let (read, offset) = spool::rows(context, &import, at.offset, AT_ONCE).await?;
    if read.is_empty() {
        return Ok((at, None));
    }
    let rows: Vec<ReadRow> = read
        .into_iter()
        .map(|row| ReadRow {
            number: i64::try_from(row.number).unwrap_or(i64::MAX),
            line: i64::try_from(row.line).unwrap_or(i64::MAX),
            said: match row.cells {
                Ok(cells) => Ok(plan.read(&kind, &cells, writing)),
                Err(error) => {
                    let message = words::of_row(&error);
                    let message = context.words(&message).unwrap_or_else(|| message.text().to_owned());
                    Err(json!([{"code": error.code, "column": error.column, "message": message}]))
                }
            },
        })
        .collect();
    let at = At { offset, row: rows.last().map_or(at.row, |row| row.number) };
    Ok((at, Some(Chunk { import, kind, plan, rows })))
}

impl Chunk {
    /// What is stored of the rows.
    async fn known(&self, unit: &UnitOfWork) -> Result<HashMap<i64, row::Model>, Error> {
        let (Some(first), Some(last)) = (self.rows.first(), self.rows.last()) else {
            return Ok(HashMap::new());
        };
        let stored = unit
            .find::<row::Entity>()
            .filter(row::Column::ImportId.eq(self.import.rows_of))
            .filter(row::Column::Row.between(first.number, last.number))
            .all(unit.transaction())
            .await?;
        Ok(stored.into_iter().map(|row| (row.row, row)).collect())
    }

    /// Whether its rows make records, whatever the rows before them have made: nothing finds them.
    fn is_by_itself(&self) -> bool {
        mode_of(&self.import) == ImportMode::Create
    }

    /// Tries its rows.
    async fn bring(&mut self, trial: &mut UnitOfWork) -> Result<Vec<Brought>, Error> {
        let rows = std::mem::take(&mut self.rows);
        let bringing = self.bringing(true);
        let named = bringing.find(trial, rows).await?;
        bringing.bring(trial, named).await
    }

    fn bringing(&self, is_trial: bool) -> Bringing<'_> {
        Bringing {
            kind: &self.kind,
            plan: &self.plan,
            mode: mode_of(&self.import),
            match_by: self.import.match_by.as_deref(),
            rows_of: self.import.rows_of,
            is_trial,
        }
    }
}

/// An import, as the caller may see it.
async fn find(context: &RequestContext, id: Uuid) -> Result<Model, Error> {
    let found =
        Entity::find_by_id((context.tenant.id, id)).one(context.database().reader().connection()).await?;
    found.ok_or_else(|| Refusal::not_found(NOT_FOUND, ["id"]).into())
}

async fn count(unit: &mut UnitOfWork, id: Uuid, brought: &[Brought], unchanged: i64) -> Result<(), Error> {
    let before = checks::import(unit, id).await?;
    let of = |outcome| {
        i64::try_from(brought.iter().filter(|row| row.outcome == outcome).count()).unwrap_or_default()
    };
    let after = Model {
        created_rows: before.created_rows + of(ImportOutcome::Created),
        updated_rows: before.updated_rows + of(ImportOutcome::Updated),
        unchanged_rows: before.unchanged_rows + of(ImportOutcome::Unchanged) + unchanged,
        refused_rows: before.refused_rows + of(ImportOutcome::Refused),
        ..before.clone()
    };
    put(unit, &before, after);
    Ok(())
}

async fn end(unit: &mut UnitOfWork, id: Uuid, state: ImportState, errors: Option<Uuid>) -> Result<(), Error> {
    let before = checks::import(unit, id).await?;
    let after = Model { state: state.code().to_owned(), error_file_id: errors, ..before.clone() };
    put(unit, &before, after);
    Ok(())
}

/// Writes an import, and tells of it.
pub(super) fn put(unit: &mut UnitOfWork, before: &Model, mut after: Model) {
    after.touch(unit.now(), unit.actor());
    unit.update::<Entity>(before, after);
}
