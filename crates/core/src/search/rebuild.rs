//! Terms of records that are there already: of databases that are older than the search, and when tokens change.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{EntityName as _, QueryResult, Value};
use shoal_graphql::database::{Dialect, Sql};
use shoal_graphql::error::Error;
use uuid::Uuid;

use super::source::Source;
use super::term::{self, Model};
use crate::context::RequestContext;
use crate::unit_of_work::UnitOfWork;

/// Records that are done in one transaction.
const RECORDS: u32 = 500;

/// Records whose terms are looked through in one transaction.
const SWEPT: u32 = 5_000;

/// How far a rebuild has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// The table of the records; that of the terms in the end, when those of no record are swept.
    pub table: String,
    /// The last record of it that is done.
    pub after: Option<Uuid>,
}

/// Makes the terms of the next records of the company anew, from the beginning if `from` is nothing; what to go on with,
/// nothing at the end. It may be run again and beside everything else: the records are locked meanwhile.
///
/// # Errors
/// Faults of the database.
pub async fn rebuild(context: &RequestContext, from: Option<Position>) -> Result<Option<Position>, Error> {
    let tables = tables(context);
    let mut steps = tables.iter().map(String::as_str).chain([term::Entity.table_name()]);
    let start = |table: &str| Position { table: table.to_owned(), after: None };
    let Some(at) = from.or_else(|| steps.clone().next().map(start)) else { return Ok(None) };
    let last = UnitOfWork::run(context, |unit| {
        let at = at.clone();
        Box::pin(async move {
            if at.table == term::Entity.table_name() { sweep(unit, &at).await } else { some(unit, &at).await }
        })
    })
    .await?;
    if last.is_some() {
        return Ok(Some(Position { after: last, ..at }));
    }
    steps.find(|table| *table == at.table);
    Ok(steps.next().map(start))
}

/// The tables whose records can be found.
fn tables(context: &RequestContext) -> BTreeSet<String> {
    let sources = context.kernel.modules.search_sources().values();
    let own = sources.clone().filter(|source| source.wholes.is_empty()).map(|source| &source.table);
    let wholes = sources.flat_map(|source| &source.wholes).map(|(_, table)| table);
    own.chain(wholes).cloned().collect()
}

/// Terms that are forgotten in one transaction.
const FORGOTTEN: u32 = 20_000;

/// Removes some of the terms that the records of a module make; how many.
///
/// # Errors
/// Faults of the database.
pub(crate) async fn forget_some(unit: &UnitOfWork, module: &'static str) -> Result<u64, Error> {
    let sources = unit.context().kernel.modules.search_sources().values();
    let fields = sources.filter(|source| source.module == module).flat_map(|source| &source.fields);
    let codes: Vec<String> = fields.map(|field| field.code.to_string()).collect();
    if codes.is_empty() {
        return Ok(0);
    }
    let (key, codes) = (term::KEY.join(", "), codes.join(", "));
    let mut sql = Sql::new(unit.dialect());
    sql.push(&format!(
        "DELETE FROM core_term WHERE ({key}) IN (SELECT {key} FROM core_term WHERE tenant_id = "
    ));
    sql.bind(unit.tenant()).push(&format!(" AND field IN ({codes}) LIMIT {FORGOTTEN})"));
    Ok(unit.execute(sql).await?)
}

