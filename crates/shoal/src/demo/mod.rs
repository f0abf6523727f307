//! `shoal demo`: a company of invention with customers in three scripts, with the dirt and the duplicates that real lists have. It
//! is imported as any other list, so that it can be taken back, and is the same at each seed.

mod company;
mod dirt;
mod table;
mod world;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use serde_json::json;
use shoal_core::module::Composition;
use shoal_core::setup;
use shoal_core::tenancy::{ModuleState, Tenant};
use shoal_gateway::Application;
use shoal_gateway::config::Config;

use crate::cli::Failure;
use crate::client::{Place, ask, with_worker};
use crate::import::{Import, import};
use crate::operate::{Common, company, print};
use crate::serve::open;

/// People of the small one, which `shoal serve --demo` shows.
const SMALL: u64 = 200;

/// The seed of the small one, which has something of everything: gold customers with managers, and all three languages.
const SEED: u64 = 54;

/// People that are made at once: more than any company has customers, whose lists fit on a disk.
const MOST: u64 = 10_000_000;

const COUNT: &str = "query CountAccounts { accounts(first: 0) { totalCount } }";

/// `shoal demo`
#[derive(Debug, Args)]
pub struct Demo {
    /// How many people, with their companies: about a quarter as many. If there are fewer of the same seed already, the others are added.
    #[arg(long, value_name = "N", value_parser = people)]
    contacts: Option<u64>,
    /// Another one makes other people.
    #[arg(long, default_value_t = SEED)]
    seed: u64,
    /// Only write the lists into this folder, as companies.csv and people.csv.
    #[arg(long)]
    folder: Option<PathBuf>,
    #[command(flatten)]
    common: Common,
}

fn people(text: &str) -> Result<u64, String> {
    let number: u64 = text.parse().map_err(|_| "expected a whole number".to_owned())?;
    if number > MOST {
        return Err("at most 10,000,000 people can be made at once".to_owned());
    }
    Ok(number)
}

/// Runs `shoal demo`.
pub async fn run(config: &Config, modules: Composition, demo: &Demo) -> Result<ExitCode, Failure> {
    if let Some(folder) = &demo.folder {
        let lists = [folder.join("companies.csv"), folder.join("people.csv")];
        let (companies, people) = write(demo.seed, demo.contacts.unwrap_or(SMALL), &lists)?;
        let rows = lists.iter().zip([companies, people]);
        let rows: Vec<_> = rows.map(|(file, rows)| json!({ "file": file, "rows": rows })).collect();
        print(demo.common.json, &rows, &["file", "rows"]);
        return Ok(ExitCode::SUCCESS);
    }
    let kernel = open(config, modules).await?;
    setup::first_company(&kernel, true).await?;
    let company = company(&kernel, &demo.common).await?;
    let application = Application::new(Arc::clone(&kernel), config);
    let place = (application.as_ref(), &company);
    match demo.contacts {
        None => fill(place).await?,
        Some(contacts) => {
            expect_contacts(&company)?;
            let filling = import_lists(place, demo.seed, contacts, demo.common.json);
            with_worker(&kernel, filling).await?;
            setup::fill_demo(&kernel, &company).await?;
        }
    }
    let counts = "{ accounts { totalCount } contacts { totalCount } }";
    let counts = ask(place, counts, json!({})).await?;
    let (accounts, contacts) = (&counts["accounts"]["totalCount"], &counts["contacts"]["totalCount"]);
    let row = json!({"company": company.slug, "accounts": accounts, "contacts": contacts});
    print(demo.common.json, &[row], &["company", "accounts", "contacts"]);
    Ok(ExitCode::SUCCESS)
}

/// Fills a company that has no accounts with the small demo, and its modules that have no records with theirs.
pub(crate) async fn fill(place: Place<'_>) -> Result<(), Failure> {
    let (application, company) = place;
    expect_contacts(company)?;
    if ask(place, COUNT, json!({})).await?["accounts"]["totalCount"] == json!(0) {
        with_worker(application.kernel(), import_lists(place, SEED, SMALL, true)).await?;
    }
    Ok(setup::fill_demo(application.kernel(), company).await?)
}

/// Customers are the business of a module.
fn expect_contacts(company: &Tenant) -> Result<(), Failure> {
    if company.state("contacts") == ModuleState::Enabled {
        return Ok(());
    }
    let slug = &company.slug;
    Err(format!(
        "the demo needs the module contacts, which {slug} has not enabled; enable it by \
         `shoal module change enable contacts --tenant {slug}`"
    )
    .into())
}

fn write(seed: u64, contacts: u64, [companies, people]: &[PathBuf; 2]) -> Result<(u64, u64), Failure> {
    if let Some(folder) = companies.parent() {
        std::fs::create_dir_all(folder)
            .map_err(|error| format!("{} cannot be made: {error}", folder.display()))?;
    }
    table::write(seed, contacts, (companies, people))
}

/// Imports companies and so many people; those that are there already stay as they are.
async fn import_lists(place: Place<'_>, seed: u64, contacts: u64, quiet: bool) -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let lists = ["companies.csv", "people.csv"].map(|name| folder.path().join(name));
    write(seed, contacts, &lists)?;
    for (list, record_type) in lists.iter().zip(["Account", "Contact"]) {
        import_list(place, list, record_type, quiet).await?;
    }
    Ok(())
}

async fn import_list(place: Place<'_>, list: &Path, record_type: &str, quiet: bool) -> Result<(), Failure> {
    let mut wanted = Import::upsert(list, record_type, "externalId:demo", quiet);
    if record_type == "Contact" {
        wanted.maps.push("accountId=accountId:externalId:demo".to_owned());
    }
    let done = import(place, &wanted).await?;
    match done["refusedRows"].as_i64() {
        Some(0) => {
            tracing::info!(record_type, rows = %done["totalRows"], "the demo is there");
            Ok(())
        }
        refused => {
            Err(format!("{refused:?} rows of the demo were refused: see import {}", done["id"]).into())
        }
    }
}
