//! Writes files.

use std::fmt::Write as _;
use std::path::Path;

use bytes::BytesMut;
use chrono::{DateTime, Utc};
use object_store::{MultipartUpload, ObjectStoreExt as _};
use sha2::{Digest as _, Sha256};
use shoal_graphql::error::{Error, Refusal};
use shoal_graphql::message;
use tokio::io::AsyncReadExt as _;
use uuid::Uuid;

use super::service::{UNUSED, attached_to, expect_room, full, left};
use super::store::{Files, path};
use super::{Entity, Model, TOO_LARGE, rules};
use crate::context::RequestContext;
use crate::record::TenantEntity;
use crate::unit_of_work::UnitOfWork;

/// Bytes that are sent to the store at once, and kept in memory until then.
const PART: usize = 1 << 20;

/// Bytes that are read of a file of this machine at once.
const PIECE: usize = 256 << 10;

/// Bytes at the beginning by which the type is recognised.
const HEAD: usize = 8 * 1024;

/// Begins a file of the company. `name` may be anything: what is left of it when it is [cleaned](rules::clean_name) counts.
///
/// # Errors
/// `FILE_STORAGE_FULL` if the company has no room for anything; faults of the database.
pub async fn create(context: &RequestContext, name: &str) -> Result<FileWriter, Error> {
    let files = context.kernel.files.clone();
    let left = left(context).await?;
    if left == 0 {
        return Err(full(&files).into());
    }
    Ok(FileWriter {
        tenant: context.tenant.id,
        id: context.new_id(),
        name: rules::clean_name(name),
        files,
        left,
        upload: None,
        part: BytesMut::new(),
        head: Vec::new(),
        size: 0,
        digest: Sha256::new(),
    })
}

/// A file that is being written. Dropped before it is finished, it leaves nothing.
pub struct FileWriter {
    tenant: Uuid,
    id: Uuid,
    name: String,
    files: Files,
    /// Bytes for which the company had room when it began.
    left: u64,
    /// Dropping it removes what it has written.
    upload: Option<Box<dyn MultipartUpload>>,
    part: BytesMut,
    head: Vec<u8>,
    size: u64,
    digest: Sha256,
}

impl FileWriter {
    /// How many bytes there may be at the most; more are refused.
    pub fn most(&self) -> u64 {
        self.files.limits.file.min(self.left)
    }

    /// Refuses a file of so many bytes, before it comes.
    ///
    /// # Errors
    /// `FILE_TOO_LARGE`, `FILE_STORAGE_FULL`
    pub fn expect_fits(&self, size: u64) -> Result<(), Refusal> {
        let limit = self.files.limits.file;
        if size > limit {
            let message = message!("file-too-large", "The file is larger than {limit} bytes.", limit);
            return Err(Refusal::new(TOO_LARGE, message));
        }
        if size > self.left { Err(full(&self.files)) } else { Ok(()) }
    }

    /// Writes more of it.
    ///
    /// # Errors
    /// `FILE_TOO_LARGE`, `FILE_STORAGE_FULL`; faults of the store.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.size += bytes.len() as u64;
        self.expect_fits(self.size)?;
        self.digest.update(bytes);
        let missing = HEAD.saturating_sub(self.head.len()).min(bytes.len());
        self.head.extend_from_slice(&bytes[..missing]);
        let mut rest = bytes;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(PART - self.part.len()));
            self.part.extend_from_slice(now);
            rest = later;
            if self.part.len() == PART {
                self.send().await?;
            }
        }
        Ok(())
    }

    /// Sends a part, and waits until it is there: a store that is slow makes whoever writes slow.
    async fn send(&mut self) -> Result<(), Error> {
        let upload = if let Some(upload) = self.upload.take() {
            upload
        } else {
            let path = path(self.tenant, self.id);
            self.files.objects.put_multipart(&path).await.map_err(Error::fault)?
        };
        let part = self.part.split().freeze();
        self.upload.insert(upload).put_part(part.into()).await.map_err(Error::fault)
    }

    /// The whole file is there. It becomes one of the company's by [`Stored::stage`].
    ///
    /// # Errors
    /// Faults of the store.
    pub async fn finish(mut self) -> Result<Stored, Error> {
        if self.upload.is_some() && !self.part.is_empty() {
            self.send().await?;
        }
        if let Some(upload) = &mut self.upload {
            upload.complete().await.map_err(Error::fault)?;
        } else {
            let (path, whole) = (path(self.tenant, self.id), self.part.split().freeze());
            self.files.objects.put(&path, whole.into()).await.map_err(Error::fault)?;
        }
        let digest = self.digest.finalize();
        Ok(Stored {
            id: self.id,
            name: self.name,
            media_type: rules::media_type(&self.head),
            size: i64::try_from(self.size).map_err(Error::fault)?,
            sha256: hexadecimal(&digest),
        })
    }
}

