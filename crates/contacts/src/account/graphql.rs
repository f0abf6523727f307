//! Accounts in the API.

use shoal_core::batch::RecordVersion;
use shoal_core::file::Attachable as _;
use shoal_core::timeline::OnTimeline as _;
use shoal_core::{DeclareRecord as _, team, user};
use shoal_graphql::declare::{
    ModuleRegistry, MoneyInput, MutationDeclaration, Patch, Searchable, column, money, through, to_many,
    to_many_through, to_one,
};
use uuid::Uuid;

use super::{Column, Entity, service};
use crate::choices::{AccountTier, LifecycleStage, OnDeleted};
use crate::contact_point::graphql::ContactPoints;
use crate::contact_point::{email_address, phone_number, postal_address};
use crate::external_id::graphql::ExternalIdInput;
use crate::permission::{ACCOUNT_ASSIGN, ACCOUNT_CREATE, ACCOUNT_DELETE, ACCOUNT_READ, ACCOUNT_UPDATE};
use crate::tag::tagging;
use crate::{contact, contact_role, external_id, tag};

shoal_graphql::input! {
    /// What can be said of an account beside its name.
    pub struct AccountDetails {
        /// The name in contracts.
        pub legal_name: Patch<Option<String>>,
        /// Internet domain, such as example.com.
        pub domain: Patch<Option<String>>,
        /// What it does for a living.
        pub industry: Patch<Option<String>>,
        /// How many people work there.
        pub employees: Patch<Option<i32>>,
        /// The account it belongs to.
        pub parent_id: Patch<Option<Uuid>>,
        /// Tax number.
        pub tax_id: Patch<Option<String>>,
        /// How important it is.
        pub tier: Patch<Option<AccountTier>>,
        /// How far the relationship has come; LEAD if never given.
        pub lifecycle_stage: Patch<LifecycleStage>,
        /// What it spends in a year in our field.
        pub annual_budget: Patch<Option<MoneyInput>>,
        /// The year it was founded.
        pub founded_year: Patch<Option<i32>>,
        /// The user who looks after it; who creates it if never given.
        pub owner_id: Patch<Option<Uuid>>,
        /// The team that looks after it; a team of who creates it if never given.
        pub team_id: Patch<Option<Uuid>>,
    } with pub points: ContactPoints

    /// A new account.
    pub struct AccountCreate {
        /// The name people use.
        pub name: String,
    } with pub details: AccountDetails

    /// A change of an account. What is absent stays as it is; null clears.
    pub struct AccountUpdate {
        /// The account.
        pub id: Uuid,
        /// The version that was read; if the account has changed since, the answer is CONFLICT.
        pub expected_version: i32,
        /// The name people use.
        pub name: Patch<String>,
    } with pub details: AccountDetails

    /// What can be said of an account.
    pub struct AccountPatch {
        /// The name people use; needed when it is new.
        pub name: Patch<String>,
    } with pub details: AccountDetails

    /// An account as another system knows it: created or updated.
    pub struct AccountUpsert {
        /// What the other system calls it.
        pub external_id: ExternalIdInput,
        /// What to do if it is deleted here; RESTORE if absent.
        pub on_deleted: Option<OnDeleted>,
        /// The name people use; needed when it is new.
        pub name: Patch<String>,
    } with pub details: AccountDetails
}

pub(crate) fn declare(module: &mut ModuleRegistry<'_>) {
    declare_entity(module);
    declare_mutations(module);
}

