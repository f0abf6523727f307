//! The row of a contact.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::entity::prelude::*;

/// A contact.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contacts_contact")]
#[expect(missing_docs, reason = "the declaration describes each column")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub display_name: String,
    pub display_name_sort: String,
    pub given_name: Option<String>,
    pub given_name_sort: Option<String>,
    pub family_name: Option<String>,
    pub family_name_sort: Option<String>,
    pub honorific: Option<String>,
    pub job_title: Option<String>,
    pub job_title_sort: Option<String>,
    pub birthday: Option<NaiveDate>,
    pub language: Option<String>,
    pub time_zone: Option<String>,
    pub lifecycle_stage: String,
    pub created_at: DateTime<Utc>,
    pub created_by: Option<Uuid>,
    pub updated_at: DateTime<Utc>,
    pub updated_by: Option<Uuid>,
    pub version: i32,
    pub deleted_at: Option<DateTime<Utc>>,
    pub owner_id: Option<Uuid>,
    pub team_id: Option<Uuid>,
}

shoal_core::tenant_entity!();
shoal_core::tracked!(deletable);
