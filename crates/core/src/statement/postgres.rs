//! Statements of PostgreSQL: rows travel as arrays or as JSON.

use std::fmt::Write as _;

use sea_orm::{DbBackend, DbErr, Statement, Value};
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use shoal_graphql::database::Dialect;

use super::{Change, Part, Passed, Table, list, order, quoted, same_keys, text};

/// Rows that are so few that PostgreSQL takes each whole.
const FEW_ON_POSTGRES: usize = 40;

/// One statement for all parts; those in front of the last are its common table expressions.
pub(super) fn postgres(parts: &[Part<'_>]) -> Result<Statement, DbErr> {
    let few = parts.iter().map(|(_, rows)| rows.len()).sum::<usize>() <= FEW_ON_POSTGRES;
    let (mut all, mut values) = (String::new(), Vec::with_capacity(parts.len() * 2));
    for (position, (table, rows)) in parts.iter().enumerate() {
        let parameter = values.len() + 1;
        let names = order(table);
        let same = if few { vec![false; names.len()] } else { same(rows) };
        let passed = match (few, is_dense(table, rows, &same)) {
            (true, _) => Passed::Whole(parameter),
            (false, true) => Passed::Arrays(parameter, bits(&same)),
            (false, false) => Passed::Shared(parameter),
        };
        let (begin, part) = (if position == 0 { "WITH" } else { "," }, text(table, passed));
        // Writing to a string cannot fail.
        let _ = match position + 1 {
            last if last == parts.len() => write!(all, " {part}"),
            number => write!(all, "{begin} w{number} AS ({part})"),
        };
        if let Passed::Arrays(..) = passed {
            let columns = (0..names.len()).filter(|column| !same[*column]);
            let array = |column: usize| rows.iter().map(|row| row[column].clone()).collect();
            values.extend(columns.map(|column| Dialect::Postgres.list(array(column))));
        } else {
            let json = serde_json::to_string(&JsonRows { names, rows, same: &same });
            values.push(json.map_err(|error| DbErr::Custom(error.to_string()))?.into());
        }
        if let (false, Some(row)) = (few, rows.first()) {
            let json = serde_json::to_string(&JsonRow { names, row, same: &same, once: true });
            values.push(json.map_err(|error| DbErr::Custom(error.to_string()))?.into());
        }
    }
    Ok(Statement::from_sql_and_values(DbBackend::Postgres, all, values))
}

/// Whether new rows have a value in each column, as arrays cannot be without, and some columns are the same in all of them, as
/// the tenant is.
fn is_dense(table: &Table, rows: &[Vec<Value>], same: &[bool]) -> bool {
    let typed = |value: &Value| {
        matches!(
            value,
            Value::Uuid(Some(_)) | Value::Int(Some(_)) | Value::BigInt(Some(_)) | Value::String(Some(_))
        )
    };
    let differ = |row: &Vec<Value>| row.iter().zip(same).all(|(value, same)| *same || typed(value));
    table.change == Change::Insert
        && same.len() <= 64
        && same.contains(&false)
        && same.contains(&true)
        && rows.iter().all(differ)
}

fn bits(same: &[bool]) -> u64 {
    same.iter().enumerate().filter(|(_, same)| **same).fold(0, |bits, (position, _)| bits | 1 << position)
}

/// Whether the rows have the same value, column by column.
fn same(rows: &[Vec<Value>]) -> Vec<bool> {
    let Some((first, others)) = rows.split_first() else { return Vec::new() };
    let is_same = |(position, value)| others.iter().all(|row| row.get(position) == Some(value));
    first.iter().enumerate().map(is_same).collect()
}

/// The text for rows as JSON.
pub(super) fn postgres_text(table: &Table, rows: usize, same: Option<usize>) -> String {
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

/// New rows, from an array for each column that is not the same in all of them.
pub(super) fn arrays_text(table: &Table, first: usize, same: u64) -> String {
    let is_same = |position: usize| same & (1 << position) != 0;
    let types = (table.types)();
    let columns = || table.columns.iter().zip(&types).enumerate();
    let arrays = columns().filter(|(position, _)| !is_same(*position)).zip(first..);
    let (arrays, names): (Vec<_>, Vec<_>) =
        arrays.map(|((_, (name, ty)), parameter)| (format!("${parameter}::{ty}[]"), quoted(name))).unzip();
    let shared = columns().filter(|(position, _)| is_same(*position));
    let definition = list(shared.map(|(_, (name, ty))| format!("\"{name}\" {ty}")));
    let source = format!(
        "unnest({}) AS x({}), json_to_record(${}::json) AS s({definition})",
        arrays.join(", "),
        names.join(", "),
        first + arrays.len()
    );
    let all = list(table.columns.iter().map(|column| quoted(column)));
    let values =
        list(columns().map(|(position, (name, _))| {
            format!("{}.\"{name}\"", if is_same(position) { "s" } else { "x" })
        }));
    format!(
        "INSERT INTO {} ({all}) SELECT {values} FROM {source}{}",
        quoted(&table.name),
        table.unless_there()
    )
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
