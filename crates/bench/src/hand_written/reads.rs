//! Records, lists and numbers.

use std::collections::HashMap;

use axum::extract::{Path, State};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _, Query};
use sea_orm::{
    ColumnTrait as _, DbErr, EntityTrait as _, FromQueryResult, JoinType, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, RelationDef,
};
use serde::Serialize;
use shoal_contacts::tag::tagging;
use shoal_contacts::{account, contact, contact_role, tag};
use shoal_core::clock::{Clock as _, System};
use uuid::Uuid;

use super::{Answer, App, answer};

#[derive(Debug, Serialize)]
pub(super) struct OneContact {
    contact: Option<Contact>,
}

#[derive(Debug, Serialize, FromQueryResult)]
#[serde(rename_all = "camelCase")]
struct Contact {
    id: Uuid,
    display_name: String,
    given_name: Option<String>,
    family_name: Option<String>,
    job_title: Option<String>,
    language: Option<String>,
    lifecycle_stage: String,
    created_at: DateTime<Utc>,
    version: i32,
}

/// One contact by its id.
pub(super) async fn contact(State(app): State<App>, Path(id): Path<Uuid>) -> Answer<OneContact> {
    use contact::Column::{
        CreatedAt, DeletedAt, DisplayName, FamilyName, GivenName, Id, JobTitle, Language, LifecycleStage,
        TenantId, Version,
    };
    let contact = contact::Entity::find()
        .select_only()
        .columns([
            Id,
            DisplayName,
            GivenName,
            FamilyName,
            JobTitle,
            Language,
            LifecycleStage,
            CreatedAt,
            Version,
        ])
        .filter(TenantId.eq(app.tenant))
        .filter(Id.eq(id))
        .filter(DeletedAt.is_null())
        .into_model()
        .one(app.reader())
        .await?;
    answer(OneContact { contact })
}

#[derive(Debug, Serialize)]
pub(super) struct Contacts<T> {
    contacts: Nodes<T>,
}

