//! Contacts in the API.

use chrono::NaiveDate;
use shoal_core::batch::RecordVersion;
use shoal_core::file::Attachable as _;
use shoal_core::timeline::OnTimeline as _;
use shoal_core::{DeclareRecord as _, team, user};
use shoal_graphql::declare::{
    ModuleRegistry, MutationDeclaration, Patch, Searchable, column, through, to_many, to_many_through,
    to_one, to_one_through,
};
use uuid::Uuid;

use super::{Column, Entity, service};
use crate::choices::{ContactRoleKind, LifecycleStage, OnDeleted};
use crate::contact_point::graphql::ContactPoints;
use crate::contact_point::{email_address, phone_number, postal_address};
use crate::external_id::graphql::ExternalIdInput;
use crate::permission::{CONTACT_ASSIGN, CONTACT_CREATE, CONTACT_DELETE, CONTACT_READ, CONTACT_UPDATE};
use crate::tag::tagging;
use crate::{account, contact_role, external_id, tag};

shoal_graphql::input! {
    /// What can be said of a contact.
    pub struct ContactDetails {
        /// Given name.
        pub given_name: Patch<Option<String>>,
        /// Family name.
        pub family_name: Patch<Option<String>>,
        /// The whole name as it is spoken; made of the others' if absent, family first for Chinese names.
        pub display_name: Patch<Option<String>>,
        /// Form of address, such as Dr.
        pub honorific: Patch<Option<String>>,
        /// What it says on the business card.
        pub job_title: Patch<Option<String>>,
        /// The day of birth.
        pub birthday: Patch<Option<NaiveDate>>,
        /// Preferred language, such as zh-CN.
        pub language: Patch<Option<String>>,
        /// Time zone, such as Asia/Shanghai.
        pub time_zone: Patch<Option<String>>,
        /// How far the relationship has come; LEAD if never given.
        pub lifecycle_stage: Patch<LifecycleStage>,
        /// The account of the primary role from today on; null ends that role.
        pub account_id: Patch<Option<Uuid>>,
        /// What the contact is at `accountId`. If absent: what it has been there, else EMPLOYEE.
        pub account_role: Option<ContactRoleKind>,
        /// The user who looks after it; who creates it if never given.
        pub owner_id: Patch<Option<Uuid>>,
        /// The team that looks after it; a team of who creates it if never given.
        pub team_id: Patch<Option<Uuid>>,
    } with pub points: ContactPoints

    /// A new contact.
    pub struct ContactCreate {
    } with pub details: ContactDetails

    /// A change of a contact. What is absent stays as it is; null clears.
    pub struct ContactUpdate {
        /// The contact.
        pub id: Uuid,
        /// The version that was read; if the contact has changed since, the answer is CONFLICT.
        pub expected_version: i32,
    } with pub details: ContactDetails

    /// A contact as another system knows it: created or updated.
    pub struct ContactUpsert {
        /// What the other system calls it.
        pub external_id: ExternalIdInput,
        /// What to do if it is deleted here; RESTORE if absent.
        pub on_deleted: Option<OnDeleted>,
    } with pub details: ContactDetails
}

pub(crate) fn declare(module: &mut ModuleRegistry<'_>) {
    declare_entity(module);
    declare_mutations(module);
}

