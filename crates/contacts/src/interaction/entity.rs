//! The row of an interaction.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

/// An interaction.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contacts_interaction")]
#[expect(missing_docs, reason = "the declaration describes each column")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: String,
    pub direction: Option<String>,
    pub at: DateTime<Utc>,
    pub duration_seconds: Option<i32>,
    pub subject: Option<String>,
    pub body: Option<String>,
    pub place: Option<String>,
    /// Millionths of a degree, as the longitude.
    pub latitude: Option<i64>,
    pub longitude: Option<i64>,
    pub outcome: Option<String>,
    pub account_id: Option<Uuid>,
    /// What tells a mail from all others; no two interactions have the same.
    pub message_key: Option<String>,
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
