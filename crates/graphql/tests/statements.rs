//! The statements that are sent, and how the databases run them.

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};

use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::{Value as Json, json};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::common::world::World;
use crate::common::{Backend, Library};

/// Keeps the text of the statements of this thread.
#[derive(Clone, Default)]
struct Statements(Arc<Mutex<Vec<String>>>);

impl Visit for &Statements {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "sql" {
            self.0.lock().expect("no panic").push(format!("{value:?}"));
        }
    }
}

impl Subscriber for Statements {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("shoal_graphql")
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        event.record(&mut &*self);
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// The statements that a query sends, as SQL.
pub async fn statements(library: &Library, query: &str, variables: Json) -> Vec<String> {
    // The place in the code that traces statements must be known before anybody listens: what another thread makes known at
    // that very moment may be left out.
    library.data(query, variables.clone()).await;
    let statements = Statements::default();
    let guard = tracing::subscriber::set_default(statements.clone());
    library.data(query, variables).await;
    drop(guard);
    std::mem::take(&mut *statements.0.lock().expect("no panic"))
}

/// How the database would run a statement, whatever the values.
async fn plan(library: &Library, sql: &str) -> String {
    let connection = library.context.reader.connection();
    let backend = library.context.reader.dialect().backend();
    let (explain, column) = match library.backend {
        Backend::Sqlite => (format!("EXPLAIN QUERY PLAN {sql}"), "detail"),
        Backend::Postgres => {
            let count = (1..100).take_while(|number| sql.contains(&format!("${number}"))).count();
            let nulls = vec!["NULL"; count].join(", ");
            library.context.run("SET plan_cache_mode = force_generic_plan").await;
            library.context.run(&format!("PREPARE p AS {sql}")).await;
            let given = if nulls.is_empty() { String::new() } else { format!("({nulls})") };
            (format!("EXPLAIN EXECUTE p{given}"), "QUERY PLAN")
        }
    };
    let rows = connection.query_all_raw(Statement::from_string(backend, explain)).await.expect("a plan");
    if library.backend == Backend::Postgres {
        library.context.run("DEALLOCATE p").await;
    }
    let lines = rows.iter().map(|row| row.try_get::<String>("", column).expect("a line"));
    lines.collect::<Vec<_>>().join("\n")
}

/// What is asked, and what must stand in the plans on SQLite and on PostgreSQL.
const CASES: &[(&str, &[&str], &[&str])] = &[
    ("{ books { nodes { title } } }", &["(tenant_id=?)"], &["Index Scan using lib_book_pkey"]),
    (
        "{ books(orderBy: {title: DESC}) { nodes { pages } } }",
        &["lib_book_title (tenant_id=?)"],
        &["Index Scan Backward using lib_book_title"],
    ),
    (
        "{ books(orderBy: {subtitle: DESC}) { nodes { pages } } }",
        &["SEARCH t USING INDEX lib_book_subtitle (tenant_id=?)"],
        &[
            "((tenant_id = $1) AND (subtitle_sort IS NOT NULL))",
            "((tenant_id = $1) AND (subtitle_sort IS NULL))",
        ],
    ),
    (
        "query($c: String) { books(orderBy: {subtitle: ASC}, after: $c) { nodes { pages } pageInfo { endCursor } } }",
        &["(tenant_id=? AND (subtitle_sort,id)>(?,?))", "(tenant_id=? AND subtitle_sort=?)"],
        &[
            "((tenant_id = $1) AND (ROW(subtitle_sort, id) > ROW($2, $3)))",
            "((tenant_id = $1) AND (subtitle_sort IS NULL))",
        ],
    ),
    (
        "{ authors { nodes { books(orderBy: {title: ASC}) { nodes { pages } } } } }",
        &["SEARCH c USING INDEX lib_book_author (tenant_id=? AND author_id=?)"],
        &["Index Scan using lib_book_author on lib_book t"],
    ),
    (
        "{ books { nodes { tags { nodes { name } totalCount } words { nodes { name } } } } }",
        &[
            "SEARCH m USING COVERING INDEX sqlite_autoindex_lib_book_tag_1 (tenant_id=? AND book_id=?)\nSEARCH c USING",
        ],
        &["((tenant_id = $2) AND (book_id = p.key))", "((tenant_id = $1) AND (book_id = ANY ($2)))"],
    ),
    (
        "{ books(filter: {author: {name: {startsWith: \"a\"}}}) { nodes { author { name } } } }",
        &["lib_author_1 (tenant_id=? AND id=?)"],
        &["lib_author_pkey"],
    ),
    (
        "{ booksAggregate(groupBy: {author: {field: NAME}}) { count } }",
        &["SEARCH g0_0 USING INDEX sqlite_autoindex_lib_author_1 (tenant_id=? AND id=?) LEFT-JOIN"],
        &["lib_author_pkey on lib_author g0_0"],
    ),
];

#[tokio::test]
async fn indexes_serve_pages_and_relations() {
    let world = World::random(31, 300);
    // A file of SQLite may never have had statistics.
    for (backend, analysed) in [(Backend::Sqlite, false), (Backend::Sqlite, true), (Backend::Postgres, true)]
    {
        let library = Library::on_one_connection(backend).await;
        world.store(&library.context).await;
        if analysed {
            library.context.run("ANALYZE").await;
        }
        if backend == Backend::Postgres {
            // The tables are small: ask what can be done, not what is cheapest.
            library
                .context
                .run("SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_hashjoin = off")
                .await;
        }
        for (query, on_sqlite, on_postgres) in CASES {
            let mut cursor = Json::Null;
            if query.contains("$c") {
                cursor = library.data(query, json!({})).await["books"]["pageInfo"]["endCursor"].take();
            }
            let mut plans = String::new();
            for sql in statements(&library, query, json!({ "c": cursor })).await {
                let _ = writeln!(plans, "{sql}\n{}", plan(&library, &sql).await);
            }
            assert!(!plans.contains("Seq Scan"), "{backend}: {query}:\n{plans}");
            let wanted = if backend == Backend::Sqlite { on_sqlite } else { on_postgres };
            for line in *wanted {
                assert!(plans.contains(line), "{backend}: {query}: no {line} in\n{plans}");
            }
        }
    }
}
