//! Something that happened, to be told.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

/// Something that happened, to be told.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "core_event")]
#[expect(missing_docs, reason = "the declaration describes each column")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub position: i32,
    pub name: String,
    pub payload_version: i32,
    pub record_type: String,
    pub record_id: Uuid,
    pub payload: Json,
    pub at: DateTime<Utc>,
    pub actor_kind: String,
    pub actor_id: Option<Uuid>,
}

crate::tenant_entity!();
