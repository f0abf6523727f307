//! Undelivered events in the API.

use shoal_graphql::declare::{ModuleRegistry, MutationDeclaration, column, to_one};

use super::delivery::{Column, DeliveryState, Entity};
use super::event;
use super::undelivered::{self, EventDeliveryChoice};
use crate::permission::EVENT_MANAGE;

pub(crate) fn declare(api: &mut ModuleRegistry<'_>) {
    api.entity::<event::Entity>("PublishedEvent", "Something that happened, as handlers are told.")
        .partition(event::Column::TenantId)
        .right(EVENT_MANAGE)
        .not_at_root()
        .column(column(event::Column::Id, "The same however often it is delivered.").filterable())
        .column(
            column(event::Column::Name, "What happened, such as `contacts.contact_deleted`.").filterable(),
        )
        .column(column(event::Column::RecordType, "Type of the record it is about.").filterable())
        .column(column(event::Column::RecordId, "The record it is about.").filterable())
        .column(column(event::Column::PayloadVersion, "The version of the payload."))
        .column(column(
            event::Column::Payload,
            "What happened in detail; for records `{\"version\": 3, \"changed\": [\"name\"]}`.",
        ))
        .column(column(event::Column::At, "When it happened."));
    api.entity::<Entity>(
        "EventDelivery",
        "An event that a handler has yet to be told. Once it is, the delivery is gone.",
    )
    .partition(Column::TenantId)
    .right(EVENT_MANAGE)
    .plural("eventDeliveries")
    .column(
        column(Column::Id, "Stays the same until the event is delivered; later ones have larger ids.")
            .filterable(),
    )
    .column(
        column(Column::Handler, "Who is to be told: module and handler, such as `property.end_residencies`.")
            .filterable(),
    )
    .column(column(Column::RecordId, "The record that the event is about.").filterable())
    .column(column(Column::Number, "The place of the event in the order of all events."))
    .column(column(Column::State, "What it waits for.").choice::<DeliveryState>().filterable())
    .column(column(Column::Attempts, "How often it has failed.").filterable())
    .column(column(Column::DueAt, "When it is tried next; in the past if it is its turn."))
    .column(column(
        Column::Error,
        "Why it failed the last time. Of an internal error the log has the details, under the delivery's id.",
    ))
    .relation(to_one::<event::Entity>("event", "What happened.", Column::EventId));
    api.mutation(
        MutationDeclaration::new::<Entity, EventDeliveryChoice, _, _>(
            "eventDeliveryRetry",
            "Delivers an event again, as if it had never failed; what is blocked behind it follows.",
            EVENT_MANAGE,
            undelivered::retry,
        )
        .many("eventDeliveryRetryMany", "Delivers events again; each row has its own result."),
    )
    .mutation(
        MutationDeclaration::new::<Entity, EventDeliveryChoice, _, _>(
            "eventDeliveryDiscard",
            "Gives up telling a handler of an event; what is blocked behind it goes on without.",
            EVENT_MANAGE,
            undelivered::discard,
        )
        .many("eventDeliveryDiscardMany", "Gives up events; each row has its own result."),
    );
}
