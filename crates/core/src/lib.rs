//! core

pub mod value;
