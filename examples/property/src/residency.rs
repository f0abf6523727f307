//! Residencies: what a contact is to a unit, with dates.

use chrono::NaiveDate;
use sea_orm::entity::prelude::*;
use shoal_contacts::public::contact;
use shoal_core::DeclareRecord as _;
use shoal_graphql::declare::{ModuleRegistry, column, to_many, to_one};

use crate::permission::RESIDENCY_READ;
use crate::unit;

shoal_graphql::choices! {
    /// What a contact is to a unit.
    pub enum ResidencyKind {
        /// Owns it.
        Owner => "OWNER",
        /// Lives or works in it without owning it.
        User => "USER",
        /// Speaks for the owners of the building.
        CommitteeMember => "COMMITTEE_MEMBER",
    }
}

shoal_core::record! {
    /// A residency.
    "property_residency" {
        unit_id: Uuid,
        contact_id: Uuid,
        kind: String,
        valid_from: Option<NaiveDate>,
        valid_to: Option<NaiveDate>,
    }
}

pub(crate) fn declare(api: &mut ModuleRegistry<'_>) {
    api.record::<Entity>("Residency", "What a contact is to a unit, from when to when.", RESIDENCY_READ)
        .plural("residencies")
        .visible_with(&["contact"])
        .column(column(Column::Kind, "What the contact is.").choice::<ResidencyKind>().filterable())
        .column(column(Column::ValidFrom, "First day; null if it has always held.").filterable())
        .column(column(Column::ValidTo, "Last day; null if no end is known.").filterable())
        .relation(to_one::<contact::Entity>("contact", "Who it is.", Column::ContactId))
        .relation(to_one::<unit::Entity>("unit", "Which unit.", Column::UnitId));
    api.extend::<contact::Entity>().relation(to_many::<Entity>(
        "residencies",
        "Units they own or use.",
        Column::ContactId,
    ));
}

impl Model {
    /// Whether it holds on this day.
    pub fn holds_on(&self, day: NaiveDate) -> bool {
        self.valid_from.is_none_or(|from| from <= day) && self.valid_to.is_none_or(|to| to >= day)
    }
}
