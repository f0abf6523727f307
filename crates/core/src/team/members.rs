//! Who is in a team.

use std::collections::BTreeSet;
use std::sync::Arc;

use sea_orm::{ColumnTrait as _, QueryFilter as _};
use serde_json::json;
use shoal_graphql::context::Context;
use shoal_graphql::declare::{Done, Handled};
use shoal_graphql::error::{Error, Refusal};
use uuid::Uuid;

use super::graphql::TeamMembers;
use super::{Entity, Model, NOT_FOUND, Reach, member};
use crate::access::Access;
use crate::batch::{Tracked as _, load, one_by_one};
use crate::permission::TEAM_MANAGE;
use crate::unit_of_work::UnitOfWork;
use crate::user;

/// Adds people to teams.
///
/// # Errors
/// Faults of the database; refusals are per input.
pub(super) async fn add(context: Arc<dyn Context>, inputs: Vec<TeamMembers>) -> Result<Handled, Error> {
    one_by_one(&context, inputs, |unit, input| Box::pin(change(unit, input, true))).await
}

/// Takes people out of teams.
///
/// # Errors
/// Faults of the database; refusals are per input.
pub(super) async fn remove(context: Arc<dyn Context>, inputs: Vec<TeamMembers>) -> Result<Handled, Error> {
    one_by_one(&context, inputs, |unit, input| Box::pin(change(unit, input, false))).await
}

async fn change(unit: &mut UnitOfWork, input: &TeamMembers, adds: bool) -> Result<Done, Error> {
    let access = Access::take(unit, TEAM_MANAGE).await?;
    let team = load::<Entity>(unit, [input.id]).await?.remove(&input.id);
    let before = team.ok_or_else(|| Refusal::not_found(NOT_FOUND, ["id"]))?;
    let named: BTreeSet<Uuid> = input.user_ids.iter().copied().collect();
    let of_team = unit
        .find::<member::Entity>()
        .filter(member::Column::TeamId.eq(before.id))
        .filter(unit.any_of(member::Column::UserId, named.iter().copied()));
    let of_team = of_team.all(unit.transaction()).await?;
    let known: BTreeSet<Uuid> = of_team.into_iter().map(|member| member.user_id).collect();
    let wanted = if adds {
        expect_users(unit, &known, &input.user_ids, "userIds").await?;
        if unit.context().caller.actor.user().is_some_and(|me| named.contains(&me)) {
            let reach = Reach::of_actor(unit, &access).await?;
            let own = reach.own.iter().copied().chain([before.id]).collect();
            reach.expect_no_wider(&reach.tree, &own, "userIds")?;
        }
        &known | &named
    } else {
        BTreeSet::new()
    };
    if set(unit, before.id, &known, &wanted) {
        touch(unit, &before);
    }
    Ok(input.id.into())
}

/// The people in a team.
///
/// # Errors
/// Faults of the database.
pub(super) async fn of(unit: &UnitOfWork, team: Uuid) -> Result<BTreeSet<Uuid>, Error> {
    let members = unit.find::<member::Entity>().filter(member::Column::TeamId.eq(team));
    Ok(members.all(unit.transaction()).await?.into_iter().map(|member| member.user_id).collect())
}

/// Refuses people who are not there, unless they are in the team already.
///
/// # Errors
/// `NOT_FOUND`; faults of the database.
pub(super) async fn expect_users(
    unit: &UnitOfWork,
    known: &BTreeSet<Uuid>,
    users: &[Uuid],
    field: &str,
) -> Result<(), Error> {
    let new = users.iter().filter(|user| !known.contains(user)).copied();
    let found = existing(unit, new.collect()).await?;
    Ok(expect_among(&(known | &found), users, field)?)
}

/// Those of the users that are there.
///
/// # Errors
/// Faults of the database.
pub(super) async fn existing(unit: &UnitOfWork, users: BTreeSet<Uuid>) -> Result<BTreeSet<Uuid>, Error> {
    if users.is_empty() {
        return Ok(users);
    }
    let found = unit.find::<user::Entity>().filter(unit.any_of(user::Column::Id, users));
    Ok(found.all(unit.transaction()).await?.into_iter().map(|user| user.id).collect())
}

/// Refuses people who are not among those that are there.
///
/// # Errors
/// `NOT_FOUND`
pub(super) fn expect_among(known: &BTreeSet<Uuid>, users: &[Uuid], field: &str) -> Result<(), Refusal> {
    match users.iter().position(|user| !known.contains(user)) {
        None => Ok(()),
        Some(position) => Err(Refusal::not_found(user::NOT_FOUND, [field, &position.to_string()])),
    }
}

/// Stages that these people are in a team instead of those; whether anything changes. For the audit only what differs is
/// said.
pub(super) fn set(
    unit: &mut UnitOfWork,
    team_id: Uuid,
    before: &BTreeSet<Uuid>,
    after: &BTreeSet<Uuid>,
) -> bool {
    let tenant_id = unit.tenant();
    let left: Vec<Uuid> = before.difference(after).copied().collect();
    let joined: Vec<Uuid> = after.difference(before).copied().collect();
    for user_id in left.iter().copied() {
        unit.unlink::<member::Entity>(&member::Model { tenant_id, team_id, user_id });
    }
    for user_id in joined.iter().copied() {
        unit.insert::<member::Entity>(member::Model { tenant_id, team_id, user_id });
    }
    let changes = !(left.is_empty() && joined.is_empty());
    if changes {
        unit.note::<Entity>(team_id, "members", json!(left), json!(joined));
        unit.access_changed();
    }
    changes
}

/// Counts a change of who is in a team as one of the team.
fn touch(unit: &mut UnitOfWork, before: &Model) {
    let mut after = before.clone();
    after.touch(unit.now(), unit.actor());
    unit.update::<Entity>(before, after);
}
