//! Who asks, and what they may do.

use std::collections::HashMap;

use shoal_graphql::compose::ModuleSet;
use shoal_graphql::context::RightSet;
use uuid::Uuid;

use crate::module::{Language, Scope};

/// Who does something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Actor {
    /// A person.
    User(Uuid),
    /// A program, by its API key.
    ApiKey(Uuid),
    /// Shoal itself: background work, event handlers.
    System,
    /// Whoever has the machine, by the command line.
    Operator,
}

impl Actor {
    /// The id of the user or key.
    pub fn id(self) -> Option<Uuid> {
        match self {
            Self::User(id) | Self::ApiKey(id) => Some(id),
            Self::System | Self::Operator => None,
        }
    }

    /// The user, if it is one.
    pub fn user(self) -> Option<Uuid> {
        match self {
            Self::User(id) => Some(id),
            _ => None,
        }
    }

    /// As audits say it.
    pub fn code(self) -> &'static str {
        match self {
            Self::User(_) => "USER",
            Self::ApiKey(_) => "API_KEY",
            Self::System => "SYSTEM",
            Self::Operator => "OPERATOR",
        }
    }
}

/// Whoever makes a request, with their rights as they are now.
#[derive(Debug, Clone, PartialEq)]
pub struct Caller {
    /// Who it is.
    pub actor: Actor,
    /// The session they came in by.
    pub session: Option<Uuid>,
    /// The language they read.
    pub language: Language,
    /// Their teams.
    pub teams: Vec<Uuid>,
    /// Their teams and all below them.
    pub teams_below: Vec<Uuid>,
    /// The rights they hold, each with its scope; `None` if they hold all.
    pub(crate) scopes: Option<HashMap<&'static str, Scope>>,
    /// The same without the scopes.
    pub rights: RightSet,
    /// The modules that are there for them.
    pub modules: ModuleSet,
}

impl Caller {
    /// Somebody who may do everything there is: Shoal itself, or its operator.
    pub fn unlimited(actor: Actor, modules: ModuleSet) -> Self {
        Self {
            actor,
            session: None,
            language: Language::English,
            teams: Vec::new(),
            teams_below: Vec::new(),
            scopes: None,
            rights: RightSet::all(),
            modules,
        }
    }

    /// The rights they hold, each with its scope; `None` if they hold all.
    pub fn scopes(&self) -> Option<impl Iterator<Item = (&'static str, Scope)>> {
        self.scopes.as_ref().map(|scopes| scopes.iter().map(|(right, scope)| (*right, *scope)))
    }

    /// With which records they may do what the right names; `None` if with none.
    pub fn scope(&self, right: &str) -> Option<Scope> {
        match &self.scopes {
            None => Some(Scope::All),
            Some(scopes) => scopes.get(right).copied(),
        }
    }

    /// Whether they may do what the right names with a record of this owner and team.
    pub fn reaches(&self, right: &str, owner: Option<Uuid>, team: Option<Uuid>) -> bool {
        let owns = || owner.is_some() && owner == self.actor.user();
        let in_team = |teams: &[Uuid]| team.is_some_and(|team| teams.contains(&team));
        match self.scope(right) {
            None => false,
            Some(Scope::All) => true,
            Some(Scope::Own) => owns(),
            Some(Scope::Team) => owns() || in_team(&self.teams),
            Some(Scope::TeamAndBelow) => owns() || in_team(&self.teams_below),
        }
    }
}
