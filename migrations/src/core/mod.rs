//! The kernel: companies, people, rights, modules, what happened.

mod m20261122_10_core_imports;
mod m20261122_11_core_exports;
mod m20261122_12_core_timeline;
mod m20261122_1_core_people;
mod m20261122_2_core_access;
mod m20261122_3_core_history;
mod m20261122_4_core_guesses;
mod m20261122_5_core_api_key_makers;
mod m20261122_6_core_module_secrets;
mod m20261122_7_core_jobs;
mod m20261122_8_core_search_terms;
mod m20261122_9_core_files;

use sea_orm_migration::MigrationTrait;

/// The kernel's migrations, oldest first.
pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(m20261122_1_core_people::MIGRATION),
        Box::new(m20261122_2_core_access::MIGRATION),
        Box::new(m20261122_3_core_history::MIGRATION),
        Box::new(m20261122_4_core_guesses::MIGRATION),
        Box::new(m20261122_5_core_api_key_makers::MIGRATION),
        Box::new(m20261122_6_core_module_secrets::MIGRATION),
        Box::new(m20261122_7_core_jobs::MIGRATION),
        Box::new(m20261122_8_core_search_terms::MIGRATION),
        Box::new(m20261122_9_core_files::MIGRATION),
        Box::new(m20261122_10_core_imports::MIGRATION),
        Box::new(m20261122_11_core_exports::MIGRATION),
        Box::new(m20261122_12_core_timeline::MIGRATION),
    ]
}
