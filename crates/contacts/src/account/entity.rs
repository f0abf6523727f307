//! The row of an account.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contacts_account")]
#[expect(missing_docs, reason = "the declaration describes each column")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub name: String,
    pub name_sort: String,
    pub legal_name: Option<String>,
    pub domain: Option<String>,
    pub industry: Option<String>,
    pub industry_sort: Option<String>,
    pub employees: Option<i32>,
    pub parent_id: Option<Uuid>,
    pub tax_id: Option<String>,
    pub tier: Option<String>,
    pub lifecycle_stage: String,
    pub annual_budget_amount: Option<i64>,
    pub annual_budget_currency: Option<String>,
    pub founded_year: Option<i32>,
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
