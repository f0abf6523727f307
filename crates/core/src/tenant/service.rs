//! A company comes into being.

use std::collections::HashMap;
use std::sync::Arc;

use chrono_tz::Tz;
use sea_orm::{ColumnTrait as _, QueryFilter as _};
use shoal_graphql::error::{Error, FieldError, Refusal, code};
use uuid::Uuid;

use super::rules::Details;
use super::{Column, Entity, Model};
use crate::context::RequestContext;
use crate::kernel::Kernel;
use crate::module::Language;
use crate::tenancy::{ModuleState, Tenant, find_tenant};
use crate::unit_of_work::UnitOfWork;
use crate::value::sort_key;
use crate::{module_state, role};

/// Makes a company with its built-in roles, and enables modules: those named, or else all that require no other.
///
/// # Errors
/// `VALIDATION` with the fields that are wrong, `DUPLICATE` if the slug is taken; faults of the database.
pub async fn create(
    kernel: &Arc<Kernel>,
    details: Details,
    modules: Option<&[String]>,
) -> Result<Arc<Tenant>, Error> {
    create_as(kernel, kernel.ids.next(), details, modules).await
}

/// The same with an id that the company has had elsewhere.
///
/// # Errors
/// As [`create`].
pub async fn create_as(
    kernel: &Arc<Kernel>,
    id: Uuid,
    details: Details,
    modules: Option<&[String]>,
) -> Result<Arc<Tenant>, Error> {
    let details = details.clean().map_err(Refusal::validation)?;
    let enabled = modules_of(kernel, modules)?;
    let context = RequestContext::operator(kernel, &Arc::new(blank(id, &details)));
    UnitOfWork::run(&context, |unit| {
        let (details, enabled) = (details.clone(), enabled.clone());
        Box::pin(async move { stage(unit, &details, &enabled).await })
    })
    .await?;
    find_tenant(kernel, id).await?.ok_or_else(|| Error::fault("the company that was made is not there"))
}

/// The modules to enable, each with those it requires.
fn modules_of(kernel: &Kernel, named: Option<&[String]>) -> Result<Vec<&'static str>, Refusal> {
    let Some(named) = named else {
        let starting = kernel.modules.optional().filter(|module| module.manifest.requires.is_empty());
        return Ok(starting.map(|module| module.manifest.id).collect());
    };
    for name in named {
        if kernel.modules.optional().all(|module| module.manifest.id != name) {
            let known: Vec<_> = kernel.modules.optional().map(|module| module.manifest.id).collect();
            let message = format!("there is no module {name}; there are {}", known.join(", "));
            return Err(Refusal::validation(vec![FieldError::new(["modules"], code::NOT_FOUND, message)]));
        }
    }
    let wanted =
        |id: &str| named.iter().any(|name| name == id || kernel.modules.requirements(name).contains(&id));
    Ok(kernel.modules.optional().map(|module| module.manifest.id).filter(|id| wanted(id)).collect())
}

async fn stage(unit: &mut UnitOfWork, details: &Details, enabled: &[&'static str]) -> Result<(), Error> {
    use sea_orm::EntityTrait as _;
    // The one look beyond the tenant: slugs are addresses of the whole installation.
    let taken = Entity::find().filter(Column::Slug.eq(&details.slug)).one(unit.transaction()).await?;
    if taken.is_some() {
        let message = format!("the company name {} is taken", details.slug);
        let field = FieldError::new(["slug"], code::DUPLICATE, message.clone());
        return Err(Refusal { fields: vec![field], ..Refusal::new(code::DUPLICATE, message) }.into());
    }
    let (tenant_id, now, actor) = (unit.tenant(), unit.now(), unit.actor());
    unit.insert::<Entity>(Model {
        tenant_id,
        id: tenant_id,
        slug: details.slug.clone(),
        name: details.name.clone(),
        name_sort: sort_key::sort_key(&details.name),
        locale: details.locale.clone(),
        time_zone: details.time_zone.clone(),
        base_currency: details.base_currency.clone(),
        phone_region: details.phone_region.clone(),
        fiscal_year_start: details.fiscal_year_start,
        access_revision: 1,
        created_at: now,
        created_by: actor,
        updated_at: now,
        updated_by: actor,
        version: 1,
    });
    stage_modules(unit, enabled);
    stage_roles(unit, Language::nearest(&details.locale));
    Ok(())
}

/// Stages how far the company is with each module.
fn stage_modules(unit: &mut UnitOfWork, enabled: &[&'static str]) {
    let (tenant_id, now, actor) = (unit.tenant(), unit.now(), unit.actor());
    let kernel = Arc::clone(&unit.context().kernel);
    for module in kernel.modules.optional() {
        let name = module.manifest.id;
        let state = if enabled.contains(&name) { ModuleState::Enabled } else { ModuleState::Available };
        let id = unit.new_id();
        unit.insert::<module_state::Entity>(module_state::Model::new(
            (tenant_id, id),
            name,
            state,
            (now, actor),
        ));
    }
}

/// Stages the built-in roles, named in the company's language.
fn stage_roles(unit: &mut UnitOfWork, language: Language) {
    let (tenant_id, now, actor) = (unit.tenant(), unit.now(), unit.actor());
    let kernel = Arc::clone(&unit.context().kernel);
    for built_in in [role::ADMINISTRATOR, role::EMPLOYEE] {
        let id = unit.new_id();
        let key = format!("role-{}", built_in.to_ascii_lowercase());
        let name = kernel.modules.modules()[0].text(language, &key);
        unit.insert::<role::Entity>(role::Model {
            tenant_id,
            id,
            name_sort: sort_key::sort_key(&name),
            name,
            description: None,
            built_in: Some(built_in.to_owned()),
            created_at: now,
            created_by: actor,
            updated_at: now,
            updated_by: actor,
            version: 1,
        });
    }
}

/// The company before it is stored.
fn blank(id: Uuid, details: &Details) -> Tenant {
    Tenant {
        id,
        slug: details.slug.clone(),
        name: details.name.clone(),
        locale: details.locale.clone(),
        time_zone: details.time_zone.parse().unwrap_or(Tz::UTC),
        base_currency: details.base_currency.clone(),
        phone_region: details.phone_region.clone(),
        fiscal_year_start: u32::try_from(details.fiscal_year_start).unwrap_or(1),
        revision: 0,
        modules: HashMap::new(),
        teams: HashMap::new(),
        roles: HashMap::new(),
        defaults: Arc::default(),
    }
}
