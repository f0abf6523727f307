//! Staged changes as statements.
//!
//! On PostgreSQL a table's rows travel as one JSON text, so that one statement text serves any number of rows (arrays
//! for `unnest` cannot hold nulls in sea-query's binding, and multi-row `VALUES` is planned anew for each number). What is
//! the same in all rows, such as the tenant and the instant, travels once, in a text of its own: most of the work is
//! reading the text. On SQLite rows are bound in chunks of a fixed size, whose text is prepared once; a few rows of several
//! tables go in one text, as each text waits for the thread of its connection.

use std::fmt::Write as _;

use sea_orm::sea_query::ColumnType;
use sea_orm::{
    ColumnTrait as _, DbBackend, DbErr, EntityName as _, IdenStatic as _, Iterable as _, Statement, Value,
};
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use shoal_graphql::database::Dialect;
use shoal_graphql::value::instant_value;

use crate::record::TenantEntity;
use crate::search::term;

/// What happens to the rows of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Insert,
    Update,
    Delete,
}

/// Rows of one table that change in one way.
#[derive(Debug)]
pub(crate) struct Table {
    pub name: String,
    pub change: Change,
    /// Name and PostgreSQL type of each column, in the order of the values.
    columns: Vec<(&'static str, &'static str)>,
    /// Columns that say which row: the primary key, or what a deletion goes by.
    pub keys: Vec<&'static str>,
    /// Whether new rows that are there already are passed over.
    repeats: bool,
    pub rows: Vec<Vec<Value>>,
}

impl Table {
    pub(crate) fn of<E: TenantEntity>(change: Change) -> Self {
        let columns =
            E::Column::iter().map(|column| (column.as_str(), postgres_type(column.def().get_column_type())));
        Self {
            name: E::default().table_name().to_owned(),
            change,
            columns: columns.collect(),
            keys: vec![E::tenant_column().as_str(), E::id_column().as_str()],
            repeats: E::default().table_name() == term::Entity.table_name(),
            rows: Vec::new(),
        }
    }

    /// What stands behind the new rows.
    fn unless_there(&self) -> &'static str {
        if self.repeats { " ON CONFLICT DO NOTHING" } else { "" }
    }
}

impl Table {
    /// One more row, of whichever tenant the model is.
    pub(crate) fn push<E: TenantEntity>(&mut self, model: E::Model, dialect: Dialect) {
        self.rows.push(E::values(model).into_iter().map(|value| bound(value, dialect)).collect());
    }
}

fn postgres_type(column_type: &ColumnType) -> &'static str {
    match column_type {
        ColumnType::Uuid => "uuid",
        ColumnType::Integer => "int4",
        ColumnType::BigInteger => "int8",
        ColumnType::Double => "float8",
        ColumnType::Boolean => "bool",
        ColumnType::Date => "date",
        ColumnType::TimestampWithTimeZone => "timestamptz",
        ColumnType::Json | ColumnType::JsonBinary => "jsonb",
        _ => "text",
    }
}

/// The value as this dialect stores it.
pub(crate) fn bound(value: Value, dialect: Dialect) -> Value {
    match value {
        Value::ChronoDateTimeUtc(Some(at)) => instant_value(at, dialect),
        Value::ChronoDateTimeUtc(None) if dialect == Dialect::Sqlite => Value::String(None),
        other => other,
    }
}

/// Rows that SQLite takes in one statement.
const CHUNK: usize = 50;

/// Rows that are so few that SQLite takes all tables in one text.
const FEW: usize = 80;

/// Tables that PostgreSQL takes in one statement.
const TABLES: usize = 12;

/// Rows of a table that are written now.
type Part<'t> = (&'t Table, Vec<Vec<Value>>);

