//! The audit: every change of a record, in the transaction that makes it. Who, when, from where, and only the fields
//! that are different.

mod entity;
pub mod graphql;

pub use entity::{Column, Entity, Model};

use serde_json::Value as Json;
use uuid::Uuid;

use crate::record::Action;
use crate::unit_of_work::UnitOfWork;

/// Stages the audit of a change. `changes` is field → `[before, after]`.
pub(crate) fn stage(
    unit: &mut UnitOfWork,
    record_type: &str,
    record_id: Uuid,
    action: Action,
    changes: Option<Json>,
) {
    let actor = unit.context().caller.actor;
    let model = Model {
        tenant_id: unit.tenant(),
        id: unit.new_id(),
        at: unit.now(),
        record_type: record_type.to_owned(),
        record_id,
        action: action.code().to_owned(),
        changes,
        actor_kind: actor.code().to_owned(),
        actor_id: actor.id(),
        request_id: unit.context().request_id.as_deref().map(str::to_owned),
    };
    unit.insert::<Entity>(model);
}
