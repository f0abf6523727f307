//! Rows in bulk: COPY on PostgreSQL, statements of many rows in one transaction on SQLite.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use sea_orm::sqlx::Postgres;
use sea_orm::sqlx::pool::PoolConnection;
use sea_orm::sqlx::postgres::{PgCopyIn, PgPoolCopyExt as _};
use sea_orm::{ConnectionTrait as _, DatabaseTransaction, DbErr, RuntimeErr, SqlxError};
use shoal_core::database::Database;
use shoal_graphql::database::Dialect;
use shoal_graphql::value::INSTANT_FORMAT;
use uuid::Uuid;

/// Rows that are sent at once.
const CHUNK: usize = 500;

/// Where the rows of one table go.
enum Target {
    Postgres(PgCopyIn<PoolConnection<Postgres>>),
    Sqlite(DatabaseTransaction),
}

fn failed(error: SqlxError) -> DbErr {
    DbErr::Exec(RuntimeErr::SqlxError(error.into()))
}

/// Writes `count` rows of a table, whose columns are separated by a comma and a space.
pub(super) async fn insert(
    database: &Database,
    (table, columns): (&str, &str),
    count: usize,
    mut row: impl FnMut(&mut Row, usize),
) -> Result<(), DbErr> {
    let dialect = database.dialect();
    let mut target = match dialect {
        Dialect::Postgres => {
            let pool = database.writer().get_postgres_connection_pool();
            let copy = format!("COPY {table} ({columns}) FROM STDIN");
            Target::Postgres(pool.copy_in_raw(&copy).await.map_err(failed)?)
        }
        Dialect::Sqlite => Target::Sqlite(database.begin().await?),
    };
    let mut text = Row { text: String::new(), dialect, first: true };
    for start in (0..count).step_by(CHUNK) {
        text.text.clear();
        if dialect == Dialect::Sqlite {
            let _ = write!(text.text, "INSERT INTO {table} ({columns}) VALUES ");
        }
        for number in start..count.min(start + CHUNK) {
            text.begin(number > start);
            row(&mut text, number);
            text.end();
        }
        match &mut target {
            Target::Postgres(copy) => drop(copy.send(text.text.as_bytes()).await.map_err(failed)?),
            Target::Sqlite(transaction) => {
                transaction.execute_unprepared(&text.text).await?;
            }
        }
    }
    match target {
        Target::Postgres(copy) => copy.finish().await.map(drop).map_err(failed),
        Target::Sqlite(transaction) => transaction.commit().await,
    }
}

/// One row under construction, column by column.
pub(super) struct Row {
    text: String,
    dialect: Dialect,
    first: bool,
}

impl Row {
    fn begin(&mut self, further: bool) {
        self.first = true;
        if self.dialect == Dialect::Sqlite {
            self.text.push_str(if further { ",(" } else { "(" });
        }
    }

    fn end(&mut self) {
        self.text.push(match self.dialect {
            Dialect::Postgres => '\n',
            Dialect::Sqlite => ')',
        });
    }

    fn next(&mut self) -> &mut String {
        if !std::mem::replace(&mut self.first, false) {
            self.text.push(match self.dialect {
                Dialect::Postgres => '\t',
                Dialect::Sqlite => ',',
            });
        }
        &mut self.text
    }

    /// An id.
    pub fn id(&mut self, id: Uuid) -> &mut Self {
        let postgres = self.dialect == Dialect::Postgres;
        let text = self.next();
        let _ = if postgres { write!(text, "{id}") } else { write!(text, "x'{}'", id.as_simple()) };
        self
    }

    /// Text.
    pub fn text(&mut self, value: &str) -> &mut Self {
        let postgres = self.dialect == Dialect::Postgres;
        let text = self.next();
        if postgres {
            // Nothing that is generated has a tab, a line end or a backslash, but a sort key may.
            for character in value.chars() {
                match character {
                    '\\' => text.push_str("\\\\"),
                    '\t' => text.push_str("\\t"),
                    '\n' => text.push_str("\\n"),
                    '\r' => text.push_str("\\r"),
                    other => text.push(other),
                }
            }
        } else {
            let _ = write!(text, "'{}'", value.replace('\'', "''"));
        }
        self
    }

    /// Text, or null.
    pub fn optional(&mut self, value: Option<&str>) -> &mut Self {
        match value {
            Some(value) => self.text(value),
            None => self.null(),
        }
    }

    /// Null.
    pub fn null(&mut self) -> &mut Self {
        let postgres = self.dialect == Dialect::Postgres;
        self.next().push_str(if postgres { "\\N" } else { "NULL" });
        self
    }

    /// A number.
    pub fn number(&mut self, value: usize) -> &mut Self {
        let _ = write!(self.next(), "{value}");
        self
    }

    /// True or false.
    pub fn boolean(&mut self, value: bool) -> &mut Self {
        let word = match (self.dialect, value) {
            (Dialect::Postgres, true) => "t",
            (Dialect::Postgres, false) => "f",
            (Dialect::Sqlite, true) => "1",
            (Dialect::Sqlite, false) => "0",
        };
        self.next().push_str(word);
        self
    }

    /// An instant.
    pub fn instant(&mut self, at: DateTime<Utc>) -> &mut Self {
        self.text(&at.format(INSTANT_FORMAT).to_string())
    }
}
