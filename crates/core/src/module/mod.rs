//! What a module is, and the list of those that a program is made of.
//!
//! A module is a crate with one type that implements [`Module`], its table of contents. A program lists its modules once,
//! in [`Modules`]; everything that joins them (schema, rights, migrations, event handlers) is derived from what they
//! declare. [`Modules::compose`] checks all of it and says in one sentence what does not fit or is missing.

mod check;
mod compose;
mod error;
mod event;
mod right;
mod route;
mod settings;
mod translations;

pub(crate) use compose::text_key;
pub use compose::{Composed, Composition, Modules};
pub use error::ModuleError;
pub use event::{Event, EventDeclaration, EventHandler, Handled};
pub use right::{Right, Scope};
pub(crate) use route::data_of;
pub use route::{Access, Api, COMPANY, Method, Route, RouteAnswer, RouteRequest, StatusCode};
pub use settings::{Installed, Settings, SettingsSchema};
pub use translations::{Language, Translations};

use futures::future::BoxFuture;
use sea_orm_migration::MigrationTrait;
use shoal_graphql::declare::ModuleRegistry;
use shoal_graphql::error::Error;

use crate::context::RequestContext;
use crate::import::ImportKind;
use crate::job::JobKind;
use crate::timeline::TimelineKind;

/// What a module is called and what it builds on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manifest {
    /// Its name: small letters, digits and `_`. Tables, rights, events and settings begin with it.
    pub id: &'static str,
    /// The crate's version.
    pub version: &'static str,
    /// Modules without which it cannot be enabled. It may use their public types, and relate to their entities.
    pub requires: &'static [&'static str],
    /// Modules with which it does more when both are enabled.
    pub integrates: &'static [&'static str],
}

/// A module: everything it brings, by kind. What a module has none of it leaves out.
pub trait Module: Send + Sync + 'static {
    /// What it is called and what it builds on.
    fn manifest(&self) -> Manifest;

    /// What it brings to the API: entities, relations, fields on other modules' entities, queries, mutations.
    fn declare(&self, api: &mut ModuleRegistry<'_>);

    /// Its title and the names of its rights, settings, events and jobs in every language.
    fn translations(&self) -> Translations;

    /// Its tables, oldest first.
    fn migrations(&self) -> Vec<Box<dyn MigrationTrait>> {
        Vec::new()
    }

    /// Every right that its declarations name.
    fn rights(&self) -> Vec<Right> {
        Vec::new()
    }

    /// What a company may set.
    fn settings(&self) -> SettingsSchema {
        SettingsSchema::none()
    }

    /// The events it publishes beside those of its records (created, updated, deleted, restored), which are derived.
    fn events(&self) -> Vec<EventDeclaration> {
        Vec::new()
    }

    /// What it does when something happens, in its own records or another module's.
    fn handlers(&self) -> Vec<EventHandler> {
        Vec::new()
    }

    /// Pages beside GraphQL, under `/modules/<id>/` or, if they are public, `/public/<slug of the company>/<id>/`.
    fn routes(&self) -> Vec<Route> {
        Vec::new()
    }

    /// Work that it does later, or again and again, for each company that has it enabled.
    fn jobs(&self) -> Vec<JobKind> {
        Vec::new()
    }

    /// Records that can be imported from files.
    fn imports(&self) -> Vec<ImportKind> {
        Vec::new()
    }

    /// What its use cases tell on timelines, its own or another module's.
    fn timeline(&self) -> Vec<TimelineKind> {
        Vec::new()
    }

    /// Fills a company with a little of everything, to try it out. Called once, when the company has no records of it.
    fn demo<'c>(&'c self, _context: &'c RequestContext) -> BoxFuture<'c, Result<(), Error>> {
        Box::pin(async { Ok(()) })
    }
}
