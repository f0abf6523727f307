//! The first start: somebody must be able to come in.

use std::sync::Arc;

use sea_orm::{ColumnTrait as _, QueryFilter as _, QueryOrder as _};
use shoal_graphql::error::{Error, Refusal};
use uuid::Uuid;

use crate::batch::Tracked as _;
use crate::context::RequestContext;
use crate::kernel::Kernel;
use crate::sign_in::link::{self, Purpose};
use crate::sign_in::token::Token;
use crate::sign_in::{Place, use_link};
use crate::tenancy::{Tenant, tenants};
use crate::tenant::rules::Details;
use crate::unit_of_work::UnitOfWork;
use crate::value::sort_key::sort_key;
use crate::{module_state, role, team, tenant, user};

/// The address of the administrator of a company that was made at the first start.
const FIRST_ADMINISTRATOR: &str = "admin@company.example";

/// Makes a company where there is none, with an administrator without a password. `None` if there is one already.
/// `everything` enables all modules, to try them out.
///
/// # Errors
/// Faults of the database.
pub async fn first_company(kernel: &Arc<Kernel>, everything: bool) -> Result<Option<Arc<Tenant>>, Error> {
    if !tenants(kernel).await?.is_empty() {
        return Ok(None);
    }
    let all: Vec<String> = kernel.modules.optional().map(|module| module.manifest.id.to_owned()).collect();
    let modules = everything.then_some(all.as_slice());
    let created = tenant::service::create(kernel, Details::new("main", "My company"), modules).await;
    let company = match created {
        // Another process of the same installation was faster.
        Err(Error::Refused(_)) => return Ok(None),
        other => other?,
    };
    let details = user::rules::Details {
        email: FIRST_ADMINISTRATOR.to_owned(),
        name: "Administrator".to_owned(),
        language: None,
        time_zone: None,
    };
    add_user(kernel, &company, details, role::ADMINISTRATOR).await?;
    Ok(Some(company))
}

/// Adds a user with a built-in role, or without any.
///
/// # Errors
/// `VALIDATION`, `DUPLICATE`; faults of the database.
pub async fn add_user(
    kernel: &Arc<Kernel>,
    tenant: &Arc<Tenant>,
    details: user::rules::Details,
    built_in: impl Into<Option<&'static str>>,
) -> Result<user::Model, Error> {
    let built_in = built_in.into();
    let context = RequestContext::operator(kernel, tenant);
    UnitOfWork::run(&context, |unit| {
        let details = details.clone();
        Box::pin(async move {
            let user = user::service::add(unit, details).await??;
            if let Some(built_in) = built_in {
                let role = user::service::built_in_role(unit, built_in).await?;
                user::service::give_role(unit, user.id, role.id);
            }
            Ok(user)
        })
    })
    .await
}

/// Adds a team.
///
/// # Errors
/// Faults of the database.
pub async fn add_team(
    kernel: &Arc<Kernel>,
    tenant: &Arc<Tenant>,
    name: &str,
    parent_id: Option<Uuid>,
) -> Result<Uuid, Error> {
    let context = RequestContext::operator(kernel, tenant);
    UnitOfWork::run(&context, |unit| {
        let name = name.to_owned();
        Box::pin(async move {
            let (tenant_id, id, now) = (unit.tenant(), unit.new_id(), unit.now());
            unit.insert::<team::Entity>(team::Model {
                tenant_id,
                id,
                name_sort: sort_key(&name),
                name,
                parent_id,
                created_at: now,
                created_by: None,
                updated_at: now,
                updated_by: None,
                version: 1,
            });
            unit.access_changed();
            Ok(id)
        })
    })
    .await
}

/// Puts a user into a team.
///
/// # Errors
/// Faults of the database.
pub async fn add_member(
    kernel: &Arc<Kernel>,
    tenant: &Arc<Tenant>,
    team_id: Uuid,
    user_id: Uuid,
) -> Result<(), Error> {
    let context = RequestContext::operator(kernel, tenant);
    UnitOfWork::run(&context, |unit| {
        Box::pin(async move {
            let tenant_id = unit.tenant();
            unit.insert::<team::member::Entity>(team::member::Model { tenant_id, team_id, user_id });
            unit.access_changed();
            Ok(())
        })
    })
    .await
}

