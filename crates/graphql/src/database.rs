//! Reading: one statement at a time from a pool, and a writer of SQL text that keeps values apart from it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use sea_orm::sea_query::{ArrayType, Expr};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, QueryResult, Statement, Value,
};

use crate::error::Error;
use crate::value::Kind;

/// Which SQL is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// SQLite 3.46 or later, for ISO weeks.
    Sqlite,
    /// PostgreSQL 15 or later.
    Postgres,
}

impl Dialect {
    /// The dialect of a connection.
    pub fn of(connection: &DatabaseConnection) -> Self {
        match connection.get_database_backend() {
            DbBackend::Sqlite => Self::Sqlite,
            _ => Self::Postgres,
        }
    }

    /// A condition that holds where `column` is one of the values, for sea-orm's queries: one statement text for any
    /// number of them, where its `is_in` has a text, and so a prepared statement, for each number.
    pub fn any_of(self, column: Expr, list: Vec<Value>) -> Expr {
        if list.is_empty() {
            // Of no values an array has no type.
            return Expr::cust("FALSE");
        }
        let condition = match self {
            Self::Postgres => "$1 = ANY($2)",
            Self::Sqlite if are_ids(&list) => "? IN (SELECT unhex(value) FROM json_each(?))",
            Self::Sqlite => "? IN (SELECT value FROM json_each(?))",
        };
        Expr::cust_with_exprs(condition, [column, Expr::value(self.list(list))])
    }

    /// A list as one value: an array on PostgreSQL, JSON text on SQLite (ids as hex, for `unhex`).
    pub fn list(self, list: Vec<Value>) -> Value {
        match self {
            Self::Postgres => {
                let of = list.first().map_or(ArrayType::Uuid, array_type);
                Value::Array(of, Some(Box::new(list)))
            }
            Self::Sqlite => json_list(&list).into(),
        }
    }

    /// sea-orm's name for it.
    pub fn backend(self) -> DbBackend {
        match self {
            Self::Sqlite => DbBackend::Sqlite,
            Self::Postgres => DbBackend::Postgres,
        }
    }
}

/// A pool for reads. A connection is held for one statement only, never while waiting for another; that of a
/// [transaction](Self::within) until the last clone is dropped.
#[derive(Debug, Clone)]
pub struct Reader {
    connection: DatabaseConnection,
    /// Where statements run instead of the pool.
    transaction: Option<Arc<DatabaseTransaction>>,
    dialect: Dialect,
}

impl Reader {
    /// Reads through this pool.
    pub fn new(connection: DatabaseConnection) -> Self {
        let dialect = Dialect::of(&connection);
        Self { connection, transaction: None, dialect }
    }

    /// The same, but statements run in this transaction, one after the other: what they read is as consistent as its
    /// isolation makes it.
    #[must_use]
    pub fn within(&self, transaction: DatabaseTransaction) -> Self {
        Self { transaction: Some(Arc::new(transaction)), ..self.clone() }
    }

    /// The dialect of the pool.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The pool itself, whether there is a transaction or not.
    pub fn connection(&self) -> &DatabaseConnection {
        &self.connection
    }

    /// Runs one statement and counts it.
    ///
    /// # Errors
    /// [`Error::Timeout`] when the database stopped it, else a fault. A statement whose connection turned out to
    /// be dead is tried once more on another one, as connections are not tested before use; not in a transaction.
    pub async fn rows(&self, sql: Sql, count: &StatementCount) -> Result<Vec<QueryResult>, Error> {
        count.statements.fetch_add(1, Ordering::Relaxed);
        let statement = sql.into_statement();
        tracing::trace!(sql = %statement.sql, "read");
        let rows = if let Some(transaction) = &self.transaction {
            transaction.query_all_raw(statement).await?
        } else {
            match self.connection.query_all_raw(statement.clone()).await {
                Err(error) if is_dead_connection(&error) => self.connection.query_all_raw(statement).await?,
                other => other?,
            }
        };
        count.rows.fetch_add(rows.len() as u64, Ordering::Relaxed);
        Ok(rows)
    }
}

fn is_dead_connection(error: &sea_orm::DbErr) -> bool {
    use sea_orm::{DbErr, RuntimeErr, SqlxError};
    match error {
        DbErr::Query(RuntimeErr::SqlxError(error)) | DbErr::Conn(RuntimeErr::SqlxError(error)) => {
            match &**error {
                SqlxError::Io(_) => true,
                // 57P01: the server was told to stop; 57P02: it crashed.
                SqlxError::Database(error) => matches!(error.code().as_deref(), Some("57P01" | "57P02")),
                _ => false,
            }
        }
        _ => false,
    }
}

/// How many statements a request has used, and how many rows they have read.
#[derive(Debug, Default)]
pub struct StatementCount {
    statements: AtomicU32,
    rows: AtomicU64,
}

impl StatementCount {
    /// The number of statements so far.
    pub fn get(&self) -> u32 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Statements and rows together so far: what reading costs.
    pub fn cost(&self) -> u64 {
        self.rows.load(Ordering::Relaxed).saturating_add(self.get().into())
    }
}

