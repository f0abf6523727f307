//! Measures reads and writes.

use std::process::ExitCode;

use shoal_graphql::catalog::Catalog;

/// `shoal bench`
#[derive(Debug, clap::Args)]
pub struct Arguments {}

/// Runs the benchmark.
///
/// # Errors
/// None yet.
pub async fn run(_: Arguments, _: Catalog) -> Result<ExitCode, Box<dyn std::error::Error + Send + Sync>> {
    Ok(ExitCode::SUCCESS)
}
