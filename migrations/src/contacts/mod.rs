//! Accounts, contacts and what hangs on them.

mod m20261121_1_contacts_records;
mod m20261122_1_contacts_ownership;
mod m20261122_2_contacts_interactions;

use sea_orm_migration::MigrationTrait;

/// The module's migrations, oldest first.
pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(m20261121_1_contacts_records::MIGRATION),
        Box::new(m20261122_1_contacts_ownership::MIGRATION),
        Box::new(m20261122_2_contacts_interactions::MIGRATION),
    ]
}
