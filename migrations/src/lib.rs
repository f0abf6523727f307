//! Schema migrations: one folder per module, each with bookkeeping of its own, so that a module crate can leave without
//! breaking the start. See the README for how to add one.

pub mod contacts;
mod ddl;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, TransactionTrait as _};
use sea_orm_migration::MigratorTrait;

/// Changes whenever a migration is added: names a template of a migrated database.
pub fn version() -> String {
    let names = contacts::Migrator::migrations()
        .iter()
        .map(|migration| migration.name().to_owned())
        .collect::<Vec<_>>();
    names.join(",")
}

/// Brings the database to the newest schema. Several processes may start at once: on PostgreSQL they wait for each other
/// at an advisory lock, on SQLite at the write lock.
///
/// # Errors
/// What the database says.
pub async fn migrate(connection: &DatabaseConnection) -> Result<(), DbErr> {
    if connection.get_database_backend() == DbBackend::Sqlite {
        return contacts::Migrator::up(connection, None).await;
    }
    // The lock lives as long as this transaction; the migrations run beside it, in transactions of their own.
    let lock = connection.begin().await?;
    lock.execute_unprepared("SELECT pg_advisory_xact_lock(7302916450518)").await?;
    contacts::Migrator::up(connection, None).await?;
    lock.commit().await
}

/// How many migrations wait to be run.
///
/// # Errors
/// What the database says.
pub async fn pending(connection: &DatabaseConnection) -> Result<usize, DbErr> {
    Ok(contacts::Migrator::get_pending_migrations(connection).await?.len())
}
