//! A module that writes down which events of contacts it was told, as often as it was told them, and counts in jobs.

use std::collections::{HashMap, HashSet};
use std::sync::{LazyLock, Mutex, PoisonError};

use sea_orm::QueryFilter as _;
use sea_orm_migration::MigrationTrait;
use shoal_contacts::public::contact;
use shoal_core::job::JobKind;
use shoal_core::module::{Event, EventHandler, Handled, Manifest, Module, Right, Translations};
use shoal_core::{DeclareRecord as _, UnitOfWork};
use shoal_graphql::declare::{ModuleRegistry, column};
use shoal_graphql::error::{Error, Refusal};
use shoal_migrations::ddl::Definitions;
use uuid::Uuid;

use crate::count;

pub(crate) mod permission {
    shoal_core::rights! {
        /// Read what was seen.
        SIGHTING_READ = "witness.sighting.read", employees: All;
        /// Count.
        COUNT_START = "witness.count.start", employees: All;
    }
}

pub(crate) mod sighting {
    use sea_orm::entity::prelude::*;

    shoal_core::record! {
        /// An event that was told.
        "witness_sighting" {
            event_id: Uuid,
            contact_id: Uuid,
            number: i64,
            name: String,
            version: i32,
        }
    }
}

/// Writes down which events of contacts it was told. A contact's job title says how the telling goes wrong: `refuse`,
/// `panic`, or `race` (the first time).
#[derive(Debug, Clone, Copy, Default)]
pub struct Witness;

impl Module for Witness {
    fn manifest(&self) -> Manifest {
        Manifest { id: "witness", version: "1", requires: &[], integrates: &["contacts"] }
    }

    fn declare(&self, api: &mut ModuleRegistry<'_>) {
        use sighting::Column;
        api.record::<sighting::Entity>("Sighting", "An event that was told.", permission::SIGHTING_READ)
            .column(column(Column::EventId, "The event.").filterable())
            .column(column(Column::ContactId, "The contact it was about.").filterable())
            .column(column(Column::Number, "The event's number."))
            .column(column(Column::Name, "The event's name."))
            .column(column(Column::Version, "The contact's version."));
        count::declare(api);
    }

    fn translations(&self) -> Translations {
        Translations {
            en: include_str!("../translations/en.ftl"),
            zh_cn: include_str!("../translations/zh-CN.ftl"),
            ru: include_str!("../translations/ru.ftl"),
        }
    }

    fn migrations(&self) -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(SIGHTINGS)]
    }

    fn rights(&self) -> Vec<Right> {
        permission::all()
    }

    fn jobs(&self) -> Vec<JobKind> {
        count::kinds()
    }

    fn handlers(&self) -> Vec<EventHandler> {
        const EVENTS: &[&str] = &[
            "contacts.contact_created",
            "contacts.contact_updated",
            "contacts.contact_deleted",
            "contacts.contact_restored",
        ];
        vec![EventHandler::new("watch", EVENTS, watch)]
    }
}

/// Nothing unique: what is told twice is there twice.
const SIGHTINGS: Definitions = Definitions {
    name: "m1_witness_sightings",
    texts: &["CREATE TABLE witness_sighting (
        tenant_id {id} NOT NULL,
        id {id} NOT NULL,
        event_id {id} NOT NULL,
        contact_id {id} NOT NULL,
        number {long} NOT NULL,
        name {text} NOT NULL,
        version {int} NOT NULL,
        PRIMARY KEY (tenant_id, id)
    ) {table}"],
};

fn watch<'h>(unit: &'h mut UnitOfWork, events: &'h [Event]) -> Handled<'h> {
    Box::pin(async move {
        let contacts = contacts(unit, events).await?;
        for event in events {
            let contact = contacts.get(&event.record_id);
            match contact.and_then(|contact| contact.job_title.as_deref()) {
                Some("refuse") => return Err(Refusal::new("WITNESS_REFUSES", "I have seen nothing").into()),
                Some("panic") => panic!("I have seen a ghost"),
                Some("race") if contact.is_some_and(is_first_time) => {
                    return Err(Error::Race("look again".to_owned()));
                }
                _ => {}
            }
            let (tenant_id, id) = (unit.tenant(), unit.new_id());
            let version = event.payload["version"].as_i64().and_then(|version| i32::try_from(version).ok());
            unit.insert::<sighting::Entity>(sighting::Model {
                tenant_id,
                id,
                event_id: event.id,
                contact_id: event.record_id,
                number: event.number,
                name: event.name.clone(),
                version: version.unwrap_or_default(),
            });
        }
        Ok(())
    })
}

/// The contacts as they are now.
async fn contacts(unit: &UnitOfWork, events: &[Event]) -> Result<HashMap<Uuid, contact::Model>, Error> {
    let ids = events.iter().map(|event| event.record_id);
    let known = unit.find::<contact::Entity>().filter(unit.any_of(contact::Column::Id, ids));
    let known = known.all(unit.transaction()).await?;
    Ok(known.into_iter().map(|contact| (contact.id, contact)).collect())
}

/// By its name, as the tests of a process share this.
fn is_first_time(contact: &contact::Model) -> bool {
    static SEEN: LazyLock<Mutex<HashSet<String>>> = LazyLock::new(Mutex::default);
    SEEN.lock().unwrap_or_else(PoisonError::into_inner).insert(contact.display_name.clone())
}
