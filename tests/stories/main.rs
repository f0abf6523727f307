//! What people meet who use Shoal, on both databases.
#![expect(clippy::unwrap_used, reason = "tests; a panic is the report")]

mod support;

mod accounts;
mod contacts;
mod roles;
mod upserts;
