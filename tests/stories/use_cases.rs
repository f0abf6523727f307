//! Mistakes of use cases that only show when they run.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use shoal_contacts::public::contact;
use shoal_core::module::EventDeclaration;
use shoal_core::timeline::{TimelineKind, Told};
use shoal_core::{RequestContext, UnitOfWork};
use shoal_graphql::error::Error;
use shoal_property::{repair_request, residency};
use shoal_testkit::TestApp;
use uuid::Uuid;

use crate::support::{both_databases, contact, with_property};

both_databases!(
    with with_property,
    a_reference_to_what_never_was_is_not_found,
    what_is_referred_to_cannot_be_removed,
    events_must_be_declared,
    what_timelines_tell_must_be_declared,
);

/// Somebody lives in a unit that is not there.
fn move_in(unit: &mut UnitOfWork, contact_id: Uuid) {
    let (tenant_id, id, unit_id) = (unit.tenant(), unit.new_id(), Uuid::from_u128(0xFFFF));
    let kind = "USER".to_owned();
    unit.insert::<residency::Entity>(residency::Model {
        tenant_id,
        id,
        unit_id,
        contact_id,
        kind,
        valid_from: None,
        valid_to: None,
    });
}

async fn a_reference_to_what_never_was_is_not_found(app: TestApp) {
    let context = RequestContext::operator(app.kernel(), app.company());
    let anna: Uuid = contact(&app, json!({"givenName": "Anna"})).await.id.parse().unwrap();
    for flushes in [false, true] {
        let attempts = AtomicUsize::new(0);
        let done = UnitOfWork::run(&context, |unit| {
            attempts.fetch_add(1, Ordering::Relaxed);
            Box::pin(async move {
                move_in(unit, anna);
                if flushes {
                    unit.flush().await?;
                }
                Ok(())
            })
        });
        match done.await {
            Err(Error::Refused(refusal)) => {
                assert_eq!((refusal.code, refusal.fields.len()), ("NOT_FOUND", 0));
            }
            other => panic!("{other:?}"),
        }
        // Another writer may have removed it, but not twice.
        assert_eq!(attempts.into_inner(), 2);
    }
}

async fn what_is_referred_to_cannot_be_removed(app: TestApp) {
    let context = RequestContext::operator(app.kernel(), app.company());
    contact(&app, json!({"givenName": "Anna"})).await;
    app.enable("property").await;
    crate::modules::demo(&app).await;
    let removed = UnitOfWork::run(&context, |unit| {
        Box::pin(async move {
            for model in unit.find::<contact::Entity>().all(unit.transaction()).await? {
                unit.remove::<contact::Entity>(&model);
            }
            Ok(())
        })
    });
    // Nothing that was named is missing: this is our fault.
    assert!(matches!(removed.await, Err(Error::Fault(_))));
}

const DECLARED_NOWHERE: EventDeclaration =
    EventDeclaration { name: "contacts.contact_congratulated", version: 1, description: "Said it." };

async fn events_must_be_declared(app: TestApp) {
    let context = RequestContext::operator(app.kernel(), app.company());
    let attempts = AtomicUsize::new(0);
    let done: Result<(), Error> = UnitOfWork::run(&context, |unit| {
        attempts.fetch_add(1, Ordering::Relaxed);
        let id = unit.new_id();
        Box::pin(async move { unit.publish::<contact::Entity>(&DECLARED_NOWHERE, id, json!({})) })
    })
    .await;
    let Err(Error::Fault(text)) = done else { panic!("{done:?}") };
    let sentence = "the event contacts.contact_congratulated in version 1 is published, but no module has it in its events()";
    assert_eq!((text.as_str(), attempts.into_inner()), (sentence, 1));
}

/// What the log says where a repair request or a contact is told of on a timeline.
async fn telling(app: &TestApp, of_contact: bool, kind: &'static str, on_unit: bool) -> String {
    let context = RequestContext::operator(app.kernel(), app.company());
    let done: Result<(), Error> = UnitOfWork::run(&context, |unit| {
        Box::pin(async move {
            let (id, record) = (unit.new_id(), unit.new_id());
            let told = Told::new(TimelineKind::new(kind), unit.now(), None);
            let told = if on_unit {
                told.on::<shoal_property::unit::Entity>([record])
            } else {
                told.on::<contact::Entity>([record])
            };
            if of_contact {
                unit.tell_timelines::<contact::Entity>(id, told);
            } else {
                unit.tell_timelines::<repair_request::Entity>(id, told);
            }
            Ok(())
        })
    })
    .await;
    let Err(Error::Fault(text)) = done else { panic!("{done:?}") };
    text
}

async fn what_timelines_tell_must_be_declared(app: TestApp) {
    let known = "property.repair_request";
    for (of_contact, kind, on_unit, sentence) in [
        (
            false,
            "property.repaired",
            false,
            "timelines tell property.repaired, but no module has it in its timeline()",
        ),
        (true, known, false, "the declaration of contacts_contact lacks timelines"),
        (false, known, true, "the declaration of property_unit lacks timelines"),
    ] {
        let text = telling(&app, of_contact, kind, on_unit).await;
        assert!(text.contains(sentence), "{text}");
    }
}
