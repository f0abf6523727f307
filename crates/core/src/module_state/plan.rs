//! What a change of a module would do: looked at before it is made.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};
use shoal_graphql::database::{Sql, StatementCount};
use shoal_graphql::error::{Error, FieldError, Refusal, code};
use shoal_graphql::message;
use shoal_graphql::message::Message;
use shoal_graphql::value::Choice as _;
use uuid::Uuid;

use crate::context::RequestContext;
use crate::module::Composed;
use crate::tenancy::ModuleState;

shoal_graphql::choices! {
    /// What is to become of a module.
    pub enum ModuleAction {
        /// It is to be used, by everybody or by some teams.
        Enable => "ENABLE",
        /// It is to be read only.
        Suspend => "SUSPEND",
        /// It is to be switched off; its records are kept.
        Disable => "DISABLE",
        /// All its records are to be deleted. It must be disabled.
        Purge => "PURGE",
    }
}

impl ModuleAction {
    /// The state after it.
    pub fn state(self) -> ModuleState {
        match self {
            Self::Enable => ModuleState::Enabled,
            Self::Suspend => ModuleState::Suspended,
            Self::Disable => ModuleState::Disabled,
            Self::Purge => ModuleState::Purging,
        }
    }
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The module.
    pub module: String,
    /// What is to become of it.
    pub action: ModuleAction,
    /// With [`ModuleAction::Enable`]: the teams for which alone it is there; none for everybody.
    pub pilot_teams: Vec<Uuid>,
}

/// What it would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Names this plan in the change. Another one as soon as any module is in another state.
    pub id: String,
    /// The module.
    pub module: &'static str,
    /// How far it is now.
    pub from: ModuleState,
    /// How far it will be.
    pub to: ModuleState,
    /// Modules that go with it, in the order in which they are changed: those it requires when it is enabled, those that
    /// require it otherwise.
    pub along: Vec<&'static str>,
    /// How many records of which type the modules have.
    pub records: Vec<(&'static str, i64)>,
    /// Fields of other modules' types that come or go: `Account.units`.
    pub fields: Vec<String>,
    /// Events that wait to be delivered to the modules.
    pub waiting_events: i64,
    /// Jobs of the modules that are not over.
    pub open_jobs: i64,
}

/// What is said of a module that there is not.
pub(super) const NOT_FOUND: Message = message!("module-not-found", "module not found");

fn wrong(field: &'static str, code: &'static str, message: Message) -> Refusal {
    Refusal::validation(vec![FieldError::new([field], code, message)])
}

/// Works the plan out.
///
/// # Errors
/// `NOT_FOUND`, `VALIDATION`; faults of the database.
pub async fn plan(context: &RequestContext, wanted: &Wanted) -> Result<Plan, Error> {
    let modules = &context.kernel.modules;
    let missing = || Refusal::not_found(NOT_FOUND, ["module"]);
    let module = modules.optional().find(|module| module.manifest.id == wanted.module).ok_or_else(missing)?;
    let id = module.manifest.id;
    let (from, to) = (context.tenant.state(id), wanted.action.state());
    check(from, wanted)?;
    let along = along(context, id, wanted.action);
    let all: Vec<&'static str> = along.iter().copied().chain([id]).collect();
    let records = records(context, &all).await?;
    if wanted.action == ModuleAction::Purge {
        let others = modules.dependents(id);
        for (name, count) in self::records(context, &others).await? {
            if count > 0 {
                let message = message!(
                    "module-built-on",
                    "{count} records of {name} build on it; purge what requires it first",
                    count,
                    name,
                );
                return Err(wrong("module", "IN_USE", message).into());
            }
        }
    }
    let fields = fields(context, &all);
    let waiting_events = waiting(context, &all).await?;
    let open_jobs = open_jobs(context, &all).await?;
    let id_of_plan = name(context, wanted, &records);
    Ok(Plan { id: id_of_plan, module: id, from, to, along, records, fields, waiting_events, open_jobs })
}

/// Whether the module can come from where it is to where it shall be.
fn check(from: ModuleState, wanted: &Wanted) -> Result<(), Refusal> {
    use ModuleState::{Available, Disabled, Enabled, Purging, Suspended};
    if wanted.action != ModuleAction::Enable && !wanted.pilot_teams.is_empty() {
        let message =
            message!("pilot-teams-without-module", "teams can be named when a module is enabled only");
        return Err(wrong("pilotTeamIds", "NOT_ENABLED", message));
    }
    let allowed: &[ModuleState] = match wanted.action {
        // Also when it is enabled: for other teams.
        ModuleAction::Enable => &[Available, Enabled, Suspended, Disabled],
        ModuleAction::Suspend => &[Enabled],
        ModuleAction::Disable => &[Enabled, Suspended],
        ModuleAction::Purge => &[Disabled],
    };
    if allowed.contains(&from) {
        return Ok(());
    }
    let message = match (from, wanted.action) {
        (Purging, _) => {
            message!("module-purging", "its records are being deleted; wait until it is AVAILABLE")
        }
        (_, ModuleAction::Purge) => {
            message!("module-not-disabled", "only a disabled module can be purged; disable it first")
        }
        _ => {
            let state = from.code();
            message!("module-state", "it is {state}; that cannot be done with it", state)
        }
    };
    Err(wrong("action", "MODULE_STATE", message))
}

