//! Repair requests: what residents report.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;
use shoal_contacts::public::contact;
use shoal_core::value::text;
use shoal_core::{RequestContext, UnitOfWork};
use shoal_graphql::context::Context;
use shoal_graphql::declare::{Done, Handled, ModuleRegistry, MutationDeclaration, column, to_many, to_one};
use shoal_graphql::error::{Error, Refusal};

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
    UnitOfWork::run(&RequestContext::of(&context)?, |unit_of_work| {
        let inputs = inputs.clone();
        Box::pin(async move {
            let mut handled = Vec::with_capacity(inputs.len());
            for input in &inputs {
                handled.push(report_one(unit_of_work, input).await?);
            }
            Ok(handled)
        })
    })
    .await
}

async fn report_one(
    unit: &mut UnitOfWork,
    input: &RepairRequestReport,
) -> Result<Result<Done, Refusal>, Error> {
    let description = match text::lines(&input.description, 2_000) {
        Ok(text) if !text.is_empty() => text,
        Ok(_) => return Ok(Err(Refusal::field(["description"], "REQUIRED", "say what is broken"))),
        Err(error) => return Ok(Err(Refusal::field(["description"], error.code(), error.to_string()))),
    };
    let residencies = unit
        .find::<residency::Entity>()
        .filter(residency::Column::UnitId.eq(input.unit_id))
        .filter(residency::Column::ContactId.eq(input.contact_id))
        .all(unit.transaction())
        .await?;
    let today = unit.today();
    let holds = |one: &residency::Model| {
        one.valid_from.is_none_or(|from| from <= today) && one.valid_to.is_none_or(|to| to >= today)
    };
    // Somebody whom the caller may not see lives nowhere: nothing is said of them, and nothing hangs on them.
    let reporter = unit.find::<contact::Entity>().filter(contact::Column::Id.eq(input.contact_id));
    let reporter =
        reporter.one(unit.transaction()).await?.filter(|reporter| unit.sees::<contact::Entity>(reporter));
    let settings: PropertySettings = unit.context().settings();
    if reporter.is_none() || (settings.residents_only && !residencies.iter().any(holds)) {
        return Ok(Err(Refusal::field(["contactId"], "NO_RESIDENT", "neither owns nor uses the unit today")));
    }
    let caller = unit.context().caller.clone();
    let (tenant_id, id, created_at) = (unit.tenant(), unit.new_id(), unit.now());
    unit.insert::<Entity>(Model {
        tenant_id,
        id,
        unit_id: input.unit_id,
        contact_id: input.contact_id,
        description,
        created_at,
        owner_id: caller.actor.user(),
        team_id: caller.teams.first().copied(),
        version: 1,
    });
    Ok(Ok(id.into()))
}
