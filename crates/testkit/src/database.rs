//! A database of its own for every test.

mod postgres;
mod sqlite;

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use sea_orm::sqlx;
use tokio::sync::OnceCell;

use crate::names;
use crate::postgres::URL_VARIABLE;

/// Which database a test runs on. Shoal must behave the same on both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Backend {
    /// A file, with nothing to set up.
    Sqlite,
    /// A database on the server that `with-postgres` provides.
    Postgres,
}

impl Backend {
    /// Both, for tests that loop.
    pub const ALL: [Self; 2] = [Self::Sqlite, Self::Postgres];
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        })
    }
}

/// Names what a migrated database holds, so that databases with the same content are copied and not migrated again.
#[derive(Clone, Copy, Debug)]
pub struct Template<'a> {
    /// What it is, such as a module set or a set of sample data.
    pub key: &'a str,
    /// The schema it has: any text that changes when the migrations do. A server may outlive the test run, and
    /// templates with it.
    pub version: &'a str,
}

/// Why a test has no database.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// A test asks for `PostgreSQL` in a run that has none.
    #[error(
        "this test needs PostgreSQL, and {URL_VARIABLE} is not set: run `make test`, or put `with-postgres` before the command, or set the variable to a server that tests may create databases on"
    )]
    NoServer,
    /// The server or the database file cannot do what is asked.
    #[error("the test database cannot be made ({doing}): {source}")]
    Database {
        /// The step that failed.
        doing: &'static str,
        /// The database's word.
        source: sqlx::Error,
    },
    /// The folder for database files cannot be used.
    #[error("the test database cannot be made: {0}")]
    File(#[from] io::Error),
    /// The caller's migration failed.
    #[error("the migration of the test database failed: {0}")]
    Migration(String),
}

impl DatabaseError {
    /// For `map_err`.
    fn doing(doing: &'static str) -> impl FnOnce(sqlx::Error) -> Self {
        move |source| Self::Database { doing, source }
    }
}

/// A migrated database that belongs to one test and is dropped with this value.
///
/// ```no_run
/// # async fn example() {
/// use shoal_testkit::{Backend, Template, TestDatabase};
///
/// let template = Template { key: "contacts", version: "2026-01-05" };
/// let database = TestDatabase::create(Backend::Sqlite, template, async |url| migrate(&url).await).await;
/// // … connect to database.url() …
/// # }
/// # async fn migrate(url: &str) -> Result<(), std::io::Error> { Ok(()) }
/// ```
#[derive(Debug)]
pub struct TestDatabase {
    backend: Backend,
    url: String,
    place: Place,
}

/// What has to go when the test is over.
#[derive(Debug)]
enum Place {
    Folder(PathBuf),
    Server { url: String, name: String },
}

impl TestDatabase {
    /// A database as `migrate` leaves it. `migrate` gets the URL of an empty database and runs once per process and
    /// template, or once for all processes that use the same server or run under the same `with-postgres`.
    ///
    /// # Panics
    /// When there is none to be had, with a sentence that says what to do: a test that needs a database must not
    /// pass without one.
    pub async fn create<E: fmt::Display>(
        backend: Backend,
        template: Template<'_>,
        migrate: impl AsyncFn(String) -> Result<(), E>,
    ) -> Self {
        // Boxed, so that a test's future does not carry the state of both databases' drivers.
        match Box::pin(Self::try_create(backend, template, migrate)).await {
            Ok(database) => database,
            Err(error) => panic!("{error}"),
        }
    }

    /// [`TestDatabase::create`] that does not panic.
    ///
    /// # Errors
    /// When there is none to be had; the error says what to do.
    pub async fn try_create<E: fmt::Display>(
        backend: Backend,
        template: Template<'_>,
        migrate: impl AsyncFn(String) -> Result<(), E>,
    ) -> Result<Self, DatabaseError> {
        let name = format!("shoal_tmpl_{}", names::digest(&[template.key, template.version]));
        let migrate =
            async |url| migrate(url).await.map_err(|error| DatabaseError::Migration(error.to_string()));
        let ready = readiness(backend, &name);
        match backend {
            Backend::Sqlite => {
                let file = sqlite::template_path(&name)?;
                ready.get_or_try_init(|| sqlite::prepare(&file, migrate)).await?;
                let (folder, url) = sqlite::copy(&file)?;
                Ok(Self { backend, url, place: Place::Folder(folder) })
            }
            Backend::Postgres => {
                let server = crate::postgres::url_from_env().ok_or(DatabaseError::NoServer)?;
                ready.get_or_try_init(|| postgres::prepare(&server, &name, migrate)).await?;
                let database = postgres::copy(&server, &name).await?;
                let url = postgres::with_database(&server, &database);
                Ok(Self { backend, url, place: Place::Server { url: server, name: database } })
            }
        }
    }

    /// Where to connect to.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What it runs on.
    #[must_use]
    pub fn backend(&self) -> Backend {
        self.backend
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        match &self.place {
            // What cannot be removed goes with the folder of the run.
            Place::Folder(folder) => drop(std::fs::remove_dir_all(folder)),
            Place::Server { url, name } => postgres::drop_database(url, name),
        }
    }
}

/// The cell that is filled once the template is there, one per process, backend and template.
fn readiness(backend: Backend, name: &str) -> Arc<OnceCell<()>> {
    type Cells = HashMap<(Backend, String), Arc<OnceCell<()>>>;
    static CELLS: LazyLock<Mutex<Cells>> = LazyLock::new(Mutex::default);
    let mut cells = CELLS.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(cells.entry((backend, name.to_owned())).or_default())
}
