//! A change of a record: who, when, what.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

/// A change of a record: who, when, what.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "core_audit")]
#[expect(missing_docs, reason = "the declaration describes each column")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub at: DateTime<Utc>,
    pub record_type: String,
    pub record_id: Uuid,
    pub action: String,
    pub changes: Option<Json>,
    pub actor_kind: String,
    pub actor_id: Option<Uuid>,
    pub request_id: Option<String>,
}

crate::tenant_entity!();
