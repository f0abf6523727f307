//! Who may look after a record.

use std::collections::HashSet;

use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _};
use shoal_core::batch::Tracked;
use shoal_core::{UnitOfWork, team, user};
use shoal_graphql::error::{Error, FieldError, Refusal, code};
use shoal_graphql::message;
use uuid::Uuid;

use super::{Known, ModelOf, Row, Subject};

/// The answer where a record is in the way that the caller may not see.
pub(super) fn hidden<S: Subject>(path: impl IntoIterator<Item = &'static str>) -> Refusal {
    let message = message!(
        "contacts-record-hidden",
        "there is such a {what}, which you may not see; ask who looks after it",
        what = S::WHAT,
    );
    let field = FieldError::new(path, code::DUPLICATE, message.clone());
    Refusal { fields: vec![field], ..Refusal::new(code::DUPLICATE, message) }
}

/// Refuses rows that give a record to a user or a team that is not there.
pub(super) async fn check<S>(unit: &UnitOfWork, known: &Known<S>, rows: &mut [Row<S>]) -> Result<(), Error>
where
    S: Subject,
    ModelOf<S>: Tracked,
{
    let given = |row: &Row<S>| {
        let model = row.model.as_ref().filter(|_| row.outcome.is_ok())?;
        let before = known.before.get(&model.id()).map(|(before, _)| S::ownership(before));
        let (owner, team) = S::ownership(model);
        // Who creates a record is there; whether their team still is they may not know.
        let (owner_before, team_before) = before.unwrap_or((unit.context().caller.actor.user(), None));
        Some((owner.filter(|_| owner != owner_before), team.filter(|_| team != team_before)))
    };
    let owners: HashSet<Uuid> = rows.iter().filter_map(given).filter_map(|(owner, _)| owner).collect();
    let teams: HashSet<Uuid> = rows.iter().filter_map(given).filter_map(|(_, team)| team).collect();
    let (users, teams) = (active(unit, owners).await?, kept(unit, teams).await?);
    for row in rows {
        let Some((owner, team)) = given(row) else { continue };
        if owner.is_some_and(|owner| !users.contains(&owner)) {
            row.refuse(Refusal::not_found(
                message!("contacts-owner-not-found", "active user not found"),
                ["ownerId"],
            ));
        } else if team.is_some_and(|team| !teams.contains(&team)) {
            row.refuse(Refusal::not_found(team::NOT_FOUND, ["teamId"]));
        }
    }
    Ok(())
}

/// Those of the users who are active.
pub(crate) async fn active(unit: &UnitOfWork, users: HashSet<Uuid>) -> Result<HashSet<Uuid>, Error> {
    if users.is_empty() {
        return Ok(users);
    }
    let found = unit
        .find::<user::Entity>()
        .filter(unit.any_of(user::Column::Id, users))
        .filter(user::Column::Active.eq(true))
        .select_only()
        .column(user::Column::Id)
        .into_tuple::<Uuid>();
    Ok(found.all(unit.transaction()).await?.into_iter().collect())
}

/// Those of the teams that are there, and stay until the records are theirs.
pub(crate) async fn kept(unit: &UnitOfWork, teams: HashSet<Uuid>) -> Result<HashSet<Uuid>, Error> {
    if teams.is_empty() {
        return Ok(teams);
    }
    let found = unit
        .find::<team::Entity>()
        .filter(unit.any_of(team::Column::Id, teams))
        .order_by_asc(team::Column::Id)
        .select_only()
        .column(team::Column::Id)
        .lock(LockType::KeyShare)
        .into_tuple::<Uuid>();
    Ok(found.all(unit.transaction()).await?.into_iter().collect())
}
