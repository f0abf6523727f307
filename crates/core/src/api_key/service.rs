//! Use cases of API keys.

use std::collections::BTreeSet;
use std::sync::Arc;

use sea_orm::{ColumnTrait as _, QueryFilter as _};
use serde_json::json;
use shoal_graphql::context::Context;
use shoal_graphql::declare::{Done, Handled};
use shoal_graphql::error::{Error, Refusal};
use shoal_graphql::message;
use uuid::Uuid;

use super::graphql::{ApiKeyCreate, ApiKeyRevoke, ApiKeyUpdate};
use super::{Entity, Model, role, rules};
use crate::access::{Access, Place, differing};
use crate::batch::{Tracked as _, expect_version, load, one_by_one};
use crate::naming;
use crate::permission::API_KEY_MANAGE;
use crate::sign_in::token::{Kind, Token};
use crate::unit_of_work::UnitOfWork;

/// Makes API keys.
///
/// # Errors
/// Faults of the database; refusals are per input.
pub async fn create(context: Arc<dyn Context>, inputs: Vec<ApiKeyCreate>) -> Result<Handled, Error> {
    one_by_one(&context, inputs, |unit, input| Box::pin(create_one(unit, input))).await
}

/// Changes API keys.
///
/// # Errors
/// Faults of the database; refusals are per input.
pub async fn update(context: Arc<dyn Context>, inputs: Vec<ApiKeyUpdate>) -> Result<Handled, Error> {
    one_by_one(&context, inputs, |unit, input| Box::pin(update_one(unit, input))).await
}

/// Revokes API keys. Those that were revoked stay as they are.
///
/// # Errors
/// Faults of the database; refusals are per input.
pub async fn revoke(context: Arc<dyn Context>, inputs: Vec<ApiKeyRevoke>) -> Result<Handled, Error> {
    one_by_one(&context, inputs, |unit, input| Box::pin(revoke_one(unit, input))).await
}

async fn create_one(unit: &mut UnitOfWork, input: &ApiKeyCreate) -> Result<Done, Error> {
    let access = Access::take(unit, API_KEY_MANAGE).await?;
    let name = naming::clean(&input.name)?;
    let now = unit.now();
    rules::expect_end(input.expires_at, now)?;
    rules::expect_some(&input.role_ids)?;
    let nothing = BTreeSet::new();
    access.expect_roles(&differing(&nothing, &input.role_ids))?;
    let (tenant_id, id, actor) = (unit.tenant(), unit.new_id(), unit.actor());
    let token = Token::new(Kind::ApiKey, tenant_id, id, &*unit.context().kernel.randomness);
    let secret = token.text();
    unit.insert::<Entity>(Model {
        tenant_id,
        id,
        name_sort: naming::key(&name),
        name,
        secret_hash: token.hash(),
        hint: rules::hint(&secret),
        expires_at: input.expires_at,
        used_at: None,
        revoked_at: None,
        created_at: now,
        created_by: actor,
        updated_at: now,
        updated_by: actor,
        version: 1,
    });
    set_roles(unit, id, &nothing, &input.role_ids.iter().copied().collect());
    Ok(Done::from(id).with("secret", secret))
}

async fn update_one(unit: &mut UnitOfWork, input: &ApiKeyUpdate) -> Result<Done, Error> {
    let access = Access::take(unit, API_KEY_MANAGE).await?;
    let before = find(unit, input.id).await?;
    let mut after = before.clone();
    let name = input.name.given().map(|name| naming::clean(name));
    if let Some(Ok(name)) = &name {
        after.name_sort = naming::key(name);
        after.name.clone_from(name);
    }
    input.expires_at.clone().apply(&mut after.expires_at);
    expect_version(&before, &after, input.expected_version)?;
    name.transpose()?;
    if before.revoked_at.is_some() {
        return Err(Refusal::field(
            ["id"],
            "REVOKED",
            message!("api-key-revoked", "it was revoked for ever; make another"),
        )
        .into());
    }
    if before.expires_at != after.expires_at {
        rules::expect_end(after.expires_at, unit.now())?;
    }
    let held = unit.find::<role::Entity>().filter(role::Column::ApiKeyId.eq(before.id));
    let held = held.all(unit.transaction()).await?;
    let known: BTreeSet<Uuid> = held.into_iter().map(|held| held.role_id).collect();
    let roles = match input.role_ids.given() {
        Some(given) => {
            rules::expect_some(given)?;
            let new: Vec<Place<'_>> =
                differing(&known, given).into_iter().filter(|(place, _)| place.is_some()).collect();
            access.expect_roles(&new)?;
            given.iter().copied().collect()
        }
        None => known.clone(),
    };
    // Whoever has its secret could go on longer, or others would take it for something else.
    access.expect_cover(&access.rights_of(&known), "id")?;
    let moved = set_roles(unit, before.id, &known, &roles);
    if moved || before != after {
        after.touch(unit.now(), unit.actor());
        unit.update::<Entity>(&before, after);
    }
    Ok(input.id.into())
}

async fn revoke_one(unit: &mut UnitOfWork, input: &ApiKeyRevoke) -> Result<Done, Error> {
    Access::take(unit, API_KEY_MANAGE).await?;
    let before = find(unit, input.id).await?;
    if before.revoked_at.is_none() {
        let mut after = Model { revoked_at: Some(unit.now()), ..before.clone() };
        after.touch(unit.now(), unit.actor());
        unit.update::<Entity>(&before, after);
        unit.access_changed();
    }
    Ok(input.id.into())
}

async fn find(unit: &UnitOfWork, id: Uuid) -> Result<Model, Error> {
    let key = load::<Entity>(unit, [id]).await?.remove(&id);
    Ok(key.ok_or_else(|| Refusal::not_found(message!("api-key-not-found", "API key not found"), ["id"]))?)
}

/// Stages that a key has these roles instead of those; whether anything changes. For the audit only what differs is said.
fn set_roles(
    unit: &mut UnitOfWork,
    api_key_id: Uuid,
    before: &BTreeSet<Uuid>,
    after: &BTreeSet<Uuid>,
) -> bool {
    let tenant_id = unit.tenant();
    let taken: Vec<Uuid> = before.difference(after).copied().collect();
    let given: Vec<Uuid> = after.difference(before).copied().collect();
    for role_id in taken.iter().copied() {
        unit.unlink::<role::Entity>(&role::Model { tenant_id, api_key_id, role_id });
    }
    for role_id in given.iter().copied() {
        unit.insert::<role::Entity>(role::Model { tenant_id, api_key_id, role_id });
    }
    let changes = !(taken.is_empty() && given.is_empty());
    if changes {
        unit.note::<Entity>(api_key_id, "roles", json!(taken), json!(given));
        unit.access_changed();
    }
    changes
}
