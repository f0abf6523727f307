//! Units: what somebody owns or lives in.

use sea_orm::entity::prelude::*;
use shoal_core::DeclareRecord as _;
use shoal_graphql::declare::{ModuleRegistry, column, to_many, to_one};

use crate::permission::BUILDING_READ;
use crate::{building, repair_request, residency};

shoal_core::record! {
    /// A unit.
    "property_unit" {
        building_id: Uuid,
        number: String,
        floor: i32,
    }
}

pub(crate) fn declare(api: &mut ModuleRegistry<'_>) {
    api.record::<Entity>("Unit", "A flat, a shop or a garage.", BUILDING_READ)
        .column(column(Column::Number, "Its number in the building.").filterable())
        .column(column(Column::Floor, "The floor; 0 is the ground floor.").filterable())
        .relation(to_one::<building::Entity>("building", "Where it is.", Column::BuildingId))
        .relation(to_many::<residency::Entity>(
            "residencies",
            "Who owns it, who uses it, from when to when.",
            residency::Column::UnitId,
        ))
        .relation(to_many::<repair_request::Entity>(
            "repairRequests",
            "What was to be repaired in it.",
            repair_request::Column::UnitId,
        ));
}
