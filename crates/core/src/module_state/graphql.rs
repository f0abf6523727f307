//! Modules in the API.

use std::sync::Arc;

use serde_json::Value as Json;
use shoal_graphql::context::Context;
use shoal_graphql::declare::{
    Handled, ModuleRegistry, MutationDeclaration, NoArguments, QueryDeclaration, Record, column, through,
    to_many_through,
};
use shoal_graphql::error::{Error, Refusal};
use uuid::Uuid;

use super::plan::{self, ModuleAction, Wanted};
use super::service::{self, Agreed};
use super::{Column, Entity, pilot_team};
use crate::context::RequestContext;
use crate::module::{Composed, text_key};
use crate::permission::{MODULE_MANAGE, MODULE_READ};
use crate::team;
use crate::tenancy::ModuleState;

shoal_graphql::input! {
    /// What a change of a module would do.
    pub struct ModulePlanArguments {
        /// The module's name.
        pub module: String,
        /// What is to become of it.
        pub action: ModuleAction,
        /// With ENABLE: the teams for which alone it is there, a pilot; everybody if absent.
        pub pilot_team_ids: Option<Vec<Uuid>>,
    }

    /// A change of a module that somebody has looked at.
    pub struct ModuleChangeInput {
        /// The module's name.
        pub module: String,
        /// What is to become of it.
        pub action: ModuleAction,
        /// With ENABLE: the teams for which alone it is there, a pilot; everybody if absent.
        pub pilot_team_ids: Option<Vec<Uuid>>,
        /// The id of the plan that was looked at; if anything has changed since, the answer is CONFLICT.
        pub plan_id: String,
        /// With PURGE: the module's name once more, as all its records will be deleted.
        pub confirmation: Option<String>,
    }

    /// What is set in a module.
    pub struct ModuleSettingsUpdate {
        /// The module's name.
        pub module: String,
        /// The version that was read; if the module has changed since, the answer is CONFLICT.
        pub expected_version: i32,
        /// Values by name, in place of all that are set. What is left out has its default again; but a secret (`writeOnly` in
        /// the schema of the settings), which nobody can read, stays, and null takes it away.
        pub settings: Json,
    }
}

shoal_graphql::output! {
    /// What a change of a module would do. Nothing has happened yet.
    pub struct ModulePlan {
        /// Names this plan in `moduleChange`.
        pub id: String,
        /// The module's name.
        pub module: String,
        /// How far it is now.
        pub from: ModuleState,
        /// How far it will be.
        pub to: ModuleState,
        /// Modules that change with it: those it requires when it is enabled, those that require it otherwise.
        pub along: Vec<String>,
        /// How many records the modules have, type by type.
        pub records: Vec<RecordCount>,
        /// Fields of other modules' types that come or go, such as Account.units.
        pub fields: Vec<String>,
        /// Events that wait to be delivered to the modules.
        pub waiting_events: i64,
        /// Jobs of the modules that are not over. While a module is not enabled they wait.
        pub open_jobs: i64,
    }

    /// How many records there are of a type.
    pub struct RecordCount {
        /// The type.
        pub name: String,
        /// How many there are.
        pub count: i64,
    }

    /// A module as this installation has it, and how far your company has come with it.
    pub struct ModuleDescription {
        /// Its name, with which its rights, events and settings begin.
        pub name: String,
        /// Its title, in your language.
        pub title: String,
        /// What it is for, in your language.
        pub summary: String,
        /// Its version.
        pub version: String,
        /// How far the company has come with it.
        pub state: ModuleState,
        /// Whether it is there for you: not if it is tried out by teams that you are in none of.
        pub available_to_you: bool,
        /// Modules without which it cannot be enabled.
        pub requires: Vec<String>,
        /// Modules with which it does more when both are enabled.
        pub integrates: Vec<String>,
        /// If there are any, the module is there for people of these teams and of those below them only.
        pub pilot_teams: Vec<Record<team::Entity>>,
        /// What holds: what the company has set, with the defaults of what it has not. Secrets are left out.
        pub settings: Json,
        /// JSON Schema of the settings; null if there are none.
        pub settings_schema: Option<Json>,
        /// What the settings are called, and where their values come from.
        pub settings_titles: Vec<SettingTitle>,
        /// The record of its state; null if the company has never had it.
        pub record: Option<Record<Entity>>,
    }

    /// What a setting is called, and where its value comes from.
    pub struct SettingTitle {
        /// Its name.
        pub name: String,
        /// What it is called, in your language.
        pub title: String,
        /// Where the value that holds comes from.
        pub source: SettingSource,
    }
}

shoal_graphql::choices! {
    /// Where the value of a setting comes from.
    pub enum SettingSource {
        /// The company has set it.
        Company => "COMPANY",
        /// The company has not, and whoever runs Shoal has.
        Installation => "INSTALLATION",
        /// Nobody has set it.
        Default => "DEFAULT",
    }
}

pub(crate) fn declare(api: &mut ModuleRegistry<'_>) {
    declare_entity(api);
    api.query(QueryDeclaration::new(
        "moduleCatalog",
        "The modules that this installation has, and how far your company has come with each.",
        Some(MODULE_READ),
        catalog,
    ));
    api.query(
        QueryDeclaration::new(
            "modulePlan",
            "What a change of a module would do; `moduleChange` needs the plan's id.",
            Some(MODULE_MANAGE),
            plan_of,
        )
        .cost(100),
    );
    api.mutation(MutationDeclaration::new::<Entity, ModuleChangeInput, _, _>(
        "moduleChange",
        "Enables, suspends, disables or purges a module, as planned. Everybody's schema follows within a second.",
        MODULE_MANAGE,
        change,
    ));
    api.mutation(MutationDeclaration::new::<Entity, ModuleSettingsUpdate, _, _>(
        "moduleSettingsUpdate",
        "Sets values in a module.",
        MODULE_MANAGE,
        set_up,
    ));
}

