//! The outbox: events are written in the transaction of what they tell, and then delivered at least once, in order for
//! each record.

mod cleaning;
pub mod commit;
pub mod delivery;
pub mod dispatcher;
pub mod event;
pub mod feed;
pub(crate) mod graphql;
pub mod neighbours;
mod numbering;
mod signal;
mod undelivered;
mod work;

pub(crate) use cleaning::CleanUp;
pub use signal::{Listener, Signal};
pub use work::run;

use serde_json::Value as Json;
use shoal_graphql::database::Sql;
use shoal_graphql::error::Error;
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

/// Stages the events of a transaction, all at once: a transaction has one place in the order of all.
pub(crate) fn stage(unit: &mut UnitOfWork, tellings: Vec<Telling>) {
    let Ok(events @ 1..) = i32::try_from(tellings.len()) else { return };
    let (tenant_id, at, actor) = (unit.tenant(), unit.now(), unit.context().caller.actor);
    let first = unit.context().kernel.ids.next_of(events.unsigned_abs());
    let nth = |position: i32| Uuid::from_u128(first.as_u128() + u128::from(position.unsigned_abs()));
    let last_event = nth(events - 1);
    unit.insert::<commit::Entity>(commit::Model {
        tenant_id,
        id: first,
        last_event,
        events,
        number: None,
        at,
    });
    for (position, telling) in (0..events).zip(tellings) {
        let Telling { name, version, record_type, record, payload } = telling;
        unit.insert::<event::Entity>(event::Model {
            tenant_id,
            id: nth(position),
            position,
            name,
            payload_version: version,
            record_type: record_type.to_owned(),
            record_id: record,
            payload,
            at,
            actor_kind: actor.code().to_owned(),
            actor_id: actor.id(),
        });
    }
}

/// Forgets what handlers of a module were to be told.
///
/// # Errors
/// Faults of the database.
pub(crate) async fn forget(unit: &UnitOfWork, module: &str) -> Result<(), Error> {
    let mut sql = Sql::new(unit.dialect());
    sql.push("DELETE FROM core_delivery WHERE tenant_id = ").bind(unit.tenant());
    // The names of its handlers begin with its own; the sign behind the point is the slash.
    sql.push(" AND handler > ").bind(format!("{module}."));
    sql.push(" AND handler < ").bind(format!("{module}/"));
    unit.execute(sql).await?;
    Ok(())
}
