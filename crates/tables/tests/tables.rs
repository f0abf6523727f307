//! Files of every kind, whole and broken, read and written.
#![cfg_attr(test, expect(clippy::format_collect, reason = "small texts, made where they are used"))]

#[cfg(test)]
mod common;

#[cfg(test)]
mod csv;
#[cfg(test)]
mod detect;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod jsonl;
#[cfg(all(test, feature = "slow-tests"))]
mod memory;
#[cfg(test)]
mod spool;
#[cfg(test)]
mod vcard;
#[cfg(test)]
mod write;
#[cfg(test)]
mod xlsx;
