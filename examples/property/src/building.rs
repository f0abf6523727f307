//! Buildings, managed for an account such as an owners' association.

use sea_orm::entity::prelude::*;
use shoal_contacts::public::account;
use shoal_graphql::declare::{ModuleRegistry, column, to_many, to_one};

use crate::permission::BUILDING_READ;
use crate::unit;

/// A building.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "property_building")]
#[expect(missing_docs, reason = "the declaration describes each column")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub name: String,
    pub name_sort: String,
    pub city: String,
    pub account_id: Option<Uuid>,
}

shoal_core::tenant_entity!();

pub(crate) fn declare(api: &mut ModuleRegistry<'_>) {
    api.entity::<Entity>("Building", "A building that we manage.")
        .partition(Column::TenantId)
        .right(BUILDING_READ)
        .column(column(Column::Id, "Stays the same for ever.").filterable())
        .column(column(Column::Name, "What it is called, such as its street and number.").filterable().sorted_by(Column::NameSort))
        .column(column(Column::City, "The town it stands in.").filterable())
        .relation(to_one::<account::Entity>("account", "For whom we manage it.", Column::AccountId))
        .relation(to_many::<unit::Entity>("units", "Its flats, shops and garages.", unit::Column::BuildingId));
    api.extend::<account::Entity>().relation(to_many::<Entity>("buildings", "The buildings we manage for it.", Column::AccountId));
}
