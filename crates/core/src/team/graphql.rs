//! Teams in the API.

use shoal_graphql::declare::{
    ModuleRegistry, MutationDeclaration, Patch, column, through, to_many, to_many_through, to_one,
};
use uuid::Uuid;

use super::{Column, Entity, member, members, service};
use crate::batch::RecordVersion;
use crate::permission::{TEAM_MANAGE, TEAM_READ};
use crate::user;

shoal_graphql::input! {
    /// A new team.
    pub struct TeamCreate {
        /// Its name, which no other team beside it has.
        pub name: String,
        /// The team it is part of; none if absent.
        pub parent_id: Option<Uuid>,
        /// The people in it.
        pub member_ids: Option<Vec<Uuid>>,
    }

    /// A change of a team. What is absent stays as it is; null clears.
    pub struct TeamUpdate {
        /// The team.
        pub id: Uuid,
        /// The version that was read; if the team has changed since, the answer is CONFLICT.
        pub expected_version: i32,
        /// Its name, which no other team beside it has.
        pub name: Patch<String>,
        /// The team it is part of; not one below it, and 20 levels at most. Refused where your own rights would reach
        /// further by it, as they are of your teams and those below.
        pub parent_id: Patch<Option<Uuid>>,
        /// All the people in it from now on. For large teams `teamMembersAdd` and `teamMembersRemove` say less.
        pub member_ids: Patch<Vec<Uuid>>,
    }

    /// People who come into a team, or go.
    pub struct TeamMembers {
        /// The team.
        pub id: Uuid,
        /// The people. You are not one of them who come in if you hold rights with the scope of your teams: ask somebody
        /// whose rights reach all. Those who are in it already, or not in it any more, change nothing.
        pub user_ids: Vec<Uuid>,
    }
}

pub(crate) fn declare(api: &mut ModuleRegistry<'_>) {
    declare_entity(api);
    api.mutation(
        MutationDeclaration::new::<Entity, TeamCreate, _, _>("teamCreate", "Makes a team.", TEAM_MANAGE, service::create)
            .many("teamCreateMany", "Makes teams; each row has its own result."),
    )
    .mutation(MutationDeclaration::new::<Entity, TeamUpdate, _, _>(
        "teamUpdate",
        "Changes a team: its name, where it stands, who is in it.",
        TEAM_MANAGE,
        service::update,
    ))
    .mutation(MutationDeclaration::new::<Entity, TeamMembers, _, _>(
        "teamMembersAdd",
        "Adds people to a team.",
        TEAM_MANAGE,
        members::add,
    ))
    .mutation(MutationDeclaration::new::<Entity, TeamMembers, _, _>(
        "teamMembersRemove",
        "Takes people out of a team.",
        TEAM_MANAGE,
        members::remove,
    ))
    .mutation(MutationDeclaration::new::<Entity, RecordVersion, _, _>(
        "teamDelete",
        "Deletes a team for good; its people stay. IN_USE while teams stand below it, records are its, or a module is \
         there for it alone.",
        TEAM_MANAGE,
        service::delete,
    ));
}

fn declare_entity(api: &mut ModuleRegistry<'_>) {
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