/// The person of a company with this address, in whatever letter case.
///
/// # Errors
/// Faults of the database.
pub async fn find_user(
    kernel: &Arc<Kernel>,
    tenant: &Arc<Tenant>,
    email: &str,
) -> Result<Option<user::Model>, Error> {
    use sea_orm::EntityTrait as _;
    let found = user::Entity::find()
        .filter(user::Column::TenantId.eq(tenant.id))
        .filter(user::Column::EmailKey.eq(user::rules::email_key(email)));
    Ok(found.one(kernel.database.reader().connection()).await?)
}

/// Gives somebody every right, and lets them in again: for whoever has the machine, when no administrator is left.
///
/// # Errors
/// Faults of the database.
pub async fn make_administrator(kernel: &Arc<Kernel>, tenant: &Arc<Tenant>, user: Uuid) -> Result<(), Error> {
    let context = RequestContext::operator(kernel, tenant);
    UnitOfWork::run(&context, |unit| {
        Box::pin(async move {
            let role = user::service::built_in_role(unit, role::ADMINISTRATOR).await?;
            let mine = unit
                .find::<user::role::Entity>()
                .filter(user::role::Column::UserId.eq(user))
                .filter(user::role::Column::RoleId.eq(role.id));
            if mine.one(unit.transaction()).await?.is_none() {
                user::service::give_role(unit, user, role.id);
            }
            let known = unit.find::<user::Entity>().filter(user::Column::Id.eq(user));
            if let Some(before) = known.one(unit.transaction()).await?.filter(|known| !known.active) {
                let mut after = user::Model { active: true, ..before.clone() };
                after.touch(unit.now(), unit.actor());
                unit.update::<user::Entity>(&before, after);
            }
            unit.access_changed();
            Ok(())
        })
    })
    .await
}

/// Fills each enabled module of a company that has no records of it with its demo data.
///
/// # Errors
/// Those of the modules; faults of the database.
pub async fn fill_demo(kernel: &Arc<Kernel>, tenant: &Arc<Tenant>) -> Result<(), Error> {
    let context = RequestContext::operator(kernel, tenant);
    for module in kernel.modules.optional().filter(|module| tenant.state(module.manifest.id).is_readable()) {
        let records = module_state::plan::records(&context, &[module.manifest.id]).await?;
        if records.iter().all(|(_, count)| *count == 0) {
            module.module.demo(&context).await?;
        }
    }
    Ok(())
}

/// A link by which a user comes in once.
///
/// # Errors
/// Faults of the database.
pub async fn link_for(
    kernel: &Arc<Kernel>,
    tenant: &Arc<Tenant>,
    user: Uuid,
    purpose: Purpose,
) -> Result<Token, Error> {
    let context = RequestContext::operator(kernel, tenant);
    UnitOfWork::run(&context, |unit| Box::pin(async move { Ok(link::make(unit, user, purpose)) })).await
}

/// A session of a user, without a password: for tests and measurements.
///
/// # Errors
/// Faults of the database.
pub async fn session_for(kernel: &Arc<Kernel>, tenant: &Arc<Tenant>, user: Uuid) -> Result<Token, Error> {
    let link = link_for(kernel, tenant, user, Purpose::Start).await?;
    Ok(use_link(kernel, &link.text(), None, Place::default()).await?.token)
}

/// The oldest active administrator of a company.
///
/// # Errors
/// A refusal if there is none; faults of the database.
pub async fn administrator(kernel: &Arc<Kernel>, tenant: &Arc<Tenant>) -> Result<user::Model, Error> {
    use sea_orm::EntityTrait as _;
    let connection = kernel.database.reader().connection();
    let roles = role::Entity::find()
        .filter(role::Column::TenantId.eq(tenant.id))
        .filter(role::Column::BuiltIn.eq(role::ADMINISTRATOR))
        .all(connection)
        .await?;
    for role in roles {
        let holders = user::role::Entity::find()
            .filter(user::role::Column::TenantId.eq(tenant.id))
            .filter(user::role::Column::RoleId.eq(role.id))
            .order_by_asc(user::role::Column::UserId)
            .all(connection)
            .await?;
        for holder in holders {
            let user = user::Entity::find_by_id((tenant.id, holder.user_id)).one(connection).await?;
            if let Some(user) = user.filter(|user| user.active) {
                return Ok(user);
            }
        }
    }
    Err(Refusal::new("NO_ADMINISTRATOR", "the company has no active administrator").into())
}
