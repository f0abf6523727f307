//! Use cases of users.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait as _, QueryFilter as _};
use serde_json::{Value as Json, json};
use shoal_graphql::context::Context;
use shoal_graphql::declare::{Done, Handled};
use shoal_graphql::error::{Error, FieldError, Refusal, code};
use shoal_graphql::message;
use shoal_graphql::value::Choice as _;
use uuid::Uuid;

use super::graphql::{UserInvite, UserLink, UserLinkPurpose, UserUpdate, ViewerUpdate};
use super::rules::Details;
use super::{Column, Entity, Model, NOT_FOUND, credential, directory, invitation, update};
use crate::access::{Access, forbidden};
use crate::batch::{Tracked as _, load};
use crate::context::RequestContext;
use crate::permission::USER_MANAGE;
use crate::role;
use crate::sign_in::link::{self, Purpose};
use crate::sign_in::token::Token;
use crate::unit_of_work::UnitOfWork;
use crate::value::sort_key;

/// Adds people who can come in by the links that are answered.
///
/// # Errors
/// `FORBIDDEN`; faults of the database. Refusals are per row.
pub async fn invite(context: Arc<dyn Context>, inputs: Vec<UserInvite>) -> Result<Handled, Error> {
    let inputs: Arc<[UserInvite]> = inputs.into();
    UnitOfWork::run(&RequestContext::of(&context)?, |unit| {
        let inputs = Arc::clone(&inputs);
        Box::pin(async move { invitation::invite(unit, &inputs).await })
    })
    .await
}

/// Changes people.
///
/// # Errors
/// `FORBIDDEN`; faults of the database. Refusals are per row.
pub async fn update(context: Arc<dyn Context>, inputs: Vec<UserUpdate>) -> Result<Handled, Error> {
    let inputs: Arc<[UserUpdate]> = inputs.into();
    UnitOfWork::run(&RequestContext::of(&context)?, |unit| {
        let inputs = Arc::clone(&inputs);
        Box::pin(async move { update::update(unit, &inputs).await })
    })
    .await
}

/// Makes links by which people choose a password.
///
/// # Errors
/// `FORBIDDEN`; faults of the database. Refusals are per row.
pub async fn link(context: Arc<dyn Context>, inputs: Vec<UserLink>) -> Result<Handled, Error> {
    let inputs: Arc<[UserLink]> = inputs.into();
    UnitOfWork::run(&RequestContext::of(&context)?, |unit| {
        let inputs = Arc::clone(&inputs);
        Box::pin(async move {
            let access = Access::take(unit, USER_MANAGE).await?;
            let users = load::<Entity>(unit, inputs.iter().map(|input| input.id)).await?;
            link::hold(unit, users.keys().copied().collect()).await?;
            let roles = directory::roles_of(unit, users.keys().copied()).await?;
            let newcomers = directory::newcomers(unit, users.keys().copied().collect()).await?;
            let me = unit.context().caller.actor.user();
            let may = |input: &UserLink| {
                let user = users.get(&input.id).ok_or_else(|| Refusal::not_found(NOT_FOUND, ["id"]))?;
                let rights = access.rights_of(roles.get(&user.id).into_iter().flatten());
                if me == Some(user.id) || newcomers.contains(&user.id) {
                    access.expect_cover(&rights, "id")?;
                } else {
                    access.expect_cover_records(&rights, "id")?;
                }
                if user.active {
                    Ok(())
                } else {
                    Err(Refusal::field(
                        ["id"],
                        "INACTIVE",
                        message!("user-inactive", "may not sign in; reactivate them first"),
                    ))
                }
            };
            let rows = inputs.iter().map(|input| {
                may(input)?;
                let purpose = match input.purpose {
                    UserLinkPurpose::Invitation => Purpose::Invitation,
                    UserLinkPurpose::Reset => Purpose::Reset,
                };
                let token = link::make(unit, input.id, purpose);
                unit.note::<Entity>(input.id, "link", Json::Null, json!(purpose.code()));
                Ok(Done::from(input.id).with("link", link_path(&token)))
            });
            Ok(rows.collect())
        })
    })
    .await
}

/// Where a link leads, from the address of Shoal on.
pub(super) fn link_path(token: &Token) -> String {
    format!("/auth/link/{}", token.text())
}