/// The statements that write the rows of tables, which are then gone from them. All tables change in the same way. New
/// rows are one statement on PostgreSQL: a record, its audit and its event are one round trip.
///
/// # Errors
/// When a value cannot be written as JSON.
pub(crate) fn write(tables: &mut [Table], change: Change, dialect: Dialect) -> Result<Vec<Statement>, DbErr> {
    let mut parts: Vec<Part<'_>> = Vec::with_capacity(tables.len());
    for table in tables.iter_mut().filter(|table| table.change == change && !table.rows.is_empty()) {
        let rows = std::mem::take(&mut table.rows);
        parts.push((table, rows));
    }
    match dialect {
        Dialect::Sqlite => {
            let few = parts.iter().map(|(_, rows)| rows.len()).sum::<usize>() <= FEW;
            let statements: Vec<_> =
                parts.into_iter().flat_map(|(table, rows)| chunks(table, rows)).collect();
            Ok(if few { together(statements) } else { statements })
        }
        Dialect::Postgres if change == Change::Insert => parts.chunks(TABLES).map(postgres).collect(),
        Dialect::Postgres => parts.chunks(1).map(postgres).collect(),
    }
}

/// Several statements as one. SQLite's driver runs them one by one, and gives each its own part of the values.
fn together(statements: Vec<Statement>) -> Vec<Statement> {
    let (mut text, mut all) = (String::new(), Vec::new());
    for Statement { sql, values, .. } in statements {
        text.push_str(if text.is_empty() { "" } else { "; " });
        text.push_str(&sql);
        all.extend(values.into_iter().flat_map(|values| values.0));
    }
    if text.is_empty() {
        Vec::new()
    } else {
        vec![Statement::from_sql_and_values(DbBackend::Sqlite, text, all)]
    }
}

fn chunks(table: &Table, rows: Vec<Vec<Value>>) -> impl Iterator<Item = Statement> {
    let mut rows = rows.into_iter();
    let chunks = std::iter::from_fn(move || Some(rows.by_ref().take(CHUNK).collect::<Vec<_>>()));
    chunks.take_while(|chunk| !chunk.is_empty()).map(|chunk| sqlite(table, chunk))
}

fn list(names: impl Iterator<Item = String>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

/// `"a" = x."a" AND …`
fn same_keys(table: &Table, alias: &str, column: impl Fn(&str) -> String) -> String {
    let conditions = table.keys.iter().map(|key| format!("{alias}\"{key}\" = {}", column(key)));
    conditions.collect::<Vec<_>>().join(" AND ")
}

/// One statement for all parts; those in front of the last are its common table expressions.
fn postgres(parts: &[Part<'_>]) -> Result<Statement, DbErr> {
    let (mut text, mut values) = (String::new(), Vec::with_capacity(parts.len() * 2));
    for (position, (table, rows)) in parts.iter().enumerate() {
        let order = order(table);
        let part = postgres_text(table, &order, [2 * position + 1, 2 * position + 2]);
        let begin = if position == 0 { "WITH" } else { "," };
        // Writing to a string cannot fail.
        let _ = match position + 1 {
            last if last == parts.len() => write!(text, " {part}"),
            number => write!(text, "{begin} w{number} AS ({part})"),
        };
        let same = same(rows);
        let once =
            Row { names: &order, row: rows.first().map_or(&[], Vec::as_slice), same: &same, once: true };
        let rows = Rows { names: &order, rows, same: &same };
        for json in [serde_json::to_string(&rows), serde_json::to_string(&once)] {
            values.push(json.map_err(|error| DbErr::Custom(error.to_string()))?.into());
        }
    }
    Ok(Statement::from_sql_and_values(DbBackend::Postgres, text, values))
}

/// Whether the rows have the same value, column by column.
fn same(rows: &[Vec<Value>]) -> Vec<bool> {
    let Some((first, others)) = rows.split_first() else { return Vec::new() };
    let is_same = |(position, value)| others.iter().all(|row| row.get(position) == Some(value));
    first.iter().enumerate().map(is_same).collect()
}

/// The columns of the rows: a deletion's hold the keys.
fn order(table: &Table) -> Vec<&'static str> {
    match table.change {
        Change::Delete => table.keys.clone(),
        _ => table.columns.iter().map(|(column, _)| *column).collect(),
    }
}

fn postgres_text(table: &Table, order: &[&str], [rows, once]: [usize; 2]) -> String {
    let name = quoted(&table.name);
    let columns = table.columns.iter().filter(|(column, _)| order.contains(column));
    let definition = list(columns.map(|(column, ty)| format!("\"{column}\" {ty}")));
    let source = format!(
        "json_to_recordset(${rows}::json) AS x({definition}), json_to_record(${once}::json) AS s({definition})"
    );
    // Each is null in one of the two.
    let value = |column: &str| format!("coalesce(x.\"{column}\", s.\"{column}\")");
    let keys = same_keys(table, "t.", value);
    match table.change {
        Change::Insert => {
            let all = list(order.iter().map(|column| quoted(column)));
            let values = list(order.iter().map(|column| value(column)));
            format!("INSERT INTO {name} ({all}) SELECT {values} FROM {source}{}", table.unless_there())
        }
        Change::Update => {
            let set = order.iter().filter(|column| !table.keys.contains(column));
            let set = list(set.map(|column| format!("\"{column}\" = {}", value(column))));
            format!("UPDATE {name} AS t SET {set} FROM {source} WHERE {keys}")
        }
        Change::Delete => format!("DELETE FROM {name} AS t USING {source} WHERE {keys}"),
    }
}

/// Rows as `json_to_recordset` reads them, written without a tree of JSON in between. What is left out is null there.
struct Rows<'t> {
    names: &'t [&'t str],
    rows: &'t [Vec<Value>],
    /// Columns that are left out, as they travel once.
    same: &'t [bool],
}

