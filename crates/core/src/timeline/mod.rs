//! Timelines: what has happened to a record, and what has happened with it, whichever module knows it.
//!
//! A declaration says which records have one ([`OnTimeline::timeline`]) and which are told of on those of others
//! ([`OnTimeline::timeline_source`]). A module lists its [kinds](TimelineKind), and its use cases
//! [tell](crate::UnitOfWork::tell_timelines): an entry is written for each record that the source concerns, in the same
//! transaction. That a record is created, changed, deleted and restored is told by itself.
//!
//! An entry copies nothing of its source. Whoever sees the record sees that something was there, of which kind and when;
//! what it was they see if they may see the source.

mod entity;
pub(crate) mod graphql;
mod kind;
mod service;

pub use entity::{Column, Entity, Model};
pub use graphql::{OnTimeline, SOURCE, TIMELINED};
pub(crate) use kind::{KINDS, kind_of};
pub use kind::{Part, TimelineKind, Told};
pub(crate) use service::{Telling, forget, stage_change};
