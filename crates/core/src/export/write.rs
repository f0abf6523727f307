//! From the API into a file.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::Path;

use serde_json::{Value as Json, json};
use shoal_graphql::error::{Error, Refusal, code};
use shoal_graphql::message;
use shoal_graphql::value::Choice as _;
use shoal_tables::{OutputFormat, Summary, TableWriter, WriteError};

use super::column::{Columns, expect_few};
use super::entity::{ExportFormat, Model};
use super::query::{Query, Wanted};
use crate::context::RequestContext;
use crate::file::{self, Stored};
use crate::job::Run;

/// A file that is in the store, with its manifest.
pub(super) struct Written {
    pub file: Stored,
    pub manifest: Stored,
    pub summary: Summary,
}

/// Records that were read, on the disk: a line with an array of them for each page.
struct Answers {
    records: i64,
    /// How long the lists are for whose items there are columns.
    longest: BTreeMap<String, usize>,
}

/// What cards call choices.
type Words = &'static [(&'static str, &'static str)];

/// Writes the file of an export and its manifest. Nobody knows of them before they are staged.
///
/// # Errors
/// What the API refuses; what does not fit the format; faults of the database, the disk and the store.
pub(super) async fn write(run: &mut Run<'_, ()>, export: &Model) -> Result<Written, Error> {
    let context = run.context().at_this_moment().await?;
    let asked = serde_json::from_value::<Vec<super::Column>>(export.columns.clone()).map_err(Error::fault)?;
    let wanted = Wanted {
        record_type: &export.record_type,
        columns: &asked,
        filter: export.filter.as_ref(),
        order_by: export.order_by.as_ref(),
    };
    let query = Query::new(&context, &wanted)?;
    let folder = tempfile::tempdir().map_err(Error::fault)?;
    let [answers, path] = ["answers", "file"].map(|name| folder.path().join(name));
    let (columns, at) = (query.columns.clone(), context.now());
    let read = read(run, &context, query, &answers).await?;
    // Others need not wait for the file: what is written down does not change any more.
    drop(context);
    let context = run.context();
    let format = ExportFormat::from_code(&export.format).ok_or_else(|| Error::fault("no such format"))?;
    let (columns, words) = (columns.repeated(&read.longest), words(context, &export.record_type, format));
    let names = columns.names();
    let blocking = {
        let path = path.clone();
        tokio::task::spawn_blocking(move || table(format, &columns, words, (&answers, &path)))
    };
    let summary = blocking.await.map_err(Error::fault)??;
    let name = name(context, export, format)?;
    let file = file::copy_from(context, &name, &path).await?;
    if file.sha256 != summary.sha256 || i64::try_from(summary.rows).ok() != Some(read.records) {
        return Err(Error::fault("what is in the store is not what was read"));
    }
    let manifest = json!({
        "file": name, "recordType": export.record_type, "format": export.format, "filter": export.filter,
        "orderBy": export.order_by, "columns": names, "count": summary.rows, "bytes": summary.bytes,
        "sha256": summary.sha256, "createdAt": at, "createdBy": {"kind": context.caller.actor.code(), "id": context.caller.actor.id()},
    });
    let mut writer = file::create(context, &format!("{name}.manifest.json")).await?;
    writer.write(&serde_json::to_vec_pretty(&manifest).map_err(Error::fault)?).await?;
    Ok(Written { file, manifest: writer.finish().await?, summary })
}

/// Reads the list to its end.
async fn read(
    run: &mut Run<'_, ()>,
    context: &RequestContext,
    mut query: Query,
    path: &Path,
) -> Result<Answers, Error> {
    let mut out = BufWriter::new(File::create(path).map_err(Error::fault)?);
    let mut answers = Answers { records: 0, longest: BTreeMap::new() };
    let (mut from, mut total) = (None, None);
    loop {
        let page = query.page(context, from).await?;
        total = total.or(page.total);
        for record in page.nodes.as_array().into_iter().flatten() {
            query.columns.measure(record, &mut answers.longest);
            answers.records += 1;
        }
        expect_few(answers.longest.values().copied().max().unwrap_or_default())?;
        serde_json::to_writer(&mut out, &page.nodes).map_err(Error::fault)?;
        out.write_all(b"\n").map_err(Error::fault)?;
        run.report(answers.records, total).await?;
        from = page.next;
        if from.is_none() {
            break;
        }
    }
    out.flush().map_err(Error::fault)?;
    if total != Some(answers.records) {
        return Err(Error::fault(format!("{} of {total:?} records were read", answers.records)));
    }
    Ok(answers)
}

/// Writes the table of what was read.
fn table(
    format: ExportFormat,
    columns: &Columns,
    words: Option<Words>,
    (answers, path): (&Path, &Path),
) -> Result<Summary, Error> {
    let output = match format {
        // Spreadsheets take a file without a mark for one of their own encodings.
        ExportFormat::Csv => OutputFormat::Csv { byte_order_mark: true },
        ExportFormat::Xlsx => OutputFormat::Xlsx,
        ExportFormat::Vcard => OutputFormat::Vcard,
        ExportFormat::Jsonl => OutputFormat::Jsonl,
    };
    let out = BufWriter::new(File::create(path).map_err(Error::fault)?);
    let mut writer = TableWriter::new(output, out, columns.names()).map_err(refused)?;
    for line in BufReader::new(File::open(answers).map_err(Error::fault)?).lines() {
        let records: Vec<Json> = serde_json::from_str(&line.map_err(Error::fault)?).map_err(Error::fault)?;
        for record in &records {
            writer.write_row(&columns.values(record, words)?).map_err(refused)?;
        }
    }
    writer.finish().map(|(summary, _)| summary).map_err(refused)
}

/// What does not fit a format is no fault.
fn refused(error: WriteError) -> Error {
    match error {
        WriteError::Value { .. } | WriteError::UnknownColumn(_) => {
            let message =
                message!("export-format", "the file cannot be written: {text}", text = error.to_string());
            Refusal::new(code::LIMIT_EXCEEDED, message).into()
        }
        WriteError::Io(_) | WriteError::Columns { .. } | WriteError::Broken(_) => Error::fault(error),
    }
}

fn words(context: &RequestContext, record_type: &str, format: ExportFormat) -> Option<Words> {
    let card = context.import_kind(record_type)?.card?;
    (format == ExportFormat::Vcard).then_some(card.words)
}

/// `contacts-2026-03-02.csv`
fn name(context: &RequestContext, export: &Model, format: ExportFormat) -> Result<String, Error> {
    let list =
        super::query::entity(context, &export.record_type, |_, entity| entity.declaration.plural.clone())?;
    let day = export.created_at.with_timezone(&context.tenant.time_zone).date_naive();
    Ok(format!("{list}-{day}.{}", format.extension()))
}
