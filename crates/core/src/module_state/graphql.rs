//! Modules in the API.

use shoal_graphql::declare::{ModuleRegistry, column, through, to_many_through};

use super::{Column, Entity, pilot_team};
use crate::permission::MODULE_READ;
use crate::team;
use crate::tenancy::ModuleState;

pub(crate) fn declare(api: &mut ModuleRegistry<'_>) {
    api.entity::<Entity>("Module", "A part of Shoal that a company can switch on and off.")
        .partition(Column::TenantId)
        .right(MODULE_READ)
        .changes()
        .column(column(Column::Id, "Stays the same for ever.").filterable())
        .column(column(Column::Name, "Its name, with which its rights, events and settings begin.").filterable().orderable())
        .column(column(Column::State, "How far the company has come with it.").choice::<ModuleState>().filterable())
        .column(column(Column::UpdatedAt, "When its state or settings were last changed."))
        .column(column(Column::Version, "Counts changes, from 1."))
        .relation(
            to_many_through::<team::Entity>(
                "pilotTeams",
                "If there are any, the module is there for people of these teams and of those below them only.",
                through::<pilot_team::Entity>(pilot_team::Column::ModuleId, pilot_team::Column::TeamId).unique(),
            )
            .as_list()
            .ordered_by(team::Column::NameSort),
        );
}
