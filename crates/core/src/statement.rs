//! Staged changes as statements.
//!
//! On PostgreSQL a table's rows travel as one JSON text, so that one statement text serves any number of rows (arrays
//! for `unnest` cannot hold nulls in sea-query's binding, and multi-row `VALUES` is planned anew for each number). What is
//! the same in many rows, such as the tenant and the instant, travels once, in a text of its own: most of the work is
//! reading the text. On SQLite rows are bound in chunks of a fixed size, whose text is prepared once; a few rows of several
//! tables go in one text, as each text waits for the thread of its connection.
//!
//! The texts are made once, and kept: there are few, and each is some hundred pieces.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
    /// The columns, in the order of the values.
    columns: Vec<&'static str>,
    /// Their PostgreSQL types.
    types: fn() -> Vec<&'static str>,
    /// Columns that say which row: the primary key, or what a deletion goes by.
    pub keys: Vec<&'static str>,
    /// Whether new rows that are there already are passed over.
    repeats: bool,
    pub rows: Vec<Vec<Value>>,
}

impl Table {
    pub(crate) fn of<E: TenantEntity>(change: Change) -> Self {
        Self {
            name: E::default().table_name().to_owned(),
            change,
            columns: E::Column::iter().map(|column| column.as_str()).collect(),
            types: || E::Column::iter().map(|column| postgres_type(column.def().get_column_type())).collect(),
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
const FEW_ON_SQLITE: usize = 80;

/// Rows that are so few that PostgreSQL takes each whole.
const FEW_ON_POSTGRES: usize = 40;

/// Tables that PostgreSQL takes in one statement.
const TABLES: usize = 14;

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
            let few = parts.iter().map(|(_, rows)| rows.len()).sum::<usize>() <= FEW_ON_SQLITE;
            let statements: Vec<_> =
                parts.into_iter().flat_map(|(table, rows)| chunks(table, rows)).collect();
            Ok(if few { together(statements) } else { statements })
        }
        Dialect::Postgres => {
            let tables = if change == Change::Insert { TABLES } else { 1 };
            parts.chunks(tables).map(postgres).collect()
        }
    }
}

/// What the text of a part depends on.
#[derive(PartialEq, Eq, Hash)]
struct Shape {
    table: String,
    change: Change,
    keys: Vec<&'static str>,
    rows: Passed,
}

/// How rows come into a statement.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Passed {
    /// So many, value by value.
    Bound(usize),
    /// As JSON, in the parameter of this number.
    Whole(usize),
    /// As JSON, in the parameter of this number; what is the same in all of them in the one behind it.
    Shared(usize),
}

static TEXTS: LazyLock<RwLock<HashMap<Shape, Arc<str>>>> = LazyLock::new(RwLock::default);

/// The text that changes rows of a table.
fn text(table: &Table, rows: Passed) -> Arc<str> {
    let shape = Shape { table: table.name.clone(), change: table.change, keys: table.keys.clone(), rows };
    if let Some(text) = TEXTS.read().unwrap_or_else(PoisonError::into_inner).get(&shape) {
        return Arc::clone(text);
    }
    let text: Arc<str> = match rows {
        Passed::Bound(count) => sqlite_text(table, count),
        Passed::Whole(parameter) => postgres_text(table, parameter, None),
        Passed::Shared(parameter) => postgres_text(table, parameter, Some(parameter + 1)),
    }
    .into();
    TEXTS.write().unwrap_or_else(PoisonError::into_inner).insert(shape, Arc::clone(&text));
    text
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
    let few = parts.iter().map(|(_, rows)| rows.len()).sum::<usize>() <= FEW_ON_POSTGRES;
    let (mut all, mut values) = (String::new(), Vec::with_capacity(parts.len() * 2));
    for (position, (table, rows)) in parts.iter().enumerate() {
        let parameter = values.len() + 1;
        let passed = if few { Passed::Whole(parameter) } else { Passed::Shared(parameter) };
        let (begin, part) = (if position == 0 { "WITH" } else { "," }, text(table, passed));
        // Writing to a string cannot fail.
        let _ = match position + 1 {
            last if last == parts.len() => write!(all, " {part}"),
            number => write!(all, "{begin} w{number} AS ({part})"),
        };
        let names = order(table);
        let same = if few { vec![false; names.len()] } else { same(rows) };
        let json = serde_json::to_string(&JsonRows { names, rows, same: &same });
        values.push(json.map_err(|error| DbErr::Custom(error.to_string()))?.into());
        if let (false, Some(row)) = (few, rows.first()) {
            let json = serde_json::to_string(&JsonRow { names, row, same: &same, once: true });
            values.push(json.map_err(|error| DbErr::Custom(error.to_string()))?.into());
        }
    }
    Ok(Statement::from_sql_and_values(DbBackend::Postgres, all, values))
}

/// Whether the rows have the same value, column by column.
fn same(rows: &[Vec<Value>]) -> Vec<bool> {
    let Some((first, others)) = rows.split_first() else { return Vec::new() };
    let is_same = |(position, value)| others.iter().all(|row| row.get(position) == Some(value));
    first.iter().enumerate().map(is_same).collect()
}

/// The columns of the rows: a deletion's hold the keys.
fn order(table: &Table) -> &[&'static str] {
    if table.change == Change::Delete { &table.keys } else { &table.columns }
}

fn postgres_text(table: &Table, rows: usize, same: Option<usize>) -> String {
    let (name, order) = (quoted(&table.name), order(table));
    let columns = table.columns.iter().zip((table.types)()).filter(|(column, _)| order.contains(column));
    let definition = list(columns.map(|(column, ty)| format!("\"{column}\" {ty}")));
    let mut source = format!("json_to_recordset(${rows}::json) AS x({definition})");
    if let Some(same) = same {
        let _ = write!(source, ", json_to_record(${same}::json) AS s({definition})");
    }
    let value = |column: &str| match same {
        // It is null in one of the two.
        Some(_) => format!("coalesce(x.\"{column}\", s.\"{column}\")"),
        None => format!("x.\"{column}\""),
    };
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
struct JsonRows<'t> {
    names: &'t [&'t str],
    rows: &'t [Vec<Value>],
    /// Columns that are left out, as they travel once.
    same: &'t [bool],
}

impl Serialize for JsonRows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { names, rows, same } = *self;
        serializer.collect_seq(rows.iter().map(|row| JsonRow { names, row, same, once: false }))
    }
}

struct JsonRow<'t> {
    names: &'t [&'t str],
    row: &'t [Value],
    same: &'t [bool],
    /// Write the columns that are the same in all rows, or the others.
    once: bool,
}

impl Serialize for JsonRow<'_> {
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
    let text = text(table, Passed::Bound(rows.len()));
    Statement::from_sql_and_values(DbBackend::Sqlite, &*text, rows.into_iter().flatten())
}

fn sqlite_text(table: &Table, rows: usize) -> String {
    let (name, order) = (quoted(&table.name), order(table));
    let row = format!("({})", vec!["?"; order.len()].join(", "));
    let values = vec![row.as_str(); rows].join(", ");
    // SQLite calls the columns of VALUES column1, column2, …
    let nth = |column: &str| {
        let position = order.iter().position(|known| *known == column).unwrap_or_default();
        format!("x.column{}", position + 1)
    };
    match table.change {
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
    }
}