#[expect(clippy::too_many_lines, reason = "one list, read from top to bottom")]
fn declare_entity(module: &mut ModuleRegistry<'_>) {
    let roles = || {
        use contact_role::Column as Role;
        through::<contact_role::Entity>(Role::AccountId, Role::ContactId)
            .current(Role::ValidFrom, Role::ValidTo)
    };
    let tags = through::<tagging::account::Entity>(
        tagging::account::Column::AccountId,
        tagging::account::Column::TagId,
    )
    .unique();
    module
        .record::<Entity>(
            "Account",
            "An organisation: a customer, or somebody who may become one.",
            ACCOUNT_READ,
        )
        .changes()
        .owned_by(Column::OwnerId, Column::TeamId)
        .teams_ordered_by([Column::NameSort, Column::CreatedAt])
        .soft_delete(Column::DeletedAt)
        .custom_fields()
        .attachable()
        .timeline()
        .column(
            column(Column::Name, "The name people use.")
                .filterable()
                .sorted_by(Column::NameSort)
                .searchable(Searchable::Name),
        )
        .column(column(Column::LegalName, "The name in contracts.").filterable().searchable(Searchable::Name))
        .column(
            column(Column::Domain, "Internet domain, such as example.com.")
                .filterable()
                .searchable(Searchable::Email),
        )
        .column(
            column(Column::Industry, "What it does for a living.")
                .filterable()
                .sorted_by(Column::IndustrySort),
        )
        .column(column(Column::Employees, "How many people work there.").filterable())
        .column(column(Column::TaxId, "Tax number.").filterable())
        .column(column(Column::Tier, "How important it is.").choice::<AccountTier>().filterable())
        .column(
            column(Column::LifecycleStage, "How far the relationship has come.")
                .choice::<LifecycleStage>()
                .filterable(),
        )
        .column(column(Column::FoundedYear, "The year it was founded.").filterable())
        .column(column(Column::CreatedAt, "When it was created.").filterable().orderable())
        .column(column(Column::UpdatedAt, "When it was last changed.").filterable().orderable())
        .column(
            column(Column::OwnerId, "The user who looks after it.").filterable().write_right(ACCOUNT_ASSIGN),
        )
        .column(
            column(Column::TeamId, "The team that looks after it.").filterable().write_right(ACCOUNT_ASSIGN),
        )
        .column(column(Column::DeletedAt, "When it was deleted; null if it is not."))
        .column(column(Column::Version, "Counts changes, from 1; an update names the version it builds on."))
        .money(money(
            "annualBudget",
            "What it spends in a year in our field.",
            Column::AnnualBudgetAmount,
            Column::AnnualBudgetCurrency,
        ))
        .relation(to_one::<user::Entity>("owner", "The user who looks after it.", Column::OwnerId))
        .relation(to_one::<team::Entity>("team", "The team that looks after it.", Column::TeamId))
        .relation(to_one::<Entity>("parent", "The account it belongs to.", Column::ParentId))
        .relation(to_many::<Entity>("children", "Accounts that belong to it.", Column::ParentId))
        .relation(to_many_through::<contact::Entity>(
            "contacts",
            "People who have a role at it today.",
            roles(),
        ))
        .relation(to_many::<contact_role::Entity>(
            "roles",
            "Who is what at it, past and future included.",
            contact_role::Column::AccountId,
        ))
        .relation(
            to_many_through::<tag::Entity>("tags", "Its tags.", tags)
                .as_list()
                .ordered_by(tag::Column::NameSort),
        )
        .relation(
            to_many::<email_address::Entity>(
                "emails",
                "E-mail addresses, the main one first.",
                email_address::Column::AccountId,
            )
            .as_list()
            .ordered_by(email_address::Column::Position),
        )
        .relation(
            to_many::<phone_number::Entity>(
                "phones",
                "Phone numbers, the main one first.",
                phone_number::Column::AccountId,
            )
            .as_list()
            .ordered_by(phone_number::Column::Position),
        )
        .relation(
            to_many::<postal_address::Entity>(
                "addresses",
                "Postal addresses, the main one first.",
                postal_address::Column::AccountId,
            )
            .as_list()
            .ordered_by(postal_address::Column::Position),
        )
        .relation(
            to_many::<external_id::Entity>(
                "externalIds",
                "What other systems call it.",
                external_id::Column::AccountId,
            )
            .as_list()
            .ordered_by(external_id::Column::System),
        );
}

fn declare_mutations(module: &mut ModuleRegistry<'_>) {
    module
        .mutation(
            MutationDeclaration::new::<Entity, AccountCreate, _, _>(
                "accountCreate",
                "Creates an account.",
                ACCOUNT_CREATE,
                service::create,
            )
            .many("accountCreateMany", "Creates accounts; each row has its own result."),
        )
        .mutation(
            MutationDeclaration::new::<Entity, AccountUpdate, _, _>(
                "accountUpdate",
                "Changes an account.",
                ACCOUNT_UPDATE,
                service::update,
            )
            .many("accountUpdateMany", "Changes accounts; each row has its own result."),
        )
        .mutation(
            MutationDeclaration::new::<Entity, AccountUpsert, _, _>(
                "accountUpsert",
                "Creates or changes the account that another system knows by this id.",
                ACCOUNT_UPDATE,
                service::upsert,
            )
            .many("accountUpsertMany", "Creates or changes accounts; each row has its own result."),
        )
        .mutation(
            MutationDeclaration::new::<Entity, RecordVersion, _, _>(
                "accountDelete",
                "Deletes an account; it can be restored.",
                ACCOUNT_DELETE,
                service::delete,
            )
            .many("accountDeleteMany", "Deletes accounts; each row has its own result."),
        )
        .mutation(
            MutationDeclaration::new::<Entity, RecordVersion, _, _>(
                "accountRestore",
                "Restores a deleted account.",
                ACCOUNT_DELETE,
                service::restore,
            )
            .many("accountRestoreMany", "Restores accounts; each row has its own result."),
        );
}
