//! Statements of SQLite: rows are bound value by value.

use sea_orm::{DbBackend, Statement, Value};

use super::{Change, Passed, Table, list, order, quoted, same_keys, text};

/// Rows that SQLite takes in one statement.
const CHUNK: usize = 50;

/// As long as there are so many, it takes them all in one.
const LARGE_CHUNK: usize = 500;

/// Values that SQLite takes in one statement, with some room: 32,766.
const MOST_VALUES: usize = 30_000;

/// Several statements as one. SQLite's driver runs them one by one, and gives each its own part of the values.
pub(super) fn together(statements: Vec<Statement>) -> Vec<Statement> {
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

/// Statements that change rows of a table.
pub(super) fn chunks(table: &Table, rows: Vec<Vec<Value>>) -> impl Iterator<Item = Statement> {
    let large = if LARGE_CHUNK * table.columns.len() > MOST_VALUES { CHUNK } else { LARGE_CHUNK };
    let mut rows = rows.into_iter();
    std::iter::from_fn(move || {
        let size = if rows.len() >= large { large } else { CHUNK };
        let chunk: Vec<_> = rows.by_ref().take(size).collect();
        (!chunk.is_empty()).then(|| sqlite(table, chunk))
    })
}

fn sqlite(table: &Table, rows: Vec<Vec<Value>>) -> Statement {
    let text = text(table, Passed::Bound(rows.len()));
    Statement::from_sql_and_values(DbBackend::Sqlite, &*text, rows.into_iter().flatten())
}

/// The text for so many rows.
pub(super) fn sqlite_text(table: &Table, rows: usize) -> String {
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
