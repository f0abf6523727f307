//! What both databases say of their tables: the tenant is first everywhere, references restrict, orders have an index.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait as _, QueryResult, Statement};
use shoal_testkit::{Backend, TestApp};

use crate::support::both_databases;

both_databases!(
    keys_begin_with_the_tenant,
    references_restrict_and_stay_in_the_tenant,
    orderable_columns_have_an_index,
    both_databases_have_the_same_tables,
);

/// Rows of a query of the test's own.
pub async fn rows(app: &TestApp, sql: &str) -> Vec<QueryResult> {
    let connection = app.database().writer();
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    connection.query_all_raw(statement).await.unwrap_or_else(|error| panic!("{sql}: {error}"))
}

async fn texts(app: &TestApp, sql: &str) -> Vec<String> {
    rows(app, sql).await.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

/// The tables with records: without the bookkeeping of migrations.
pub async fn tables(app: &TestApp) -> Vec<String> {
    let sql = match app.backend() {
        Backend::Sqlite => {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        }
        Backend::Postgres => {
            "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
        }
    };
    texts(app, sql).await.into_iter().filter(|table| !table.ends_with("_migration")).collect()
}

/// The columns of a table.
pub async fn columns(app: &TestApp, table: &str) -> Vec<String> {
    texts(app, &match app.backend() {
        Backend::Sqlite => format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid"),
        Backend::Postgres => format!(
            "SELECT attname::text FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
        ),
    })
    .await
}

/// The columns of each index of a table by its name, the primary key included.
async fn indexes(app: &TestApp, table: &str) -> BTreeMap<String, Vec<String>> {
    let sql = match app.backend() {
        Backend::Sqlite => format!(
            "SELECT l.name, coalesce(i.name, '?') FROM pragma_index_list('{table}') AS l, pragma_index_info(l.name) AS i ORDER BY l.name, i.seqno"
        ),
        Backend::Postgres => format!(
            "SELECT c.relname::text, coalesce(a.attname::text, '?') FROM pg_index AS i
             JOIN pg_class AS c ON c.oid = i.indexrelid
             CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(number, position)
             LEFT JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.number
             WHERE i.indrelid = '{table}'::regclass ORDER BY c.relname, k.position"
        ),
    };
    let mut indexes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in rows(app, &sql).await {
        let (name, column): (String, String) =
            (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap());
        indexes.entry(name).or_default().push(column);
    }
    indexes
}

async fn primary_key(app: &TestApp, table: &str) -> Vec<String> {
    texts(
        app,
        &match app.backend() {
            Backend::Sqlite => {
                format!("SELECT name FROM pragma_table_info('{table}') WHERE pk > 0 ORDER BY pk")
            }
            Backend::Postgres => format!(
                "SELECT a.attname::text FROM pg_index AS i
             CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(number, position)
             JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.number
             WHERE i.indrelid = '{table}'::regclass AND i.indisprimary ORDER BY k.position"
            ),
        },
    )
    .await
}

/// Indexes for what is looked for before, or in spite of, the tenant: a company by its name, who signs in, the queue and
/// the order of all events.
const OF_ALL_TENANTS: [&str; 4] =
    ["core_tenant_slug", "core_user_sign_in", "core_commit_unnumbered", "core_commit_number"];

/// Columns that name records without a reference: of any type, that may be gone, or of the kernel (users are never
/// deleted; teams are when nothing is theirs; files and jobs go when their time is over).
const LOOSE: [&str; 12] = [
    "record_id",
    "source_id",
    "actor_id",
    "request_id",
    "owner_id",
    "team_id",
    "tax_id",
    "file_id",
    "spool_id",
    "error_file_id",
    "job_id",
    "manifest_id",
];

async fn keys_begin_with_the_tenant(app: TestApp) {
    let tables = tables(&app).await;
    assert!(tables.len() >= 9, "{tables:?}");
    for table in tables {
        let key = primary_key(&app, &table).await;
        assert_eq!(key.first().map(String::as_str), Some("tenant_id"), "primary key of {table}: {key:?}");
        assert!(key.len() > 1, "{table}: {key:?}");
        let indexes = indexes(&app, &table).await;
        assert!(!indexes.is_empty(), "{table}");
        for (name, columns) in
            indexes.into_iter().filter(|(name, _)| !OF_ALL_TENANTS.contains(&name.as_str()))
        {
            assert_eq!(columns[0], "tenant_id", "index {name} of {table}: {columns:?}");
        }
    }
}

async fn references_restrict_and_stay_in_the_tenant(app: TestApp) {
    let mut found = 0;
    for table in tables(&app).await {
        // One row per reference: columns here and there, in order, and what deleting there does.
        let sql = match app.backend() {
            Backend::Sqlite => format!(
                "SELECT group_concat(\"from\", ','), group_concat(\"to\", ','), max(on_delete) || max(on_update)
                 FROM (SELECT * FROM pragma_foreign_key_list('{table}') ORDER BY id, seq) GROUP BY id"
            ),
            Backend::Postgres => format!(
                "SELECT string_agg(h.attname, ',' ORDER BY k.position), string_agg(t.attname, ',' ORDER BY k.position),
                    max(c.confdeltype::text) || max(c.confupdtype::text)
                 FROM pg_constraint AS c
                 CROSS JOIN LATERAL unnest(c.conkey, c.confkey) WITH ORDINALITY AS k(here, there, position)
                 JOIN pg_attribute AS h ON h.attrelid = c.conrelid AND h.attnum = k.here
                 JOIN pg_attribute AS t ON t.attrelid = c.confrelid AND t.attnum = k.there
                 WHERE c.contype = 'f' AND c.conrelid = '{table}'::regclass GROUP BY c.oid"
            ),
        };
        let columns = columns(&app, &table).await;
        let mut referring = Vec::new();
        for row in rows(&app, &sql).await {
            let [here, there, rules]: [String; 3] =
                [0, 1, 2].map(|position| row.try_get_by_index(position).unwrap());
            assert!(here.starts_with("tenant_id,"), "{table} ({here})");
            assert_eq!(there, "tenant_id,id", "{table} ({here})");
            assert!(
                ["RESTRICTNO ACTION", "NO ACTIONRESTRICT", "ra", "ar"].contains(&rules.as_str()),
                "{table} ({here}): {rules}"
            );
            referring.push(here["tenant_id,".len()..].to_owned());
            found += 1;
        }
        let names_records = |column: &&String| column.ends_with("_id") && *column != "tenant_id";
        for column in columns.iter().filter(names_records) {
            let loose = LOOSE.contains(&column.as_str());
            assert!(loose || referring.contains(column), "{table}.{column} refers to nothing: {referring:?}");
        }
    }
    assert!(found >= 14, "{found}");
}

async fn orderable_columns_have_an_index(app: TestApp) {
    for entity in
        app.kernel().modules.schemas().all().entities.iter().filter(|entity| entity.declaration.at_root)
    {
        let indexes = indexes(&app, entity.table()).await;
        let orders =
            entity.declaration.columns.iter().filter(|column| column.orderable && column.column != "id");
        for column in orders {
            let sorted = column.sort_column.as_ref().unwrap_or(&column.column).clone();
            let wanted = ["tenant_id".to_owned(), sorted.clone(), "id".to_owned()];
            // A unique column needs nothing to break ties.
            let serves = |columns: &Vec<String>| columns.starts_with(&wanted) || columns[..] == wanted[..2];
            assert!(indexes.values().any(serves), "{}.{sorted}: {indexes:?}", entity.table());
            if app.backend() == Backend::Postgres && column.sort_column.is_some() {
                let collation = texts(&app, &format!(
                    "SELECT c.collname::text FROM pg_attribute AS a JOIN pg_collation AS c ON c.oid = a.attcollation
                     WHERE a.attrelid = '{}'::regclass AND a.attname = '{sorted}'",
                    entity.table()
                ))
                .await;
                assert_eq!(collation, ["C"], "{}.{sorted}", entity.table());
            }
        }
    }
}

async fn both_databases_have_the_same_tables(app: TestApp) {
    let other = TestApp::start(match app.backend() {
        Backend::Sqlite => Backend::Postgres,
        Backend::Postgres => Backend::Sqlite,
    })
    .await;
    let tables = tables(&app).await;
    assert_eq!(tables, self::tables(&other).await);
    for table in tables {
        // SQLite's tables have a counter of insertions of their own.
        let of = async |app: &TestApp| -> Vec<String> {
            columns(app, &table).await.into_iter().filter(|column| column != "entry").collect()
        };
        assert_eq!(of(&app).await, of(&other).await, "{table}");
        let declared = |indexes: BTreeMap<String, Vec<String>>| -> BTreeMap<String, Vec<String>> {
            indexes
                .into_iter()
                .filter(|(name, _)| !name.ends_with("_pkey") && !name.starts_with("sqlite_autoindex"))
                .filter(|(name, _)| name != "core_commit_unnumbered")
                .collect()
        };
        assert_eq!(declared(indexes(&app, &table).await), declared(indexes(&other, &table).await), "{table}");
    }
}
