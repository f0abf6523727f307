//! `shoal export`: a list becomes a file, by the same job as through the API.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use sea_orm::prelude::Uuid;
use serde_json::{Value as Json, json};
use shoal_core::module::Composition;
use shoal_core::{RequestContext, file};
use shoal_gateway::Application;
use shoal_gateway::config::Config;

use crate::cli::Failure;
use crate::client::{Place, ask, followed, progress, with_worker};
use crate::operate::{Common, company};
use crate::serve::open;

const FIELDS: &str = "rowCount bytes sha256 file { id } manifest { id }";

/// `shoal export`
#[derive(Debug, Args)]
pub struct Export {
    /// The file to write. Its manifest is put beside it.
    file: PathBuf,
    /// What the rows are, such as Contact or Account.
    #[arg(long = "type", default_value = "Contact")]
    record_type: String,
    /// What kind of file; by its name if not said.
    #[arg(long)]
    format: Option<Format>,
    /// The list's filter, as JSON.
    #[arg(long, value_parser = parsed)]
    filter: Option<Json>,
    /// The list's order, as JSON.
    #[arg(long, value_parser = parsed)]
    order: Option<Json>,
    /// Columns, `givenName,account.name=Company,emails.*.address=Mail #`; those that an import understands if not said.
    #[arg(long, value_delimiter = ',')]
    columns: Vec<String>,
    #[command(flatten)]
    common: Common,
}

/// What kind of file.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// Comma-separated values.
    Csv,
    /// An Excel workbook.
    Xlsx,
    /// Cards.
    #[value(alias = "vcf")]
    Vcard,
    /// A line of JSON for each record.
    Jsonl,
}

fn parsed(text: &str) -> Result<Json, serde_json::Error> {
    serde_json::from_str(text)
}

/// Runs `shoal export`. What fails leaves no file.
pub async fn run(config: &Config, modules: Composition, export: &Export) -> Result<ExitCode, Failure> {
    let format = export.format()?;
    let kernel = open(config, modules).await?;
    let company = company(&kernel, &export.common).await?;
    let application = Application::new(Arc::clone(&kernel), config);
    with_worker(&kernel, export.write((&application, &company), format)).await
}

impl Export {
    fn format(&self) -> Result<&'static str, Failure> {
        let ending = self.file.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        let by_name = || ending.and_then(|ending| Format::from_str(&ending, true).ok());
        Ok(match self.format.or_else(by_name) {
            Some(Format::Csv) => "CSV",
            Some(Format::Xlsx) => "XLSX",
            Some(Format::Vcard) => "VCARD",
            Some(Format::Jsonl) => "JSONL",
            None => {
                return Err("say what kind of file it is to be: --format csv, xlsx, vcard or jsonl".into());
            }
        })
    }

    async fn write(&self, place: Place<'_>, format: &str) -> Result<ExitCode, Failure> {
        let column = |text: &String| match text.split_once('=') {
            Some((path, name)) => json!({"path": path, "name": name}),
            None => json!({ "path": text }),
        };
        let columns: Vec<Json> = self.columns.iter().map(column).collect();
        let input = json!({
            "recordType": self.record_type, "format": format, "filter": self.filter, "orderBy": self.order,
            "columns": Some(columns).filter(|columns| !columns.is_empty()),
        });
        let document = "mutation($input: ExportCreate!) { exportCreate(input: $input) { id } }";
        let begun = ask(place, document, json!({ "input": input })).await?;
        let bar = progress(self.common.json, "exporting", "records")?;
        let done = followed(place, ("export", FIELDS), &begun["exportCreate"]["id"], &bar).await?;
        if done["job"]["state"] != "SUCCEEDED" {
            let error = done["job"]["error"].as_str().unwrap_or("the export was cancelled");
            return Err(error.to_owned().into());
        }
        // The manifest last: a file with one is whole.
        fetch(place, &done["file"]["id"], &self.file).await?;
        let manifest = with_ending(&self.file, ".manifest.json");
        fetch(place, &done["manifest"]["id"], &manifest).await?;
        self.tell(&done, &manifest);
        Ok(ExitCode::SUCCESS)
    }

    #[expect(clippy::print_stdout, reason = "the output of the command")]
    fn tell(&self, export: &Json, manifest: &Path) {
        let (count, bytes, sum) = (&export["rowCount"], &export["bytes"], &export["sha256"]);
        if self.common.json {
            let told = json!({"file": self.file, "manifest": manifest, "count": count, "bytes": bytes, "sha256": sum});
            println!("{told}");
        } else {
            println!("{count} records, {bytes} bytes, SHA-256 {}", sum.as_str().unwrap_or_default());
        }
    }
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Copies a file of the company; under its name there is the whole of it, or what was there before.
async fn fetch((application, company): Place<'_>, id: &Json, to: &Path) -> Result<(), Failure> {
    let context = RequestContext::operator(application.kernel(), company);
    let part = with_ending(to, ".part");
    let id = Uuid::parse_str(id.as_str().unwrap_or_default())?;
    let copied = match file::copy_to(&context, id, &part).await {
        Ok(()) => std::fs::rename(&part, to).map_err(Failure::from),
        Err(error) => Err(error.into()),
    };
    copied.map_err(|error| {
        // It may not have been made.
        let _ = std::fs::remove_file(&part);
        format!("{} cannot be written: {error}", to.display()).into()
    })
}
