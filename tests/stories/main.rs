//! What people meet who use Shoal, on both databases.
#![expect(clippy::unwrap_used, reason = "tests; a panic is the report")]
#![expect(
    clippy::too_many_lines,
    clippy::similar_names,
    clippy::many_single_char_names,
    clippy::needless_pass_by_value,
    reason = "stories are lists of cases, about a, b and c, with inputs written where they are used"
)]

mod bulk;
mod staff;
mod support;

mod account_batches;
mod accounts;
mod api_keys;
mod architecture;
mod attachments;
#[cfg(feature = "slow-tests")]
mod audits;
mod catalogue;
mod cli;
mod concurrency;
mod contact_names;
mod contacts;
mod crash;
mod demo;
mod events;
mod export_rules;
mod exports;
mod file_api;
mod file_memory;
mod files;
mod history;
mod hostile_mails;
mod http;
mod import_reverts;
mod import_rights;
mod imports;
mod interactions;
mod job_schedules;
mod job_workers;
mod jobs;
mod kill;
mod kill_imports;
mod kill_jobs;
mod leaks;
mod limits;
mod mails;
mod module_additions;
mod module_files;
mod module_rules;
mod modules;
mod odd_mails;
mod operate;
mod people;
mod people_rights;
mod plans;
mod rate_limits;
mod reference_imports;
mod role_rights;
mod roles;
mod routes;
mod scopes;
mod search;
mod search_terms;
mod sessions;
mod settings;
#[cfg(feature = "slow-tests")]
mod show;
mod sign_in;
mod subscriptions;
mod teams;
mod tenants;
mod timeline;
mod upserts;
mod use_cases;
mod words;
