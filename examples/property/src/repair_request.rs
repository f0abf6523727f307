//! Repair requests: what residents report.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;
use shoal_contacts::public::contact;
use shoal_core::timeline::{OnTimeline as _, TimelineKind, Told};
use shoal_core::value::text;
use shoal_core::{DeclareRecord as _, UnitOfWork, batch};
use shoal_graphql::declare::{Handled, ModuleRegistry, MutationDeclaration, column, to_many, to_one};
use shoal_graphql::error::{Error, Refusal};
use shoal_graphql::message;

use crate::permission::{REPAIR_READ, REPAIR_REPORT};
use crate::settings::PropertySettings;
use crate::{residency, unit};

shoal_core::record! {
    /// A repair request.
    "property_repair_request" {
        unit_id: Uuid,
        contact_id: Uuid,
        description: String,
        created_at: DateTime<Utc>,
        owner_id: Option<Uuid>,
        team_id: Option<Uuid>,
        version: i32,
    }
}

shoal_graphql::input! {
    /// Something is to be repaired.
    pub struct RepairRequestReport {
        /// Where.
        pub unit_id: Uuid,
        /// Who says so; unless the company has set it otherwise, must own or use the unit today.
        pub contact_id: Uuid,
        /// What is broken.
        pub description: String,
    }
}

/// A repair request on the timeline of whoever reported it.
pub(crate) const REPORTED: TimelineKind = TimelineKind::new("property.repair_request");

pub(crate) fn declare(api: &mut ModuleRegistry<'_>) {
    api.record::<Entity>("RepairRequest", "Something that is to be repaired.", REPAIR_READ)
        .owned_by(Column::OwnerId, Column::TeamId)
        .changes()
        .timeline_source([Column::Description], |row| row.get(Column::Description).map(Some))
        .column(column(Column::Description, "What is broken."))
        .column(column(Column::CreatedAt, "When it was reported.").filterable().orderable())
        .column(column(Column::Version, "Counts changes, from 1."))
        .relation(to_one::<unit::Entity>("unit", "Where.", Column::UnitId))
        .relation(to_one::<contact::Entity>("contact", "Who reported it.", Column::ContactId));
    api.extend::<contact::Entity>().relation(to_many::<Entity>(
        "repairRequests",
        "What they reported.",
        Column::ContactId,
    ));
    api.mutation(MutationDeclaration::new::<Entity, RepairRequestReport, _, _>(
        "repairRequestReport",
        "Reports that something is to be repaired.",
        REPAIR_REPORT,
        batch::use_case(report),
    ));
}

async fn report(unit: &mut UnitOfWork, inputs: &[RepairRequestReport]) -> Result<Handled, Error> {
    // Somebody whom the caller may not see lives nowhere: nothing is said of them, and nothing hangs on them.
    let reporters = batch::load::<contact::Entity>(unit, inputs.iter().map(|input| input.contact_id)).await?;
    let units = batch::load::<unit::Entity>(unit, inputs.iter().map(|input| input.unit_id)).await?;
    let residencies = unit.find::<residency::Entity>();
    let residencies = residencies.filter(unit.any_of(residency::Column::UnitId, units.keys().copied()));
    let residencies = residencies.all(unit.transaction()).await?;
    let current = residencies.iter().filter(|residency| residency.holds_on(unit.today()));
    let residents: HashSet<_> = current.map(|residency| (residency.unit_id, residency.contact_id)).collect();
    let settings = unit.context().settings::<PropertySettings>();
    let report = |input: &RepairRequestReport| {
        let missing = || message!("property-unit-not-found", "unit not found");
        let place = units.get(&input.unit_id).ok_or_else(|| Refusal::not_found(missing(), ["unitId"]))?;
        let lives = residents.contains(&(place.id, input.contact_id));
        if !reporters.contains_key(&input.contact_id) || (settings.residents_only && !lives) {
            let message = message!("property-no-resident", "neither owns nor uses the unit today");
            return Err(Refusal::field(["contactId"], "NO_RESIDENT", message));
        }
        let description = batch::required("description", text::lines(&input.description, 2_000))?;
        Ok(stage(unit, input, description).into())
    };
    Ok(inputs.iter().map(report).collect())
}

fn stage(unit: &mut UnitOfWork, input: &RepairRequestReport, description: String) -> Uuid {
    let (id, caller) = (unit.new_id(), unit.context().caller.clone());
    let told = Told::new(REPORTED, unit.now(), caller.actor.user()).on::<contact::Entity>([input.contact_id]);
    unit.tell_timelines::<Entity>(id, told);
    unit.insert::<Entity>(Model {
        tenant_id: unit.tenant(),
        id,
        unit_id: input.unit_id,
        contact_id: input.contact_id,
        description,
        created_at: unit.now(),
        owner_id: caller.actor.user(),
        team_id: caller.teams.first().copied(),
        version: 1,
    });
    id
}
