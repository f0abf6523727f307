//! Reads companies and callers.

use std::collections::HashMap;
use std::sync::Arc;

use chrono_tz::Tz;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _};
use serde_json::Value as Json;
use shoal_graphql::context::RightSet;
use shoal_graphql::error::Error;
use shoal_graphql::value::Choice as _;
use uuid::Uuid;

use super::snapshot::{ModuleState, RoleRights, Team, Tenant, TenantModule};
use crate::caller::{Actor, Caller};
use crate::kernel::Kernel;
use crate::module::{Composition, Language, Scope};
use crate::{api_key, module_state, role, team, tenant, user};

/// Every company: id and slug, oldest first.
///
/// # Errors
/// Faults of the database.
pub async fn tenants(kernel: &Kernel) -> Result<Vec<(Uuid, String)>, Error> {
    let rows = tenant::Entity::find()
        .select_only()
        .columns([tenant::Column::Id, tenant::Column::Slug])
        .order_by_asc(tenant::Column::Id)
        .into_tuple()
        .all(kernel.database.reader().connection())
        .await?;
    Ok(rows)
}

/// The company of this id as it is now.
///
/// # Errors
/// Faults of the database.
pub async fn find_tenant(kernel: &Kernel, id: Uuid) -> Result<Option<Arc<Tenant>>, Error> {
    let connection = kernel.database.reader().connection();
    let Some(row) = tenant::Entity::find_by_id((id, id)).one(connection).await? else { return Ok(None) };
    Ok(Some(Arc::new(read(kernel, row).await?)))
}

/// The company that is called so in addresses and on the command line.
///
/// # Errors
/// Faults of the database.
pub async fn tenant_by_slug(kernel: &Kernel, slug: &str) -> Result<Option<Arc<Tenant>>, Error> {
    let found = tenant::Entity::find().select_only().column(tenant::Column::Id);
    let found = found.filter(tenant::Column::Slug.eq(slug)).into_tuple::<Uuid>();
    match found.one(kernel.database.reader().connection()).await? {
        Some(id) => kernel.tenant(id).await,
        None => Ok(None),
    }
}

/// Reads what belongs to a company. The row was read first: if something changes in between, its revision is old, and
/// all is read again.
async fn read(kernel: &Kernel, row: tenant::Model) -> Result<Tenant, Error> {
    let connection = kernel.database.reader().connection();
    let id = row.tenant_id;
    let modules = module_state::Entity::find().filter(module_state::Column::TenantId.eq(id)).all(connection);
    let pilots = module_state::pilot_team::Entity::find()
        .filter(module_state::pilot_team::Column::TenantId.eq(id))
        .all(connection);
    let teams = team::Entity::find()
        .select_only()
        .columns([team::Column::Id, team::Column::ParentId])
        .filter(team::Column::TenantId.eq(id))
        .into_tuple::<(Uuid, Option<Uuid>)>()
        .all(connection);
    let roles = role::Entity::find().filter(role::Column::TenantId.eq(id)).all(connection);
    let rights = role::right::Entity::find().filter(role::right::Column::TenantId.eq(id)).all(connection);
    let (modules, pilots, teams, roles, rights) = futures::try_join!(modules, pilots, teams, roles, rights)?;
    Ok(Tenant {
        id,
        slug: row.slug,
        name: row.name,
        locale: row.locale,
        time_zone: row.time_zone.parse().unwrap_or(Tz::UTC),
        base_currency: row.base_currency,
        phone_region: row.phone_region,
        fiscal_year_start: u32::try_from(row.fiscal_year_start).unwrap_or(1),
        revision: row.access_revision,
        modules: modules_of(&kernel.modules, modules, &pilots),
        teams: teams.into_iter().map(|(id, parent)| (id, Team { parent })).collect(),
        roles: roles_of(roles, rights),
        defaults: Arc::clone(&kernel.settings),
    })
}

