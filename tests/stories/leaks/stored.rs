//! What is stored of a company.

use std::collections::BTreeMap;

use shoal_testkit::{Backend, TestApp};
use uuid::Uuid;

use crate::bulk::literal;
use crate::catalogue::{columns, rows, tables};

/// All rows of a company, by table.
pub type Rows = BTreeMap<String, Vec<String>>;

/// All rows of a company as texts.
pub async fn of(app: &TestApp) -> Rows {
    let mut found = Rows::new();
    for table in tables(app).await {
        let columns = columns(app, &table).await;
        if !columns.iter().any(|column| column == "tenant_id") {
            continue;
        }
        let text = match app.backend() {
            Backend::Sqlite => columns
                .iter()
                .map(|column| format!("quote(\"{column}\")"))
                .collect::<Vec<_>>()
                .join(" || '|' || "),
            Backend::Postgres => "CAST(t.* AS text)".to_owned(),
        };
        let tenant = literal(app, app.tenant_id());
        let sql = format!("SELECT {text} FROM {table} AS t WHERE tenant_id = {tenant} ORDER BY 1");
        let texts = rows(app, &sql).await.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
        found.insert(table, texts);
    }
    found
}

/// Nothing is stored otherwise than before.
#[track_caller]
pub fn expect_same(before: &Rows, after: &Rows) {
    for (table, rows) in after {
        let new = rows.iter().filter(|row| !before[table].contains(row)).take(5).collect::<Vec<_>>();
        assert!(
            before[table] == *rows,
            "{table}: {} rows, {} before; {new:?}",
            rows.len(),
            before[table].len()
        );
    }
}

/// The ids of all records of a company.
pub async fn ids(app: &TestApp) -> Vec<String> {
    let mut found = Vec::new();
    for table in tables(app).await {
        let columns = columns(app, &table).await;
        if columns.iter().any(|column| column == "tenant_id") && columns.iter().any(|column| column == "id") {
            let sql = format!("SELECT id FROM {table} WHERE tenant_id = {}", literal(app, app.tenant_id()));
            let ids = rows(app, &sql).await;
            found.extend(ids.iter().map(|row| row.try_get_by_index::<Uuid>(0).unwrap().to_string()));
        }
    }
    found
}
