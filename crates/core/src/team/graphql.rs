//! Teams in the API.

use shoal_graphql::declare::{ModuleRegistry, column, through, to_many, to_many_through, to_one};

use super::{Column, Entity, member};
use crate::permission::TEAM_READ;
use crate::user;

pub(crate) fn declare(api: &mut ModuleRegistry<'_>) {
    api.entity::<Entity>("Team", "People who work together: a department, a branch, a shift.")
        .partition(Column::TenantId)
        .right(TEAM_READ)
        .changes()
        .column(column(Column::Id, "Stays the same for ever.").filterable())
        .column(column(Column::Name, "Its name.").filterable().sorted_by(Column::NameSort))
        .column(column(Column::CreatedAt, "When it was made."))
        .column(column(Column::UpdatedAt, "When it was last changed."))
        .column(column(Column::Version, "Counts changes, from 1; an update names the version it builds on."))
        .relation(to_one::<Entity>("parent", "The team it is part of.", Column::ParentId))
        .relation(to_many::<Entity>("children", "The teams that are part of it.", Column::ParentId))
        .relation(to_many_through::<user::Entity>(
            "members",
            "The people in it.",
            through::<member::Entity>(member::Column::TeamId, member::Column::UserId).unique(),
        ));
}
