//! `shoal load` and the demo company: rows of upserts, through the API as any client.

use std::fs::File;
use std::io::IsTerminal as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value as Json, json};
use shoal_contacts::load::{LoadError, LoadRow, Rows, check};
use shoal_core::module::Composition;
use shoal_core::tenancy::{Tenant, tenants};
use shoal_core::{Kernel, RequestContext, setup};
use shoal_gateway::Application;
use shoal_gateway::config::Config;
use shoal_graphql::request::Request;

use crate::cli::Failure;
use crate::serve::open;

/// Rows of one mutation.
const BATCH: usize = 500;

const ACCOUNTS: &str = "mutation LoadAccounts($rows: [AccountUpsert!]!) {
  saved: accountUpsertMany(input: $rows) { results { id error { code message fields { path message } } } }
}";
const CONTACTS: &str = "mutation LoadContacts($rows: [ContactUpsert!]!) {
  saved: contactUpsertMany(input: $rows) { results { id error { code message fields { path message } } } }
}";
const COUNT: &str = "query CountAccounts { accounts(first: 0) { totalCount } }";

/// The company that rows go into.
pub(crate) type Place<'p> = (&'p Application, &'p Arc<Tenant>);

/// The oldest company.
pub async fn oldest_company(kernel: &Arc<Kernel>) -> Result<Arc<Tenant>, Failure> {
    setup::first_company(kernel, false).await?;
    let (id, _) = tenants(kernel).await?.into_iter().next().ok_or("there is no company")?;
    kernel.tenant(id).await?.ok_or_else(|| "there is no company".into())
}

/// What became of a file.
#[derive(Debug, Default)]
struct Outcome {
    rows: usize,
    accounts: usize,
    contacts: usize,
    refused: Vec<Json>,
}

/// `shoal load`
pub async fn run(
    config: &Config,
    modules: Composition,
    file: &Path,
    as_json: bool,
) -> Result<ExitCode, Failure> {
    let mut opened =
        File::open(file).map_err(|error| format!("{} cannot be opened: {error}", file.display()))?;
    // First of all, so that half a file is not loaded.
    let progress = ProgressBar::new(check(&mut opened)?);
    let kernel = open(config, modules).await?;
    let application = Application::new(Arc::clone(&kernel), config);
    let company = oldest_company(&kernel).await?;
    if as_json || !std::io::stderr().is_terminal() {
        progress.set_draw_target(indicatif::ProgressDrawTarget::hidden());
    }
    progress.set_style(ProgressStyle::with_template("{bar:40} {pos}/{len} rows, {per_sec}, {eta} left")?);
    let outcome = save((&application, &company), Rows::new(opened)?, &progress).await?;
    progress.finish_and_clear();
    report(&outcome, as_json);
    Ok(if outcome.refused.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Fills a database that has no accounts with a small company of invention.
pub async fn demo(application: &Application, company: &Arc<Tenant>) -> Result<(), Failure> {
    let counted = mutate((application, company), COUNT, json!({})).await?;
    if counted["accounts"]["totalCount"] == json!(0) {
        demo_contacts(application, company).await?;
    }
    Ok(setup::fill_demo(application.kernel(), company).await?)
}

async fn demo_contacts(application: &Application, company: &Arc<Tenant>) -> Result<(), Failure> {
    let demo: Json = serde_json::from_str(include_str!("../demo/company.json"))?;
    let empty = Vec::new();
    let mut rows = Vec::new();
    for (number, account) in (1..).zip(demo["accounts"].as_array().unwrap_or(&empty)) {
        let mut account = account.clone();
        let people =
            account.as_object_mut().and_then(|account| account.remove("contacts")).unwrap_or_default();
        let mut people = people.as_array().cloned().unwrap_or_default().into_iter();
        rows.push(LoadRow { line: number, account: account.clone(), contact: people.next() });
        for person in people {
            rows.push(LoadRow { line: number, account: account.clone(), contact: Some(person) });
        }
    }
    let outcome = save((application, company), rows.into_iter().map(Ok), &ProgressBar::hidden()).await?;
    match outcome.refused.first() {
        None => {
            tracing::info!(contacts = outcome.contacts, "the demo company is there");
            Ok(())
        }
        Some(refused) => Err(format!("the demo company was refused: {refused}").into()),
    }
}

async fn save(
    place: Place<'_>,
    mut rows: impl Iterator<Item = Result<LoadRow, LoadError>>,
    progress: &ProgressBar,
) -> Result<Outcome, Failure> {
    let mut outcome = Outcome::default();
    loop {
        let batch: Vec<LoadRow> = rows.by_ref().take(BATCH).collect::<Result<_, _>>()?;
        if batch.is_empty() {
            return Ok(outcome);
        }
        outcome.rows += batch.len();
        let accounts: Vec<&Json> = batch.iter().map(|row| &row.account).collect();
        let ids =
            upsert(place, ACCOUNTS, json!(accounts), batch.iter().map(|row| row.line), &mut outcome).await?;
        outcome.accounts += ids.iter().flatten().count();
        let people = batch.iter().zip(&ids).filter_map(|(row, account)| {
            let mut person = row.contact.clone()?;
            person.as_object_mut()?.insert("accountId".to_owned(), account.clone()?);
            Some((row.line, person))
        });
        let (lines, people): (Vec<u64>, Vec<Json>) = people.unzip();
        if !people.is_empty() {
            let ids = upsert(place, CONTACTS, json!(people), lines.into_iter(), &mut outcome).await?;
            outcome.contacts += ids.iter().flatten().count();
        }
        progress.inc(batch.len() as u64);
    }
}

/// Runs a mutation of many rows: the id of each row that was not refused.
async fn upsert(
    place: Place<'_>,
    document: &str,
    rows: Json,
    lines: impl Iterator<Item = u64>,
    outcome: &mut Outcome,
) -> Result<Vec<Option<Json>>, Failure> {
    let data = mutate(place, document, json!({ "rows": rows })).await?;
    let results = data["saved"]["results"].as_array().cloned().unwrap_or_default();
    let ids = results.into_iter().zip(lines).map(|(result, line)| {
        let error = &result["error"];
        if !error.is_null() {
            outcome.refused.push(json!({
                "line": line, "code": error["code"], "message": error["message"], "fields": error["fields"],
            }));
        }
        Some(result["id"].clone()).filter(|id| !id.is_null())
    });
    Ok(ids.collect())
}

/// The data of a request; its first error otherwise.
pub(crate) async fn mutate(
    (application, company): Place<'_>,
    document: &str,
    variables: Json,
) -> Result<Json, Failure> {
    let variables = variables.as_object().cloned();
    let context = RequestContext::operator(application.kernel(), company);
    let request = Request { query: document.to_owned(), variables, ..Request::default() };
    let response: Json = serde_json::from_slice(&Box::pin(application.answer(&request, context)).await.body)?;
    match response["errors"][0]["message"].as_str() {
        Some(message) => Err(message.to_owned().into()),
        None => Ok(response["data"].clone()),
    }
}

#[expect(clippy::print_stdout, reason = "the output of the command")]
fn report(outcome: &Outcome, as_json: bool) {
    if as_json {
        let Outcome { rows, accounts, contacts, refused } = outcome;
        println!("{}", json!({"rows": rows, "accounts": accounts, "contacts": contacts, "refused": refused}));
        return;
    }
    println!("{} rows: {} accounts and {} contacts saved", outcome.rows, outcome.accounts, outcome.contacts);
    for refused in &outcome.refused {
        println!("  line {} refused: {}", refused["line"], refused["message"].as_str().unwrap_or_default());
    }
}