impl Serialize for Rows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { names, rows, same } = *self;
        serializer.collect_seq(rows.iter().map(|row| Row { names, row, same, once: false }))
    }
}

struct Row<'t> {
    names: &'t [&'t str],
    row: &'t [Value],
    same: &'t [bool],
    /// Write the columns that are the same in all rows, or the others.
    once: bool,
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let columns = self.names.iter().zip(self.row).zip(self.same);
        for ((name, value), _) in columns.filter(|(_, same)| **same == self.once) {
            match value {
                Value::Bool(Some(value)) => map.serialize_entry(name, value)?,
                Value::Int(Some(value)) => map.serialize_entry(name, value)?,
                Value::BigInt(Some(value)) => map.serialize_entry(name, value)?,
                Value::Double(Some(value)) => map.serialize_entry(name, value)?,
                Value::String(Some(value)) => map.serialize_entry(name, value)?,
                Value::Uuid(Some(value)) => map.serialize_entry(name, value)?,
                Value::ChronoDate(Some(value)) => map.serialize_entry(name, value)?,
                Value::ChronoDateTimeUtc(Some(value)) => map.serialize_entry(name, value)?,
                Value::Json(Some(value)) => map.serialize_entry(name, value)?,
                _ => {}
            }
        }
        map.end()
    }
}

fn sqlite(table: &Table, rows: Vec<Vec<Value>>) -> Statement {
    let name = quoted(&table.name);
    let width = rows.first().map_or(0, Vec::len);
    let row = format!("({})", vec!["?"; width].join(", "));
    let values = vec![row.as_str(); rows.len()].join(", ");
    // SQLite calls the columns of VALUES column1, column2, …
    let order = order(table);
    let nth = |column: &str| {
        let position = order.iter().position(|known| *known == column).unwrap_or_default();
        format!("x.column{}", position + 1)
    };
    let text = match table.change {
        Change::Insert => {
            let all = list(order.iter().map(|column| quoted(column)));
            format!("INSERT INTO {name} ({all}) VALUES {values}{}", table.unless_there())
        }
        Change::Update => {
            let set = order.iter().filter(|column| !table.keys.contains(column));
            let set = list(set.map(|column| format!("\"{column}\" = {}", nth(column))));
            let keys = same_keys(table, &format!("{name}."), nth);
            format!("UPDATE {name} SET {set} FROM (VALUES {values}) AS x WHERE {keys}")
        }
        Change::Delete => {
            let keys = list(table.keys.iter().map(|key| quoted(key)));
            format!("DELETE FROM {name} WHERE ({keys}) IN (VALUES {values})")
        }
    };
    Statement::from_sql_and_values(DbBackend::Sqlite, text, rows.into_iter().flatten())
}
