//! graphql
pub mod request;
