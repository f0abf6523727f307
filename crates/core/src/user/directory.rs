//! What is known of many people at once: their roles, teams and addresses.

use std::collections::{BTreeSet, HashMap, HashSet};

use sea_orm::{ColumnTrait as _, QueryFilter as _};
use serde_json::json;
use shoal_graphql::error::{Error, Refusal};
use uuid::Uuid;

use super::{Column, Entity, credential};
use crate::unit_of_work::UnitOfWork;
use crate::{session, team};

/// Which user has an address, and whether they are active.
pub(super) type Addresses = HashMap<String, (Uuid, bool)>;

/// Ids by user.
pub(super) type ByUser = HashMap<Uuid, BTreeSet<Uuid>>;

/// The users who have one of these addresses.
pub(super) async fn addresses(unit: &UnitOfWork, keys: HashSet<String>) -> Result<Addresses, Error> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let known = unit.find::<Entity>().filter(unit.any_of(Column::EmailKey, keys));
    let known = known.all(unit.transaction()).await?;
    Ok(known.into_iter().map(|user| (user.email_key, (user.id, user.active))).collect())
}

/// The roles of users.
pub(super) async fn roles_of(unit: &UnitOfWork, users: impl Iterator<Item = Uuid>) -> Result<ByUser, Error> {
    let held = unit.find::<super::role::Entity>().filter(unit.any_of(super::role::Column::UserId, users));
    let mut by_user = ByUser::new();
    for held in held.all(unit.transaction()).await? {
        by_user.entry(held.user_id).or_default().insert(held.role_id);
    }
    Ok(by_user)
}

/// The teams of users.
pub(super) async fn teams_of(unit: &UnitOfWork, users: impl Iterator<Item = Uuid>) -> Result<ByUser, Error> {
    let members =
        unit.find::<team::member::Entity>().filter(unit.any_of(team::member::Column::UserId, users));
    let mut by_user = ByUser::new();
    for member in members.all(unit.transaction()).await? {
        by_user.entry(member.user_id).or_default().insert(member.team_id);
    }
    Ok(by_user)
}

/// Those of the users who have never come in: they have no password and no session.
pub(super) async fn newcomers(unit: &UnitOfWork, users: HashSet<Uuid>) -> Result<HashSet<Uuid>, Error> {
    if users.is_empty() {
        return Ok(users);
    }
    let without = unit
        .find::<credential::Entity>()
        .filter(unit.any_of(credential::Column::UserId, users))
        .filter(credential::Column::PasswordHash.is_null());
    let without = without.all(unit.transaction()).await?.into_iter().map(|credential| credential.user_id);
    let mut new: HashSet<Uuid> = without.collect();
    let been = unit
        .find::<session::Entity>()
        .filter(unit.any_of(session::Column::UserId, new.iter().copied()))
        .all(unit.transaction())
        .await?;
    for session in been {
        new.remove(&session.user_id);
    }
    Ok(new)
}

/// Those of the teams that are there.
pub(super) async fn known_teams(unit: &UnitOfWork, teams: HashSet<Uuid>) -> Result<HashSet<Uuid>, Error> {
    if teams.is_empty() {
        return Ok(teams);
    }
    let found = unit.find::<team::Entity>().filter(unit.any_of(team::Column::Id, teams));
    Ok(found.all(unit.transaction()).await?.into_iter().map(|team| team.id).collect())
}

/// Refuses teams that are not there.
pub(super) fn expect_teams(known: &HashSet<Uuid>, teams: &[Uuid]) -> Result<(), Refusal> {
    match teams.iter().position(|team| !known.contains(team)) {
        None => Ok(()),
        Some(position) => Err(Refusal::not_found(team::NOT_FOUND, ["teamIds", &position.to_string()])),
    }
}

/// Stages that a user has these roles instead of those. For the audit only what differs is said.
pub(super) fn set_roles(
    unit: &mut UnitOfWork,
    user_id: Uuid,
    before: &BTreeSet<Uuid>,
    after: &BTreeSet<Uuid>,
) {
    let tenant_id = unit.tenant();
    let (taken, given) = differences(before, after);
    for role_id in taken.iter().copied() {
        unit.unlink::<super::role::Entity>(&super::role::Model { tenant_id, user_id, role_id });
    }
    for role_id in given.iter().copied() {
        unit.insert::<super::role::Entity>(super::role::Model { tenant_id, user_id, role_id });
    }
    if !(taken.is_empty() && given.is_empty()) {
        unit.note::<Entity>(user_id, "roles", json!(taken), json!(given));
        unit.access_changed();
    }
}

/// Stages that a user is in these teams instead of those.
pub(super) fn set_teams(
    unit: &mut UnitOfWork,
    user_id: Uuid,
    before: &BTreeSet<Uuid>,
    after: &BTreeSet<Uuid>,
) {
    let tenant_id = unit.tenant();
    let (left, joined) = differences(before, after);
    for team_id in left.iter().copied() {
        unit.unlink::<team::member::Entity>(&team::member::Model { tenant_id, team_id, user_id });
    }
    for team_id in joined.iter().copied() {
        unit.insert::<team::member::Entity>(team::member::Model { tenant_id, team_id, user_id });
    }
    if !(left.is_empty() && joined.is_empty()) {
        unit.note::<Entity>(user_id, "teams", json!(left), json!(joined));
        unit.access_changed();
    }
}

/// What is in one set only.
fn differences(before: &BTreeSet<Uuid>, after: &BTreeSet<Uuid>) -> (Vec<Uuid>, Vec<Uuid>) {
    (before.difference(after).copied().collect(), after.difference(before).copied().collect())
}
