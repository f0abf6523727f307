//! Locks by name, for rules over more rows than can be locked one by one.

use sea_orm::{ConnectionTrait as _, DbBackend, DbErr, Statement};
use shoal_graphql::database::Dialect;
use uuid::Uuid;

use super::UnitOfWork;

impl UnitOfWork {
    /// Waits until no other transaction of the tenant holds the lock called `what`, and holds it to the end of this one:
    /// for rules over more rows than can be locked one by one. Take it before rows are locked. SQLite has one writer
    /// anyway.
    ///
    /// # Errors
    /// Faults of the database.
    pub async fn lock(&self, what: &str) -> Result<(), DbErr> {
        if self.dialect() == Dialect::Postgres {
            let text = "SELECT pg_advisory_xact_lock($1)";
            let values = [lock_number(self.tenant(), what).into()];
            self.transaction
                .execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, text, values))
                .await?;
        }
        Ok(())
    }

    /// Takes the lock called `what` if no other transaction of the tenant holds it. On SQLite nobody can: it has one
    /// writer.
    ///
    /// # Errors
    /// Faults of the database.
    pub async fn try_lock(&self, what: &str) -> Result<bool, DbErr> {
        if self.dialect() == Dialect::Sqlite {
            return Ok(true);
        }
        let values = [lock_number(self.tenant(), what).into()];
        let text = "SELECT pg_try_advisory_xact_lock($1)";
        let asked = Statement::from_sql_and_values(DbBackend::Postgres, text, values);
        let row = self.transaction.query_one_raw(asked).await?;
        row.map_or(Ok(false), |row| row.try_get_by_index(0))
    }
}

/// The number of a lock: the same for the same tenant and name in every process.
fn lock_number(tenant: Uuid, what: &str) -> i64 {
    // FNV-1a
    let bytes = what.bytes().chain(tenant.into_bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash.cast_signed()
}
