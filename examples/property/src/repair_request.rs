//! Repair requests: what residents report.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;
use shoal_contacts::public::contact;
use shoal_core::value::text;
use shoal_core::{RequestContext, UnitOfWork, batch};
use shoal_graphql::context::Context;
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

pub(crate) fn declare(api: &mut ModuleRegistry<'_>) {
    api.entity::<Entity>("RepairRequest", "Something that is to be repaired.")
        .partition(Column::TenantId)
        .right(REPAIR_READ)
        .owned_by(Column::OwnerId, Column::TeamId)
        .changes()
        .column(column(Column::Id, "Stays the same for ever.").filterable())
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
        report,
    ));
}

async fn report(context: Arc<dyn Context>, inputs: Vec<RepairRequestReport>) -> Result<Handled, Error> {
    UnitOfWork::run(&RequestContext::of(&context)?, |work| {
        let inputs = inputs.clone();
        Box::pin(async move {
            // Somebody whom the caller may not see lives nowhere: nothing is said of them, and nothing hangs on them.
            let reporters =
                batch::load::<contact::Entity>(work, inputs.iter().map(|input| input.contact_id).collect())
                    .await?;
            let ids = || inputs.iter().map(|input| input.unit_id);
            let units = work.find::<unit::Entity>().filter(work.any_of(unit::Column::Id, ids()));
            let units = units.all(work.transaction()).await?;
            let residencies =
                work.find::<residency::Entity>().filter(work.any_of(residency::Column::UnitId, ids()));
            let residencies = residencies.all(work.transaction()).await?;
            let (today, settings) = (work.today(), work.context().settings::<PropertySettings>());
            let lives = |input: &RepairRequestReport| {
                let there = |one: &&residency::Model| {
                    (one.unit_id, one.contact_id) == (input.unit_id, input.contact_id)
                };
                residencies.iter().filter(there).any(|one| {
                    one.valid_from.is_none_or(|from| from <= today)
                        && one.valid_to.is_none_or(|to| to >= today)
                })
            };
            let report = |input: RepairRequestReport| {
                if !units.iter().any(|unit| unit.id == input.unit_id) {
                    return Err(Refusal::not_found(
                        message!("property-unit-not-found", "unit not found"),
                        ["unitId"],
                    ));
                }
                if !reporters.contains_key(&input.contact_id) || (settings.residents_only && !lives(&input)) {
                    return Err(Refusal::field(
                        ["contactId"],
                        "NO_RESIDENT",
                        message!("property-no-resident", "neither owns nor uses the unit today"),
                    ));
                }
                let description = text::lines(&input.description, 2_000)
                    .map_err(|error| Refusal::field(["description"], error.code(), error.message()))?;
                if description.is_empty() {
                    return Err(Refusal::field(
                        ["description"],
                        "REQUIRED",
                        message!("property-repair-without-description", "say what is broken"),
                    ));
                }
                Ok(stage(work, &input, description).into())
            };
            Ok(inputs.into_iter().map(report).collect())
        })
    })
    .await
}

fn stage(work: &mut UnitOfWork, input: &RepairRequestReport, description: String) -> Uuid {
    let (id, caller) = (work.new_id(), work.context().caller.clone());
    work.insert::<Entity>(Model {
        tenant_id: work.tenant(),
        id,
        unit_id: input.unit_id,
        contact_id: input.contact_id,
        description,
        created_at: work.now(),
        owner_id: caller.actor.user(),
        team_id: caller.teams.first().copied(),
        version: 1,
    });
    id
}
