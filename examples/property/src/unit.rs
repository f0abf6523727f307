//! Units: what somebody owns or lives in.

use sea_orm::entity::prelude::*;
use shoal_graphql::declare::{ModuleRegistry, column, to_many, to_one};

use crate::permission::BUILDING_READ;
use crate::{building, repair_request, residency};

/// A unit.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "property_unit")]
#[expect(missing_docs, reason = "the declaration describes each column")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub building_id: Uuid,
    pub number: String,
    pub floor: i32,
}

shoal_core::tenant_entity!();

pub(crate) fn declare(api: &mut ModuleRegistry<'_>) {
    api.entity::<Entity>("Unit", "A flat, a shop or a garage.")
        .partition(Column::TenantId)
        .right(BUILDING_READ)
        .column(column(Column::Id, "Stays the same for ever.").filterable())
        .column(column(Column::Number, "Its number in the building.").filterable())
        .column(column(Column::Floor, "The floor; 0 is the ground floor.").filterable())
        .relation(to_one::<building::Entity>("building", "Where it is.", Column::BuildingId))
        .relation(to_many::<residency::Entity>("residencies", "Who owns it, who uses it, from when to when.", residency::Column::UnitId))
        .relation(to_many::<repair_request::Entity>("repairRequests", "What was to be repaired in it.", repair_request::Column::UnitId));
}
