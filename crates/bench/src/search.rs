//! `shoal bench search`: how long it takes to find people by a part of a name or a number.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::json;
use shoal_core::RequestContext;
use shoal_core::module::Modules;
use shoal_core::search::rebuild;
use shoal_graphql::database::Dialect;

use crate::Failure;
use crate::arguments::{Databases, Options};
use crate::child::Server;
use crate::data::{self, Sizes, TENANT};
use crate::measure::{Measured, Subject, measure};
use crate::place::Place;
use crate::scenario::Call;
use crate::serve::Side;

/// A search may take so long, all but one of a hundred times.
const MOST_MS: f64 = 10.0;

/// What is searched for. The last has two words.
const QUERIES: [&str; 8] = ["张", "zs", "ива", "1380", "smith", "mit", "1234", "anna smith"];

/// The ways to search.
const WAYS: [(&str, &str); 2] = [
    ("search", "query($query: String!) { search(query: $query) { id title recordType matched } }"),
    (
        "filter",
        "query($query: String!) { contacts(first: 20, filter: {search: $query}) { nodes { id displayName } } }",
    ),
];

/// Measures on each database, and prints what came out.
pub(crate) async fn run(options: &Options, modules: fn() -> Modules) -> Result<ExitCode, Failure> {
    let sizes = Sizes::of(options.contacts);
    let mut met = true;
    if options.database != Databases::Postgres {
        met &= section(Place::sqlite(sizes, modules).await?, options).await?;
    }
    if options.database != Databases::Sqlite {
        met &= section(Place::postgres(options.postgres_url.clone(), sizes, modules).await?, options).await?;
    }
    Ok(if options.check && !met { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

#[expect(clippy::print_stdout, reason = "the result of a command")]
async fn section(place: Place, options: &Options) -> Result<bool, Failure> {
    println!("\n{}: {}", place.name, place.description);
    data::fill_points(place.database(), place.world.sizes).await?;
    make_terms(&place).await?;
    let server = Server::start(Side::Shoal, &place.url).await?;
    println!("way     query         conn  requests/s  CPU µs/request   p50 ms   p99 ms");
    let mut met = true;
    for (way, document) in WAYS {
        for query in
            QUERIES.into_iter().filter(|query| options.only.as_deref().is_none_or(|only| *query == only))
        {
            let call = Call::get(json!({"query": query}), "/");
            let requests = Arc::new(vec![call.for_shoal(document, &place.world.token)]);
            let subject = Subject { server: &server, requests, statements: 1 };
            for connections in &options.connections {
                let subjects = std::slice::from_ref(&subject);
                let measured = measure(subjects, *connections, Duration::from_secs(options.seconds)).await?;
                for one in &measured {
                    met &= one.errors == 0 && (*connections > 1 || way == "filter" || one.p99_ms <= MOST_MS);
                    print_line((way, query, *connections), one);
                }
            }
        }
    }
    println!(
        "{}  {}: a search alone takes at most {MOST_MS} ms (p99)",
        if met { "met   " } else { "MISSED" },
        place.name
    );
    drop(server);
    place.close().await?;
    Ok(met)
}

#[expect(clippy::print_stdout, reason = "the result of a command")]
fn print_line((way, query, connections): (&str, &str, usize), measured: &Measured) {
    let cpu = measured.cpu_micros.map_or_else(|| "n/a".to_owned(), |micros| format!("{micros:.0}"));
    let errors = if measured.errors == 0 { String::new() } else { format!("  {} ERRORS", measured.errors) };
    println!(
        "{way:<7} {query:<13} {connections:>4} {:>11.0} {cpu:>15} {:>8.2} {:>8.2}{errors}",
        measured.per_second, measured.p50_ms, measured.p99_ms,
    );
}

/// Makes the search terms, and says what they take.
#[expect(clippy::print_stdout, reason = "the result of a command")]
async fn make_terms(place: &Place) -> Result<(), Failure> {
    let kernel = place.application.kernel();
    let company = kernel.tenant(TENANT).await?.ok_or("there is no company")?;
    let context = RequestContext::operator(kernel, &company);
    let start = Instant::now();
    run_all(place, before_terms(place)).await?;
    let mut at = rebuild(&context, None).await?;
    while at.is_some() {
        at = rebuild(&context, at).await?;
    }
    run_all(place, after_terms(place)).await?;
    let took = start.elapsed().as_secs_f64();
    data::settle(place.database()).await?;
    let rows = number(place, "SELECT count(*) FROM core_term").await?;
    let bytes = match place.database().dialect() {
        Dialect::Postgres => number(place, "SELECT pg_total_relation_size('core_term')").await?,
        Dialect::Sqlite => number(
            place,
            "SELECT (SELECT page_count FROM pragma_page_count) * (SELECT page_size FROM pragma_page_size)",
        )
        .await?,
    };
    let of = match place.database().dialect() {
        Dialect::Postgres => "with their indexes",
        Dialect::Sqlite => "with all other tables",
    };
    println!("{rows} terms, {} MB {of}; made in {took:.0} s", bytes / 1_000_000);
    Ok(())
}

/// What is run before so many terms are made at once: their order is made in the end.
fn before_terms(place: &Place) -> &'static [&'static str] {
    match place.database().dialect() {
        Dialect::Postgres => &["ALTER TABLE core_term DROP CONSTRAINT core_term_pkey"],
        Dialect::Sqlite => &[
            "DROP INDEX core_term_record",
            "ALTER TABLE core_term RENAME TO bench_term",
            "CREATE TABLE core_term AS SELECT * FROM bench_term",
            "CREATE INDEX bench_term_record ON core_term (tenant_id, record_id)",
        ],
    }
}

/// What is run after it: the table and its indexes as the migration has them.
fn after_terms(place: &Place) -> &'static [&'static str] {
    match place.database().dialect() {
        Dialect::Postgres => {
            &["ALTER TABLE core_term ADD PRIMARY KEY (tenant_id, rank, token, record_id, field, source)"]
        }
        Dialect::Sqlite => &[
            "INSERT INTO bench_term SELECT * FROM core_term \
             ORDER BY tenant_id, rank, token, record_id, field, source",
            "DROP TABLE core_term",
            "ALTER TABLE bench_term RENAME TO core_term",
            "CREATE INDEX core_term_record ON core_term (tenant_id, record_id, token, rank, field)",
        ],
    }
}

async fn run_all(place: &Place, statements: &[&str]) -> Result<(), Failure> {
    for statement in statements {
        place.database().writer().execute_unprepared(statement).await?;
    }
    Ok(())
}

async fn number(place: &Place, sql: &str) -> Result<i64, Failure> {
    let statement = Statement::from_string(place.database().dialect().backend(), sql);
    let row = place.database().writer().query_one_raw(statement).await?.ok_or("no answer")?;
    Ok(row.try_get_by_index(0)?)
}
