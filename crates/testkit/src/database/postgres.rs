//! `PostgreSQL`: a template database, and a clone of it per test.

use std::thread;
use std::time::Duration;

use sea_orm::sqlx::{self, AssertSqlSafe, Connection, PgConnection};

use super::DatabaseError;
use crate::names;

/// Guards the making of templates, among all processes that use the server.
const LOCK: i64 = 0x7368_6f61_6c74_6b01;

/// Databases of tests that were killed go after a day, templates nobody uses after a week.
const TEST_LIFETIME: u64 = 24 * 3600;
const TEMPLATE_LIFETIME: u64 = 7 * 24 * 3600;

/// `url` with another database.
pub(super) fn with_database(url: &str, database: &str) -> String {
    let (address, options) = url.split_once('?').map_or((url, None), |(address, rest)| (address, Some(rest)));
    let start = address.find("://").map_or(0, |at| at + 3);
    let end = address[start..].find('/').map_or(address.len(), |at| start + at);
    let options = options.map_or_else(String::new, |options| format!("?{options}"));
    format!("{}/{database}{options}", &address[..end])
}

/// Makes the template called `name` unless it is there.
pub(super) async fn prepare(
    server: &str,
    name: &str,
    migrate: impl AsyncFn(String) -> Result<(), DatabaseError>,
) -> Result<(), DatabaseError> {
    let mut connection = connect(server).await?;
    // Released when the connection closes, also when this process dies.
    sqlx::query("SELECT pg_advisory_lock($1)")
        .bind(LOCK)
        .execute(&mut connection)
        .await
        .map_err(DatabaseError::doing("waiting for the lock on templates"))?;
    sweep(&mut connection).await?;
    // The template flag is set last: a database without it is one whose migration was interrupted.
    let finished: Option<bool> =
        sqlx::query_scalar("SELECT datistemplate FROM pg_database WHERE datname = $1")
            .bind(name)
            .fetch_optional(&mut connection)
            .await
            .map_err(DatabaseError::doing("looking for the template"))?;
    if finished != Some(true) {
        run(&mut connection, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
        run(&mut connection, format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")).await?;
        migrate(with_database(server, name)).await?;
        // The migration's connections may still be closing, and a template must have none.
        sqlx::query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1")
            .bind(name)
            .execute(&mut connection)
            .await
            .map_err(DatabaseError::doing("ending the migration's connections"))?;
        run(&mut connection, format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false IS_TEMPLATE true"))
            .await?;
    }
    run(&mut connection, format!("COMMENT ON DATABASE {name} IS 'last used {}'", names::now_seconds()))
        .await?;
    connection.close().await.map_err(DatabaseError::doing("closing the connection"))
}

/// Clones the template for one test, and returns the name of the clone.
pub(super) async fn copy(server: &str, template: &str) -> Result<String, DatabaseError> {
    let name = format!("shoal_test_{}", names::unique());
    let mut connection = connect(server).await?;
    run(&mut connection, format!("CREATE DATABASE {name} TEMPLATE {template}")).await?;
    connection.close().await.map_err(DatabaseError::doing("closing the connection"))?;
    Ok(name)
}

/// Drops a test's database together with the connections it still has. Best effort: what stays is swept later, and a
/// private server ends with the run.
pub(super) fn drop_database(server: &str, name: &str) {
    let (server, statement) = (server.to_owned(), format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
    // A test's own runtime cannot be waited for from within it, and may be ending.
    let dropping = thread::spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(async {
            let work = async {
                let mut connection = connect(&server).await?;
                run(&mut connection, statement).await
            };
            let _ = tokio::time::timeout(Duration::from_secs(10), work).await;
        });
    });
    let _ = dropping.join();
}

/// Removes what earlier runs left on a server that outlives them. Needs the lock.
async fn sweep(connection: &mut PgConnection) -> Result<(), DatabaseError> {
    let leftovers: Vec<(String, bool)> = sqlx::query_as(
        "SELECT datname::text, datistemplate FROM pg_database
         WHERE pg_get_userbyid(datdba) = current_user
           AND (starts_with(datname::text, 'shoal_test_') AND datname::text COLLATE \"C\" < $1
             OR starts_with(datname::text, 'shoal_tmpl_')
                AND substring(shobj_description(oid, 'pg_database') FROM 'last used ([0-9]+)')::bigint < $2)",
    )
    .bind(format!("shoal_test_{}", names::unique_since(TEST_LIFETIME)))
    .bind(i64::try_from(names::now_seconds().saturating_sub(TEMPLATE_LIFETIME)).unwrap_or(i64::MAX))
    .fetch_all(&mut *connection)
    .await
    .map_err(DatabaseError::doing("looking for leftovers"))?;
    for (name, is_template) in leftovers {
        if is_template {
            run(connection, format!("ALTER DATABASE \"{name}\" IS_TEMPLATE false")).await?;
        }
        run(connection, format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)")).await?;
    }
    Ok(())
}

async fn connect(server: &str) -> Result<PgConnection, DatabaseError> {
    PgConnection::connect(server).await.map_err(DatabaseError::doing("connecting to the server"))
}

/// Runs a statement made of names from this crate; databases cannot be bound as parameters.
async fn run(connection: &mut PgConnection, statement: String) -> Result<(), DatabaseError> {
    let done = sqlx::raw_sql(AssertSqlSafe(statement)).execute(connection).await;
    done.map(|_| ()).map_err(DatabaseError::doing("creating or dropping a database"))
}

#[cfg(test)]
mod tests {
    use super::with_database;

    #[test]
    fn the_database_is_replaced() {
        let cases = [
            ("postgres://u:p@h:1/postgres", "postgres://u:p@h:1/x"),
            ("postgres://u@h", "postgres://u@h/x"),
            ("postgres://u@h/", "postgres://u@h/x"),
            ("postgres://u@h?sslmode=disable", "postgres://u@h/x?sslmode=disable"),
            ("postgres://u@/a?host=/tmp/s", "postgres://u@/x?host=/tmp/s"),
        ];
        for (url, expected) in cases {
            assert_eq!(with_database(url, "x"), expected);
        }
    }
}
