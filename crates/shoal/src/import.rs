//! `shoal import`: a file becomes records, by the same jobs as through the API.

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

/// Refused rows that are printed.
const SHOWN: usize = 20;

const FIELDS: &str = "id version state preset format columns samples totalRows mode matchBy mapping createdRows updatedRows \
    unchangedRows refusedRows keptRows error errorFile { id name }";

/// `shoal import`
#[derive(Debug, Args)]
pub struct Import {
    /// The file: CSV, XLSX, vCard or JSON lines.
    file: PathBuf,
    /// What its rows are, such as Contact or Account.
    #[arg(long = "type", default_value = "Contact")]
    record_type: String,
    /// What rows do.
    #[arg(long, default_value = "create")]
    mode: Mode,
    /// The key by which rows name records, such as email or externalId:northwind.
    #[arg(long = "match")]
    match_by: Option<String>,
    /// A column and its field, `E-mail=emails.0.address`; a reference with its key, `Company=accountId:name`. Without a field,
    /// `Notes=`, the column is left out. What is not said is told by the names of the columns.
    #[arg(long = "map", value_name = "COLUMN=FIELD")]
    pub(crate) maps: Vec<String>,
    /// A field and the text of all rows, `externalIds.0.system=northwind`.
    #[arg(long = "set", value_name = "FIELD=TEXT")]
    values: Vec<String>,
    /// How dates such as 03/04/2026 are read.
    #[arg(long)]
    dates: Option<Dates>,
    /// Numbers are written 1.234,5.
    #[arg(long)]
    decimal_comma: bool,
    /// Check all rows, and change nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    common: Common,
}

/// What rows do.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Mode {
    /// Each makes a record.
    Create,
    /// Each changes the record that it names, or makes one.
    Upsert,
    /// Each changes the record that it names.
    Update,
}

/// What stands first in a date.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Dates {
    /// 31/12/2026
    Dmy,
    /// 12/31/2026
    Mdy,
}

/// Runs `shoal import`. The exit code is 1 if a row was refused.
pub async fn run(config: &Config, modules: Composition, import: &Import) -> Result<ExitCode, Failure> {
    let kernel = open(config, modules).await?;
    let company = company(&kernel, &import.common).await?;
    let application = Application::new(Arc::clone(&kernel), config);
    let importing = Importing { place: (&application, &company), import };
    with_worker(&kernel, async {
        let done = importing.run().await?;
        importing.tell(&done).await
    })
    .await
}

/// Imports a file, and answers the import once its job is over. A worker runs beside it.
pub(crate) async fn import(place: Place<'_>, import: &Import) -> Result<Json, Failure> {
    Importing { place, import }.run().await
}

impl Import {
    /// A file whose rows change the record of this key, or make one.
    pub(crate) fn upsert(file: &Path, record_type: &str, match_by: &str, quiet: bool) -> Self {
        Self {
            file: file.to_owned(),
            record_type: record_type.to_owned(),
            mode: Mode::Upsert,
            match_by: Some(match_by.to_owned()),
            maps: Vec::new(),
            values: Vec::new(),
            dates: None,
            decimal_comma: false,
            dry_run: false,
            common: Common { tenant: None, json: quiet },
        }
    }
}

struct Importing<'i> {
    place: Place<'i>,
    import: &'i Import,
}

