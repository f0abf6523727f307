//! How both databases find the rows of the main lists: by an index, without sorting.

use sea_orm::{ConnectionTrait as _, DbBackend, QueryResult, Statement};
use serde_json::{Value as Json, json};
use shoal_testkit::{Backend, SqlLog, TestApp};

use crate::bulk;
use crate::catalogue::rows;
use crate::support::both_databases;

both_databases!(lists_use_their_indexes);

/// The lists, and what their plan may not do.
const LISTS: &[(&str, &str)] = &[
    ("default order", "{ contacts(first: 20) { nodes { id displayName } } }"),
    ("by name", "{ contacts(first: 20, orderBy: {displayName: ASC}) { nodes { id } } }"),
    ("by name, downwards", "{ contacts(first: 20, orderBy: {displayName: DESC}) { nodes { id } } }"),
    ("by creation", "{ contacts(first: 20, orderBy: {createdAt: DESC}) { nodes { id } } }"),
    (
        "by family name",
        "query($after: String) { contacts(first: 20, after: $after, orderBy: {familyName: ASC}) { nodes { id } pageInfo { endCursor } } }",
    ),
    (
        "by family name, downwards",
        "query($after: String) { contacts(first: 20, after: $after, orderBy: {familyName: DESC}) { nodes { id } pageInfo { endCursor } } }",
    ),
    (
        "by family name, backwards",
        "query($after: String) { contacts(last: 20, before: $after, orderBy: {familyName: ASC}) { nodes { id } pageInfo { endCursor: startCursor } } }",
    ),
    (
        "one contact",
        "{ contact(id: \"01900000-0000-7000-9001-000000000011\") { displayName account { name } tags { name } emails { address } } }",
    ),
    (
        "contacts of accounts",
        "{ accounts(first: 20, orderBy: {name: ASC}) { nodes { name contacts(first: 5) { nodes { displayName } } } } }",
    ),
    (
        "accounts of contacts",
        "{ contacts(first: 20, orderBy: {displayName: ASC}) { nodes { account { name } tags { name } } } }",
    ),
    ("tags", "{ tags(orderBy: {name: ASC}) { nodes { name } } }"),
    (
        "children",
        "{ accounts(first: 5) { nodes { children(first: 3) { nodes { name } } parent { name } } } }",
    ),
    (
        "beginning of a name",
        "{ contacts(first: 5, filter: {familyName: {startsWith: \"family 00001\"}}, orderBy: {familyName: ASC}) { nodes { id } } }",
    ),
];

async fn lists_use_their_indexes(app: TestApp) {
    bulk::people(&app, 20_000).await;
    let log = SqlLog::start();
    for (name, query) in LISTS {
        let mut after = Json::Null;
        // The first page, and one behind a cursor.
        for _ in 0..2 {
            log.take();
            let data = app.data(query, json!({"after": after})).await;
            let statements = log.take();
            assert!(!statements.is_empty(), "{name}: no statement in the log");
            for sql in statements {
                let plan = plan(&app, &sql).await;
                let bad = bad_steps(app.backend(), &sql, &plan);
                assert!(bad.is_empty(), "{name}: {bad:?}\n{sql}\n{}", plan.join("\n"));
            }
            after = data["contacts"]["pageInfo"]["endCursor"].clone();
            if after.is_null() {
                break;
            }
        }
    }
}

/// What the database would do, line by line, whatever the values of the parameters.
pub async fn plan(app: &TestApp, sql: &str) -> Vec<String> {
    match app.backend() {
        Backend::Sqlite => {
            let lines = rows(app, &format!("EXPLAIN QUERY PLAN {sql}")).await;
            lines.iter().map(|row: &QueryResult| row.try_get("", "detail").unwrap()).collect()
        }
        Backend::Postgres => {
            let most = (1..=40).rev().find(|number| sql.contains(&format!("${number}"))).unwrap_or(0);
            let nulls = vec!["NULL"; most].join(", ");
            let arguments = if most == 0 { String::new() } else { format!("({nulls})") };
            // All on one connection.
            let transaction = app.database().begin().await.unwrap();
            let prepare =
                format!("SET LOCAL plan_cache_mode = force_generic_plan; PREPARE explained AS {sql}");
            transaction.execute_unprepared(&prepare).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
            let explain = format!("EXPLAIN (COSTS OFF) EXECUTE explained{arguments}");
            let lines = transaction.query_all_raw(Statement::from_string(DbBackend::Postgres, explain)).await;
            transaction.execute_unprepared("DEALLOCATE explained").await.unwrap();
            transaction.rollback().await.unwrap();
            lines.unwrap().iter().map(|row: &QueryResult| row.try_get_by_index(0).unwrap()).collect()
        }
    }
}

/// Tables that are large here. Of a thousand accounts PostgreSQL may rightly read all.
const LARGE: [&str; 3] = ["contacts_contact", "contacts_contact_role", "contacts_contact_tag"];

/// Steps that read a whole large table, or sort one.
fn bad_steps(backend: Backend, sql: &str, plan: &[String]) -> Vec<String> {
    let mut bad = Vec::new();
    for line in plan {
        let scans = match backend {
            // SQLite names the alias.
            Backend::Sqlite => LARGE.iter().any(|table| {
                let named = format!("\"{table}\" AS ");
                let alias = sql.split(named.as_str()).skip(1);
                let mut aliases = alias.filter_map(|rest| rest.split(|c: char| !c.is_alphanumeric()).next());
                aliases.any(|alias| line.strip_prefix("SCAN ").is_some_and(|scan| scan == alias))
            }),
            Backend::Postgres => {
                LARGE.iter().any(|table| format!("{line} ").contains(&format!("Seq Scan on {table} ")))
            }
        };
        if scans {
            bad.push(line.clone());
        }
    }
    // Relations sort what each parent has; lists sort nothing.
    let of_parents = plan.iter().any(|line| line.contains("VIRTUAL TABLE")) || sql.contains("\" AS m ");
    if backend == Backend::Sqlite && !of_parents {
        bad.extend(plan.iter().filter(|line| line.contains("TEMP B-TREE FOR ORDER BY")).cloned());
    }
    bad
}
