//! What timelines tell of.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::record::{Action, TenantEntity};

/// Something that timelines tell of. Its title is the module's text `timeline-<module>-<what>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimelineKind {
    /// `<module>.<what>`, such as `contacts.call`.
    pub name: &'static str,
}

impl TimelineKind {
    /// A kind of this name.
    pub const fn new(name: &'static str) -> Self {
        Self { name }
    }
}

const CREATED: TimelineKind = TimelineKind::new("core.created");
const UPDATED: TimelineKind = TimelineKind::new("core.updated");
const DELETED: TimelineKind = TimelineKind::new("core.deleted");
const RESTORED: TimelineKind = TimelineKind::new("core.restored");

/// What happens to records themselves.
pub(crate) const KINDS: [TimelineKind; 4] = [CREATED, UPDATED, DELETED, RESTORED];

/// How a timeline tells what happens to its record; what is gone has no timeline.
pub(crate) fn kind_of(action: Action) -> Option<TimelineKind> {
    match action {
        Action::Created => Some(CREATED),
        Action::Updated => Some(UPDATED),
        Action::Deleted => Some(DELETED),
        Action::Restored => Some(RESTORED),
        Action::Removed => None,
    }
}

/// What timelines have to do with records of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// They have timelines.
    pub own: bool,
    /// Timelines of others tell of them.
    pub source: bool,
}

/// What timelines tell of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub(crate) kind: TimelineKind,
    pub(crate) at: DateTime<Utc>,
    pub(crate) actor: Option<Uuid>,
    /// Tables and ids.
    pub(crate) records: Vec<(String, Uuid)>,
}

impl Told {
    /// Something of this kind that was at this time; `actor` is the user who did it, if it was one.
    pub fn new(kind: TimelineKind, at: DateTime<Utc>, actor: Option<Uuid>) -> Self {
        Self { kind, at, actor, records: Vec::new() }
    }

    /// It is on the timelines of these records, once on each.
    #[must_use]
    pub fn on<E: TenantEntity>(mut self, records: impl IntoIterator<Item = Uuid>) -> Self {
        for record in records {
            let record = (E::default().table_name().to_owned(), record);
            if !self.records.contains(&record) {
                self.records.push(record);
            }
        }
        self
    }
}
