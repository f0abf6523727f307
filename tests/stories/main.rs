//! What people meet who use Shoal, on both databases.
#![expect(clippy::unwrap_used, reason = "tests; a panic is the report")]

mod bulk;
mod support;

mod accounts;
mod architecture;
mod catalogue;
mod cli;
mod concurrency;
mod contacts;
mod crash;
mod http;
mod limits;
mod load;
mod plans;
mod roles;
mod tenants;
mod upserts;