/// Changes what is known of whoever asks.
///
/// # Errors
/// `FORBIDDEN` to programs; faults of the database. Refusals are per row.
pub async fn update_viewer(context: Arc<dyn Context>, inputs: Vec<ViewerUpdate>) -> Result<Handled, Error> {
    let context = RequestContext::of(&context)?;
    let Some(id) = context.caller.actor.user() else {
        return Err(forbidden(&[], message!("not-a-person", "only people can change themselves")).into());
    };
    let inputs: Arc<[ViewerUpdate]> = inputs.into();
    let handled = UnitOfWork::run(&context, |unit| {
        let inputs = Arc::clone(&inputs);
        Box::pin(async move {
            let before = load::<Entity>(unit, [id]).await?.remove(&id);
            let before = before.ok_or_else(|| Refusal::not_found(NOT_FOUND, ["id"]))?;
            let mut after = before.clone();
            let rows = inputs.iter().map(|input| {
                let mut details = Details::of(&after);
                input.name.clone().apply(&mut details.name);
                input.language.clone().apply(&mut details.language);
                input.time_zone.clone().apply(&mut details.time_zone);
                details.clean().map_err(Refusal::validation)?.put(&mut after);
                Ok(Done::from(id))
            });
            let handled = rows.collect();
            if after != before {
                after.touch(unit.now(), unit.actor());
                unit.update::<Entity>(&before, after);
            }
            Ok(handled)
        })
    })
    .await?;
    // The next request here is answered in the new language.
    context.kernel.forget(context.tenant.id);
    Ok(handled)
}

/// A user without a password, as they are stored. Whoever adds one gives roles, and a link ([`crate::sign_in::link`]) to
/// choose a password.
///
/// # Errors
/// `VALIDATION`, or `DUPLICATE` if the address is known here; faults of the database.
pub async fn add(unit: &mut UnitOfWork, details: Details) -> Result<Result<Model, Refusal>, Error> {
    let details = match details.clean() {
        Ok(details) => details,
        Err(wrong) => return Ok(Err(Refusal::validation(wrong))),
    };
    let same = Column::EmailKey.eq(details.email_key());
    if let Some(known) = unit.find::<Entity>().filter(same).one(unit.transaction()).await? {
        return Ok(Err(taken(known.active)));
    }
    Ok(Ok(stage(unit, details)))
}

/// Stages a user without a password. The details are clean, and nobody has the address.
pub(super) fn stage(unit: &mut UnitOfWork, details: Details) -> Model {
    let (now, actor) = (unit.now(), unit.actor());
    let model = Model {
        tenant_id: unit.tenant(),
        id: unit.new_id(),
        email_key: details.email_key(),
        email: details.email,
        name_sort: sort_key::name_sort_key(&details.name),
        name: details.name,
        language: details.language,
        time_zone: details.time_zone,
        active: true,
        created_at: now,
        created_by: actor,
        updated_at: now,
        updated_by: actor,
        version: 1,
    };
    unit.insert::<Entity>(model.clone());
    unit.insert::<credential::Entity>(without_password(unit.tenant(), model.id, now));
    model
}

/// `DUPLICATE`: somebody here has this address.
pub(crate) fn taken(active: bool) -> Refusal {
    let message = if active {
        message!("address-taken", "somebody here has this address already")
    } else {
        message!(
            "address-of-former-user",
            "somebody who was here before has this address; reactivate them instead"
        )
    };
    let field = FieldError::new(["email"], code::DUPLICATE, message.clone());
    Refusal { fields: vec![field], ..Refusal::new(code::DUPLICATE, message) }
}

fn without_password(tenant_id: Uuid, user_id: Uuid, now: DateTime<Utc>) -> credential::Model {
    credential::Model { tenant_id, user_id, password_hash: None, changed_at: now }
}

/// Gives a user a role. Both must be of the tenant.
pub(crate) fn give_role(unit: &mut UnitOfWork, user_id: Uuid, role_id: Uuid) {
    let tenant_id = unit.tenant();
    unit.insert::<super::role::Entity>(super::role::Model { tenant_id, user_id, role_id });
    unit.access_changed();
}

/// The company's built-in role of this kind.
///
/// # Errors
/// Faults of the database.
pub async fn built_in_role(unit: &UnitOfWork, kind: &str) -> Result<role::Model, Error> {
    let built_in = unit.find::<role::Entity>().filter(role::Column::BuiltIn.eq(kind));
    let found = built_in.one(unit.transaction()).await?;
    found.ok_or_else(|| Error::fault(format!("the company has no role {kind}")))
}
