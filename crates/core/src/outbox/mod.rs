//! The outbox: events are written in the transaction of what they tell, and then delivered at least once, in order for
//! each record.

mod background;
pub mod delivery;
pub mod dispatcher;
pub mod event;
pub mod feed;
pub mod neighbours;
mod signal;
mod work;

pub use signal::{Listener, Signal};
pub(crate) use work::clean_up;
pub use work::{background as do_background_work, run};

use serde_json::Value as Json;
use uuid::Uuid;

use crate::unit_of_work::UnitOfWork;

/// An event on its way into the outbox.
pub(crate) struct Telling {
    pub name: String,
    pub version: i32,
    pub record_type: &'static str,
    pub record: Uuid,
    pub payload: Json,
}

/// Stages an event.
pub(crate) fn stage(unit: &mut UnitOfWork, telling: Telling) {
    let Telling { name, version, record_type, record, payload } = telling;
    let actor = unit.context().caller.actor;
    let model = event::Model {
        tenant_id: unit.tenant(),
        id: unit.new_id(),
        number: None,
        name,
        payload_version: version,
        record_type: record_type.to_owned(),
        record_id: record,
        payload,
        at: unit.now(),
        actor_kind: actor.code().to_owned(),
        actor_id: actor.id(),
    };
    unit.insert::<event::Entity>(model);
}
