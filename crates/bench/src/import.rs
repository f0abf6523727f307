//! `shoal bench import`: how fast a file becomes contacts, and what each kind of column costs.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use shoal_core::module::Modules;
use shoal_core::{RequestContext, file, job};
use tempfile::TempDir;

use crate::Failure;
use crate::arguments::{Databases, Options};
use crate::data::{Random, Sizes, TENANT, person};
use crate::place::{Place, answer};

/// Rows that PostgreSQL takes in a second, with all columns.
const LEAST_PER_SECOND: f64 = 5_000.0;

/// How often the progress is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// Columns that come together: each file has these and those of all before.
const COLUMNS: [(&str, &[&str]); 6] = [
    ("names", &["First name", "Last name"]),
    ("details", &["Job title", "Birthday", "Language"]),
    ("tags", &["Tags"]),
    ("e-mail", &["E-mail"]),
    ("phone", &["Phone"]),
    ("account", &["Company"]),
];

const JOBS: [&str; 5] = ["Buyer", "Head of purchasing", "Engineer", "采购经理", "Главный бухгалтер"];
const LANGUAGES: [&str; 3] = ["en", "zh-CN", "ru"];

/// Measures on each database, and prints what came out.
pub(crate) async fn run(options: &Options, modules: fn() -> Modules) -> Result<ExitCode, Failure> {
    let mut met = true;
    if options.database != Databases::Sqlite {
        met &= section(options, modules, true).await?;
    }
    if options.database != Databases::Postgres {
        met &= section(options, modules, false).await?;
    }
    Ok(if options.check && !met { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

#[expect(clippy::print_stdout, reason = "the result of a command")]
async fn section(options: &Options, modules: fn() -> Modules, postgres: bool) -> Result<bool, Failure> {
    let (mut before, mut rate) = (None, 0.0);
    for (position, (name, _)) in COLUMNS.iter().enumerate() {
        if options.only.as_deref().is_some_and(|only| only != *name) {
            continue;
        }
        // Each begins with the same few records.
        let sizes = Sizes::of(100);
        let place = if postgres {
            Place::postgres(options.postgres_url.clone(), sizes, modules).await?
        } else {
            Place::sqlite(sizes, modules).await?
        };
        if before.is_none() {
            println!("\n{}: {}; {} rows", place.name, place.description, options.contacts);
            println!("with also   read rows/s   import rows/s   µs per row   more than before");
        }
        let (folder, people, companies) = lists(options.contacts, position)?;
        if position + 1 == COLUMNS.len() {
            Box::pin(import(&place, "Account", &companies)).await?;
        }
        let (read, imported) = Box::pin(import(&place, "Contact", &people)).await?;
        folder.close()?;
        #[expect(clippy::cast_precision_loss, reason = "a number of rows")]
        let rows = options.contacts as f64;
        let micros = imported.as_secs_f64() * 1e6 / rows;
        rate = rows / imported.as_secs_f64();
        let more = before.map_or_else(String::new, |before: f64| format!("{:.0}", micros - before));
        println!("{name:<10} {:>12.0} {rate:>15.0} {micros:>12.0} {more:>18}", rows / read.as_secs_f64());
        before = Some(micros);
        place.close().await?;
    }
    let met = !postgres || rate >= LEAST_PER_SECOND;
    if postgres {
        let word = if met { "met   " } else { "MISSED" };
        println!("{word}  at least {LEAST_PER_SECOND:.0} rows per second with all columns");
    }
    Ok(met)
}

/// A file of so many people, with the columns up to a position, and one of their companies.
fn lists(contacts: usize, last: usize) -> Result<(TempDir, PathBuf, PathBuf), Failure> {
    let folder = tempfile::tempdir()?;
    let companies = folder.path().join("companies.csv");
    let rows = (0..=contacts / 5).map(|number| format!("Company {number}\n"));
    std::fs::write(&companies, format!("Company\n{}", rows.collect::<String>()))?;
    let path = folder.path().join("people.csv");
    let mut out = std::io::BufWriter::new(std::fs::File::create(&path)?);
    let header: Vec<&str> = COLUMNS[..=last].iter().flat_map(|(_, names)| names.iter().copied()).collect();
    writeln!(out, "{}", header.join(","))?;
    let mut random = Random::new(5);
    for number in 0..contacts {
        let person = person(&mut random);
        let cells = [
            format!("{},{}", person.given, person.family),
            format!(
                "{},{}-{:02}-{:02},{}",
                random.pick(&JOBS),
                1950 + random.below(55),
                1 + random.below(12),
                1 + random.below(28),
                random.pick(&LANGUAGES)
            ),
            format!("tag {}", random.below(50)),
            format!("person.{number}@company-{}.example", number / 5),
            format!("+49 171 {:07}", random.below(10_000_000)),
            format!("Company {}", number / 5),
        ];
        writeln!(out, "{}", cells[..=last].join(","))?;
    }
    out.flush()?;
    Ok((folder, path, companies))
}

/// How long it takes to read the file, and to bring its rows in.
async fn import(place: &Place, record_type: &str, list: &Path) -> Result<(Duration, Duration), Failure> {
    let kernel = place.application.kernel();
    let company = kernel.tenant(TENANT).await?.ok_or("there is no company")?;
    let context = RequestContext::operator(kernel, &company);
    let stored = file::copy_from(&context, "people.csv", list).await?;
    stored.keep(&context).await?;
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let worker = tokio::spawn(job::run(Arc::clone(kernel), 1, async { drop(ended.await) }));
    let begin = Instant::now();
    let input = json!({"fileId": stored.id, "recordType": record_type});
    let import = mutate(place, "importCreate", "ImportCreate", input).await?;
    wait(place, &import, "READY").await?;
    let reading = begin.elapsed();
    let begin = Instant::now();
    mutate(place, "importStart", "ImportChoice", json!({"id": import["id"]})).await?;
    let done = wait(place, &import, "DONE").await?;
    let importing = begin.elapsed();
    if done["refusedRows"] != json!(0) {
        return Err(format!("rows were refused: {done}").into());
    }
    drop(end);
    worker.await?;
    Ok((reading, importing))
}

async fn mutate(place: &Place, name: &str, input_type: &str, input: Json) -> Result<Json, Failure> {
    let document =
        format!("mutation($input: {input_type}!) {{ {name}(input: $input) {{ import {{ id version }} }} }}");
    Ok(answer(&place.application, &document, &json!({ "input": input })).await?[name]["import"].take())
}

async fn wait(place: &Place, import: &Json, state: &str) -> Result<Json, Failure> {
    let document = "query($id: ID!) { import(id: $id) { state error refusedRows job { state error } } }";
    loop {
        let now = answer(&place.application, document, &json!({"id": import["id"]})).await?["import"].take();
        if now["state"] == state {
            return Ok(now);
        }
        if now["state"] == "FAILED" || now["job"]["state"] == "FAILED" {
            return Err(format!("the import has failed: {now}").into());
        }
        tokio::time::sleep(LOOK).await;
    }
}