/// Modules that must change with it.
fn along(context: &RequestContext, id: &str, action: ModuleAction) -> Vec<&'static str> {
    let modules = &context.kernel.modules;
    let state = |module: &&'static str| context.tenant.state(module);
    match action {
        ModuleAction::Enable => modules
            .requirements(id)
            .into_iter()
            .filter(|module| *module != crate::MODULE && state(module) != ModuleState::Enabled)
            .collect(),
        ModuleAction::Suspend => {
            let enabled = |module: &&'static str| state(module) == ModuleState::Enabled;
            modules.dependents(id).into_iter().rev().filter(enabled).collect()
        }
        ModuleAction::Disable => {
            modules.dependents(id).into_iter().rev().filter(|module| state(module).is_readable()).collect()
        }
        ModuleAction::Purge => Vec::new(),
    }
}

/// Records of each type of these modules.
///
/// # Errors
/// Faults of the database.
pub(crate) async fn records(
    context: &RequestContext,
    modules: &[&str],
) -> Result<Vec<(&'static str, i64)>, Error> {
    let all = context.kernel.modules.schemas().all();
    let mut counted = Vec::new();
    for entity in all.entities.iter().filter(|entity| modules.contains(&entity.declaration.module)) {
        let count = count(context, |sql| {
            sql.push("SELECT count(*) FROM ").name(entity.table());
            sql.push(" WHERE tenant_id = ").bind(context.tenant.id);
        });
        counted.push((entity.name(), count.await?));
    }
    Ok(counted)
}

async fn count(context: &RequestContext, write: impl FnOnce(&mut Sql)) -> Result<i64, Error> {
    let reader = context.database().reader();
    let mut sql = Sql::new(reader.dialect());
    write(&mut sql);
    let rows = reader.rows(sql, &StatementCount::default()).await?;
    Ok(rows.first().map_or(Ok(0), |row| row.try_get_by_index(0))?)
}

/// Fields that these modules have on types of others.
fn fields(context: &RequestContext, modules: &[&str]) -> Vec<String> {
    let all = context.kernel.modules.schemas().all();
    let others = all.entities.iter().filter(|entity| !modules.contains(&entity.declaration.module));
    let of = others.flat_map(|entity| {
        let relations = entity.relations.iter().map(|relation| (relation.module, relation.declaration.name));
        let computed = entity.computed.iter().map(|computed| (computed.module, computed.name));
        let added = relations.chain(computed).filter(|(module, _)| modules.contains(module));
        added.map(|(_, name)| format!("{}.{name}", entity.name()))
    });
    of.collect()
}

/// Events that wait for handlers of these modules.
async fn waiting(context: &RequestContext, modules: &[&str]) -> Result<i64, Error> {
    let handlers = |module: &&Composed| modules.contains(&module.manifest.id);
    let names = context.kernel.modules.modules().iter().filter(handlers).flat_map(|module| {
        module.handlers.iter().map(|handler| format!("{}.{}", module.manifest.id, handler.name))
    });
    let names: Vec<sea_orm::Value> = names.map(Into::into).collect();
    if names.is_empty() {
        return Ok(0);
    }
    count(context, |sql| {
        sql.push("SELECT count(*) FROM core_delivery WHERE tenant_id = ").bind(context.tenant.id);
        sql.push(" AND handler").is_any_of(names);
    })
    .await
}

/// Jobs of these modules that are not over.
async fn open_jobs(context: &RequestContext, modules: &[&str]) -> Result<i64, Error> {
    let kinds = context.kernel.modules.jobs().filter(|kind| modules.contains(&kind.module()));
    let kinds: Vec<sea_orm::Value> = kinds.map(|kind| kind.name.into()).collect();
    if kinds.is_empty() {
        return Ok(0);
    }
    count(context, |sql| {
        sql.push("SELECT count(*) FROM core_job WHERE tenant_id = ").bind(context.tenant.id);
        sql.push(" AND finished_at IS NULL AND kind").is_any_of(kinds);
    })
    .await
}

/// The plan's id: a digest of what it was made from.
fn name(context: &RequestContext, wanted: &Wanted, records: &[(&'static str, i64)]) -> String {
    let tenant = &context.tenant;
    let states: BTreeMap<_, _> = context
        .kernel
        .modules
        .optional()
        .map(|module| {
            let id = module.manifest.id;
            (id, (tenant.state(id).code(), tenant.module(id).map_or(0, |module| module.version)))
        })
        .collect();
    let mut pilots = wanted.pilot_teams.clone();
    pilots.sort_unstable();
    // Only who deletes records agrees to their number.
    let records = if wanted.action == ModuleAction::Purge { records } else { &[] };
    let text =
        format!("{} {} {:?} {pilots:?} {states:?} {records:?}", tenant.id, wanted.module, wanted.action);
    Sha256::digest(text).iter().take(12).fold(String::new(), |id, byte| format!("{id}{byte:02x}"))
}

/// The answer to a change whose plan is not the one of now.
pub(super) fn stale() -> Refusal {
    let message = message!("plan-stale", "something has changed since; look at the plan again");
    let field = FieldError::new(["planId"], "PLAN_STALE", message);
    Refusal { code: code::CONFLICT, ..Refusal::validation(vec![field]) }
}