/// Copies a file of this machine into a new file of the company.
///
/// # Errors
/// `FILE_TOO_LARGE`, `FILE_STORAGE_FULL`; faults of the disk, the store and the database.
pub async fn copy_from(context: &RequestContext, name: &str, path: &Path) -> Result<Stored, Error> {
    let mut from = tokio::fs::File::open(path).await.map_err(Error::fault)?;
    let mut writer = create(context, name).await?;
    let mut piece = vec![0; PIECE];
    loop {
        let size = from.read(&mut piece).await.map_err(Error::fault)?;
        if size == 0 {
            return writer.finish().await;
        }
        writer.write(&piece[..size]).await?;
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A file whose bytes are in the store, but which nobody knows yet. If nobody ever does, it goes after a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The file's id.
    pub id: Uuid,
    /// Its name, cleaned.
    pub name: String,
    /// What its first bytes say it is.
    pub media_type: String,
    /// Bytes.
    pub size: i64,
    /// In hexadecimal digits, small ones.
    pub sha256: String,
}

impl Stored {
    /// Stages the file as one of the company's, made by whoever is at work. It stays until `expires_at`, or until somebody
    /// ends it if `None`.
    ///
    /// # Errors
    /// `FILE_STORAGE_FULL` if others were faster; faults of the database.
    pub async fn stage(&self, unit: &mut UnitOfWork, expires_at: Option<DateTime<Utc>>) -> Result<(), Error> {
        self.stage_with(unit, expires_at, None).await
    }

    /// Makes it one of the company's in a transaction of its own, for as long as it takes to do something with it ([`UNUSED`]). What
    /// is refused is gone.
    ///
    /// # Errors
    /// As [`stage`](Self::stage).
    pub async fn keep(&self, context: &RequestContext) -> Result<(), Error> {
        let kept = UnitOfWork::run(context, |unit| {
            let stored = self.clone();
            Box::pin(async move {
                let until = unit.now() + UNUSED;
                stored.stage(unit, Some(until)).await
            })
        });
        let kept = kept.await;
        if kept.is_err()
            && let Err(error) = self.discard(context).await
        {
            // The next clean-up finds it.
            tracing::warn!(%error, file = %self.id, "a file that was refused could not be deleted");
        }
        kept
    }

    /// Stages the file as one that is attached to a record of the module's own, and stays with it.
    ///
    /// # Errors
    /// As [`stage`](Self::stage).
    pub async fn stage_at<E: TenantEntity>(&self, unit: &mut UnitOfWork, record: Uuid) -> Result<(), Error> {
        let record = attached_to::<E>(unit, record)?;
        self.stage_with(unit, None, Some(record)).await
    }

    async fn stage_with(
        &self,
        unit: &mut UnitOfWork,
        expires_at: Option<DateTime<Utc>>,
        record: Option<(&'static str, Uuid)>,
    ) -> Result<(), Error> {
        expect_room(unit, self.size).await?;
        let (now, actor) = (unit.now(), unit.actor());
        unit.insert::<Entity>(Model {
            tenant_id: unit.tenant(),
            id: self.id,
            name: self.name.clone(),
            media_type: self.media_type.clone(),
            size: self.size,
            sha256: self.sha256.clone(),
            expires_at,
            record_type: record.map(|(name, _)| name.to_owned()),
            record_id: record.map(|(_, id)| id),
            created_at: now,
            created_by: actor,
            updated_at: now,
            updated_by: actor,
            version: 1,
        });
        Ok(())
    }

    /// Takes the bytes away again, when what should have staged the file was refused.
    ///
    /// # Errors
    /// Faults of the store.
    pub async fn discard(&self, context: &RequestContext) -> Result<(), Error> {
        context.kernel.files.delete(context.tenant.id, self.id).await
    }
}
