//! Roles in the API.

use chrono::NaiveDate;
use shoal_core::DeclareRecord as _;
use shoal_core::batch::RecordVersion;
use shoal_graphql::declare::{ModuleRegistry, MutationDeclaration, Patch, column, to_one};
use uuid::Uuid;

use super::{Column, Entity, service};
use crate::choices::ContactRoleKind;
use crate::permission::{CONTACT_UPDATE, DETAIL_READ};
use crate::{account, contact};

shoal_graphql::input! {
    /// A new role of a contact at an account.
    pub struct ContactRoleCreate {
        /// The contact.
        pub contact_id: Uuid,
        /// The account.
        pub account_id: Uuid,
        /// What the contact is there.
        pub role: ContactRoleKind,
        /// Whether it is the contact's main role; at most one holds on any day.
        pub is_primary: Option<bool>,
        /// First day; absent if it has always held.
        pub valid_from: Option<NaiveDate>,
        /// Last day; absent if no end is known.
        pub valid_to: Option<NaiveDate>,
    }

    /// A change of a role. What is absent stays as it is; null clears.
    pub struct ContactRoleUpdate {
        /// The role.
        pub id: Uuid,
        /// The version that was read; if the role has changed since, the answer is CONFLICT.
        pub expected_version: i32,
        /// What the contact is there.
        pub role: Patch<ContactRoleKind>,
        /// Whether it is the contact's main role; at most one holds on any day.
        pub is_primary: Patch<bool>,
        /// First day.
        pub valid_from: Patch<Option<NaiveDate>>,
        /// Last day.
        pub valid_to: Patch<Option<NaiveDate>>,
    }
}

pub(crate) fn declare(module: &mut ModuleRegistry<'_>) {
    module
        .record::<Entity>("ContactRole", "What a contact is at an account, from when to when.", DETAIL_READ)
        .visible_with(&["contact"])
        .column(column(Column::Role, "What the contact is there.").choice::<ContactRoleKind>().filterable())
        .column(column(Column::IsPrimary, "Whether it is the contact's main role.").filterable())
        .column(column(Column::ValidFrom, "First day; null if it has always held.").filterable())
        .column(column(Column::ValidTo, "Last day; null if no end is known.").filterable())
        .column(column(Column::CreatedAt, "When it was created."))
        .column(column(Column::UpdatedAt, "When it was last changed."))
        .column(column(Column::Version, "Counts changes, from 1; an update names the version it builds on."))
        .relation(to_one::<contact::Entity>("contact", "The contact.", Column::ContactId))
        .relation(to_one::<account::Entity>("account", "The account.", Column::AccountId));
    module
        .mutation(
            MutationDeclaration::new::<Entity, ContactRoleCreate, _, _>(
                "contactRoleCreate",
                "Gives a contact a role at an account.",
                CONTACT_UPDATE,
                service::create,
            )
            .many("contactRoleCreateMany", "Gives contacts roles; each row has its own result."),
        )
        .mutation(
            MutationDeclaration::new::<Entity, ContactRoleUpdate, _, _>(
                "contactRoleUpdate",
                "Changes a role, or ends it.",
                CONTACT_UPDATE,
                service::update,
            )
            .many("contactRoleUpdateMany", "Changes roles; each row has its own result."),
        )
        .mutation(
            MutationDeclaration::new::<Entity, RecordVersion, _, _>(
                "contactRoleDelete",
                "Removes a role that was never true; to end one, set validTo.",
                CONTACT_UPDATE,
                service::delete,
            )
            .many("contactRoleDeleteMany", "Removes roles; each row has its own result."),
        );
}
