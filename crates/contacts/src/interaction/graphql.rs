//! Interactions in the API.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use shoal_core::batch::{self, RecordVersion};
use shoal_core::file::Attachable as _;
use shoal_core::timeline::OnTimeline as _;
use shoal_core::{DeclareRecord as _, team, user};
use shoal_graphql::declare::{
    ModuleRegistry, MutationDeclaration, Patch, RowView, Searchable, column, through, to_many_through, to_one,
};
use shoal_graphql::error::Error;
use uuid::Uuid;

use super::rules::DEGREE_DIGITS;
use super::{Column, Entity, participant, service, upload};
use crate::choices::{InteractionDirection, InteractionKind};
use crate::permission::{
    INTERACTION_ASSIGN, INTERACTION_CREATE, INTERACTION_DELETE, INTERACTION_READ, INTERACTION_UPDATE,
};
use crate::{account, contact};

shoal_graphql::input! {
    /// What can be said of an interaction.
    pub struct InteractionDetails {
        /// When it was; now if never given.
        pub at: Patch<DateTime<Utc>>,
        /// Who turned to whom.
        pub direction: Patch<Option<InteractionDirection>>,
        /// How long it took, in seconds.
        pub duration_seconds: Patch<Option<i32>>,
        /// What it was about: one line, at most 500 characters.
        pub subject: Patch<Option<String>>,
        /// What was said: plain text, at most 100,000 characters.
        pub body: Patch<Option<String>>,
        /// Where it was, in words; of a visit only.
        pub place: Patch<Option<String>>,
        /// Where it was on the map, in degrees north; of a visit only, and with `longitude`.
        pub latitude: Patch<Option<Decimal>>,
        /// Where it was on the map, in degrees east.
        pub longitude: Patch<Option<Decimal>>,
        /// What came of it.
        pub outcome: Patch<Option<String>>,
        /// The contacts whom it was with, at most 100, in place of all that you see. It is on their timelines.
        pub contact_ids: Patch<Vec<Uuid>>,
        /// The account that it was with. It is on its timeline.
        pub account_id: Patch<Option<Uuid>>,
        /// The user who looks after it; who creates it if never given.
        pub owner_id: Patch<Option<Uuid>>,
        /// The team that looks after it; a team of who creates it if never given.
        pub team_id: Patch<Option<Uuid>>,
    }

    /// Something that was, with at least one contact or an account.
    pub struct InteractionCreate {
        /// What it was; it stays so.
        pub kind: InteractionKind,
    } with pub details: InteractionDetails

    /// A change of an interaction. What is absent stays as it is; null clears.
    pub struct InteractionUpdate {
        /// The interaction.
        pub id: Uuid,
        /// The version that was read; if the interaction has changed since, the answer is CONFLICT.
        pub expected_version: i32,
    } with pub details: InteractionDetails

    /// A mail in a file.
    pub struct InteractionFromEmail {
        /// The file, which you have uploaded and not attached: a mail as mail programs save it (`.eml`), at most 25 MiB.
        pub file_id: Uuid,
        /// Contacts whom it was with, beside those whose addresses stand in it.
        pub contact_ids: Option<Vec<Uuid>>,
        /// The account that it was with; if absent, one whose address stands in it.
        pub account_id: Option<Uuid>,
    }
}

pub(crate) fn declare(module: &mut ModuleRegistry<'_>) {
    declare_entity(module);
    declare_mutations(module);
}

/// The line that stands for it on timelines: the subject, or how the text begins.
fn title(row: &RowView<'_>) -> Result<Option<String>, Error> {
    let (subject, body): (Option<String>, Option<String>) =
        (row.get(Column::Subject)?, row.get(Column::Body)?);
    let first_line = |body: String| body.lines().next().map(|line| line.chars().take(100).collect());
    Ok(subject.or_else(|| body.and_then(first_line)))
}

