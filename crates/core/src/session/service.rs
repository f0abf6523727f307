//! Use cases of sessions.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, Select};
use serde_json::json;
use shoal_graphql::context::Context;
use shoal_graphql::declare::Handled;
use shoal_graphql::error::{Error, Refusal};
use shoal_graphql::message;
use uuid::Uuid;

use super::graphql::SessionRevoke;
use super::{Column, Entity, Model};
use crate::access::forbidden;
use crate::context::RequestContext;
use crate::permission::{SESSION_READ, SESSION_REVOKE};
use crate::unit_of_work::UnitOfWork;
use crate::user;

/// Ends sessions. Those that have ended already stay as they are.
///
/// # Errors
/// Faults of the database; refusals are per row.
pub async fn revoke(context: Arc<dyn Context>, inputs: Vec<SessionRevoke>) -> Result<Handled, Error> {
    let context = RequestContext::of(&context)?;
    let inputs: Arc<[SessionRevoke]> = inputs.into();
    let handled = UnitOfWork::run(&context, |unit| {
        let inputs = Arc::clone(&inputs);
        Box::pin(async move { revoke_in(unit, &inputs).await })
    })
    .await?;
    // Here at once; other nodes look at each session in use again and again.
    context.kernel.forget(context.tenant.id);
    Ok(handled)
}

async fn revoke_in(unit: &mut UnitOfWork, inputs: &[SessionRevoke]) -> Result<Handled, Error> {
    let ids = inputs.iter().map(|input| input.id);
    let wanted = unit.find::<Entity>().filter(unit.any_of(Column::Id, ids));
    let mut known: HashMap<Uuid, Model> =
        locked(unit, wanted).await?.into_iter().map(|session| (session.id, session)).collect();
    let caller = Arc::clone(&unit.context().caller);
    let mut ended = Vec::new();
    let mut handled = Vec::with_capacity(inputs.len());
    for input in inputs {
        let reaches = |right: &str, session: &Model| caller.reaches(right, Some(session.user_id), None);
        let session = known.get_mut(&input.id).filter(|session| reaches(SESSION_READ, session));
        handled.push(match session {
            None => Err(Refusal::not_found(message!("session-not-found", "session not found"), ["id"])),
            Some(session) if !reaches(SESSION_REVOKE, session) => {
                let message = message!(
                    "session-out-of-reach",
                    "your right {right} does not reach this session",
                    right = SESSION_REVOKE,
                );
                Err(forbidden(&["id"], message))
            }
            Some(session) => {
                if session.revoked_at.is_none() {
                    ended.push(session.clone());
                    session.revoked_at = Some(unit.now());
                }
                Ok(input.id.into())
            }
        });
    }
    end(unit, ended);
    Ok(handled)
}

/// Stages the end of all sessions of these users but the one to keep.
///
/// # Errors
/// Faults of the database.
pub(crate) async fn end_all(
    unit: &mut UnitOfWork,
    users: Vec<Uuid>,
    kept: Option<Uuid>,
) -> Result<(), Error> {
    if users.is_empty() {
        return Ok(());
    }
    let open = unit
        .find::<Entity>()
        .filter(unit.any_of(Column::UserId, users))
        .filter(Column::RevokedAt.is_null())
        .filter(Column::ExpiresAt.gt(unit.now()));
    let mut open = locked(unit, open).await?;
    open.retain(|session| Some(session.id) != kept);
    end(unit, open);
    Ok(())
}

/// Locked in one order everywhere.
async fn locked(unit: &UnitOfWork, sessions: Select<Entity>) -> Result<Vec<Model>, Error> {
    let sessions = sessions.order_by_asc(Column::Id).lock(LockType::NoKeyUpdate);
    Ok(sessions.all(unit.transaction()).await?)
}

/// Stages the end of these sessions; the audit of their users says which.
fn end(unit: &mut UnitOfWork, sessions: Vec<Model>) {
    let mut by_user: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
    for before in sessions {
        by_user.entry(before.user_id).or_default().push(before.id);
        let after = Model { revoked_at: Some(unit.now()), ..before.clone() };
        unit.update::<Entity>(&before, after);
    }
    for (user, ended) in by_user {
        unit.note::<user::Entity>(user, "sessions", json!(ended), json!([]));
    }
}
