//! Root fields that answer values of Rust, and values beside the record of a mutation.

pub mod answers;
pub mod desk;
mod oracle;
mod payloads;
