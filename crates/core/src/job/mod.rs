//! Jobs: work that is done later, in steps. A job is written in the transaction of what asks for it; what a step stages is
//! committed together with how far the job has come, so that a crash at any moment loses the step under way and nothing
//! else, and no step is done twice.

mod ahead;
mod caller;
mod claim;
mod entity;
pub(crate) mod graphql;
mod kind;
mod manage;
pub mod rules;
pub mod schedule;
mod service;
mod worker;

pub use entity::{Column, Entity, JobState, Model};
pub use kind::{Job, JobKind, Run, Step};
pub use manage::{JobChoice, cancel, retry};
pub use service::{FIRST, LAST, Options, USUAL};
pub(crate) use service::{delete_old, forget};
pub use worker::{drain, run};
