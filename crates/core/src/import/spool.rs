//! The rows of a file, read once and kept so that any of them can be read again.

use std::collections::HashSet;
use std::io::{BufReader, BufWriter};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use futures::TryStreamExt as _;
use sea_orm::EntityTrait as _;
use serde::Deserialize as _;
use serde_json::Value as Json;
use shoal_graphql::error::{Error, Refusal};
use shoal_graphql::message;
use shoal_tables::{Format, Limits, Progress, Row, SpoolReader};
use tempfile::TempDir;
use tokio::sync::watch;
use uuid::Uuid;

use super::checks::{self, read as read_json};
use super::entity::Model;
use super::field::pattern_of;
use super::job::put;
use super::propose::ERROR_COLUMNS;
use super::words::refused;
use crate::context::RequestContext;
use crate::file::{self, Stored};
use crate::job::Run;
use crate::unit_of_work::UnitOfWork;

/// Whoever follows an import is told of its reading after so long.
const LONG: Duration = Duration::from_millis(500);

/// What imports leave behind is kept for so long.
pub(super) const KEPT: TimeDelta = TimeDelta::days(30);

/// Bytes of the spool that are read at first; twice as many if no row ends within.
const PIECE: u64 = 1 << 20;

/// A file that was read.
pub(super) struct ReadFile {
    pub columns: Vec<String>,
    pub samples: Vec<Vec<String>>,
    pub format: Json,
    pub sha256: String,
    pub rows: i64,
    /// The spool, which the transaction of the step is to stage.
    pub file: Stored,
}

/// Reads the file of an import, by the format that is wanted or the one that is found. How far it is, in bytes, is reported.
///
/// # Errors
/// `VALIDATION` with what is wrong with the file; faults of the store and the disk.
pub(super) async fn read(
    run: &mut Run<'_, ()>,
    import: &Model,
    wanted: Option<Json>,
    samples: usize,
) -> Result<ReadFile, Error> {
    let context = run.context().clone();
    let file = import.file_id.ok_or_else(|| Error::fault("an import without a file"))?;
    let folder = tempfile::tempdir().map_err(Error::fault)?;
    let source = folder.path().join("source");
    file::copy_to(&context, file, &source).await?;
    let kind = context.import_kind(&import.record_type);
    let fields: HashSet<String> = kind.into_iter().flat_map(|kind| kind.fields.keys().cloned()).collect();
    let (told, mut progress) = watch::channel(Progress::default());
    let spooled = tokio::task::spawn_blocking(move || {
        // Nobody listens any more if the job was cancelled meanwhile.
        let mut tell = |progress| match told.send(progress) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        };
        spool(folder, &source, &fields, (wanted, samples), &mut tell)
    });
    let began = Instant::now();
    while progress.changed().await.is_ok() {
        let Progress { read, bytes, .. } = *progress.borrow_and_update();
        let bytes = i64::try_from(bytes).ok();
        let reported = run.report(i64::try_from(read).unwrap_or_default(), bytes).await?;
        // Most files are read before anybody looks.
        if reported && began.elapsed() > LONG {
            tell(&context, import.id).await?;
        }
    }
    let spooled = spooled.await.map_err(Error::fault)??;
    let name = format!("{}.rows", import.file_name);
    let file = file::copy_from(&context, &name, &spooled.path).await?;
    Ok(ReadFile {
        columns: spooled.columns,
        samples: spooled.samples,
        format: spooled.format,
        sha256: spooled.sha256,
        rows: spooled.rows,
        file,
    })
}

/// Tells whoever follows an import that its job has come further.
async fn tell(context: &RequestContext, import: Uuid) -> Result<(), Error> {
    UnitOfWork::run(context, |unit| {
        Box::pin(async move {
            let before = checks::import(unit, import).await?;
            put(unit, &before, before.clone());
            Ok(())
        })
    })
    .await
}

struct Spooled {
    /// Its files go when it is dropped.
    _folder: TempDir,
    path: PathBuf,
    columns: Vec<String>,
    samples: Vec<Vec<String>>,
    format: Json,
    sha256: String,
    rows: i64,
}

