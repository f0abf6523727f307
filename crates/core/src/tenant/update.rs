//! What is known of a company changes.

use std::sync::Arc;

use shoal_graphql::context::Context;
use shoal_graphql::declare::{Done, Handled};
use shoal_graphql::error::{Error, Refusal};
use shoal_graphql::message;

use super::Entity;
use super::graphql::TenantUpdate;
use super::rules::Details;
use crate::batch::{Tracked as _, expect_version, load, one_by_one};
use crate::unit_of_work::UnitOfWork;

/// Changes what is known of the company of whoever asks.
///
/// # Errors
/// Faults of the database; refusals are per input.
pub(super) async fn update(context: Arc<dyn Context>, inputs: Vec<TenantUpdate>) -> Result<Handled, Error> {
    one_by_one(&context, inputs, |unit, input| Box::pin(update_one(unit, input))).await
}

async fn update_one(unit: &mut UnitOfWork, input: &TenantUpdate) -> Result<Done, Error> {
    let id = unit.tenant();
    let company = load::<Entity>(unit, [id]).await?.remove(&id);
    let before = company.ok_or_else(|| {
        Refusal::not_found(message!("company-not-found", "company not found"), ["expectedVersion"])
    })?;
    let mut details = Details::of(&before);
    let given = input.clone();
    given.name.apply(&mut details.name);
    given.locale.apply(&mut details.locale);
    given.time_zone.apply(&mut details.time_zone);
    given.base_currency.apply(&mut details.base_currency);
    given.phone_region.apply(&mut details.phone_region);
    given.fiscal_year_start.apply(&mut details.fiscal_year_start);
    let mut after = before.clone();
    let cleaned = details.clean().map(|details| details.put(&mut after));
    expect_version(&before, &after, input.expected_version)?;
    cleaned.map_err(Refusal::validation)?;
    if before != after {
        after.touch(unit.now(), unit.actor());
        unit.update::<Entity>(&before, after);
        // Every node keeps the company with its teams and roles.
        unit.access_changed();
    }
    Ok(id.into())
}
