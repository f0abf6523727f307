//! Roles in the API.

use shoal_graphql::declare::{ModuleRegistry, column, through, to_many, to_many_through};

use super::{Column, Entity, right};
use crate::module::Scope;
use crate::permission::ROLE_READ;
use crate::user;

shoal_graphql::choices! {
    /// A role that every company has.
    pub enum BuiltInRole {
        /// Every right, also those of modules to come.
        Administrator => "ADMINISTRATOR",
        /// What each module gives to every employee.
        Employee => "EMPLOYEE",
    }
}

pub(crate) fn declare(api: &mut ModuleRegistry<'_>) {
    api.entity::<Entity>("Role", "Rights that people and programs get together.")
        .partition(Column::TenantId)
        .right(ROLE_READ)
        .changes()
        .column(column(Column::Id, "Stays the same for ever.").filterable())
        .column(column(Column::Name, "Its name.").filterable().sorted_by(Column::NameSort))
        .column(column(Column::Description, "Who it is for."))
        .column(
            column(Column::BuiltIn, "Which of the built-in roles it is; null for one of your own.")
                .choice::<BuiltInRole>()
                .filterable(),
        )
        .column(column(Column::CreatedAt, "When it was made."))
        .column(column(Column::UpdatedAt, "When it was last changed."))
        .column(column(Column::Version, "Counts changes, from 1; an update names the version it builds on."))
        .relation(
            to_many::<right::Entity>(
                "rights",
                "Its rights. Those of a built-in role follow from the modules and are not listed.",
                right::Column::RoleId,
            )
            .as_list()
            .ordered_by(right::Column::Name),
        )
        .relation(to_many_through::<user::Entity>(
            "users",
            "Who has it.",
            through::<user::role::Entity>(user::role::Column::RoleId, user::role::Column::UserId).unique(),
        ));
    api.entity::<right::Entity>("RoleRight", "A right of a role.")
        .partition(right::Column::TenantId)
        .right(ROLE_READ)
        .not_at_root()
        .column(column(right::Column::Id, "Stays the same for ever."))
        .column(column(right::Column::Name, "The right, such as contacts.account.read.").filterable())
        .column(column(right::Column::Scope, "With which records.").choice::<Scope>().filterable());
}
