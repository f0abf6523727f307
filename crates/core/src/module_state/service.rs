//! Modules are switched on and off, and set up.

use sea_orm::{ColumnTrait as _, QueryFilter as _};
use serde::{Deserialize, Serialize};
use serde_json::json;
use shoal_graphql::database::Sql;
use shoal_graphql::error::{Error, FieldError, Refusal};
use shoal_graphql::message;
use shoal_graphql::value::Choice as _;
use uuid::Uuid;

use super::plan::{self, ModuleAction, Plan, Wanted, plan};
use super::{Column, Entity, Model, pilot_team, tables};
use crate::batch::Tracked as _;
use crate::context::RequestContext;
use crate::job::{self, Job, Run, Step};
use crate::tenancy::{ModuleState, find_tenant};
use crate::unit_of_work::UnitOfWork;
use crate::{file, import, outbox, search, team, tenant, timeline};

/// What makes changes of a company's modules go one after the other.
pub(super) const MODULES: &str = "core.modules";

/// A change that somebody has agreed to.
#[derive(Debug, Clone)]
pub struct Agreed {
    /// What is wanted.
    pub wanted: Wanted,
    /// The plan that was looked at.
    pub plan_id: String,
    /// To purge: the module's name, written once more.
    pub confirmation: Option<String>,
}

/// Changes a module, and those that go along. The id of its record.
///
/// # Errors
/// `CONFLICT` if the plan is not the one of now, `VALIDATION`, `NOT_FOUND`; faults of the database.
pub async fn change(context: &RequestContext, agreed: &Agreed) -> Result<Uuid, Error> {
    let Agreed { wanted, confirmation, .. } = agreed;
    if wanted.action == ModuleAction::Purge && confirmation.as_deref() != Some(wanted.module.as_str()) {
        let message = message!(
            "confirmation-missing",
            "write {module} to confirm that all its records are to be deleted",
            module = &wanted.module,
        );
        let field = FieldError::new(["confirmation"], "REQUIRED", message);
        return Err(Refusal::validation(vec![field]).into());
    }
    // The company as it is now, not as it was when the request came.
    let now = find_tenant(&context.kernel, context.tenant.id).await?;
    let now = now.ok_or_else(|| Error::fault("the company is gone"))?;
    let context = RequestContext { tenant: now, ..context.clone() };
    let plan = plan(&context, wanted).await?;
    if plan.id != agreed.plan_id {
        return Err(plan::stale().into());
    }
    UnitOfWork::run(&context, |unit| {
        let (agreed, plan) = (agreed.clone(), plan.clone());
        Box::pin(async move { change_in(unit, &agreed, &plan).await })
    })
    .await
}

async fn change_in(unit: &mut UnitOfWork, agreed: &Agreed, plan: &Plan) -> Result<Uuid, Error> {
    unit.lock(MODULES).await?;
    let company = unit.find::<tenant::Entity>().one(unit.transaction()).await?;
    if company.is_none_or(|company| company.access_revision != unit.context().tenant.revision) {
        return Err(plan::stale().into());
    }
    check_teams(unit, &agreed.wanted.pilot_teams).await?;
    let rows = unit.find::<Entity>().all(unit.transaction()).await?;
    let mut changed = None;
    for module in plan.along.iter().copied().chain([plan.module]) {
        let pilots = if module == plan.module { agreed.wanted.pilot_teams.as_slice() } else { &[] };
        let row = rows.iter().find(|row| row.name == module);
        changed = Some(set(unit, row, (module, plan.to), pilots).await?);
    }
    if plan.to == ModuleState::Purging {
        let module = plan.module.to_owned();
        let options = job::Options { unique_key: Some(module.clone()), ..job::Options::default() };
        unit.enqueue(&PurgeModule { module }, options).await?;
    }
    unit.access_changed();
    changed.ok_or_else(|| Error::fault("a plan without a module"))
}

async fn check_teams(unit: &UnitOfWork, teams: &[Uuid]) -> Result<(), Error> {
    if teams.is_empty() {
        return Ok(());
    }
    let wanted = teams.iter().copied();
    let found = unit.find::<team::Entity>().filter(unit.any_of(team::Column::Id, wanted));
    let found = found.all(unit.transaction()).await?;
    match teams.iter().position(|team| found.iter().all(|known| known.id != *team)) {
        None => Ok(()),
        Some(position) => {
            let mut refusal = Refusal::not_found(team::NOT_FOUND, ["pilotTeamIds"]);
            refusal.fields[0].path.push(position.to_string());
            Err(refusal.into())
        }
    }
}

