//! Staged changes as statements.
//!
//! On PostgreSQL a table's rows travel as an array for each column or, where there are nulls, which arrays cannot hold in
//! sea-query's binding, as one JSON text: one statement text serves any number of rows (multi-row `VALUES` is planned anew
//! for each number). What is the same in many rows, such as the tenant and the instant, travels once, in a text of its own:
//! most of the work is reading the text. On SQLite rows are bound in chunks of a fixed size, whose text is prepared once; a few rows of several
//! tables go in one text, as each text waits for the thread of its connection.
//!
//! The texts are made once, and kept: there are few, and each is some hundred pieces.

mod postgres;
mod sqlite;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use sea_orm::sea_query::ColumnType;
use sea_orm::{ColumnTrait as _, DbErr, IdenStatic as _, Iterable as _, Statement, Value};
use shoal_graphql::database::Dialect;
use shoal_graphql::value::instant_value;

use self::postgres::{arrays_text, postgres, postgres_text};
use self::sqlite::{chunks, sqlite_text, together};
use crate::record::TenantEntity;

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
    /// Whether new rows that are there already are passed over. It costs each row a second look at the key.
    pub repeats: bool,
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
            repeats: false,
            rows: Vec::new(),
        }
    }

    /// The same, but new rows that are there already are passed over, or not.
    pub(crate) fn repeating(self, repeats: bool) -> Self {
        Self { repeats, ..self }
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

/// Rows that are so few that SQLite takes all tables in one text.
const FEW_ON_SQLITE: usize = 80;

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
    repeats: bool,
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
    /// As an array for each column, from the parameter of this number on, but those columns that are the same in all rows,
    /// by their bits, as JSON in the last one. Reading arrays is a tenth of the work.
    Arrays(usize, u64),
}

static TEXTS: LazyLock<RwLock<HashMap<Shape, Arc<str>>>> = LazyLock::new(RwLock::default);

/// The text that changes rows of a table.
fn text(table: &Table, rows: Passed) -> Arc<str> {
    let Table { name, change, keys, repeats, .. } = table;
    let shape = Shape { table: name.clone(), change: *change, keys: keys.clone(), repeats: *repeats, rows };
    if let Some(text) = TEXTS.read().unwrap_or_else(PoisonError::into_inner).get(&shape) {
        return Arc::clone(text);
    }
    let text: Arc<str> = match rows {
        Passed::Bound(count) => sqlite_text(table, count),
        Passed::Whole(parameter) => postgres_text(table, parameter, None),
        Passed::Shared(parameter) => postgres_text(table, parameter, Some(parameter + 1)),
        Passed::Arrays(parameter, same) => arrays_text(table, parameter, same),
    }
    .into();
    TEXTS.write().unwrap_or_else(PoisonError::into_inner).insert(shape, Arc::clone(&text));
    text
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

/// The columns of the rows: a deletion's hold the keys.
fn order(table: &Table) -> &[&'static str] {
    if table.change == Change::Delete { &table.keys } else { &table.columns }
}
