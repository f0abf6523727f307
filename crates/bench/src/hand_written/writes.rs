//! New contacts: checked, and stored in one transaction.

use std::collections::HashSet;

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _, Set};
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
    lifecycle_stage: &'static str,
    version: i32,
}

/// Creates one contact.
pub(super) async fn create(State(app): State<App>, Json(input): Json<Input>) -> Answer<Created> {
    let rows = store(&app, vec![input]).await?;
    let created = rows.into_iter().next().ok_or_else(|| Failure::Input("nothing to create".to_owned()))?;
    let contact = Contact { display_name: created.display_name, lifecycle_stage: "LEAD", version: 1 };
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
pub(super) async fn create_many(
    State(app): State<App>,
    Json(inputs): Json<Vec<Input>>,
) -> Answer<CreatedMany> {
    let rows = store(&app, inputs).await?;
    let results = rows.into_iter().map(|contact| Outcome { id: contact.id, error: None });
    answer(CreatedMany { contact_create_many: Results { results: results.collect() } })
}

/// What was stored of a contact.
struct Stored {
    id: Uuid,
    display_name: String,
}

async fn store(app: &App, inputs: Vec<Input>) -> Result<Vec<Stored>, Failure> {
    let now = System.now();
    let accounts: HashSet<Uuid> = inputs.iter().map(|input| input.account_id).collect();
    let (mut stored, mut contacts) = (Vec::with_capacity(inputs.len()), Vec::with_capacity(inputs.len()));
    let (mut emails, mut roles) = (Vec::with_capacity(inputs.len()), Vec::with_capacity(inputs.len()));
    for input in inputs {
        let id = System.next();
        roles.push(role(app.tenant, id, input.account_id, now));
        for (position, email) in (0..).zip(&input.emails) {
            emails.push(email_of(app.tenant, id, position, &email.address)?);
        }
        let contact = contact_of(app.tenant, id, &input, now)?;
        stored.push(Stored { id, display_name: contact.display_name.clone().take().unwrap_or_default() });
        contacts.push(contact);
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
    contact::Entity::insert_many(contacts).exec_without_returning(&transaction).await?;
    email_address::Entity::insert_many(emails).exec_without_returning(&transaction).await?;
    contact_role::Entity::insert_many(roles).exec_without_returning(&transaction).await?;
    transaction.commit().await?;
    Ok(stored)
}

fn contact_of(
    tenant: Uuid,
    id: Uuid,
    input: &Input,
    now: DateTime<Utc>,
) -> Result<contact::entity::ActiveModel, Failure> {
    let name = |text: &str| Some(text.trim().to_owned()).filter(|name| !name.is_empty());
    let (Some(given), Some(family)) = (name(&input.given_name), name(&input.family_name)) else {
        return Err(Failure::Input("a contact needs a name".to_owned()));
    };
    let person = Person { given, family };
    let display_name = person.display();
    Ok(contact::entity::ActiveModel {
        tenant_id: Set(tenant),
        id: Set(id),
        display_name_sort: Set(name_sort_key(&display_name)),
        display_name: Set(display_name),
        given_name_sort: Set(Some(sort_key(&person.given))),
        given_name: Set(Some(person.given)),
        family_name_sort: Set(Some(family_sort_key(&person.family))),
        family_name: Set(Some(person.family)),
        lifecycle_stage: Set("LEAD".to_owned()),
        created_at: Set(now),
        updated_at: Set(now),
        version: Set(1),
        ..Default::default()
    })
}

fn email_of(
    tenant: Uuid,
    contact: Uuid,
    position: i32,
    address: &str,
) -> Result<email_address::ActiveModel, Failure> {
    let email = Email::parse(address).map_err(|error| Failure::Input(error.to_string()))?;
    Ok(email_address::ActiveModel {
        tenant_id: Set(tenant),
        id: Set(System.next()),
        contact_id: Set(Some(contact)),
        position: Set(position),
        label: Set("WORK".to_owned()),
        address: Set(email.original),
        normalised: Set(email.normalised),
        ..Default::default()
    })
}

fn role(tenant: Uuid, contact: Uuid, account: Uuid, now: DateTime<Utc>) -> contact_role::entity::ActiveModel {
    contact_role::entity::ActiveModel {
        tenant_id: Set(tenant),
        id: Set(System.next()),
        contact_id: Set(contact),
        account_id: Set(account),
        role: Set("EMPLOYEE".to_owned()),
        is_primary: Set(true),
        created_at: Set(now),
        updated_at: Set(now),
        version: Set(1),
        ..Default::default()
    }
}
