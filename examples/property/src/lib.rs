#![doc = include_str!("../README.md")]

pub mod building;
mod demo;
mod export;
mod handlers;
mod migration;
pub mod permission;
pub mod repair_request;
pub mod residency;
mod settings;
mod take_over;
pub mod unit;

use futures::future::BoxFuture;
use sea_orm_migration::MigrationTrait;
use shoal_core::RequestContext;
use shoal_core::import::ImportKind;
use shoal_core::module::{EventHandler, Manifest, Module, Right, Route, SettingsSchema, Translations};
use shoal_core::timeline::TimelineKind;
use shoal_graphql::declare::ModuleRegistry;
use shoal_graphql::error::Error;

use settings::PropertySettings;

/// Property management: buildings, units, who lives there, and what is to be repaired.
#[derive(Debug, Clone, Copy, Default)]
pub struct Property;

impl Module for Property {
    fn manifest(&self) -> Manifest {
        Manifest {
            id: "property",
            version: env!("CARGO_PKG_VERSION"),
            requires: &["contacts"],
            integrates: &[],
        }
    }

    fn declare(&self, api: &mut ModuleRegistry<'_>) {
        building::declare(api);
        take_over::declare(api);
        unit::declare(api);
        residency::declare(api);
        repair_request::declare(api);
    }

    fn translations(&self) -> Translations {
        Translations {
            en: include_str!("../translations/en.ftl"),
            zh_cn: include_str!("../translations/zh-CN.ftl"),
            ru: include_str!("../translations/ru.ftl"),
        }
    }

    fn migrations(&self) -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(migration::RECORDS)]
    }

    fn rights(&self) -> Vec<Right> {
        permission::all()
    }

    fn settings(&self) -> SettingsSchema {
        SettingsSchema::of::<PropertySettings>()
    }

    fn handlers(&self) -> Vec<EventHandler> {
        vec![EventHandler::new("end_residencies", &["contacts.contact_deleted"], handlers::end_residencies)]
    }

    fn timeline(&self) -> Vec<TimelineKind> {
        vec![repair_request::REPORTED]
    }

    fn imports(&self) -> Vec<ImportKind> {
        vec![ImportKind::of::<take_over::Buildings>("Building")]
    }

    fn routes(&self) -> Vec<Route> {
        vec![Route::get("/repair_requests.csv", permission::REPAIR_READ, export::repair_requests)]
    }

    fn demo<'c>(&'c self, context: &'c RequestContext) -> BoxFuture<'c, Result<(), Error>> {
        Box::pin(demo::fill(context))
    }
}
