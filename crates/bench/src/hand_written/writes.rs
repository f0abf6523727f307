//! New contacts: checked, and stored in one transaction.

use std::collections::HashSet;

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait as _, EntityTrait as _, IntoActiveModel, QueryFilter as _, QuerySelect as _,
};
use serde::{Deserialize, Serialize};
use shoal_contacts::contact_point::email_address;
use shoal_contacts::{account, contact, contact_role};
use shoal_core::clock::{Clock as _, Ids as _, System};
use shoal_core::value::email::Email;
use shoal_core::value::sort_key::{name_sort_key, sort_key};
use uuid::Uuid;

use super::{Answer, App, Failure, answer};
use crate::data::Person;
use crate::data::tables::family_sort_key;

/// A new contact.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Input {
    given_name: String,
    family_name: String,
    emails: Vec<EmailInput>,
    account_id: Uuid,
}

#[derive(Debug, Deserialize)]
struct EmailInput {
    address: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Created {
    contact_create: Payload,
}

#[derive(Debug, Serialize)]
struct Payload {
    id: Uuid,
    contact: Contact,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Contact {
    display_name: String,
    lifecycle_stage: String,
    version: i32,
}

/// Creates one contact.
pub(super) async fn create(State(app): State<App>, Json(input): Json<Input>) -> Answer<Created> {
    let rows = store(&app, vec![input]).await?;
    let created = rows.into_iter().next().ok_or_else(|| Failure::Input("nothing to create".to_owned()))?;
    let contact = Contact {
        display_name: created.display_name,
        lifecycle_stage: created.lifecycle_stage,
        version: created.version,
    };
    answer(Created { contact_create: Payload { id: created.id, contact } })
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreatedMany {
    contact_create_many: Results,
}

#[derive(Debug, Serialize)]
struct Results {
    results: Vec<Outcome>,
}

#[derive(Debug, Serialize)]
struct Outcome {
    id: Uuid,
    /// Here all rows succeed or none does.
    error: Option<()>,
}

/// Creates contacts.
pub(super) async fn create_many(State(app): State<App>, Json(inputs): Json<Vec<Input>>) -> Answer<CreatedMany> {
    let rows = store(&app, inputs).await?;
    let results = rows.into_iter().map(|contact| Outcome { id: contact.id, error: None });
    answer(CreatedMany { contact_create_many: Results { results: results.collect() } })
}

async fn store(app: &App, inputs: Vec<Input>) -> Result<Vec<contact::Model>, Failure> {
    let now = System.now();
    let accounts: HashSet<Uuid> = inputs.iter().map(|input| input.account_id).collect();
    let mut contacts = Vec::with_capacity(inputs.len());
    let (mut emails, mut roles) = (Vec::new(), Vec::with_capacity(inputs.len()));
    for input in inputs {
        let contact_id = System.next();
        roles.push(role(app.tenant, contact_id, input.account_id, now));
        for (position, email) in (0..).zip(&input.emails) {
            emails.push(email_of(app.tenant, contact_id, position, &email.address)?);
        }
        contacts.push(contact_of(app.tenant, contact_id, input, now)?);
    }
    let transaction = app.database.begin().await?;
    let known: Vec<Uuid> = account::Entity::find()
        .select_only()
        .column(account::Column::Id)
        .filter(account::Column::TenantId.eq(app.tenant))
        .filter(account::Column::Id.is_in(accounts.iter().copied()))
        .filter(account::Column::DeletedAt.is_null())
        .into_tuple()
        .all(&transaction)
        .await?;
    if known.len() != accounts.len() {
        return Err(Failure::Input("there is no such account".to_owned()));
    }
    let rows = contacts.iter().cloned().map(whole);
    contact::Entity::insert_many(rows).exec_without_returning(&transaction).await?;
    email_address::Entity::insert_many(emails.into_iter().map(whole)).exec_without_returning(&transaction).await?;
    contact_role::Entity::insert_many(roles.into_iter().map(whole)).exec_without_returning(&transaction).await?;
    transaction.commit().await?;
    Ok(contacts)
}

/// A model with all its values to be stored.
fn whole<M, A>(model: M) -> A
where
    M: IntoActiveModel<A>,
    A: ActiveModelTrait,
{
    model.into_active_model().reset_all()
}

fn contact_of(tenant_id: Uuid, id: Uuid, input: Input, now: DateTime<Utc>) -> Result<contact::Model, Failure> {
    let name = |text: &str| Some(text.trim().to_owned()).filter(|name| !name.is_empty());
    let (Some(given), Some(family)) = (name(&input.given_name), name(&input.family_name)) else {
        return Err(Failure::Input("a contact needs a name".to_owned()));
    };
    let person = Person { given, family };
    let display_name = person.display();
    Ok(contact::Model {
        tenant_id,
        id,
        display_name_sort: name_sort_key(&display_name),
        display_name,
        given_name_sort: Some(sort_key(&person.given)),
        given_name: Some(person.given),
        family_name_sort: Some(family_sort_key(&person.family)),
        family_name: Some(person.family),
        honorific: None,
        job_title: None,
        birthday: None,
        language: None,
        time_zone: None,
        lifecycle_stage: "LEAD".to_owned(),
        created_at: now,
        created_by: None,
        updated_at: now,
        updated_by: None,
        version: 1,
        deleted_at: None,
    })
}

fn email_of(
    tenant_id: Uuid,
    contact_id: Uuid,
    position: i32,
    address: &str,
) -> Result<email_address::Model, Failure> {
    let email = Email::parse(address).map_err(|error| Failure::Input(error.to_string()))?;
    Ok(email_address::Model {
        tenant_id,
        id: System.next(),
        account_id: None,
        contact_id: Some(contact_id),
        position,
        label: "WORK".to_owned(),
        address: email.original,
        normalised: email.normalised,
    })
}

fn role(tenant_id: Uuid, contact_id: Uuid, account_id: Uuid, now: DateTime<Utc>) -> contact_role::Model {
    contact_role::Model {
        tenant_id,
        id: System.next(),
        contact_id,
        account_id,
        role: "EMPLOYEE".to_owned(),
        is_primary: true,
        valid_from: None,
        valid_to: None,
        created_at: now,
        created_by: None,
        updated_at: now,
        updated_by: None,
        version: 1,
    }
}
