//! Accounts, contacts and what hangs on them.

mod m20261121_1_contacts_records;

use sea_orm_migration::prelude::{DynIden, IntoIden as _, MigrationTrait, MigratorTrait};

/// The module's migrations.
#[derive(Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(m20261121_1_contacts_records::Migration)]
    }

    fn migration_table_name() -> DynIden {
        "contacts_migration".into_iden()
    }
}
