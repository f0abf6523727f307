//! A company as it is at one time.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use chrono_tz::Tz;
use serde_json::Value as Json;
use uuid::Uuid;

use crate::module::{Scope, Settings};

shoal_graphql::choices! {
    /// How far a company has come with a module.
    pub enum ModuleState {
        /// It could be enabled.
        Available => "AVAILABLE",
        /// It is in use.
        Enabled => "ENABLED",
        /// It can be read, but not changed.
        Suspended => "SUSPENDED",
        /// It is switched off; its records are kept.
        Disabled => "DISABLED",
        /// Its records are being deleted; then it is available again.
        Purging => "PURGING",
    }
}

impl ModuleState {
    /// Whether its part of the schema is there.
    pub fn is_readable(self) -> bool {
        matches!(self, Self::Enabled | Self::Suspended)
    }
}

/// A module as a company has it.
#[derive(Debug, Clone, PartialEq)]
pub struct TenantModule {
    /// Its record.
    pub id: Uuid,
    /// How far it is.
    pub state: ModuleState,
    /// If there are any, it is there for people of these teams, and of those below them, only.
    pub pilot_teams: Vec<Uuid>,
    /// What is set, over the defaults; secrets too.
    pub settings: Json,
    /// The version of its record.
    pub version: i32,
}

/// A team and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Team {
    /// The team above.
    pub parent: Option<Uuid>,
}

/// A role's rights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RoleRights {
    /// Everything, also of modules to come.
    Administrator,
    /// What each module gives to every employee.
    Employee,
    /// These.
    Custom(HashMap<String, Scope>),
}

/// A company at one revision.
#[derive(Debug, Clone, PartialEq)]
pub struct Tenant {
    /// Its id, the first part of every key.
    pub id: Uuid,
    /// Its name in addresses and on the command line.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// IETF tag of the language and country by which things are written.
    pub locale: String,
    /// Where its business days begin and end.
    pub time_zone: Tz,
    /// ISO 4217 code of the currency of its accounts.
    pub base_currency: String,
    /// ISO 3166 code of the country whose phone numbers need no prefix.
    pub phone_region: Option<String>,
    /// The month in which its fiscal year begins, 1 to 12.
    pub fiscal_year_start: u32,
    /// Counts changes of modules, teams, roles and rights.
    pub revision: i64,
    pub(crate) modules: HashMap<&'static str, TenantModule>,
    pub(crate) teams: HashMap<Uuid, Team>,
    pub(crate) roles: HashMap<Uuid, RoleRights>,
    pub(crate) defaults: Arc<HashMap<&'static str, Json>>,
}

impl Tenant {
    /// How far a module is.
    pub fn state(&self, module: &str) -> ModuleState {
        self.modules.get(module).map_or(ModuleState::Available, |module| module.state)
    }

    /// A module as the company has it, once it has been enabled.
    pub fn module(&self, module: &str) -> Option<&TenantModule> {
        self.modules.get(module)
    }

    /// Whether a module is there for somebody of these teams (theirs, not those below).
    pub fn has(&self, module: &str, teams: &[Uuid]) -> bool {
        self.modules.get(module).is_some_and(|module| {
            let mut pilots = module.pilot_teams.iter().peekable();
            let in_pilot = |pilot: &Uuid| teams.iter().any(|team| self.is_below(*team, *pilot));
            module.state.is_readable() && (pilots.peek().is_none() || pilots.any(in_pilot))
        })
    }

    /// What holds in a module.
    pub fn settings<S: Settings>(&self) -> S {
        // What is stored was checked; after an update of the program a value may not fit any more.
        let set = serde_json::from_value(self.effective_settings(S::MODULE)).ok();
        let installed = || serde_json::from_value(self.defaults.get(S::MODULE)?.clone()).ok();
        set.or_else(installed).unwrap_or_default()
    }

    /// The settings of a module with the defaults of what is not set.
    pub fn effective_settings(&self, module: &str) -> Json {
        let mut effective = self.defaults.get(module).cloned().unwrap_or_default();
        let set = self.modules.get(module).and_then(|module| module.settings.as_object());
        if let (Some(effective), Some(set)) = (effective.as_object_mut(), set) {
            effective.extend(set.clone());
        }
        effective
    }

    /// Whether a team is another one or stands below it.
    pub fn is_below(&self, team: Uuid, above: Uuid) -> bool {
        let mut next = Some(team);
        // A tree of so many levels cannot be made; whoever writes into the database could make a circle.
        for _ in 0..=self.teams.len() {
            match next {
                Some(team) if team == above => return true,
                Some(team) => next = self.teams.get(&team).and_then(|team| team.parent),
                None => return false,
            }
        }
        false
    }

    /// These teams and all below them, each once, in order of their ids.
    pub fn with_teams_below(&self, teams: &[Uuid]) -> Vec<Uuid> {
        let mut found: Vec<Uuid> = teams
            .iter()
            .copied()
            .chain(
                self.teams
                    .keys()
                    .copied()
                    .filter(|team| teams.iter().any(|above| self.is_below(*team, *above))),
            )
            .collect::<HashSet<_>>()
            .into_iter()
            .collect();
        found.sort_unstable();
        found
    }

    /// The rights of these roles together.
    pub(crate) fn rights(
        &self,
        roles: &[Uuid],
        declared: &BTreeMap<&'static str, Option<Scope>>,
    ) -> Option<HashMap<&'static str, Scope>> {
        let mut rights: HashMap<&'static str, Scope> = HashMap::new();
        let mut add = |right: &'static str, scope: Scope| {
            rights.entry(right).and_modify(|known| *known = known.or(scope)).or_insert(scope);
        };
        for role in roles.iter().filter_map(|role| self.roles.get(role)) {
            match role {
                RoleRights::Administrator => return None,
                RoleRights::Employee => {
                    declared
                        .iter()
                        .filter_map(|(right, scope)| Some((*right, (*scope)?)))
                        .for_each(|(right, scope)| add(right, scope));
                }
                RoleRights::Custom(given) => {
                    for (right, scope) in given {
                        // Rights of modules that are no longer part of the program are nothing.
                        if let Some((right, _)) = declared.get_key_value(right.as_str()) {
                            add(right, *scope);
                        }
                    }
                }
            }
        }
        Some(rights)
    }
}