fn declare_entity(api: &mut ModuleRegistry<'_>) {
    api.entity::<Entity>("Module", "How far a company has come with a module.")
        .partition(Column::TenantId)
        .right(MODULE_READ)
        .changes()
        .column(column(Column::Id, "Stays the same for ever.").filterable())
        .column(
            column(Column::Name, "Its name, with which its rights, events and settings begin.")
                .filterable()
                .orderable(),
        )
        .column(
            column(Column::State, "How far the company has come with it.")
                .choice::<ModuleState>()
                .filterable(),
        )
        .column(column(
            Column::Settings,
            "What is set, without the defaults of what is not, and without secrets: that one is set, `settingsTitles` of \
             the catalogue tells.",
        ))
        .column(column(Column::UpdatedAt, "When its state or settings were last changed."))
        .column(column(Column::Version, "Counts changes, from 1."))
        .relation(
            to_many_through::<team::Entity>(
                "pilotTeams",
                "If there are any, the module is there for people of these teams and of those below them only.",
                through::<pilot_team::Entity>(pilot_team::Column::ModuleId, pilot_team::Column::TeamId)
                    .unique(),
            )
            .as_list()
            .ordered_by(team::Column::NameSort),
        );
}

async fn catalog(context: Arc<dyn Context>, _: NoArguments) -> Result<Vec<ModuleDescription>, Error> {
    let context = RequestContext::of(&context)?;
    Ok(context.kernel.modules.optional().map(|module| describe(&context, module)).collect())
}

fn describe(context: &RequestContext, module: &Composed) -> ModuleDescription {
    let (id, language) = (module.manifest.id, context.language());
    let known = context.tenant.module(id);
    let names = |names: &[&'static str]| names.iter().map(|name| (*name).to_owned()).collect();
    let setting = |name: &str| SettingTitle {
        name: name.to_owned(),
        title: module.text(language, &text_key("setting", name)),
        source: if known.is_some_and(|known| known.settings.get(name).is_some()) {
            SettingSource::Company
        } else if context.kernel.installed.of(id).is_some_and(|set| set.contains_key(name)) {
            SettingSource::Installation
        } else {
            SettingSource::Default
        },
    };
    let mut settings = context.tenant.effective_settings(id);
    if let Some(settings) = settings.as_object_mut() {
        settings.retain(|name, _| !module.settings.is_secret(name));
    }
    ModuleDescription {
        name: id.to_owned(),
        title: module.title(language),
        summary: module.text(language, "module-summary"),
        version: module.manifest.version.to_owned(),
        state: context.tenant.state(id),
        available_to_you: context.caller.modules.contains(id),
        requires: names(module.manifest.requires),
        integrates: names(module.manifest.integrates),
        pilot_teams: known
            .map(|known| known.pilot_teams.iter().map(|team| (*team).into()).collect())
            .unwrap_or_default(),
        settings,
        settings_schema: (!module.settings.schema.is_null()).then(|| module.settings.schema.clone()),
        settings_titles: module.settings.names().map(setting).collect(),
        record: known.map(|known| known.id.into()),
    }
}

async fn plan_of(context: Arc<dyn Context>, arguments: ModulePlanArguments) -> Result<ModulePlan, Error> {
    let ModulePlanArguments { module, action, pilot_team_ids } = arguments;
    let wanted = Wanted { module, action, pilot_teams: pilot_team_ids.unwrap_or_default() };
    let plan = plan::plan(&RequestContext::of(&context)?, &wanted).await?;
    Ok(ModulePlan {
        id: plan.id,
        module: plan.module.to_owned(),
        from: plan.from,
        to: plan.to,
        along: plan.along.into_iter().map(str::to_owned).collect(),
        records: plan
            .records
            .into_iter()
            .map(|(name, count)| RecordCount { name: name.to_owned(), count })
            .collect(),
        fields: plan.fields,
        waiting_events: plan.waiting_events,
        open_jobs: plan.open_jobs,
    })
}

async fn change(context: Arc<dyn Context>, inputs: Vec<ModuleChangeInput>) -> Result<Handled, Error> {
    let context = RequestContext::of(&context)?;
    let mut handled = Vec::with_capacity(inputs.len());
    for input in inputs {
        let ModuleChangeInput { module, action, pilot_team_ids, plan_id, confirmation } = input;
        let wanted = Wanted { module, action, pilot_teams: pilot_team_ids.unwrap_or_default() };
        handled.push(one(service::change(&context, &Agreed { wanted, plan_id, confirmation }).await)?);
    }
    Ok(handled)
}

async fn set_up(context: Arc<dyn Context>, inputs: Vec<ModuleSettingsUpdate>) -> Result<Handled, Error> {
    let context = RequestContext::of(&context)?;
    let mut handled = Vec::with_capacity(inputs.len());
    for ModuleSettingsUpdate { module, expected_version, settings } in inputs {
        handled.push(one(super::settings::set_up(&context, &module, settings, expected_version).await)?);
    }
    Ok(handled)
}

/// A refusal is the answer of its row.
fn one(result: Result<Uuid, Error>) -> Result<Result<shoal_graphql::declare::Done, Refusal>, Error> {
    match result {
        Ok(id) => Ok(Ok(id.into())),
        Err(Error::Refused(refusal)) => Ok(Err(refusal)),
        Err(error) => Err(error),
    }
}
