//! Forms as browsers send them (`multipart/form-data`).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::{HeaderMap, header};
use futures::stream;
use multer::Multipart;
use shoal_core::RequestContext;
use shoal_core::file::Stored;

use super::upload::{Broken, Pieces, begin};
use crate::problem::Problem;

/// Bytes that a form may have beside its file, and that are kept in memory until it is known what they are.
const AROUND: u64 = 1 << 20;

/// What separates the parts of a form; `None` if the request is none.
pub(super) fn boundary(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let media = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = media.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("multipart/form-data") {
        return Ok(None);
    }
    multer::parse_boundary(media).map(Some).map_err(|_| Problem::bad_request("The form has no boundary."))
}

/// Stores the one file of a form. `name` counts instead of its own.
pub(super) async fn store(
    context: &RequestContext,
    (boundary, name): (String, Option<String>),
    announced: u64,
    pieces: Pieces,
) -> Result<Stored, Problem> {
    // A form that never says what it has would be read into memory to its end.
    let taken = Arc::new(AtomicU64::new(0));
    let read = (pieces, Arc::clone(&taken), 0);
    let bytes = Box::pin(stream::try_unfold(read, async |(mut pieces, taken, mut read)| {
        let Some(piece) = pieces.next().await? else { return Ok(None) };
        read += piece.len() as u64;
        if read > taken.load(Ordering::Relaxed) + AROUND {
            return Err(Broken::Wordy);
        }
        Ok(Some((piece, (pieces, taken, read))))
    }));
    let mut form = Multipart::new(bytes, boundary);
    let mut stored = None;
    while let Some(mut field) = form.next_field().await.map_err(wrong)? {
        let Some(own) = field.file_name().map(str::to_owned) else { continue };
        if stored.is_some() {
            return Err(Problem::bad_request("The form has more than one file."));
        }
        let name = name.as_deref().unwrap_or(&own);
        let mut writer = begin(context, name, announced.saturating_sub(AROUND)).await?;
        while let Some(piece) = field.chunk().await.map_err(wrong)? {
            taken.fetch_add(piece.len() as u64, Ordering::Relaxed);
            writer.write(&piece).await.map_err(Problem::failed)?;
        }
        stored = Some(writer);
    }
    let writer = stored.ok_or_else(|| Problem::bad_request("The form has no file."))?;
    writer.finish().await.map_err(Problem::failed)
}

fn wrong(error: multer::Error) -> Problem {
    match error {
        multer::Error::StreamReadFailed(cause) => {
            cause.downcast_ref::<Broken>().copied().unwrap_or(Broken::Off).into()
        }
        _ => Problem::bad_request("The form cannot be read."),
    }
}
