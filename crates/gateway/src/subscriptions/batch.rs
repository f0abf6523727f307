//! Events that are handed on together, and what was answered for them: subscribers who ask the same and may see the same
//! share the work.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use shoal_core::Actor;
use shoal_core::caller::Caller;
use shoal_core::module::{Language, Scope};
use shoal_core::outbox::feed::Told;
use shoal_graphql::compose::ModuleSet;
use shoal_graphql::context::RightSet;
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::Next;

/// Who have the same answers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Group {
    tenant: Uuid,
    asked: String,
    rights: RightSet,
    modules: ModuleSet,
    language: Language,
    /// Who does not see all records of everything has answers of their own.
    of: Option<Actor>,
}

impl Group {
    pub(super) fn of(tenant: Uuid, asked: &str, caller: &Caller) -> Self {
        let sees_all = caller.scopes().is_none_or(|mut scopes| scopes.all(|(_, scope)| scope == Scope::All));
        Self {
            tenant,
            asked: asked.to_owned(),
            rights: caller.rights.clone(),
            modules: caller.modules.clone(),
            language: caller.language,
            of: (!sees_all).then_some(caller.actor),
        }
    }
}

/// What a group is told of a batch.
pub(super) type Answers = Arc<OnceCell<Arc<[Next]>>>;

/// Events in their order, without a gap.
pub(super) struct Batch {
    pub first: i64,
    pub last: i64,
    pub events: Vec<Told>,
    answers: Mutex<HashMap<Group, Answers>>,
}

impl Batch {
    /// `None` of no events.
    pub(super) fn new(events: Vec<Told>) -> Option<Self> {
        let (first, last) = (events.first()?.number, events.last()?.number);
        Some(Self { first, last, events, answers: Mutex::default() })
    }

    /// Where the answers of a group are, or will be.
    pub(super) fn answers(&self, group: Group) -> Answers {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(answers.entry(group).or_default())
    }
}
