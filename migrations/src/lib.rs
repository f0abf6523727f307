//! Schema migrations: one folder per module, each with bookkeeping of its own, so that a module crate can leave without
//! breaking the start. See the README for how to add one.
//!
//! A module of another crate brings its own list: [`ddl::run`] writes its definitions for both databases.

pub mod contacts;
pub mod core;
pub mod ddl;

use std::sync::Arc;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, TransactionTrait as _};
use sea_orm_migration::prelude::{DynIden, IntoIden as _};
use sea_orm_migration::{MigrationTrait, MigratorTraitSelf};

/// Makes a list of migrations.
pub type List = Arc<dyn Fn() -> Vec<Box<dyn MigrationTrait>> + Send + Sync>;

/// The migrations of one module.
#[derive(Clone)]
pub struct ModuleMigrations {
    /// The module's name, the first part of its bookkeeping table.
    pub module: &'static str,
    /// Makes the list, oldest first.
    pub list: List,
}

impl MigratorTraitSelf for ModuleMigrations {
    fn migrations(&self) -> Vec<Box<dyn MigrationTrait>> {
        (self.list)()
    }

    fn migration_table_name(&self) -> DynIden {
        format!("{}_migration", self.module).into_iden()
    }
}

/// Changes whenever a migration is added: names a template of a migrated database.
pub fn version(modules: &[ModuleMigrations]) -> String {
    let names = modules.iter().flat_map(|module| (module.list)());
    names.map(|migration| migration.name().to_owned()).collect::<Vec<_>>().join(",")
}

/// Brings the database to the newest schema, module by module in this order. Several processes may start at once: on
/// PostgreSQL they wait for each other at an advisory lock, on SQLite at the write lock.
///
/// # Errors
/// What the database says.
pub async fn migrate(connection: &DatabaseConnection, modules: &[ModuleMigrations]) -> Result<(), DbErr> {
    if connection.get_database_backend() == DbBackend::Sqlite {
        return up(connection, modules).await;
    }
    // The lock lives as long as this transaction; the migrations run beside it, in transactions of their own.
    let lock = connection.begin().await?;
    lock.execute_unprepared("SELECT pg_advisory_xact_lock(7302916450518)").await?;
    up(connection, modules).await?;
    lock.commit().await
}

async fn up(connection: &DatabaseConnection, modules: &[ModuleMigrations]) -> Result<(), DbErr> {
    for module in modules {
        module.up(connection, None).await?;
    }
    Ok(())
}

/// How many migrations wait to be run.
///
/// # Errors
/// What the database says.
pub async fn pending(connection: &DatabaseConnection, modules: &[ModuleMigrations]) -> Result<usize, DbErr> {
    let mut pending = 0;
    for module in modules {
        pending += module.get_pending_migrations(connection).await?.len();
    }
    Ok(pending)
}
