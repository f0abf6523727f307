//! What accounts and contacts are now, as the inputs that would make them so.

use std::collections::HashMap;

use sea_orm::QueryFilter as _;
use serde_json::{Map, Value as Json, json};
use shoal_core::UnitOfWork;
use shoal_core::value::currency::{Currency, from_minor};
use shoal_graphql::error::Error;
use uuid::Uuid;

use crate::contact_point::stored::{self, Given, Stored};
use crate::contact_role::service::current_primary;
use crate::{account, contact};

/// All lists.
const ALL: Given = Given { emails: true, phones: true, addresses: true, tags: true, external_ids: true };

/// Contacts.
///
/// # Errors
/// Faults of the database.
pub(super) async fn of_contacts(unit: &UnitOfWork, ids: &[Uuid]) -> Result<HashMap<Uuid, Json>, Error> {
    use contact::Column;
    let mut lists = stored::load(unit, true, ids, ALL).await?;
    let mut primary = current_primary(unit, ids).await?;
    let found = unit.find::<contact::Entity>().filter(unit.any_of(Column::Id, ids.iter().copied()));
    let image = |model: contact::Model| {
        let role = primary.remove(&model.id);
        let own = json!({
            "givenName": model.given_name, "familyName": model.family_name, "displayName": model.display_name,
            "honorific": model.honorific, "jobTitle": model.job_title, "birthday": model.birthday,
            "language": model.language, "timeZone": model.time_zone, "lifecycleStage": model.lifecycle_stage,
            "ownerId": model.owner_id, "teamId": model.team_id,
            "accountId": role.as_ref().map(|role| role.account_id), "accountRole": role.map(|role| role.role),
        });
        (model.id, with_lists(own, lists.remove(&model.id)))
    };
    Ok(found.all(unit.transaction()).await?.into_iter().map(image).collect())
}

/// Accounts.
///
/// # Errors
/// Faults of the database.
pub(super) async fn of_accounts(unit: &UnitOfWork, ids: &[Uuid]) -> Result<HashMap<Uuid, Json>, Error> {
    use account::Column;
    let mut lists = stored::load(unit, false, ids, ALL).await?;
    let found = unit.find::<account::Entity>().filter(unit.any_of(Column::Id, ids.iter().copied()));
    let image = |model: account::Model| {
        let currency = model.annual_budget_currency.as_deref().and_then(|code| Currency::parse(code).ok());
        let budget = model.annual_budget_amount.zip(currency).map(|(units, currency)| {
            json!({"amount": from_minor(units, currency).to_string(), "currency": currency.code()})
        });
        let own = json!({
            "name": model.name, "legalName": model.legal_name, "domain": model.domain, "industry": model.industry,
            "employees": model.employees, "parentId": model.parent_id, "taxId": model.tax_id, "tier": model.tier,
            "lifecycleStage": model.lifecycle_stage, "annualBudget": budget, "foundedYear": model.founded_year,
            "ownerId": model.owner_id, "teamId": model.team_id,
        });
        (model.id, with_lists(own, lists.remove(&model.id)))
    };
    Ok(found.all(unit.transaction()).await?.into_iter().map(image).collect())
}

fn with_lists(own: Json, lists: Option<Stored>) -> Json {
    let mut fields = match own {
        Json::Object(fields) => fields,
        _ => Map::new(),
    };
    fields.extend(lists.unwrap_or_default().image());
    fields.into()
}
