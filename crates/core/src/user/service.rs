//! People come into a company.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait as _, QueryFilter as _};
use shoal_graphql::error::{Error, FieldError, Refusal, code};
use uuid::Uuid;

use super::rules::Details;
use super::{Column, Entity, Model, credential};
use crate::role;
use crate::unit_of_work::UnitOfWork;
use crate::value::sort_key;

/// A user without a password, as they are stored. Whoever adds one gives roles, and a [link](crate::sign_in::link) to
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
    if unit.find::<Entity>().filter(same).one(unit.transaction()).await?.is_some() {
        return Ok(Err(taken()));
    }
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
    Ok(Ok(model))
}

/// `DUPLICATE`: somebody here has this address.
pub(crate) fn taken() -> Refusal {
    let message = "somebody here has this address already";
    let field = FieldError::new(["email"], code::DUPLICATE, message);
    Refusal { fields: vec![field], ..Refusal::new(code::DUPLICATE, message) }
}

fn without_password(tenant_id: Uuid, user_id: Uuid, now: DateTime<Utc>) -> credential::Model {
    credential::Model {
        tenant_id,
        user_id,
        password_hash: None,
        failures: 0,
        locked_until: None,
        changed_at: now,
    }
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
