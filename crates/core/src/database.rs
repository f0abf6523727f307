//! Connections. Reads and writes have pools of their own: SQLite has one writer, whose pool of one connection is the
//! queue; on PostgreSQL both are the same pool. What reads for minutes has its own way in: [`Database::snapshot`].

use std::time::{Duration, Instant};

use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sea_orm::sqlx::{Connection as _, PgConnection, postgres::PgConnectOptions, postgres::PgPoolOptions};
use sea_orm::{
    AccessMode, DatabaseConnection, DatabaseTransaction, DbErr, IsolationLevel, SqliteTransactionMode,
    SqlxPostgresConnector, SqlxSqliteConnector, TransactionOptions, TransactionTrait as _,
};
use shoal_graphql::database::{Dialect, Reader};

/// How to connect.
#[derive(Debug, Clone)]
pub struct Options {
    /// `sqlite://…` or `postgres://…`.
    pub url: String,
    /// Connections for reads (and, on PostgreSQL, writes).
    pub max_connections: u32,
    /// After this long the database stops a statement.
    pub statement_timeout: Duration,
}

/// How many rows of an answer SQLite reads ahead.
const ROWS_AT_ONCE: usize = 1_000;

/// After so many changed pages (of 4 KiB) SQLite writes them back from its log. Rows with many indexes change the same
/// pages again and again; with its default of 1,000 each batch would write them all twice.
const CHECKPOINT_PAGES: &str = "4000";

/// Memory for pages of those who read, each, and of the one who writes, in KiB as SQLite has it. A transaction that changes more
/// pages than fit writes them to the log before its end, and again.
const READ_CACHE: &str = "-8000";
const WRITE_CACHE: &str = "-64000";

/// A database that is open.
#[derive(Debug, Clone)]
pub struct Database {
    reader: Reader,
    writer: DatabaseConnection,
    /// Where snapshots are read: on SQLite a pool of its own, whose transactions may take longer than a statement.
    snapshots: DatabaseConnection,
}

