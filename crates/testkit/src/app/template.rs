//! Databases that the modules of a program have migrated.

use std::sync::{Mutex, PoisonError};

use sea_orm::{ConnectOptions, ConnectionTrait as _, DbBackend, DbErr, Statement};
use shoal_core::module::Modules;

use super::{composition, good};
use crate::database::{Backend, Template, TestDatabase};
use crate::names;

/// A database of its own with the tables of these modules.
pub(super) async fn database(backend: Backend, modules: fn() -> Modules) -> TestDatabase {
    let version = version(modules).await;
    let template = Template { key: "shoal", version: &version };
    TestDatabase::create(backend, template, move |url| migrate(url, modules)).await
}

async fn migrate(url: String, modules: fn() -> Modules) -> Result<(), DbErr> {
    let connection = sea_orm::Database::connect(url).await?;
    shoal_migrations::migrate(&connection, &composition(modules).migrations()).await?;
    connection.close().await
}

/// What the migrations are called and what they make, worked out once for each program. Names alone are not enough: those of
/// two sets of modules may be the same, and whoever writes a migration tries it many times.
async fn version(modules: fn() -> Modules) -> String {
    static KNOWN: Mutex<Vec<(usize, String)>> = Mutex::new(Vec::new());
    let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let name = modules as usize;
    if let Some((_, version)) = known().iter().find(|(known, _)| *known == name) {
        return version.clone();
    }
    let made = good(made(modules).await, "migrations that run on SQLite");
    let names = shoal_migrations::version(&composition(modules).migrations());
    let version = format!("{names} {}", names::digest(&made.iter().map(String::as_str).collect::<Vec<_>>()));
    known().push((name, version.clone()));
    version
}

/// The definitions of all that the migrations make, as SQLite keeps them: there it takes a moment.
async fn made(modules: fn() -> Modules) -> Result<Vec<String>, DbErr> {
    let mut options = ConnectOptions::new("sqlite::memory:");
    options.max_connections(1).sqlx_logging(false);
    let connection = sea_orm::Database::connect(options).await?;
    shoal_migrations::migrate(&connection, &composition(modules).migrations()).await?;
    let asked = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid";
    let rows = connection.query_all_raw(Statement::from_string(DbBackend::Sqlite, asked)).await?;
    let made = rows.iter().map(|row| row.try_get_by_index(0)).collect();
    connection.close().await?;
    made
}
