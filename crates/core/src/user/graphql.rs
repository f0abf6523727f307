//! Users in the API.

use shoal_graphql::declare::{ModuleRegistry, column, through, to_many_through};

use super::{Column, Entity};
use crate::permission::{ROLE_READ, USER_READ};
use crate::{role, team};

pub(crate) fn declare(api: &mut ModuleRegistry<'_>) {
    api.entity::<Entity>("User", "A person who works with Shoal.")
        .partition(Column::TenantId)
        .right(USER_READ)
        .changes()
        .column(column(Column::Id, "Stays the same for ever.").filterable())
        .column(column(Column::Email, "The address they sign in with.").filterable().personal())
        .column(
            column(Column::Name, "What colleagues call them.")
                .filterable()
                .sorted_by(Column::NameSort)
                .personal(),
        )
        .column(column(Column::Language, "IETF tag of the language they read; the company's if null."))
        .column(column(Column::TimeZone, "IANA name of the zone they are in; the company's if null."))
        .column(column(Column::Active, "Whether they may sign in.").filterable())
        .column(column(Column::CreatedAt, "When they were invited."))
        .column(column(Column::UpdatedAt, "When something of this was last changed."))
        .column(column(Column::Version, "Counts changes, from 1; an update names the version it builds on."))
        .relation(
            to_many_through::<team::Entity>(
                "teams",
                "Their teams.",
                through::<team::member::Entity>(team::member::Column::UserId, team::member::Column::TeamId)
                    .unique(),
            )
            .as_list()
            .ordered_by(team::Column::NameSort),
        )
        .relation(
            to_many_through::<role::Entity>(
                "roles",
                "Their roles.",
                through::<super::role::Entity>(super::role::Column::UserId, super::role::Column::RoleId)
                    .unique(),
            )
            .as_list()
            .ordered_by(role::Column::NameSort)
            .right(ROLE_READ),
        );
}
