//! `SQLite`: a template file, and a copy of it per test.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use sea_orm::sqlx::{self, Connection, Row, SqliteConnection};

use super::DatabaseError;
use crate::{names, scratch};

/// Where the template called `name` is, once it is there.
pub(super) fn template_path(name: &str) -> io::Result<PathBuf> {
    let folder = scratch::run_folder()?.join("templates");
    fs::create_dir_all(&folder)?;
    Ok(folder.join(format!("{name}.db")))
}

/// Makes the template unless another process of this run has. A file under the final name is complete.
pub(super) async fn prepare(
    file: &Path,
    migrate: impl AsyncFn(String) -> Result<(), DatabaseError>,
) -> Result<(), DatabaseError> {
    let lock_path = file.with_extension("lock");
    let waiting = tokio::task::spawn_blocking(move || {
        let lock = File::create(lock_path)?;
        lock.lock().map(|()| lock)
    });
    let _lock = waiting.await.map_err(io::Error::other)??;
    if file.exists() {
        return Ok(());
    }
    // A name of its own: a migration that failed leaves its file behind.
    let draft = file.with_extension(names::unique());
    migrate(url(&draft)).await?;
    flush(&draft).await?;
    Ok(fs::rename(&draft, file)?)
}

/// Writes what is still in the write-ahead log into the file, so that the file alone is the whole database.
async fn flush(file: &Path) -> Result<(), DatabaseError> {
    let failed = DatabaseError::doing;
    let mut connection =
        SqliteConnection::connect(&url(file)).await.map_err(failed("opening the template"))?;
    let row = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
        .fetch_one(&mut connection)
        .await
        .map_err(failed("emptying the template's write-ahead log"))?;
    if row.get::<i64, _>(0) != 0 {
        let reason = "the migration left a connection with an open transaction";
        return Err(DatabaseError::Migration(reason.to_owned()));
    }
    connection.close().await.map_err(failed("closing the template"))
}

/// A copy for one test: the folder that holds it, and its URL.
pub(super) fn copy(template: &Path) -> io::Result<(PathBuf, String)> {
    let folder = scratch::run_folder()?.join(names::unique());
    fs::create_dir(&folder)?;
    let file = folder.join("test.db");
    fs::copy(template, &file)?;
    Ok((folder, url(&file)))
}

fn url(file: &Path) -> String {
    let path = file.to_string_lossy().replace('%', "%25").replace('?', "%3F").replace('#', "%23");
    format!("sqlite://{path}?mode=rwc")
}
