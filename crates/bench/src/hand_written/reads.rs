//! Records, lists and numbers.

use std::collections::HashMap;

use axum::extract::{Path, State};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::{Condition, ExprTrait as _, Query};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, JoinType, QueryFilter as _, QueryOrder as _, QuerySelect as _, RelationDef,
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

#[derive(Debug, Serialize)]
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
    let found = contact::Entity::find()
        .filter(contact::Column::TenantId.eq(app.tenant))
        .filter(contact::Column::Id.eq(id))
        .filter(contact::Column::DeletedAt.is_null())
        .one(app.reader())
        .await?;
    let contact = found.map(|contact| Contact {
        id: contact.id,
        display_name: contact.display_name,
        given_name: contact.given_name,
        family_name: contact.family_name,
        job_title: contact.job_title,
        language: contact.language,
        lifecycle_stage: contact.lifecycle_stage,
        created_at: contact.created_at,
        version: contact.version,
    });
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

/// The first 50 contacts with their accounts.
pub(super) async fn contacts(State(app): State<App>) -> Answer<Contacts<ContactWithAccount>> {
    let found = contact::Entity::find()
        .filter(contact::Column::TenantId.eq(app.tenant))
        .filter(contact::Column::DeletedAt.is_null())
        .order_by_asc(contact::Column::Id)
        .limit(50)
        .all(app.reader())
        .await?;
    let roles = contact_role::Entity::find()
        .join(JoinType::InnerJoin, role_account())
        .select_also(account::Entity)
        .filter(contact_role::Column::TenantId.eq(app.tenant))
        .filter(contact_role::Column::ContactId.is_in(found.iter().map(|contact| contact.id)))
        .filter(contact_role::Column::IsPrimary.eq(true))
        .filter(current(System.now().date_naive()))
        .filter(account::Column::DeletedAt.is_null())
        .all(app.reader())
        .await?;
    let mut accounts: HashMap<Uuid, Account> = HashMap::with_capacity(roles.len());
    for (role, account) in roles {
        if let Some(account) = account {
            let account = Account { id: account.id, name: account.name, tier: account.tier };
            accounts.insert(role.contact_id, account);
        }
    }
    let nodes = found.into_iter().map(|contact| ContactWithAccount {
        account: accounts.remove(&contact.id),
        id: contact.id,
        display_name: contact.display_name,
        job_title: contact.job_title,
        lifecycle_stage: contact.lifecycle_stage,
    });
    answer(Contacts { contacts: Nodes { nodes: nodes.collect() } })
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

/// An account, its first 20 contacts, and five tags of each.
pub(super) async fn account(State(app): State<App>, Path(id): Path<Uuid>) -> Answer<OneAccount> {
    let found = account::Entity::find()
        .filter(account::Column::TenantId.eq(app.tenant))
        .filter(account::Column::Id.eq(id))
        .filter(account::Column::DeletedAt.is_null())
        .one(app.reader())
        .await?;
    let Some(found) = found else { return answer(OneAccount { account: None }) };
    let mut at_account = Query::select();
    at_account
        .column(contact_role::Column::ContactId)
        .from(contact_role::Entity)
        .and_where(contact_role::Column::TenantId.eq(app.tenant))
        .and_where(contact_role::Column::AccountId.eq(id))
        .cond_where(current(System.now().date_naive()));
    let contacts = contact::Entity::find()
        .filter(contact::Column::TenantId.eq(app.tenant))
        .filter(contact::Column::Id.in_subquery(at_account))
        .filter(contact::Column::DeletedAt.is_null())
        .order_by_asc(contact::Column::Id)
        .limit(20)
        .all(app.reader())
        .await?;
    let mut tags = tags_of(&app, &contacts).await?;
    let nodes = contacts.into_iter().map(|contact| ContactWithTags {
        tags: tags.remove(&contact.id).unwrap_or_default(),
        id: contact.id,
        display_name: contact.display_name,
    });
    let contacts = Nodes { nodes: nodes.collect() };
    answer(OneAccount { account: Some(AccountWithContacts { id: found.id, name: found.name, contacts }) })
}

async fn tags_of(app: &App, contacts: &[contact::Model]) -> Result<HashMap<Uuid, Vec<Tag>>, sea_orm::DbErr> {
    let relation: RelationDef = tagging::contact::Entity::belongs_to(tag::Entity)
        .from((tagging::contact::Column::TenantId, tagging::contact::Column::TagId))
        .to((tag::Column::TenantId, tag::Column::Id))
        .into();
    let taggings = tagging::contact::Entity::find()
        .join(JoinType::InnerJoin, relation)
        .select_also(tag::Entity)
        .filter(tagging::contact::Column::TenantId.eq(app.tenant))
        .filter(tagging::contact::Column::ContactId.is_in(contacts.iter().map(|contact| contact.id)))
        .order_by_asc(tag::Column::NameSort)
        .order_by_asc(tag::Column::Id)
        .all(app.reader())
        .await?;
    let mut tags: HashMap<Uuid, Vec<Tag>> = HashMap::with_capacity(contacts.len());
    for (tagging, tag) in taggings {
        let of_contact = tags.entry(tagging.contact_id).or_default();
        if let Some(tag) = tag
            && of_contact.len() < 5
        {
            of_contact.push(Tag { id: tag.id, name: tag.name });
        }
    }
    Ok(tags)
}

#[derive(Debug, Serialize)]
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
        .expr(sea_orm::sea_query::Expr::value(1))
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
    let found = contact::Entity::find()
        .filter(contact::Column::TenantId.eq(app.tenant))
        .filter(contact::Column::DeletedAt.is_null())
        .filter(sea_orm::sea_query::Expr::exists(at_gold))
        .order_by_asc(contact::Column::Id)
        .limit(50)
        .all(app.reader())
        .await?;
    let nodes = found.into_iter().map(|contact| GoldContact {
        id: contact.id,
        display_name: contact.display_name,
        lifecycle_stage: contact.lifecycle_stage,
    });
    answer(Contacts { contacts: Nodes { nodes: nodes.collect() } })
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
