//! Where the bytes of files are.

use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _};
use shoal_graphql::error::Error;
use uuid::Uuid;

/// How large files may be, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// One file.
    pub file: u64,
    /// All files of a company.
    pub company: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { file: 1 << 30, company: 100 << 30 }
    }
}

/// The store of files: an object for each, under company and id. A clone shares it.
#[derive(Debug, Clone)]
pub struct Files {
    pub(super) objects: Arc<dyn ObjectStore>,
    pub(super) limits: Limits,
    /// Where the objects are, if they are files of this machine.
    pub(super) folder: Option<PathBuf>,
}

/// Why the store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder cannot be made.
    #[error("the folder for files, {0}, cannot be made: {1}")]
    Folder(String, #[source] std::io::Error),
    /// The store says so.
    #[error("the store of files cannot be opened: {0}")]
    Store(#[from] object_store::Error),
}

impl Default for Files {
    /// In memory, for tests: gone with the process.
    fn default() -> Self {
        Self { objects: Arc::new(InMemory::new()), limits: Limits::default(), folder: None }
    }
}

impl Files {
    /// Files in a folder, which is made if it is not there. Processes that share a database share it, too.
    ///
    /// # Errors
    /// [`OpenError`]
    pub fn in_folder(folder: &FilePath, limits: Limits) -> Result<Self, OpenError> {
        let failed = |error| OpenError::Folder(folder.display().to_string(), error);
        std::fs::create_dir_all(folder).map_err(failed)?;
        let folder = folder.canonicalize().map_err(failed)?;
        // A file that somebody was told of is there after a power failure, as its row is.
        let objects = LocalFileSystem::new_with_prefix(&folder)?.with_fsync(true);
        Ok(Self { objects: Arc::new(objects), limits, folder: Some(folder) })
    }

    /// How large files may be.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Whether objects can be written and deleted, for `shoal doctor`.
    ///
    /// # Errors
    /// What the store says.
    pub async fn check(&self) -> Result<(), Error> {
        let path = Path::from("doctor");
        self.objects.put(&path, "well".into()).await.map_err(Error::fault)?;
        self.objects.delete(&path).await.map_err(Error::fault)
    }

    /// Deletes an object, if it is there.
    pub(super) async fn delete(&self, tenant: Uuid, id: Uuid) -> Result<(), Error> {
        match self.objects.delete(&path(tenant, id)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(Error::fault(error)),
        }
    }
}

/// Where the objects of a company are.
pub(super) fn prefix(tenant: Uuid) -> Path {
    Path::from(tenant.to_string())
}

/// Where an object is.
pub(super) fn path(tenant: Uuid, id: Uuid) -> Path {
    prefix(tenant).join(id.to_string())
}