impl Importing<'_> {
    async fn run(&self) -> Result<Json, Failure> {
        let file = self.upload(&self.import.file).await?;
        let input = json!({"fileId": file, "recordType": self.import.record_type});
        let begun = self.mutate("importCreate", "ImportCreate", input).await?;
        let id = begun["id"].clone();
        let read = self.wait(&id, "reading").await?;
        if read["state"] == "FAILED" {
            return Err(read["error"].as_str().unwrap_or("the file cannot be read").to_owned().into());
        }
        let input = json!({
            "id": id, "expectedVersion": read["version"], "columns": self.mapping(&read["mapping"])?,
            "mode": match self.import.mode { Mode::Create => "CREATE", Mode::Upsert => "UPSERT", Mode::Update => "UPDATE" },
            "matchBy": self.import.match_by, "decimalComma": self.import.decimal_comma,
            "dateOrder": self.import.dates.map(|dates| match dates { Dates::Dmy => "DAY_MONTH_YEAR", Dates::Mdy => "MONTH_DAY_YEAR" }),
        });
        self.mutate("importUpdate", "ImportUpdate", input).await?;
        let (mutation, doing) =
            if self.import.dry_run { ("importCheck", "checking") } else { ("importStart", "importing") };
        self.mutate(mutation, "ImportChoice", json!({ "id": id })).await?;
        let done = self.wait(&id, doing).await?;
        if done["job"]["state"] != "SUCCEEDED" {
            let error = done["job"]["error"].as_str().unwrap_or("the import was cancelled");
            return Err(error.to_owned().into());
        }
        Ok(done)
    }

    fn context(&self) -> RequestContext {
        let (application, company) = self.place;
        RequestContext::operator(application.kernel(), company)
    }

    async fn mutate(&self, mutation: &str, input_type: &str, input: Json) -> Result<Json, Failure> {
        let document = format!(
            "mutation($input: {input_type}!) {{ {mutation}(input: $input) {{ import {{ id version }} }} }}"
        );
        let data = ask(self.place, &document, json!({ "input": input })).await?;
        Ok(data[mutation]["import"].clone())
    }

    /// Waits until the import's job is over, and shows how far it is.
    async fn wait(&self, id: &Json, doing: &'static str) -> Result<Json, Failure> {
        let bar = progress(self.import.common.json, doing, "rows")?;
        followed(self.place, ("import", FIELDS), id, &bar).await
    }

    /// What was proposed, with what was said on the command line.
    fn mapping(&self, proposed: &Json) -> Result<Vec<Json>, Failure> {
        let mut columns: Vec<Json> = proposed.as_array().cloned().unwrap_or_default();
        let split = |text: &str| {
            let parts = text.rsplit_once('=').map(|(one, two)| (one.to_owned(), two.to_owned()));
            parts.ok_or_else(|| Failure::from(format!("{text}: a `=` is missing")))
        };
        let maps = self.import.maps.iter().map(|map| split(map)).collect::<Result<Vec<_>, _>>()?;
        columns.retain(|known| !maps.iter().any(|(column, _)| known["column"] == json!(column)));
        // One column may be several fields.
        for (column, field) in maps.iter().filter(|(_, field)| !field.is_empty()) {
            let (field, by) =
                field.split_once(':').map_or((field.as_str(), None), |(field, by)| (field, Some(by)));
            columns.retain(|known| known["field"] != json!(field));
            columns.push(json!({"column": column, "field": field, "by": by}));
        }
        for value in &self.import.values {
            let (field, text) = value.split_once('=').ok_or_else(|| format!("{value}: a `=` is missing"))?;
            match columns.iter_mut().find(|known| known["field"] == json!(field)) {
                Some(known) => known["value"] = json!(text),
                None => columns.push(json!({"field": field, "value": text})),
            }
        }
        Ok(columns)
    }

    async fn upload(&self, path: &Path) -> Result<Uuid, Failure> {
        let context = self.context();
        std::fs::File::open(path).map_err(|error| format!("{} cannot be opened: {error}", path.display()))?;
        let name = path.file_name().map_or_else(|| "file".into(), |name| name.to_string_lossy());
        let stored = file::copy_from(&context, &name, path).await?;
        stored.keep(&context).await?;
        Ok(stored.id)
    }

    #[expect(clippy::print_stdout, reason = "the output of the command")]
    async fn tell(&self, import: &Json) -> Result<ExitCode, Failure> {
        let refused = self.refused(&import["id"]).await?;
        let error_file = match import["errorFile"]["id"].as_str() {
            Some(id) => Some(self.download(id).await?),
            None => None,
        };
        let count = |name: &str| import[name].as_i64().unwrap_or_default();
        if self.import.common.json {
            println!(
                "{}",
                json!({
                    "id": import["id"], "state": import["state"], "preset": import["preset"], "rows": import["totalRows"],
                    "created": count("createdRows"), "updated": count("updatedRows"), "unchanged": count("unchangedRows"),
                    "refused": count("refusedRows"), "errors": refused, "errorFile": error_file,
                })
            );
        } else {
            if let Some(preset) = import["preset"].as_str() {
                println!("The columns are those of {preset}.");
            }
            if self.import.dry_run {
                println!(
                    "{} rows: {} would be refused. Nothing was changed.",
                    count("totalRows"),
                    count("refusedRows")
                );
            } else {
                println!(
                    "{} rows: {} created, {} updated, {} unchanged, {} refused",
                    count("totalRows"),
                    count("createdRows"),
                    count("updatedRows"),
                    count("unchangedRows"),
                    count("refusedRows"),
                );
            }
            for row in &refused {
                for error in row["errors"].as_array().into_iter().flatten() {
                    let column =
                        error["column"].as_str().map(|column| format!("{column}: ")).unwrap_or_default();
                    println!(
                        "  line {}: {column}{}",
                        row["line"],
                        error["message"].as_str().unwrap_or_default()
                    );
                }
            }
            if let Some(path) = error_file {
                println!(
                    "The refused rows are in {}; mend them there, and import that file.",
                    path.display()
                );
            }
        }
        Ok(if count("refusedRows") == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    async fn refused(&self, id: &Json) -> Result<Vec<Json>, Failure> {
        let document = format!(
            "query($id: ID!) {{ import(id: $id) {{ rowsOf {{ rows(first: {SHOWN}, filter: {{outcome: {{eq: REFUSED}}}}, \
             orderBy: {{row: ASC}}) {{ nodes {{ row line errors }} }} }} }} }}"
        );
        let data = ask(self.place, &document, json!({ "id": id })).await?;
        Ok(data["import"]["rowsOf"]["rows"]["nodes"].as_array().cloned().unwrap_or_default())
    }

    /// Puts the error file beside the file, as `contacts errors.csv`.
    async fn download(&self, id: &str) -> Result<PathBuf, Failure> {
        let context = self.context();
        let name =
            self.import.file.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let path = self.import.file.with_file_name(format!("{name} errors.csv"));
        file::copy_to(&context, Uuid::parse_str(id)?, &path).await?;
        Ok(path)
    }
}
