//! Buildings, managed for an account such as an owners' association.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;
use shoal_contacts::public::account;
use shoal_core::DeclareRecord as _;
use shoal_graphql::declare::{ModuleRegistry, Searchable, column, to_many, to_one};

use crate::permission::BUILDING_READ;
use crate::unit;

shoal_core::record! {
    /// A building.
    "property_building" {
        name: String,
        name_sort: String,
        city: String,
        account_id: Option<Uuid>,
        updated_at: DateTime<Utc>,
        updated_by: Option<Uuid>,
        version: i32,
    }
}

shoal_core::tracked!();

pub(crate) fn declare(api: &mut ModuleRegistry<'_>) {
    api.record::<Entity>("Building", "A building that we manage.", BUILDING_READ)
        .column(
            column(Column::Name, "What it is called, such as its street and number.")
                .filterable()
                .sorted_by(Column::NameSort)
                .searchable(Searchable::Name),
        )
        .column(column(Column::City, "The town it stands in.").filterable())
        .relation(to_one::<account::Entity>("account", "For whom we manage it.", Column::AccountId))
        .relation(to_many::<unit::Entity>(
            "units",
            "Its flats, shops and garages.",
            unit::Column::BuildingId,
        ));
    api.extend::<account::Entity>().relation(to_many::<Entity>(
        "buildings",
        "The buildings we manage for it.",
        Column::AccountId,
    ));
}
