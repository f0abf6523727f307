//! Events: what happened, told to whoever wants to know.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use shoal_graphql::error::Error;
use uuid::Uuid;

use crate::unit_of_work::UnitOfWork;

/// An event that a module publishes beside those of its records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventDeclaration {
    /// `<module>.<what_happened>`, in the past tense.
    pub name: &'static str,
    /// Counts changes of the payload that a handler of old would not understand, from 1.
    pub version: i32,
    /// What happened, and what the payload holds.
    pub description: &'static str,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Its id, the same however often it is delivered.
    pub id: Uuid,
    /// Its place in the order of all events.
    pub number: i64,
    /// `<module>.<what_happened>`
    pub name: String,
    /// The version of the payload.
    pub version: i32,
    /// Type of the record it is about, as in the API.
    pub record_type: String,
    /// The record it is about.
    pub record_id: Uuid,
    /// What happened in detail; for events of records `{"version": 3, "changed": ["name"]}`.
    pub payload: serde_json::Value,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// Who did it; `None` for the system itself.
    pub actor: Option<Uuid>,
}

/// The answer of a handler.
pub type Handled<'h> = BoxFuture<'h, Result<(), Error>>;

type Handle = dyn for<'h> Fn(&'h mut UnitOfWork, &'h [Event]) -> Handled<'h> + Send + Sync;

/// What a module does when something happens.
///
/// It is given several events at once, in their order, and a unit of work in which it stages what follows. What it stages
/// is committed together with the note that the events are delivered: after a crash it is called again with what is not
/// committed, and never with what is. If it fails for several events it is called for each; one that goes on failing is
/// put aside with all later events of its record, and the others go on.
#[derive(Clone)]
pub struct EventHandler {
    /// Its name within the module.
    pub name: &'static str,
    /// The events it wants to know.
    pub events: &'static [&'static str],
    pub(crate) handle: Arc<Handle>,
}

impl EventHandler {
    /// A handler for these events.
    pub fn new(
        name: &'static str,
        events: &'static [&'static str],
        handle: impl for<'h> Fn(&'h mut UnitOfWork, &'h [Event]) -> Handled<'h> + Send + Sync + 'static,
    ) -> Self {
        Self { name, events, handle: Arc::new(handle) }
    }
}

impl std::fmt::Debug for EventHandler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EventHandler")
            .field("name", &self.name)
            .field("events", &self.events)
            .finish_non_exhaustive()
    }
}