/// Makes the terms of some records behind a position anew: the last of them.
async fn some(unit: &mut UnitOfWork, at: &Position) -> Result<Option<Uuid>, Error> {
    let mut sql = Sql::new(unit.dialect());
    sql.push("SELECT id FROM ").name(&at.table).push(" WHERE tenant_id = ").bind(unit.tenant());
    if let Some(after) = at.after {
        sql.push(" AND id > ").bind(after);
    }
    sql.push(&format!(" ORDER BY id LIMIT {RECORDS}"));
    if unit.dialect() == Dialect::Postgres {
        sql.push(" FOR NO KEY UPDATE");
    }
    let rows = unit.rows(sql).await?;
    let ids = rows.iter().map(|row| row.try_get_by_index::<Uuid>(0)).collect::<Result<Vec<_>, _>>()?;
    let Some(last) = ids.last().copied() else { return Ok(None) };
    let modules = std::sync::Arc::clone(&unit.context().kernel.modules);
    let mut terms: BTreeSet<Model> = BTreeSet::new();
    for source in modules.search_sources().values() {
        let Some(column) = source.column_of(&at.table) else { continue };
        let found = rows_of(unit, source, column, &ids).await?;
        let of_these = |term: &Model| ids.binary_search(&term.record_id).is_ok();
        terms.extend(found.into_iter().flatten().filter(of_these));
    }
    let mut sql = Sql::new(unit.dialect());
    sql.push("DELETE FROM core_term WHERE tenant_id = ").bind(unit.tenant()).push(" AND record_id");
    sql.is_any_of(ids.into_iter().map(Value::from).collect());
    unit.execute(sql).await?;
    unit.add_terms(terms);
    unit.flush().await?;
    Ok(Some(last))
}

/// Removes terms of records that are in none of the tables, from a position on: the last record that was looked for. Record and
/// terms come at once, so that one statement sees both or neither.
async fn sweep(unit: &UnitOfWork, at: &Position) -> Result<Option<Uuid>, Error> {
    let behind = |sql: &mut Sql| {
        sql.push(" WHERE tenant_id = ").bind(unit.tenant());
        if let Some(after) = at.after {
            sql.push(" AND record_id > ").bind(after);
        }
    };
    let mut sql = Sql::new(unit.dialect());
    sql.push("SELECT DISTINCT record_id FROM core_term");
    behind(&mut sql);
    sql.push(&format!(" ORDER BY record_id LIMIT {SWEPT}"));
    let Some(last) = unit.rows(sql).await?.last().map(|row| row.try_get_by_index::<Uuid>(0)).transpose()?
    else {
        return Ok(None);
    };
    let mut sql = Sql::new(unit.dialect());
    sql.push("DELETE FROM core_term");
    behind(&mut sql);
    sql.push(" AND record_id <= ").bind(last);
    for table in &tables(unit.context()) {
        sql.push(" AND NOT EXISTS (SELECT 1 FROM ").name(table).push(" AS t WHERE t.tenant_id = ");
        sql.bind(unit.tenant()).push(" AND t.id = core_term.record_id)");
    }
    unit.execute(sql).await?;
    Ok(Some(last))
}

/// The terms of each row of a source that belongs to one of these records.
async fn rows_of(
    unit: &UnitOfWork,
    source: &Source,
    column: &str,
    ids: &[Uuid],
) -> Result<Vec<BTreeSet<Model>>, Error> {
    let mut sql = Sql::new(unit.dialect());
    sql.push("SELECT id");
    let columns: Vec<&String> = source.fields.iter().map(|field| &field.column).collect();
    for column in &columns {
        sql.push(", ").name(column);
    }
    for (column, _) in &source.wholes {
        sql.push(", ").name(column);
    }
    sql.push(" FROM ").name(&source.table).push(" WHERE tenant_id = ").bind(unit.tenant());
    sql.push(" AND ").name(column).is_any_of(ids.iter().copied().map(Value::from).collect());
    let rows = unit.rows(sql).await?;
    rows.iter().map(|row| terms_of(unit, source, row)).collect()
}

fn terms_of(unit: &UnitOfWork, source: &Source, row: &QueryResult) -> Result<BTreeSet<Model>, Error> {
    let id: Uuid = row.try_get_by_index(0)?;
    let mut values: BTreeMap<&str, Value> = BTreeMap::new();
    for (index, field) in source.fields.iter().enumerate() {
        values.insert(&field.column, row.try_get_by_index::<Option<String>>(index + 1)?.into());
    }
    for (index, (column, _)) in source.wholes.iter().enumerate() {
        let whole: Option<Uuid> = row.try_get_by_index(index + 1 + source.fields.len())?;
        values.insert(column, whole.into());
    }
    Ok(source.terms((unit.tenant(), id), |column| values.get(column).cloned()))
}