/// Why a database cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The address is not one of a database that Shoal knows.
    #[error("the database address must begin with sqlite:// or postgres://")]
    UnknownDatabase,
    /// The address cannot be read.
    #[error("the database address cannot be read: {0}")]
    Address(#[source] sea_orm::SqlxError),
    /// The folder of a SQLite file cannot be made.
    #[error("the folder of the database cannot be made: {0}")]
    Folder(#[source] std::io::Error),
    /// The database does not answer.
    #[error("the database does not answer: {0}")]
    Unreachable(#[source] sea_orm::SqlxError),
}

impl Database {
    /// Opens a database; a SQLite file (and its folder) is made if it is not there and the address has `mode=rwc`.
    ///
    /// # Errors
    /// [`ConnectError`]
    pub async fn connect(options: &Options) -> Result<Self, ConnectError> {
        let url = options.url.as_str();
        if url.starts_with("sqlite:") {
            Self::connect_sqlite(url, options).await
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Self::connect_postgres(url, options).await
        } else {
            Err(ConnectError::UnknownDatabase)
        }
    }

    async fn connect_sqlite(url: &str, options: &Options) -> Result<Self, ConnectError> {
        let settings: SqliteConnectOptions = url.parse().map_err(ConnectError::Address)?;
        if url.contains("mode=rwc")
            && let Some(folder) = settings.get_filename().parent()
        {
            std::fs::create_dir_all(folder).map_err(ConnectError::Folder)?;
        }
        let settings = settings
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .foreign_keys(true)
            .busy_timeout(options.statement_timeout)
            .pragma("cache_size", READ_CACHE)
            .pragma("mmap_size", "268435456")
            .statement_cache_capacity(200)
            // Rows come from a thread of their own. With room for a page it need not wait for them to be taken.
            .row_buffer_size(ROWS_AT_ONCE);
        let statement = options.statement_timeout;
        let pool = |most: u32, timeout: Duration| {
            SqlitePoolOptions::new()
                .max_connections(most)
                .acquire_timeout(statement)
                .test_before_acquire(false)
                .after_connect(move |connection, _| Box::pin(limit_time(connection, timeout)))
                .before_acquire(move |connection, _| {
                    Box::pin(async move { limit_time(connection, timeout).await.map(|()| true) })
                })
        };
        // The writer first: it makes the file.
        let writing =
            settings.clone().pragma("wal_autocheckpoint", CHECKPOINT_PAGES).pragma("cache_size", WRITE_CACHE);
        let writer = pool(1, statement).connect_with(writing).await.map_err(ConnectError::Unreachable)?;
        let reads = settings.read_only(true);
        let snapshots = pool(options.max_connections, SNAPSHOT).connect_lazy_with(reads.clone());
        let reader = pool(options.max_connections, statement).connect_with(reads).await;
        let reader = reader.map_err(ConnectError::Unreachable)?;
        Ok(Self {
            reader: Reader::new(SqlxSqliteConnector::from_sqlx_sqlite_pool(reader)),
            writer: SqlxSqliteConnector::from_sqlx_sqlite_pool(writer),
            snapshots: SqlxSqliteConnector::from_sqlx_sqlite_pool(snapshots),
        })
    }

    async fn connect_postgres(url: &str, options: &Options) -> Result<Self, ConnectError> {
        let milliseconds = options.statement_timeout.as_millis().to_string();
        let settings: PgConnectOptions = url.parse().map_err(ConnectError::Address)?;
        let settings = settings
            .application_name("shoal")
            .statement_cache_capacity(200)
            // PostgreSQL plans for a spinning disk unless it is told; compiling pays for reports only.
            .options([
                ("statement_timeout", milliseconds.as_str()),
                ("jit", "off"),
                ("random_page_cost", "1.1"),
            ]);
        // A pool would go on trying until its time is over; a person who starts the program should know at once.
        let first = tokio::time::timeout(CONNECT_TIMEOUT, PgConnection::connect_with(&settings)).await;
        let first = first.map_err(|_| ConnectError::Unreachable(sea_orm::SqlxError::PoolTimedOut))?;
        first.map_err(ConnectError::Unreachable)?.close().await.map_err(ConnectError::Unreachable)?;
        let pool = PgPoolOptions::new()
            .max_connections(options.max_connections)
            .acquire_timeout(options.statement_timeout)
            .test_before_acquire(false)
            .connect_with(settings)
            .await
            .map_err(ConnectError::Unreachable)?;
        let connection = SqlxPostgresConnector::from_sqlx_postgres_pool(pool);
        let snapshots = connection.clone();
        Ok(Self { reader: Reader::new(connection.clone()), writer: connection, snapshots })
    }

    /// Where reads go.
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Where writes, migrations and bulk loads go.
    pub fn writer(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// Which SQL is spoken.
    pub fn dialect(&self) -> Dialect {
        self.reader.dialect()
    }

    /// Begins a transaction that writes. On SQLite it takes the write lock at once, so that it cannot fail half-way
    /// for another writer.
    ///
    /// # Errors
    /// When no connection is free in time.
    pub async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        let sqlite_transaction_mode = match self.dialect() {
            Dialect::Sqlite => Some(SqliteTransactionMode::Immediate),
            Dialect::Postgres => None,
        };
        self.writer
            .begin_with_options(TransactionOptions { sqlite_transaction_mode, ..Default::default() })
            .await
    }

    /// A reader to which the database stays as it is at its first statement, whatever others write. It holds a connection,
    /// and on SQLite the log of all that is written meanwhile, until it is dropped.
    ///
    /// # Errors
    /// When no connection is free in time.
    pub async fn snapshot(&self) -> Result<Reader, DbErr> {
        let transaction = match self.dialect() {
            // What begins there as a reader sees one state to its end.
            Dialect::Sqlite => self.snapshots.begin().await?,
            Dialect::Postgres => {
                let (isolation, access) = (IsolationLevel::RepeatableRead, AccessMode::ReadOnly);
                self.snapshots.begin_with_config(Some(isolation), Some(access)).await?
            }
        };
        Ok(self.reader.within(transaction))
    }

    /// Whether it answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), DbErr> {
        self.reader.connection().ping().await
    }
}

/// How long the first connection to PostgreSQL may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a snapshot of SQLite may be read. PostgreSQL has the time of each statement in it.
const SNAPSHOT: Duration = Duration::from_hours(6);

/// How many steps of SQLite's machine pass between two looks at the clock: less than a millisecond.
const STEPS: i32 = 20_000;

/// Lets SQLite stop whatever runs on this connection once the time is over. Reads take a connection for one statement,
/// writes and snapshots for one transaction, so that the time begins when it is taken.
async fn limit_time(
    connection: &mut sea_orm::sqlx::SqliteConnection,
    timeout: Duration,
) -> Result<(), sea_orm::SqlxError> {
    let end = Instant::now() + timeout;
    connection.lock_handle().await?.set_progress_handler(STEPS, move || Instant::now() < end);
    Ok(())
}