/// Stages the state of one module, which may never have had any.
async fn set(
    unit: &mut UnitOfWork,
    row: Option<&Model>,
    (module, state): (&'static str, ModuleState),
    pilots: &[Uuid],
) -> Result<Uuid, Error> {
    let (now, actor, tenant_id) = (unit.now(), unit.actor(), unit.tenant());
    let id = row.map_or_else(|| unit.new_id(), |row| row.id);
    match row {
        Some(before) => {
            let mut after = Model { state: state.code().to_owned(), ..before.clone() };
            if state == ModuleState::Available {
                // Nothing is left of it.
                (after.settings, after.secrets) = (json!({}), None);
            }
            after.touch(now, actor);
            unit.update::<Entity>(before, after);
        }
        // The module is younger than the company.
        None => unit.insert::<Entity>(Model::new((tenant_id, id), module, state, (now, actor))),
    }
    let known = unit.find::<pilot_team::Entity>().filter(pilot_team::Column::ModuleId.eq(id));
    let known: Vec<Uuid> =
        known.all(unit.transaction()).await?.into_iter().map(|pilot| pilot.team_id).collect();
    if known != pilots {
        unit.delete_where::<pilot_team::Entity>(pilot_team::Column::ModuleId, id);
        for team_id in pilots.iter().copied() {
            unit.insert::<pilot_team::Entity>(pilot_team::Model { tenant_id, module_id: id, team_id });
        }
        unit.note::<Entity>(id, "pilotTeams", json!(known), json!(pilots));
    }
    Ok(id)
}

/// Rows that are deleted in one transaction.
const PURGED_AT_ONCE: usize = 2_000;

/// Deletes the records of a module that is being purged; then it is available again.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PurgeModule {
    module: String,
}

impl Job for PurgeModule {
    const NAME: &'static str = "core.purge_module";
    type Cursor = ();
    type Output = ();

    async fn step(&self, run: &mut Run<'_, ()>) -> Result<Step<Self>, Error> {
        Ok(match purge_some(run.begin().await?, &self.module).await? {
            Some(deleted) => Step::Next { cursor: (), done: run.done + deleted.cast_signed(), total: None },
            None => Step::Done(()),
        })
    }
}

/// Deletes the records of modules that are being purged, while whoever asked for it waits. A job does the same otherwise.
///
/// # Errors
/// Faults of the database.
pub async fn purge(context: &RequestContext) -> Result<(), Error> {
    for module in context.kernel.modules.optional() {
        let purge = || {
            let module = module.manifest.id;
            UnitOfWork::run(context, |unit| Box::pin(purge_some(unit, module)))
        };
        while purge().await?.is_some() {}
    }
    Ok(())
}

/// Deletes some records of a module that is being purged, and in the end makes it available. How many; `None` if there was
/// nothing left to do.
async fn purge_some(unit: &mut UnitOfWork, module: &str) -> Result<Option<u64>, Error> {
    let known = unit.context().kernel.modules.module(module).map(|module| module.manifest.id);
    let Some(id) = known else { return Ok(None) };
    unit.lock(MODULES).await?;
    let row = unit.find::<Entity>().filter(Column::Name.eq(id)).one(unit.transaction()).await?;
    let Some(row) = row.filter(|row| row.state == ModuleState::Purging.code()) else { return Ok(None) };
    for table in tables::of(unit.context(), id).await? {
        let deleted = delete_some(unit, &table).await?;
        if deleted > 0 {
            return Ok(Some(deleted));
        }
    }
    let files = file::forget(unit, id).await?;
    if files > 0 {
        return Ok(Some(files));
    }
    if search::forget_some(unit, id).await? > 0 {
        return Ok(Some(0));
    }
    let rows = import::forget_some(unit, id).await?;
    if rows > 0 {
        return Ok(Some(rows));
    }
    let entries = timeline::forget(unit, id).await?;
    if entries > 0 {
        return Ok(Some(entries));
    }
    outbox::forget(unit, id).await?;
    job::forget(unit, id).await?;
    set(unit, Some(&row), (id, ModuleState::Available), &[]).await?;
    unit.access_changed();
    Ok(None)
}

async fn delete_some(unit: &UnitOfWork, table: &tables::OwnTable) -> Result<u64, Error> {
    for column in &table.own_references {
        let mut sql = Sql::new(unit.dialect());
        sql.push("UPDATE ").name(&table.name).push(" SET ").name(column).push(" = NULL WHERE tenant_id = ");
        sql.bind(unit.tenant()).push(" AND ").name(column).push(" IS NOT NULL");
        unit.execute(sql).await?;
    }
    let key = format!("\"{}\"", table.key.join("\", \""));
    let mut sql = Sql::new(unit.dialect());
    sql.push("DELETE FROM ").name(&table.name).push(&format!(" WHERE ({key}) IN (SELECT {key} FROM "));
    sql.name(&table.name).push(" WHERE tenant_id = ").bind(unit.tenant());
    sql.push(&format!(" LIMIT {PURGED_AT_ONCE})"));
    Ok(unit.execute(sql).await?)
}
