//! Reads files.

use std::ops::Range;
use std::path::Path;

use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{StreamExt as _, TryStreamExt as _};
use object_store::{GetOptions, GetRange};
use sea_orm::EntityTrait as _;
use shoal_graphql::error::Error;
use tokio::io::AsyncWriteExt as _;
use uuid::Uuid;

use super::store::path;
use super::{Entity, Model};
use crate::context::RequestContext;
use crate::module::Scope;
use crate::permission::FILE_READ;

/// A file that the caller has made, or any if they may see all; `None` if there is none of this id for them. Those that
/// they see only by the record they are attached to are not among them.
///
/// # Errors
/// Faults of the database.
pub async fn find(context: &RequestContext, id: Uuid) -> Result<Option<Model>, Error> {
    let connection = context.database().reader().connection();
    let found = Entity::find_by_id((context.tenant.id, id)).one(connection).await?;
    let caller = &context.caller;
    Ok(found.filter(|file| {
        caller.scope(FILE_READ) == Some(Scope::All) || caller.reaches(FILE_READ, file.created_by, None)
    }))
}

/// The bytes of a file of the company, or a `range` of them, as they come from the store. Whoever calls it has looked whether
/// the caller may see the file.
///
/// # Errors
/// Faults of the store; the stream's items have those that come later.
pub async fn open(
    context: &RequestContext,
    id: Uuid,
    range: Option<Range<u64>>,
) -> Result<BoxStream<'static, Result<Bytes, Error>>, Error> {
    if range.as_ref().is_some_and(Range::is_empty) {
        return Ok(futures::stream::empty().boxed());
    }
    let options = GetOptions { range: range.map(GetRange::Bounded), ..GetOptions::default() };
    let path = path(context.tenant.id, id);
    let found = context.kernel.files.objects.get_opts(&path, options).await.map_err(Error::fault)?;
    Ok(found.into_stream().map_err(Error::fault).boxed())
}

/// Copies a file of the company to a file of this machine, for what has to be read back and forth.
///
/// # Errors
/// Faults of the store and the disk.
pub async fn copy_to(context: &RequestContext, id: Uuid, to: &Path) -> Result<(), Error> {
    let mut bytes = open(context, id, None).await?;
    let mut copy = tokio::fs::File::create(to).await.map_err(Error::fault)?;
    while let Some(piece) = bytes.try_next().await? {
        copy.write_all(&piece).await.map_err(Error::fault)?;
    }
    copy.flush().await.map_err(Error::fault)
}
