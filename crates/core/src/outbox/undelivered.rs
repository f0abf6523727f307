//! What administrators do with events that could not be delivered.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use sea_orm::sea_query::LockType;
use sea_orm::{QueryFilter as _, QueryOrder as _, QuerySelect as _};
use serde_json::json;
use shoal_graphql::context::Context;
use shoal_graphql::declare::Handled;
use shoal_graphql::error::{Error, Refusal, code};
use shoal_graphql::message;
use shoal_graphql::value::Choice as _;
use uuid::Uuid;

use super::delivery::{Column, DeliveryState, Entity, Model};
use super::dispatcher::{lock_of, release};
use crate::audit;
use crate::context::RequestContext;
use crate::record::Action;
use crate::unit_of_work::UnitOfWork;

/// The type of deliveries in the API and the audit.
const TYPE: &str = "EventDelivery";

shoal_graphql::input! {
    /// An event that could not be delivered.
    pub struct EventDeliveryChoice {
        /// The delivery's id.
        pub id: Uuid,
    }
}

/// Delivers events again.
///
/// # Errors
/// Faults of the database; refusals are per row: `NOT_FOUND`, `CONFLICT` where an earlier event comes first.
pub(crate) async fn retry(
    context: Arc<dyn Context>,
    inputs: Vec<EventDeliveryChoice>,
) -> Result<Handled, Error> {
    change(context, inputs, |unit, before| {
        if before.state == DeliveryState::Blocked.code() {
            let message = message!(
                "delivery-blocked",
                "an earlier event of the same record comes first: retry or discard that"
            );
            return Err(Refusal::new(code::CONFLICT, message));
        }
        let state = DeliveryState::Pending.code();
        let after = Model { state: state.to_owned(), attempts: 0, due_at: unit.now(), ..before.clone() };
        let changes = json!({"state": [before.state, state], "attempts": [before.attempts, 0]});
        unit.update::<Entity>(before, after);
        audit::stage(unit, TYPE, before.id, Action::Updated, Some(changes));
        Ok(())
    })
    .await
}

/// Gives events up.
///
/// # Errors
/// Faults of the database; refusals are per row: `NOT_FOUND`.
pub(crate) async fn discard(
    context: Arc<dyn Context>,
    inputs: Vec<EventDeliveryChoice>,
) -> Result<Handled, Error> {
    change(context, inputs, |unit, before| {
        let changes = json!({
            "handler": [before.handler, null], "eventId": [before.event_id, null],
            "recordId": [before.record_id, null], "error": [before.error, null],
        });
        unit.delete_where::<Entity>(Column::Id, before.id);
        audit::stage(unit, TYPE, before.id, Action::Removed, Some(changes));
        Ok(())
    })
    .await
}

type Change = fn(&mut UnitOfWork, &Model) -> Result<(), Refusal>;

async fn change(
    context: Arc<dyn Context>,
    inputs: Vec<EventDeliveryChoice>,
    one: Change,
) -> Result<Handled, Error> {
    let context = RequestContext::of(&context)?;
    let handled = UnitOfWork::run(&context, |unit| {
        let ids: Vec<Uuid> = inputs.iter().map(|input| input.id).collect();
        Box::pin(async move {
            let mut known = load(unit, &ids).await?;
            let (mut handled, mut freed) = (Vec::with_capacity(ids.len()), Vec::with_capacity(ids.len()));
            for id in ids {
                // What is named twice is gone, or as it should be, the second time.
                let found = known.remove(&id).ok_or_else(|| {
                    Refusal::not_found(message!("delivery-not-found", "event delivery not found"), ["id"])
                });
                let changed = found.and_then(|before| {
                    one(unit, &before)?;
                    freed.push((before.handler, before.record_id));
                    Ok(id.into())
                });
                handled.push(changed);
            }
            release(unit, freed).await?;
            Ok(handled)
        })
    })
    .await?;
    context.kernel.numbered.wake();
    Ok(handled)
}

/// The deliveries, with the locks of their queues.
async fn load(unit: &UnitOfWork, ids: &[Uuid]) -> Result<HashMap<Uuid, Model>, Error> {
    let find = || unit.find::<Entity>().filter(unit.any_of(Column::Id, ids.iter().copied()));
    let found = find().all(unit.transaction()).await?;
    let handlers: BTreeSet<&String> = found.iter().map(|delivery| &delivery.handler).collect();
    for handler in handlers {
        unit.lock(&lock_of(handler)).await?;
    }
    // As they are now that nobody else is at them.
    let found = find().order_by_asc(Column::Id).lock(LockType::NoKeyUpdate).all(unit.transaction()).await?;
    Ok(found.into_iter().map(|delivery| (delivery.id, delivery)).collect())
}