fn modules_of(
    composition: &Composition,
    rows: Vec<module_state::Model>,
    pilots: &[module_state::pilot_team::Model],
) -> HashMap<&'static str, TenantModule> {
    let known = rows.into_iter().filter_map(|row| {
        // A module that is no longer part of the program is nothing.
        let module = composition.module(&row.name)?.manifest.id;
        let of_module = pilots.iter().filter(|pilot| pilot.module_id == row.id);
        let found = TenantModule {
            id: row.id,
            state: ModuleState::from_code(&row.state).unwrap_or(ModuleState::Disabled),
            pilot_teams: of_module.map(|pilot| pilot.team_id).collect(),
            settings: Json::Object(row.all_settings()),
            version: row.version,
        };
        Some((module, found))
    });
    known.collect()
}

fn roles_of(roles: Vec<role::Model>, rights: Vec<role::right::Model>) -> HashMap<Uuid, RoleRights> {
    let mut given: HashMap<Uuid, HashMap<String, Scope>> = HashMap::new();
    for right in rights {
        if let Some(scope) = Scope::from_code(&right.scope) {
            given.entry(right.role_id).or_default().insert(right.name, scope);
        }
    }
    let rights_of = |role: &role::Model, given: &mut HashMap<Uuid, HashMap<String, Scope>>| match role
        .built_in
        .as_deref()
    {
        Some(role::ADMINISTRATOR) => RoleRights::Administrator,
        Some(_) => RoleRights::Employee,
        None => RoleRights::Custom(given.remove(&role.id).unwrap_or_default()),
    };
    roles.into_iter().map(|role| (role.id, rights_of(&role, &mut given))).collect()
}

/// A user as a caller, with the rights and modules of this moment.
pub(crate) async fn user_caller(
    kernel: &Kernel,
    tenant: &Tenant,
    user: &user::Model,
    session: Option<Uuid>,
) -> Result<Caller, Error> {
    let connection = kernel.database.reader().connection();
    let roles = user::role::Entity::find()
        .select_only()
        .column(user::role::Column::RoleId)
        .filter(user::role::Column::TenantId.eq(tenant.id))
        .filter(user::role::Column::UserId.eq(user.id))
        .into_tuple::<Uuid>()
        .all(connection);
    let teams = team::member::Entity::find()
        .select_only()
        .column(team::member::Column::TeamId)
        .filter(team::member::Column::TenantId.eq(tenant.id))
        .filter(team::member::Column::UserId.eq(user.id))
        .order_by_asc(team::member::Column::TeamId)
        .into_tuple::<Uuid>()
        .all(connection);
    let (roles, teams) = futures::try_join!(roles, teams)?;
    let language = Language::nearest(user.language.as_deref().unwrap_or(&tenant.locale));
    let caller = caller(kernel, tenant, &roles, teams);
    Ok(Caller { actor: Actor::User(user.id), session, language, ..caller })
}

/// An API key as a caller.
pub(crate) async fn key_caller(kernel: &Kernel, tenant: &Tenant, key: Uuid) -> Result<Caller, Error> {
    let connection = kernel.database.reader().connection();
    let roles = api_key::role::Entity::find()
        .select_only()
        .column(api_key::role::Column::RoleId)
        .filter(api_key::role::Column::TenantId.eq(tenant.id))
        .filter(api_key::role::Column::ApiKeyId.eq(key))
        .into_tuple::<Uuid>()
        .all(connection)
        .await?;
    let caller = caller(kernel, tenant, &roles, Vec::new());
    Ok(Caller { actor: Actor::ApiKey(key), language: Language::nearest(&tenant.locale), ..caller })
}

/// Somebody with these roles and teams.
pub(crate) fn caller(kernel: &Kernel, tenant: &Tenant, roles: &[Uuid], teams: Vec<Uuid>) -> Caller {
    let declared = kernel.modules.rights().map(|(_, right)| (right.name, right.employee)).collect();
    let scopes = tenant.rights(roles, &declared);
    // Whoever may switch modules sees the pilots of others too.
    let manages = scopes.as_ref().is_none_or(|scopes| scopes.contains_key(crate::permission::MODULE_MANAGE));
    let modules = kernel
        .modules
        .set(|module| if manages { tenant.state(module).is_readable() } else { tenant.has(module, &teams) });
    let rights = match &scopes {
        None => RightSet::all(),
        Some(scopes) => scopes.keys().copied().collect(),
    };
    let teams_below = tenant.with_teams_below(&teams);
    Caller {
        actor: Actor::System,
        session: None,
        language: Language::English,
        teams,
        teams_below,
        scopes,
        rights,
        modules,
    }
}
