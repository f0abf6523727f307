//! Folders for throw-away data that live as long as the process that made them.
//!
//! They are in memory where there is room, because a database is hundreds of small files: cloning one takes a tenth of
//! the time it takes on a disk. A process that is killed cannot clean up. So each folder has a lock file that its owner holds; whoever makes the
//! next folder removes those whose lock is free. Nothing piles up, whatever happens to a run.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::{names, system};

/// Names the folder that all processes of one test run share. `with-postgres` sets it.
pub const RUN_FOLDER_VARIABLE: &str = "SHOAL_TEST_RUN_DIR";

/// The build directory (`target/`): what is made there is ignored by git and may be deleted at any time.
#[must_use]
pub fn build_folder() -> PathBuf {
    let marked = |folder: &&Path| folder.join("CACHEDIR.TAG").is_file();
    std::env::current_exe()
        .ok()
        .and_then(|program| program.ancestors().skip(1).find(marked).map(Path::to_path_buf))
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target"))
}

/// A folder that is removed when this value is dropped, or by a later process when this one was killed.
#[derive(Debug)]
pub struct Scratch {
    folder: PathBuf,
    lock_path: PathBuf,
    _lock: File,
}

impl Scratch {
    /// Makes a folder, and removes those of dead processes.
    ///
    /// # Errors
    /// When there is no place for throw-away data.
    pub fn create() -> io::Result<Self> {
        let user = system::id(&["-u"]).ok_or_else(|| io::Error::other("`id -u` does not work"))?;
        let mut result = Err(io::Error::other("no place for throw-away data"));
        for place in system::places() {
            result = Self::create_in(&place.join(format!("shoal-testkit-{user}")), user);
            if result.is_ok() {
                break;
            }
        }
        result
    }

    fn create_in(parent: &Path, user: u32) -> io::Result<Self> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(parent)?;
        if fs::symlink_metadata(parent)?.uid() != user {
            return Err(io::Error::other(format!("{} belongs to someone else", parent.display())));
        }
        let parent = parent.canonicalize()?;
        let name = names::unique();
        let (folder, lock_path) = (parent.join(&name), parent.join(format!("{name}.lock")));
        // Held while looking around, so that no one takes a lock file not yet locked for an abandoned one.
        let entrance = File::create(parent.join("entrance"))?;
        entrance.lock()?;
        remove_abandoned(&parent);
        let lock = File::create(&lock_path)?;
        lock.lock()?;
        fs::create_dir(&folder)?;
        Ok(Self { folder, lock_path, _lock: lock })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed now is removed by a later process: its lock is free.
        if fs::remove_dir_all(&self.folder).is_ok() {
            let _ = fs::remove_file(&self.lock_path);
        }
    }
}

fn remove_abandoned(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.extension().is_none_or(|extension| extension != "lock") {
            continue;
        }
        let free = File::open(&path).is_ok_and(|file| file.try_lock().is_ok());
        let folder = path.with_extension("");
        if free && (!folder.exists() || fs::remove_dir_all(&folder).is_ok()) {
            let _ = fs::remove_file(&path);
        }
    }
}

/// The folder of this test run: shared by its processes under `with-postgres`, else of this process alone.
pub(crate) fn run_folder() -> io::Result<&'static Path> {
    static OWN: OnceLock<io::Result<PathBuf>> = OnceLock::new();
    let folder = OWN.get_or_init(|| match std::env::var_os(RUN_FOLDER_VARIABLE) {
        Some(folder) if !folder.is_empty() => Ok(PathBuf::from(folder)),
        _ => Scratch::create().map(|scratch| {
            let folder = scratch.path().to_path_buf();
            // Kept until the process ends; the next one to make a folder removes it.
            std::mem::forget(scratch);
            folder
        }),
    });
    folder.as_deref().map_err(|error| io::Error::new(error.kind(), error.to_string()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::Scratch;
    use crate::system;

    #[test]
    fn abandoned_folders_go_and_living_ones_stay() {
        let parent = tempfile::tempdir().unwrap();
        let user = system::id(&["-u"]).unwrap();
        let living = Scratch::create_in(parent.path(), user).unwrap();
        let abandoned = parent.path().join("dead");
        fs::create_dir(&abandoned).unwrap();
        fs::write(parent.path().join("dead.lock"), "").unwrap();

        let other = Scratch::create_in(parent.path(), user).unwrap();
        assert!(living.path().is_dir());
        assert!(!abandoned.exists());

        let path = other.path().to_path_buf();
        drop(other);
        assert!(!path.exists());
    }

    #[test]
    fn a_folder_of_someone_else_is_not_used() {
        let parent = tempfile::tempdir().unwrap();
        let sentence = Scratch::create_in(parent.path(), u32::MAX).unwrap_err().to_string();
        assert!(sentence.ends_with(" belongs to someone else"), "{sentence}");
    }
}