fn spool(
    folder: TempDir,
    source: &Path,
    fields: &HashSet<String>,
    (wanted, samples): (Option<Json>, usize),
    tell: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Spooled, Error> {
    let limits = Limits::default();
    let is_wanted = wanted.is_some();
    let mut format = match wanted {
        Some(wanted) => Format::deserialize(&wanted).map_err(|error| {
            let message = message!("import-format", "this is no format: {error}", error = error.to_string());
            Refusal::field(["format"], "FORMAT_INVALID", message)
        })?,
        None => shoal_tables::detect(source, limits).map_err(refused)?,
    };
    let path = folder.path().join("rows");
    let mut rows = |format: &Format| {
        let out = BufWriter::new(std::fs::File::create(&path).map_err(Error::fault)?);
        shoal_tables::spool(source, format, limits, out, tell).map_err(refused)
    };
    let mut spooled = rows(&format)?;
    let is_field = |column: &String| pattern_of(column).is_some_and(|path| fields.contains(&path));
    let is_export = spooled.columns.iter().all(is_field);
    let is_ours =
        is_export || ERROR_COLUMNS.iter().all(|own| spooled.columns.iter().any(|column| column == own));
    if let Format::Csv { guarded, .. } = &mut format
        && is_ours
        && !is_wanted
    {
        // An export, or an error file that was mended: what keeps its texts from being formulas goes again.
        *guarded = true;
        spooled = rows(&format)?;
    }
    let rows = SpoolReader::new(BufReader::new(std::fs::File::open(&path).map_err(Error::fault)?));
    let rows = rows.map_err(Error::fault)?.take(samples);
    let rows = rows.filter_map(|row| row.ok()?.cells.ok());
    Ok(Spooled {
        columns: spooled.columns,
        samples: rows.collect(),
        format: serde_json::to_value(&format).map_err(Error::fault)?,
        sha256: spooled.sha256,
        rows: i64::try_from(spooled.rows).map_err(Error::fault)?,
        path,
        _folder: folder,
    })
}

/// Some rows from a place in the spool on, 0 for the first, and where the next one begins. None behind the last.
///
/// # Errors
/// Faults of the store.
pub(super) async fn rows(
    context: &RequestContext,
    import: &Model,
    offset: u64,
    most: usize,
) -> Result<(Vec<Row>, u64), Error> {
    let id = import.spool_id.ok_or_else(|| Error::fault("an import whose file has not been read"))?;
    let connection = context.database().reader().connection();
    let file = file::Entity::find_by_id((context.tenant.id, id)).one(connection).await?;
    let Some(file) = file else {
        let message = message!(
            "import-too-old",
            "the rows of this import are not kept any more; upload the file again"
        );
        return Err(Refusal::new("IMPORT_TOO_OLD", message).into());
    };
    let size = u64::try_from(file.size).unwrap_or_default();
    let columns = read_json::<Vec<String>>(import.columns.as_ref()).len();
    let (mut wanted, mut offset) = (PIECE, offset);
    loop {
        let end = (offset + wanted).min(size);
        if offset >= end {
            return Ok((Vec::new(), offset));
        }
        let mut stream = file::open(context, id, Some(offset..end)).await?;
        let mut bytes = Vec::with_capacity(usize::try_from(end - offset).unwrap_or_default());
        while let Some(piece) = stream.try_next().await? {
            bytes.extend_from_slice(&piece);
        }
        let mut found = Vec::new();
        let mut rest = bytes.as_slice();
        while let Some(length) = rest.iter().position(|byte| *byte == b'\n').filter(|_| found.len() < most) {
            let (line, later) = rest.split_at(length + 1);
            let is_head = offset == 0;
            offset += line.len() as u64;
            rest = later;
            if !is_head {
                found.push(Row::parse(line, columns, offset).map_err(Error::fault)?);
            }
        }
        if !found.is_empty() || end == size {
            return Ok((found, offset));
        }
        wanted *= 2;
    }
}