#[expect(clippy::too_many_lines, reason = "one list, read from top to bottom")]
fn declare_entity(module: &mut ModuleRegistry<'_>) {
    use contact_role::Column as Role;
    let primary = through::<contact_role::Entity>(Role::ContactId, Role::AccountId)
        .when(Role::IsPrimary, true)
        .current(Role::ValidFrom, Role::ValidTo);
    let roles = through::<contact_role::Entity>(Role::ContactId, Role::AccountId)
        .current(Role::ValidFrom, Role::ValidTo);
    let tags = through::<tagging::contact::Entity>(
        tagging::contact::Column::ContactId,
        tagging::contact::Column::TagId,
    )
    .unique();
    module
        .record::<Entity>("Contact", "A person.", CONTACT_READ)
        .changes()
        .owned_by(Column::OwnerId, Column::TeamId)
        .teams_ordered_by([Column::DisplayNameSort, Column::CreatedAt])
        .soft_delete(Column::DeletedAt)
        .custom_fields()
        .attachable()
        .timeline()
        .column(
            column(Column::DisplayName, "The whole name as it is spoken.")
                .filterable()
                .sorted_by(Column::DisplayNameSort)
                .searchable(Searchable::Person)
                .personal(),
        )
        .column(
            column(Column::GivenName, "Given name.")
                .filterable()
                .sorted_by(Column::GivenNameSort)
                .searchable(Searchable::Person)
                .personal(),
        )
        .column(
            column(Column::FamilyName, "Family name.")
                .filterable()
                .sorted_by(Column::FamilyNameSort)
                .searchable(Searchable::Person)
                .personal(),
        )
        .column(column(Column::Honorific, "Form of address, such as Dr.").personal())
        .column(
            column(Column::JobTitle, "What it says on the business card.")
                .filterable()
                .sorted_by(Column::JobTitleSort)
                .searchable(Searchable::Text),
        )
        .column(column(Column::Birthday, "The day of birth.").filterable().orderable().personal())
        .column(column(Column::Language, "Preferred language, such as zh-CN.").filterable())
        .column(column(Column::TimeZone, "Time zone, such as Asia/Shanghai.").filterable())
        .column(
            column(Column::LifecycleStage, "How far the relationship has come.")
                .choice::<LifecycleStage>()
                .filterable(),
        )
        .column(column(Column::CreatedAt, "When it was created.").filterable().orderable())
        .column(column(Column::UpdatedAt, "When it was last changed.").filterable().orderable())
        .column(
            column(Column::OwnerId, "The user who looks after it.").filterable().write_right(CONTACT_ASSIGN),
        )
        .column(
            column(Column::TeamId, "The team that looks after it.").filterable().write_right(CONTACT_ASSIGN),
        )
        .column(column(Column::DeletedAt, "When it was deleted; null if it is not."))
        .column(column(Column::Version, "Counts changes, from 1; an update names the version it builds on."))
        .relation(to_one::<user::Entity>("owner", "The user who looks after it.", Column::OwnerId))
        .relation(to_one::<team::Entity>("team", "The team that looks after it.", Column::TeamId))
        .relation(to_one_through::<account::Entity>(
            "account",
            "The account of the primary role that holds today.",
            primary,
        ))
        .relation(to_many_through::<account::Entity>(
            "accounts",
            "Accounts at which the contact has a role today.",
            roles,
        ))
        .relation(to_many::<contact_role::Entity>(
            "roles",
            "What the contact is where, past and future included.",
            Role::ContactId,
        ))
        .relation(
            to_many_through::<tag::Entity>("tags", "The contact's tags.", tags)
                .as_list()
                .ordered_by(tag::Column::NameSort),
        )
        .relation(
            to_many::<email_address::Entity>(
                "emails",
                "E-mail addresses, the main one first.",
                email_address::Column::ContactId,
            )
            .as_list()
            .ordered_by(email_address::Column::Position),
        )
        .relation(
            to_many::<phone_number::Entity>(
                "phones",
                "Phone numbers, the main one first.",
                phone_number::Column::ContactId,
            )
            .as_list()
            .ordered_by(phone_number::Column::Position),
        )
        .relation(
            to_many::<postal_address::Entity>(
                "addresses",
                "Postal addresses, the main one first.",
                postal_address::Column::ContactId,
            )
            .as_list()
            .ordered_by(postal_address::Column::Position),
        )
        .relation(
            to_many::<external_id::Entity>(
                "externalIds",
                "What other systems call the contact.",
                external_id::Column::ContactId,
            )
            .as_list()
            .ordered_by(external_id::Column::System),
        );
}

fn declare_mutations(module: &mut ModuleRegistry<'_>) {
    module
        .mutation(
            MutationDeclaration::new::<Entity, ContactCreate, _, _>(
                "contactCreate",
                "Creates a contact.",
                CONTACT_CREATE,
                service::create,
            )
            .many("contactCreateMany", "Creates contacts; each row has its own result."),
        )
        .mutation(
            MutationDeclaration::new::<Entity, ContactUpdate, _, _>(
                "contactUpdate",
                "Changes a contact.",
                CONTACT_UPDATE,
                service::update,
            )
            .many("contactUpdateMany", "Changes contacts; each row has its own result."),
        )
        .mutation(
            MutationDeclaration::new::<Entity, ContactUpsert, _, _>(
                "contactUpsert",
                "Creates or changes the contact that another system knows by this id.",
                CONTACT_UPDATE,
                service::upsert,
            )
            .many("contactUpsertMany", "Creates or changes contacts; each row has its own result."),
        )
        .mutation(
            MutationDeclaration::new::<Entity, RecordVersion, _, _>(
                "contactDelete",
                "Deletes a contact; it can be restored.",
                CONTACT_DELETE,
                service::delete,
            )
            .many("contactDeleteMany", "Deletes contacts; each row has its own result."),
        )
        .mutation(
            MutationDeclaration::new::<Entity, RecordVersion, _, _>(
                "contactRestore",
                "Restores a deleted contact.",
                CONTACT_DELETE,
                service::restore,
            )
            .many("contactRestoreMany", "Restores contacts; each row has its own result."),
        );
}
