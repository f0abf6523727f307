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
mod support;

mod accounts;
mod architecture;
#[cfg(feature = "slow-tests")]
mod audits;
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
mod subscriptions;
mod tenants;
mod upserts;