fn declare_entity(module: &mut ModuleRegistry<'_>) {
    let subject = column(Column::Subject, "What it was about, in one line.");
    let contacts =
        through::<participant::Entity>(participant::Column::InteractionId, participant::Column::ContactId)
            .unique();
    module
        .record::<Entity>(
            "Interaction",
            "A touch with customers, on whichever channel: a call, a visit, a mail, a note about them.",
            INTERACTION_READ,
        )
        .changes()
        .owned_by(Column::OwnerId, Column::TeamId)
        .teams_ordered_by([Column::At, Column::CreatedAt])
        .soft_delete(Column::DeletedAt)
        .attachable()
        .timeline_source([Column::Subject, Column::Body], title)
        .column(column(Column::Kind, "What it was.").choice::<InteractionKind>().filterable())
        .column(
            column(Column::Direction, "Who turned to whom; null if that is not known, or makes no sense.")
                .choice::<InteractionDirection>()
                .filterable(),
        )
        .column(column(Column::At, "When it was.").filterable().orderable())
        .column(column(Column::DurationSeconds, "How long it took, in seconds.").filterable())
        .column(subject.filterable().searchable(Searchable::Text).personal())
        .column(column(Column::Body, "What was said: plain text, never HTML.").personal())
        .column(column(Column::Place, "Where it was, in words; of a visit only.").personal())
        .column(
            column(Column::Latitude, "Where it was on the map: degrees north, six digits behind the point.")
                .decimal(DEGREE_DIGITS)
                .personal(),
        )
        .column(column(Column::Longitude, "Degrees east.").decimal(DEGREE_DIGITS).personal())
        .column(column(Column::Outcome, "What came of it.").filterable())
        .column(column(Column::CreatedAt, "When it was written down.").filterable().orderable())
        .column(column(Column::UpdatedAt, "When it was last changed.").filterable())
        .column(
            column(Column::OwnerId, "The user who looks after it.")
                .filterable()
                .write_right(INTERACTION_ASSIGN),
        )
        .column(
            column(Column::TeamId, "The team that looks after it.")
                .filterable()
                .write_right(INTERACTION_ASSIGN),
        )
        .column(column(Column::DeletedAt, "When it was deleted; null if it is not."))
        .column(column(Column::Version, "Counts changes, from 1; an update names the version it builds on."))
        .relation(to_many_through::<contact::Entity>("contacts", "Whom it was with.", contacts))
        .relation(to_one::<account::Entity>("account", "The account that it was with.", Column::AccountId))
        .relation(to_one::<user::Entity>(
            "createdBy",
            "The person who wrote it down; null if a program did.",
            Column::CreatedBy,
        ))
        .relation(to_one::<user::Entity>("owner", "The user who looks after it.", Column::OwnerId))
        .relation(to_one::<team::Entity>("team", "The team that looks after it.", Column::TeamId));
}

fn declare_mutations(module: &mut ModuleRegistry<'_>) {
    module
        .mutation(
            MutationDeclaration::new::<Entity, InteractionCreate, _, _>(
                "interactionCreate",
                "Writes an interaction down. It is on the timelines of its contacts and its account.",
                INTERACTION_CREATE,
                batch::use_case(service::create),
            )
            .many("interactionCreateMany", "Writes interactions down; each row has its own result."),
        )
        .mutation(
            MutationDeclaration::new::<Entity, InteractionUpdate, _, _>(
                "interactionUpdate",
                "Changes an interaction.",
                INTERACTION_UPDATE,
                batch::use_case(service::update),
            )
            .many("interactionUpdateMany", "Changes interactions; each row has its own result."),
        )
        .mutation(
            MutationDeclaration::new::<Entity, RecordVersion, _, _>(
                "interactionDelete",
                "Deletes an interaction, also from timelines; it can be restored.",
                INTERACTION_DELETE,
                batch::use_case(service::delete),
            )
            .many("interactionDeleteMany", "Deletes interactions; each row has its own result."),
        )
        .mutation(
            MutationDeclaration::new::<Entity, RecordVersion, _, _>(
                "interactionRestore",
                "Restores a deleted interaction.",
                INTERACTION_DELETE,
                batch::use_case(service::restore),
            )
            .many("interactionRestoreMany", "Restores interactions; each row has its own result."),
        )
        .mutation(MutationDeclaration::new::<Entity, InteractionFromEmail, _, _>(
            "interactionFromEmail",
            "Makes an interaction of a mail (RFC 5322) in a file that you have uploaded: its subject, time and text, the contacts \
             and the account whose addresses stand in it, and its attachments; the file itself is attached, too. A mail that is \
             known by its Message-ID changes nothing: the answer is the interaction there is.",
            INTERACTION_CREATE,
            upload::from_email,
        ));
}
