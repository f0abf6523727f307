//! Roles in the API.

use shoal_graphql::declare::{
    ModuleRegistry, MutationDeclaration, NoArguments, Patch, QueryDeclaration, column, through, to_many,
    to_many_through,
};
use uuid::Uuid;

use super::{Column, Entity, right, service};
use crate::module::Scope;
use crate::permission::{ROLE_MANAGE, ROLE_READ};
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

shoal_graphql::input! {
    /// A right for a role.
    pub struct RoleRightInput {
        /// The right, such as contacts.account.read; the query `rights` lists them.
        pub name: String,
        /// With which records; ALL if absent. Only rights that are scoped can have another.
        pub scope: Option<Scope>,
    }

    /// A new role.
    pub struct RoleCreate {
        /// Its name, which no other role has.
        pub name: String,
        /// Who it is for.
        pub description: Option<String>,
        /// Its rights. You must hold each yourself, with at least that scope.
        pub rights: Vec<RoleRightInput>,
    }

    /// A change of a role. What is absent stays as it is; null clears.
    pub struct RoleUpdate {
        /// The role; one of your own, as the built-in ones stay as they are.
        pub id: Uuid,
        /// The version that was read; if the role has changed since, the answer is CONFLICT.
        pub expected_version: i32,
        /// Its name, which no other role has.
        pub name: Patch<String>,
        /// Who it is for.
        pub description: Patch<Option<String>>,
        /// All its rights from now on. You must hold each yourself, with at least that scope. Links that were made before
        /// for people with the role do not work any more if these are more rights than it had.
        pub rights: Patch<Vec<RoleRightInput>>,
    }

    /// A role to delete.
    pub struct RoleDelete {
        /// The role; one of your own, as the built-in ones stay.
        pub id: Uuid,
        /// The version that was read; if the role has changed since, the answer is CONFLICT.
        pub expected_version: i32,
        /// The role that people and keys get instead. Without it a role that somebody has is not deleted.
        pub replacement_id: Option<Uuid>,
    }
}

shoal_graphql::output! {
    /// Something that one may or may not do.
    pub struct RightDescription {
        /// What roles name it by, such as contacts.account.read.
        pub name: String,
        /// The module it belongs to.
        pub module: String,
        /// What it is, in your language.
        pub title: String,
        /// Whether it can be held for some records only: one's own, those of a team.
        pub scoped: bool,
        /// The scope in which the built-in role of every employee has it; null if it does not.
        pub employee_scope: Option<Scope>,
        /// The scope in which you hold it, and so the widest in which you can give it; null if you do not.
        pub held_scope: Option<Scope>,
    }
}

pub(crate) fn declare(api: &mut ModuleRegistry<'_>) {
    declare_entities(api);
    api.query(QueryDeclaration::new::<NoArguments, Vec<RightDescription>, _, _>(
        "rights",
        "Every right there is, by name.",
        Some(ROLE_READ),
        service::rights,
    ))
    .mutation(MutationDeclaration::new::<Entity, RoleCreate, _, _>(
        "roleCreate",
        "Makes a role.",
        ROLE_MANAGE,
        service::create,
    ))
    .mutation(MutationDeclaration::new::<Entity, RoleUpdate, _, _>(
        "roleUpdate",
        "Changes a role, and within a second what everybody may do who has it. Refused for a role with more rights than \
         you.",
        ROLE_MANAGE,
        service::update,
    ))
    .mutation(MutationDeclaration::new::<Entity, RoleDelete, _, _>(
        "roleDelete",
        "Deletes a role for good. IN_USE if somebody has it and no replacement is named.",
        ROLE_MANAGE,
        service::delete,
    ));
}

fn declare_entities(api: &mut ModuleRegistry<'_>) {
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
