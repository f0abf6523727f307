//! Definitions in one text for both databases.

use sea_orm::{ConnectionTrait as _, DbBackend};
use sea_orm_migration::prelude::{
    DbErr, MigrationName, MigrationTrait, SchemaManager, async_trait::async_trait,
};

/// A migration that is definitions and nothing else.
///
/// ```
/// use sea_orm_migration::MigrationTrait;
/// use shoal_migrations::ddl::Definitions;
///
/// const BOOKS: Definitions = Definitions {
///     name: "m20261122_1_loans_books",
///     texts: &["CREATE TABLE loans_book (tenant_id {id} NOT NULL, id {id} NOT NULL, PRIMARY KEY (tenant_id, id)) {table}"],
/// };
/// let migrations: Vec<Box<dyn MigrationTrait>> = vec![Box::new(BOOKS)];
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Definitions {
    /// `m<date>_<n>_<module>_<what>`: what the bookkeeping keeps; never changed once released.
    pub name: &'static str,
    /// The definitions, as [`run`] takes them.
    pub texts: &'static [&'static str],
}

impl MigrationName for Definitions {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait]
impl MigrationTrait for Definitions {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for text in self.texts {
            run(manager, text).await?;
        }
        Ok(())
    }
}

/// Runs definitions, separated by `;`. Types in braces become what the database calls them:
///
/// | here | PostgreSQL | SQLite | values |
/// |---|---|---|---|
/// | `{id}` | `uuid` | `BLOB` | UUID, 16 bytes |
/// | `{text}` | `text` | `TEXT` | |
/// | `{key}` | `text COLLATE "C"` | `TEXT` | sort keys, compared bytewise |
/// | `{int}` | `int4` | `INTEGER` | |
/// | `{long}` | `int8` | `INTEGER` | |
/// | `{json}` | `jsonb` | `TEXT` | |
/// | `{bool}` | `bool` | `INTEGER` | |
/// | `{date}` | `date` | `TEXT` | `2026-03-01` |
/// | `{instant}` | `timestamptz` | `TEXT` | RFC 3339 in UTC, fixed width |
/// | `{table}` | | `STRICT` | what follows a table's closing bracket |
/// | `{pairs}` | | `STRICT, WITHOUT ROWID` | the same for a table that is little more than its key |
/// | `{entry}` | `entry int8 …,` | | a column that counts insertions; SQLite's tables have one of their own, `rowid` |
/// | `{entered}` | `entry` | `number` | the column of a partial index in that order: equal values go by `rowid` |
///
/// # Errors
/// What the database says.
pub async fn run(manager: &SchemaManager<'_>, definitions: &str) -> Result<(), DbErr> {
    let postgres = manager.get_database_backend() == DbBackend::Postgres;
    let names = [
        ("{id}", "uuid", "BLOB"),
        ("{text}", "text", "TEXT"),
        ("{key}", "text COLLATE \"C\"", "TEXT"),
        ("{int}", "int4", "INTEGER"),
        ("{long}", "int8", "INTEGER"),
        ("{json}", "jsonb", "TEXT"),
        ("{bool}", "bool", "INTEGER"),
        ("{date}", "date", "TEXT"),
        ("{instant}", "timestamptz", "TEXT"),
        ("{table}", "", "STRICT"),
        ("{pairs}", "", "STRICT, WITHOUT ROWID"),
        ("{entry}", "entry int8 GENERATED ALWAYS AS IDENTITY,", ""),
        ("{entered}", "entry", "number"),
    ];
    let mut text = definitions.to_owned();
    for (here, on_postgres, on_sqlite) in names {
        text = text.replace(here, if postgres { on_postgres } else { on_sqlite });
    }
    for definition in text.split(';').map(str::trim).filter(|definition| !definition.is_empty()) {
        manager.get_connection().execute_unprepared(definition).await?;
    }
    Ok(())
}
