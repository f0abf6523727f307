//! `shoal search`: what records are found by.

use std::process::ExitCode;

use clap::Subcommand;
use serde_json::json;
use shoal_core::RequestContext;
use shoal_core::module::Composition;
use shoal_core::search::rebuild;
use shoal_core::tenancy::tenants;
use shoal_gateway::config::Config;

use crate::cli::Failure;
use crate::operate::{Common, company, print};
use crate::serve::open;

/// `shoal search`
#[derive(Debug, Subcommand)]
pub enum SearchCommand {
    /// Make the search terms of all records anew, of all companies or of the one that is named: once in a database that is
    /// older than the search. Others may go on working.
    #[command(after_help = "Examples:\n  shoal search rebuild\n  shoal search rebuild --tenant north")]
    Rebuild,
}

/// Runs `shoal search …`.
pub async fn run(
    config: &Config,
    modules: Composition,
    command: &SearchCommand,
    common: &Common,
) -> Result<ExitCode, Failure> {
    let kernel = open(config, modules).await?;
    let mut companies = Vec::new();
    if common.tenant.is_some() {
        companies.push(company(&kernel, common).await?);
    } else {
        for (id, _) in tenants(&kernel).await? {
            companies.extend(kernel.tenant(id).await?);
        }
    }
    let SearchCommand::Rebuild = command;
    let mut rows = Vec::with_capacity(companies.len());
    for company in companies {
        let context = RequestContext::operator(&kernel, &company);
        let mut at = rebuild(&context, None).await?;
        while at.is_some() {
            at = rebuild(&context, at).await?;
        }
        rows.push(json!({"company": company.slug, "search": "is rebuilt"}));
    }
    print(common.json, &rows, &["company", "search"]);
    Ok(ExitCode::SUCCESS)
}