/// SQL text under construction. Identifiers come from declarations; whatever comes from a caller is bound.
#[derive(Debug, Clone)]
pub struct Sql {
    text: String,
    values: Vec<Value>,
    dialect: Dialect,
}

impl Sql {
    /// Empty text.
    pub fn new(dialect: Dialect) -> Self {
        Self { text: String::with_capacity(512), values: Vec::with_capacity(8), dialect }
    }

    /// The dialect that is written.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Appends text.
    pub fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Appends `alias.column`.
    pub fn column(&mut self, alias: &str, column: &str) -> &mut Self {
        self.push(alias).push(".\"").push(column).push("\"")
    }

    /// Appends `alias.column` for comparing and ordering: text goes by its bytes, as SQLite does. PostgreSQL uses an
    /// index on the column if that has the collation "C" itself.
    pub fn ordered_column(&mut self, alias: &str, column: &str, kind: Kind) -> &mut Self {
        self.column(alias, column);
        if self.dialect == Dialect::Postgres && matches!(kind, Kind::Text | Kind::Choice(_)) {
            self.push(" COLLATE \"C\"");
        }
        self
    }

    /// Appends a quoted name.
    pub fn name(&mut self, name: &str) -> &mut Self {
        self.push("\"").push(name).push("\"")
    }

    /// Binds a value and appends its placeholder. An equal value is bound once.
    pub fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        let value = value.into();
        let position = self.values.iter().position(|bound| *bound == value).unwrap_or_else(|| {
            self.values.push(value);
            self.values.len() - 1
        });
        self.placeholder(position)
    }

    /// Binds a value that cannot repeat (a long list), without looking for an equal one.
    fn bind_new(&mut self, value: Value) -> &mut Self {
        self.values.push(value);
        self.placeholder(self.values.len() - 1)
    }

    fn placeholder(&mut self, position: usize) -> &mut Self {
        self.text.push(match self.dialect {
            Dialect::Sqlite => '?',
            Dialect::Postgres => '$',
        });
        self.text.push_str(itoa::Buffer::new().format(position + 1));
        self
    }

    /// Appends a condition that holds for the values in `list`: one statement text for any length.
    /// The caller has written the left side.
    pub fn is_any_of(&mut self, list: Vec<Value>) -> &mut Self {
        match self.dialect {
            Dialect::Postgres => {
                self.push(" = ANY(");
                self.bind_array(list);
                self.push(")")
            }
            Dialect::Sqlite => {
                self.push(if are_ids(&list) {
                    " IN (SELECT unhex(value) FROM json_each("
                } else {
                    " IN (SELECT value FROM json_each("
                });
                self.bind_array(list);
                self.push("))")
            }
        }
    }

    /// Binds a list: an array on PostgreSQL, JSON text on SQLite (ids as hex, for `unhex`).
    pub fn bind_array(&mut self, list: Vec<Value>) -> &mut Self {
        self.bind_new(self.dialect.list(list))
    }

    /// The finished statement.
    pub fn into_statement(self) -> Statement {
        Statement::from_sql_and_values(self.dialect.backend(), self.text, self.values)
    }

    /// The text so far, for tests and logs.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The values so far.
    pub fn values(&self) -> &[Value] {
        &self.values
    }
}

fn are_ids(list: &[Value]) -> bool {
    matches!(list.first(), Some(Value::Uuid(_)))
}

fn array_type(value: &Value) -> ArrayType {
    match value {
        Value::Bool(_) => ArrayType::Bool,
        Value::Int(_) => ArrayType::Int,
        Value::BigInt(_) => ArrayType::BigInt,
        Value::Double(_) => ArrayType::Double,
        Value::Uuid(_) => ArrayType::Uuid,
        Value::ChronoDate(_) => ArrayType::ChronoDate,
        Value::ChronoDateTimeUtc(_) => ArrayType::ChronoDateTimeUtc,
        Value::Json(_) => ArrayType::Json,
        _ => ArrayType::String,
    }
}

fn json_list(list: &[Value]) -> String {
    let mut text = String::with_capacity(list.len() * 36 + 2);
    text.push('[');
    for (position, value) in list.iter().enumerate() {
        if position > 0 {
            text.push(',');
        }
        match value {
            Value::Uuid(Some(id)) => {
                let mut buffer = uuid::Uuid::encode_buffer();
                text.push('"');
                text.push_str(id.as_simple().encode_lower(&mut buffer));
                text.push('"');
            }
            Value::Bool(Some(b)) => text.push(if *b { '1' } else { '0' }),
            Value::Int(Some(i)) => text.push_str(itoa::Buffer::new().format(*i)),
            Value::BigInt(Some(i)) => text.push_str(itoa::Buffer::new().format(*i)),
            Value::Double(Some(f)) => text.push_str(&serde_json::Value::from(*f).to_string()),
            Value::String(Some(s)) => text.push_str(&serde_json::Value::from(s.as_str()).to_string()),
            Value::ChronoDate(Some(d)) => text.push_str(&serde_json::Value::from(d.to_string()).to_string()),
            _ => text.push_str("null"),
        }
    }
    text.push(']');
    text
}
