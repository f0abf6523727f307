//! Events that are handed on together, and what was answered for them: subscribers who ask the same and may see the same
//! share the work.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use shoal_core::module::{Language, Scope};
use shoal_core::outbox::feed::Told;
use shoal_core::tenancy::Known;
use shoal_graphql::catalog::Catalog;
use shoal_graphql::compose::ModuleSet;
use shoal_graphql::context::RightSet;
use tokio::sync::OnceCell;
use uuid::Uuid;

/// Bytes of answers that are kept of a batch.
const KEPT: usize = 2 * 1024 * 1024;

/// Who have the same answers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Group {
    tenant: Uuid,
    /// Whoever changes rights or teams counts this up: nobody is given what they might have seen before.
    revision: i64,
    asked: String,
    rights: RightSet,
    modules: ModuleSet,
    language: Language,
}

impl Group {
    /// `None` for whom the records that there are depend on who they are: they have answers of their own.
    pub(super) fn of(known: &Known, asked: &str, catalog: &Catalog) -> Option<Self> {
        let caller = &known.caller;
        let sees_all = catalog.entities.iter().all(|entity| {
            let owned = entity.declaration.ownership.is_some();
            let scope = entity.declaration.right.filter(|_| owned).and_then(|right| caller.scope(right));
            matches!(scope, None | Some(Scope::All))
        });
        sees_all.then(|| Self {
            tenant: known.tenant.id,
            revision: known.tenant.revision,
            asked: asked.to_owned(),
            rights: caller.rights.clone(),
            modules: caller.modules.clone(),
            language: caller.language,
        })
    }
}

/// The number of an event, and what is to be told of it.
pub(super) type Answer = (i64, Arc<[u8]>);

/// What a group is told of a batch.
pub(super) type Answers = Arc<[Answer]>;

/// Events in their order, without a gap.
pub(super) struct Batch {
    pub first: i64,
    pub last: i64,
    pub events: Vec<Told>,
    answers: Mutex<HashMap<Group, Arc<OnceCell<Answers>>>>,
    kept: AtomicUsize,
}

impl Batch {
    /// `None` of no events.
    pub(super) fn new(events: Vec<Told>) -> Option<Self> {
        let (first, last) = (events.first()?.number, events.last()?.number);
        Some(Self { first, last, events, answers: Mutex::default(), kept: AtomicUsize::new(0) })
    }

    /// What a group is told of the whole batch; the first of the group works it out.
    ///
    /// # Errors
    /// Those of `work`.
    pub(super) async fn answers<E>(
        &self,
        group: Group,
        work: impl Future<Output = Result<Answers, E>>,
    ) -> Result<Answers, E> {
        let cell = Arc::clone(self.lock().entry(group.clone()).or_default());
        let mut worked_out = false;
        let work = async {
            worked_out = true;
            work.await
        };
        let answers = Arc::clone(cell.get_or_try_init(|| work).await?);
        if worked_out {
            let bytes: usize = answers.iter().map(|(_, body)| body.len()).sum();
            if self.kept.fetch_add(bytes, Ordering::Relaxed) + bytes > KEPT {
                self.lock().remove(&group);
                self.kept.fetch_sub(bytes, Ordering::Relaxed);
            }
        }
        Ok(answers)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Group, Arc<OnceCell<Answers>>>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
