//! The gateway over a real socket.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests may fail the test")]

mod graphql_get;
mod graphql_post;
mod limits;
mod log;
mod media;
mod pages;
mod shutdown;
mod support;
