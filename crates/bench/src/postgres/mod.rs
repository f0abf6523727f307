//! A PostgreSQL server to measure on: the one that is named, else a private one with its usual durability.
//!
//! The tests' own servers (`shoal-testkit`) keep their data in memory and never wait for a disk, which would flatter
//! writes, and code of the tests has no business in the program that is shipped; so there is a small one here. Where no
//! PostgreSQL is installed, the server of a test run (`with-postgres shoal bench …`) does as well.

mod private;
mod programs;

use std::path::PathBuf;

use sea_orm::{ConnectionTrait, Database, DbBackend, Statement};

use crate::Failure;
use private::Server;

/// Names the server of a test run.
const TEST_VARIABLE: &str = "SHOAL_TEST_POSTGRES_URL";

/// A database of our own on some server; dropped by [`close`](Self::close).
#[derive(Debug)]
pub struct Postgres {
    /// The database.
    pub url: String,
    /// The server and its settings, for people.
    pub description: String,
    server_url: String,
    database: String,
    _server: Option<Server>,
}

/// Settings that measurements hang on.
const SETTINGS: [&str; 6] =
    ["server_version", "shared_buffers", "fsync", "synchronous_commit", "full_page_writes", "max_wal_size"];

impl Postgres {
    /// Makes a database on the server at `url`, else on a private one.
    ///
    /// # Errors
    /// When there is no server to be had.
    pub async fn create(url: Option<String>) -> Result<Self, Failure> {
        let (server_url, server) = match url {
            Some(url) => (url, None),
            None => match Server::start(&programs::find()) {
                Ok(server) => (server.url.clone(), Some(server)),
                Err(reason) => (test_server().ok_or(reason)?, None),
            },
        };
        let database = format!("shoal_bench_{}", std::process::id());
        let connection = Database::connect(&server_url).await?;
        connection.execute_unprepared(&format!("CREATE DATABASE {database}")).await?;
        let url = with_database(&server_url, &database);
        let description = describe(&connection).await?;
        Ok(Self { url, description, server_url, database, _server: server })
    }

    /// Drops the database.
    ///
    /// # Errors
    /// What the server says.
    pub async fn close(self) -> Result<(), Failure> {
        let connection = Database::connect(&self.server_url).await?;
        connection.execute_unprepared(&format!("DROP DATABASE {} WITH (FORCE)", self.database)).await?;
        connection.close().await?;
        Ok(())
    }
}

/// The address of another database on the same server.
fn with_database(url: &str, database: &str) -> String {
    let (place, query) = url.split_once('?').unwrap_or((url, ""));
    let start = place.find("://").map_or(0, |scheme| scheme + 3);
    let end = place[start..].find('/').map_or(place.len(), |slash| start + slash);
    let question = if query.is_empty() { "" } else { "?" };
    format!("{}/{database}{question}{query}", &place[..end])
}

fn test_server() -> Option<String> {
    std::env::var(TEST_VARIABLE).ok().filter(|url| !url.is_empty())
}

async fn describe(connection: &impl ConnectionTrait) -> Result<String, Failure> {
    let mut parts = Vec::new();
    for name in SETTINGS {
        let question = Statement::from_sql_and_values(
            DbBackend::Postgres,
            "SELECT current_setting(name) FROM pg_settings WHERE name = $1",
            [name.into()],
        );
        // Some are only shown to some roles.
        if let Ok(Some(row)) = connection.query_one_raw(question).await {
            parts.push(format!("{name} {}", row.try_get_by_index::<String>(0)?));
        }
    }
    Ok(parts.join(", "))
}

/// Folders with PostgreSQL's programs on this machine, newest first.
pub fn program_folders() -> Vec<PathBuf> {
    programs::find()
}

#[cfg(test)]
mod tests {
    use super::with_database;

    #[test]
    fn the_database_of_an_address_is_replaced() {
        for (url, expected) in [
            ("postgres://me:p@host:5432/postgres", "postgres://me:p@host:5432/x"),
            ("postgres://host", "postgres://host/x"),
            ("postgres://host/db?sslmode=disable", "postgres://host/x?sslmode=disable"),
        ] {
            assert_eq!(with_database(url, "x"), expected);
        }
    }
}