#[derive(Debug, Serialize)]
struct Nodes<T> {
    nodes: Vec<T>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ContactWithAccount {
    id: Uuid,
    display_name: String,
    job_title: Option<String>,
    lifecycle_stage: String,
    account: Option<Account>,
}

#[derive(Debug, Clone, Serialize)]
struct Account {
    id: Uuid,
    name: String,
    tier: Option<String>,
}

#[derive(Debug, FromQueryResult)]
struct ContactRow {
    id: Uuid,
    display_name: String,
    job_title: Option<String>,
    lifecycle_stage: String,
}

#[derive(Debug, FromQueryResult)]
struct AccountRow {
    contact_id: Uuid,
    id: Uuid,
    name: String,
    tier: Option<String>,
}

/// The first 50 contacts with their accounts.
pub(super) async fn contacts(State(app): State<App>) -> Answer<Contacts<ContactWithAccount>> {
    use contact::Column::{DeletedAt, DisplayName, Id, JobTitle, LifecycleStage, TenantId};
    let found: Vec<ContactRow> = contact::Entity::find()
        .select_only()
        .columns([Id, DisplayName, JobTitle, LifecycleStage])
        .filter(TenantId.eq(app.tenant))
        .filter(DeletedAt.is_null())
        .order_by_asc(Id)
        .limit(50)
        .into_model()
        .all(app.reader())
        .await?;
    let mut accounts = accounts_of(&app, &found).await?;
    let nodes = found.into_iter().map(|contact| ContactWithAccount {
        account: accounts.remove(&contact.id),
        id: contact.id,
        display_name: contact.display_name,
        job_title: contact.job_title,
        lifecycle_stage: contact.lifecycle_stage,
    });
    answer(Contacts { contacts: Nodes { nodes: nodes.collect() } })
}

async fn accounts_of(app: &App, contacts: &[ContactRow]) -> Result<HashMap<Uuid, Account>, DbErr> {
    let rows: Vec<AccountRow> = contact_role::Entity::find()
        .select_only()
        .column(contact_role::Column::ContactId)
        .columns([account::Column::Id, account::Column::Name, account::Column::Tier])
        .join(JoinType::InnerJoin, role_account())
        .filter(contact_role::Column::TenantId.eq(app.tenant))
        .filter(contact_role::Column::ContactId.is_in(contacts.iter().map(|contact| contact.id)))
        .filter(contact_role::Column::IsPrimary.eq(true))
        .filter(current(System.now().date_naive()))
        .filter(account::Column::DeletedAt.is_null())
        .into_model()
        .all(app.reader())
        .await?;
    let of_contact = rows.into_iter().map(|row| {
        let AccountRow { contact_id, id, name, tier } = row;
        (contact_id, Account { id, name, tier })
    });
    Ok(of_contact.collect())
}

fn role_account() -> RelationDef {
    contact_role::Entity::belongs_to(account::Entity)
        .from((contact_role::Column::TenantId, contact_role::Column::AccountId))
        .to((account::Column::TenantId, account::Column::Id))
        .into()
}

/// Roles that hold on a day.
fn current(today: NaiveDate) -> Condition {
    use contact_role::Column::{ValidFrom, ValidTo};
    Condition::all()
        .add(ValidFrom.is_null().or(ValidFrom.lte(today)))
        .add(ValidTo.is_null().or(ValidTo.gte(today)))
}

#[derive(Debug, Serialize)]
pub(super) struct OneAccount {
    account: Option<AccountWithContacts>,
}

#[derive(Debug, Serialize)]
struct AccountWithContacts {
    id: Uuid,
    name: String,
    contacts: Nodes<ContactWithTags>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ContactWithTags {
    id: Uuid,
    display_name: String,
    tags: Vec<Tag>,
}

#[derive(Debug, Serialize)]
struct Tag {
    id: Uuid,
    name: String,
}

#[derive(Debug, FromQueryResult)]
struct NameRow {
    id: Uuid,
    name: String,
}

#[derive(Debug, FromQueryResult)]
struct PersonRow {
    id: Uuid,
    display_name: String,
}

#[derive(Debug, FromQueryResult)]
struct TagRow {
    contact_id: Uuid,
    id: Uuid,
    name: String,
}

/// An account, its first 20 contacts, and five tags of each.
pub(super) async fn account(State(app): State<App>, Path(id): Path<Uuid>) -> Answer<OneAccount> {
    use account::Column::{DeletedAt, Id, Name, TenantId};
    let found = account::Entity::find()
        .select_only()
        .columns([Id, Name])
        .filter(TenantId.eq(app.tenant))
        .filter(Id.eq(id))
        .filter(DeletedAt.is_null())
        .into_model::<NameRow>()
        .one(app.reader())
        .await?;
    let Some(NameRow { id, name }) = found else { return answer(OneAccount { account: None }) };
    let contacts = contacts_at(&app, id).await?;
    let mut tags = tags_of(&app, &contacts).await?;
    let nodes = contacts.into_iter().map(|contact| ContactWithTags {
        tags: tags.remove(&contact.id).unwrap_or_default(),
        id: contact.id,
        display_name: contact.display_name,
    });
    let contacts = Nodes { nodes: nodes.collect() };
    answer(OneAccount { account: Some(AccountWithContacts { id, name, contacts }) })
}

async fn contacts_at(app: &App, account: Uuid) -> Result<Vec<PersonRow>, DbErr> {
    use contact::Column::{DeletedAt, DisplayName, Id, TenantId};
    let mut at_account = Query::select();
    at_account
        .column(contact_role::Column::ContactId)
        .from(contact_role::Entity)
        .and_where(contact_role::Column::TenantId.eq(app.tenant))
        .and_where(contact_role::Column::AccountId.eq(account))
        .cond_where(current(System.now().date_naive()));
    contact::Entity::find()
        .select_only()
        .columns([Id, DisplayName])
        .filter(TenantId.eq(app.tenant))
        .filter(Id.in_subquery(at_account))
        .filter(DeletedAt.is_null())
        .order_by_asc(Id)
        .limit(20)
        .into_model()
        .all(app.reader())
        .await
}

async fn tags_of(app: &App, contacts: &[PersonRow]) -> Result<HashMap<Uuid, Vec<Tag>>, DbErr> {
    let relation: RelationDef = tagging::contact::Entity::belongs_to(tag::Entity)
        .from((tagging::contact::Column::TenantId, tagging::contact::Column::TagId))
        .to((tag::Column::TenantId, tag::Column::Id))
        .into();
    let rows: Vec<TagRow> = tagging::contact::Entity::find()
        .select_only()
        .column(tagging::contact::Column::ContactId)
        .columns([tag::Column::Id, tag::Column::Name])
        .join(JoinType::InnerJoin, relation)
        .filter(tagging::contact::Column::TenantId.eq(app.tenant))
        .filter(tagging::contact::Column::ContactId.is_in(contacts.iter().map(|contact| contact.id)))
        .order_by_asc(tag::Column::NameSort)
        .order_by_asc(tag::Column::Id)
        .into_model()
        .all(app.reader())
        .await?;
    let mut tags: HashMap<Uuid, Vec<Tag>> = HashMap::with_capacity(contacts.len());
    for TagRow { contact_id, id, name } in rows {
        let of_contact = tags.entry(contact_id).or_default();
        if of_contact.len() < 5 {
            of_contact.push(Tag { id, name });
        }
    }
    Ok(tags)
}

#[derive(Debug, Serialize, FromQueryResult)]
#[serde(rename_all = "camelCase")]
pub(super) struct GoldContact {
    id: Uuid,
    display_name: String,
    lifecycle_stage: String,
}

/// The first 50 contacts at gold accounts.
pub(super) async fn gold(State(app): State<App>) -> Answer<Contacts<GoldContact>> {
    use contact_role::Column as Role;
    let mut at_gold = Query::select();
    at_gold
        .expr(Expr::value(1))
        .from(contact_role::Entity)
        .inner_join(
            account::Entity,
            account::Column::TenantId
                .into_expr()
                .equals((contact_role::Entity, Role::TenantId))
                .and(account::Column::Id.into_expr().equals((contact_role::Entity, Role::AccountId))),
        )
        .and_where(Role::TenantId.eq(app.tenant))
        .and_where(Role::ContactId.into_expr().equals((contact::Entity, contact::Column::Id)))
        .and_where(Role::IsPrimary.eq(true))
        .cond_where(current(System.now().date_naive()))
        .and_where(account::Column::DeletedAt.is_null())
        .and_where(account::Column::Tier.eq("GOLD"));
    let nodes = contact::Entity::find()
        .select_only()
        .columns([contact::Column::Id, contact::Column::DisplayName, contact::Column::LifecycleStage])
        .filter(contact::Column::TenantId.eq(app.tenant))
        .filter(contact::Column::DeletedAt.is_null())
        .filter(Expr::exists(at_gold))
        .order_by_asc(contact::Column::Id)
        .limit(50)
        .into_model()
        .all(app.reader())
        .await?;
    answer(Contacts { contacts: Nodes { nodes } })
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Stages {
    contacts_aggregate: Vec<Stage>,
}

#[derive(Debug, Serialize)]
struct Stage {
    keys: [String; 1],
    count: i64,
}

/// How many contacts are at each stage.
pub(super) async fn by_stage(State(app): State<App>) -> Answer<Stages> {
    let counted: Vec<(String, i64)> = contact::Entity::find()
        .select_only()
        .column(contact::Column::LifecycleStage)
        .column_as(contact::Column::Id.count(), "count")
        .filter(contact::Column::TenantId.eq(app.tenant))
        .filter(contact::Column::DeletedAt.is_null())
        .group_by(contact::Column::LifecycleStage)
        .order_by_asc(contact::Column::LifecycleStage)
        .into_tuple()
        .all(app.reader())
        .await?;
    let stages = counted.into_iter().map(|(stage, count)| Stage { keys: [stage], count });
    answer(Stages { contacts_aggregate: stages.collect() })
}
