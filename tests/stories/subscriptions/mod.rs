//! Clients are told of changes: over web sockets and as server-sent events, on both databases.
#![expect(clippy::print_stdout, reason = "what was measured")]

pub mod client;
#[cfg(feature = "slow-tests")]
mod clients;

mod limits;
mod load;
mod nodes;
mod protocol;
mod records;
mod resume;
mod rights;
