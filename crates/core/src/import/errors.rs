//! The error file: what was refused, with the columns of the file and what is wrong, to be mended and uploaded again.

use std::collections::BTreeMap;
use std::io::BufWriter;

use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _};
use serde_json::Value as Json;
use shoal_graphql::error::Error;
use shoal_graphql::value::Choice as _;
use shoal_tables::{OutputFormat, Row, TableWriter, Value};

use super::checks::read;
use super::entity::{ImportOutcome, Model, row};
use super::propose::ERROR_COLUMNS;
use super::spool;
use crate::context::RequestContext;
use crate::file::{self, Stored};

/// Rows that are looked at at once.
const AT_ONCE: usize = 1_000;

/// Writes the refused rows of an import as CSV; `None` if there are none.
///
/// # Errors
/// Faults of the database, the store and the disk.
pub(super) async fn write(context: &RequestContext, import: &Model) -> Result<Option<Stored>, Error> {
    if import.refused_rows == 0 {
        return Ok(None);
    }
    let folder = tempfile::tempdir().map_err(Error::fault)?;
    let path = folder.path().join("errors.csv");
    let out = BufWriter::new(std::fs::File::create(&path).map_err(Error::fault)?);
    let mut columns: Vec<String> = read(import.columns.as_ref());
    // Those of an error file that was uploaded again are made anew.
    let own = columns.iter().position(|column| column == ERROR_COLUMNS[0]).unwrap_or(columns.len());
    columns.truncate(own);
    columns.extend(ERROR_COLUMNS.map(str::to_owned));
    let format = OutputFormat::Csv { byte_order_mark: true };
    let mut writer = TableWriter::new(format, out, columns).map_err(Error::fault)?;
    let mut offset = 0;
    loop {
        let (rows, next) = spool::rows(context, import, offset, AT_ONCE).await?;
        let Some(last) = rows.last() else { break };
        let refused = refused(context, import, (rows[0].number, last.number)).await?;
        for row in rows {
            if let Some(errors) = refused.get(&row.number) {
                writer.write_row(&values(row, own, errors)).map_err(Error::fault)?;
            }
        }
        offset = next;
    }
    let (_, out) = writer.finish().map_err(Error::fault)?;
    out.into_inner().map_err(|error| Error::fault(error.into_error()))?.sync_all().map_err(Error::fault)?;
    let name = import.file_name.rsplit_once('.').map_or(import.file_name.as_str(), |(name, _)| name);
    Ok(Some(file::copy_from(context, &format!("{name} errors.csv"), &path).await?))
}

/// What is wrong with rows between these two, by their numbers.
async fn refused(
    context: &RequestContext,
    import: &Model,
    (first, last): (u64, u64),
) -> Result<BTreeMap<u64, Json>, Error> {
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let found = row::Entity::find()
        .filter(row::Column::TenantId.eq(context.tenant.id))
        .filter(row::Column::ImportId.eq(import.rows_of))
        .filter(row::Column::Row.between(number(first), number(last)))
        .filter(row::Column::Outcome.eq(ImportOutcome::Refused.code()))
        .order_by_asc(row::Column::Row)
        .limit(AT_ONCE as u64)
        .all(context.database().reader().connection())
        .await?;
    Ok(found
        .into_iter()
        .map(|row| (u64::try_from(row.row).unwrap_or_default(), row.errors.unwrap_or_default()))
        .collect())
}

/// The cells of the row, and what is wrong, each mistake in its line.
fn values(row: Row, own: usize, errors: &Json) -> Vec<Value> {
    // A row that could not be read has no cells to give back: the line says where it is.
    let line = Value::Integer(i64::try_from(row.line).unwrap_or(i64::MAX));
    let mut cells = row.cells.unwrap_or_default();
    cells.resize(own, String::new());
    let said = |name: &str| {
        let texts =
            errors.as_array().into_iter().flatten().map(|error| error[name].as_str().unwrap_or_default());
        Value::Text(texts.collect::<Vec<_>>().join("\n"))
    };
    let wrong = [line, said("code"), said("column"), said("message")];
    cells.into_iter().map(Value::Text).chain(wrong).collect()
}
