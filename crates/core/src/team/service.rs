//! Use cases of teams.

use std::collections::BTreeSet;
use std::sync::Arc;

use sea_orm::{ColumnTrait as _, QueryFilter as _, QuerySelect as _};
use shoal_graphql::context::Context;
use shoal_graphql::declare::{Done, Handled};
use shoal_graphql::error::{Error, Refusal};
use uuid::Uuid;

use super::graphql::{TeamCreate, TeamUpdate};
use super::rules::{self, Place, Tree};
use super::{Column, Entity, Model, NOT_FOUND, Reach, member, members, usage};
use crate::access::Access;
use crate::batch::{RecordVersion, Tracked as _, expect_version, load, one_by_one};
use crate::context::RequestContext;
use crate::naming;
use crate::permission::TEAM_MANAGE;
use crate::unit_of_work::UnitOfWork;

/// Makes teams.
///
/// # Errors
/// `FORBIDDEN`; faults of the database. Refusals are per row.
pub async fn create(context: Arc<dyn Context>, inputs: Vec<TeamCreate>) -> Result<Handled, Error> {
    let inputs: Arc<[TeamCreate]> = inputs.into();
    UnitOfWork::run(&RequestContext::of(&context)?, |unit| {
        let inputs = Arc::clone(&inputs);
        Box::pin(async move {
            Access::take(unit, TEAM_MANAGE).await?;
            let mut tree = tree(unit).await?;
            let named = inputs.iter().flat_map(|input| input.member_ids.iter().flatten().copied());
            let users = members::existing(unit, named.collect()).await?;
            Ok(inputs.iter().map(|input| create_one(unit, &mut tree, &users, input)).collect())
        })
    })
    .await
}

/// Changes teams.
///
/// # Errors
/// Faults of the database; refusals are per input.
pub async fn update(context: Arc<dyn Context>, inputs: Vec<TeamUpdate>) -> Result<Handled, Error> {
    one_by_one(&context, inputs, |unit, input| Box::pin(update_one(unit, input))).await
}

/// Deletes teams.
///
/// # Errors
/// Faults of the database; refusals are per input.
pub async fn delete(context: Arc<dyn Context>, inputs: Vec<RecordVersion>) -> Result<Handled, Error> {
    one_by_one(&context, inputs, |unit, input| Box::pin(delete_one(unit, input))).await
}

/// All teams of the company: as many as fit on a wall.
pub(super) async fn tree(unit: &UnitOfWork) -> Result<Tree, Error> {
    let teams = unit.find::<Entity>().all(unit.transaction()).await?;
    let place = |team: Model| (team.id, Place { parent: team.parent_id, key: team.name_sort });
    Ok(teams.into_iter().map(place).collect())
}

fn create_one(
    unit: &mut UnitOfWork,
    tree: &mut Tree,
    users: &BTreeSet<Uuid>,
    input: &TeamCreate,
) -> Result<Done, Refusal> {
    let name = naming::clean(&input.name)?;
    let named = input.member_ids.as_deref().unwrap_or_default();
    members::expect_among(users, named, "memberIds")?;
    let id = unit.new_id();
    let key = naming::key(&name);
    rules::put(tree, id, Place { parent: input.parent_id, key: key.clone() })?;
    let (now, actor) = (unit.now(), unit.actor());
    unit.insert::<Entity>(Model {
        tenant_id: unit.tenant(),
        id,
        name,
        name_sort: key,
        parent_id: input.parent_id,
        created_at: now,
        created_by: actor,
        updated_at: now,
        updated_by: actor,
        version: 1,
    });
    members::set(unit, id, &BTreeSet::new(), &named.iter().copied().collect());
    unit.access_changed();
    Ok(id.into())
}

async fn update_one(unit: &mut UnitOfWork, input: &TeamUpdate) -> Result<Done, Error> {
    let access = Access::take(unit, TEAM_MANAGE).await?;
    let before = load::<Entity>(unit, [input.id]).await?.remove(&input.id);
    let before = before.ok_or_else(|| Refusal::not_found(NOT_FOUND, ["id"]))?;
    let mut after = before.clone();
    let name = input.name.given().map(|name| naming::clean(name));
    if let Some(Ok(name)) = &name {
        after.name_sort = naming::key(name);
        after.name.clone_from(name);
    }
    input.parent_id.clone().apply(&mut after.parent_id);
    expect_version(&before, &after, input.expected_version)?;
    name.transpose()?;
    let reach = Reach::of_actor(unit, &access).await?;
    let mut tree = reach.tree.clone();
    if (&before.name_sort, before.parent_id) != (&after.name_sort, after.parent_id) {
        let place = Place { parent: after.parent_id, key: after.name_sort.clone() };
        rules::put(&mut tree, before.id, place)?;
        reach.expect_no_wider(&tree, &reach.own, "parentId")?;
    }
    let mut moved = false;
    if let Some(given) = input.member_ids.given() {
        let known = members::of(unit, before.id).await?;
        members::expect_users(unit, &known, given, "memberIds").await?;
        if unit.context().caller.actor.user().is_some_and(|me| given.contains(&me)) {
            let own = reach.own.iter().copied().chain([before.id]).collect();
            reach.expect_no_wider(&tree, &own, "memberIds")?;
        }
        moved = members::set(unit, before.id, &known, &given.iter().copied().collect());
    }
    if before.parent_id != after.parent_id {
        unit.access_changed();
    }
    if moved || before != after {
        after.touch(unit.now(), unit.actor());
        unit.update::<Entity>(&before, after);
    }
    Ok(input.id.into())
}

async fn delete_one(unit: &mut UnitOfWork, input: &RecordVersion) -> Result<Done, Error> {
    Access::take(unit, TEAM_MANAGE).await?;
    // The strongest lock: whoever gives a record to the team just now waits, or is waited for.
    let team = unit.find::<Entity>().filter(Column::Id.eq(input.id)).lock_exclusive();
    let team = team.one(unit.transaction()).await?.filter(|team| unit.sees::<Entity>(team));
    let team = team.ok_or_else(|| Refusal::not_found(NOT_FOUND, ["id"]))?;
    expect_version(&team, &team, input.expected_version)?;
    usage::expect_none(unit, team.id).await?;
    unit.delete_where::<member::Entity>(member::Column::TeamId, team.id);
    unit.remove::<Entity>(&team);
    unit.access_changed();
    Ok(input.id.into())
}
