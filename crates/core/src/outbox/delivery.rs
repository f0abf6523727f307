//! An event that a handler has yet to be told.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

/// An event that a handler has yet to be told.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "core_delivery")]
#[expect(missing_docs, reason = "the declaration describes each column")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub handler: String,
    pub event_id: Uuid,
    pub number: i64,
    pub record_id: Uuid,
    pub state: String,
    pub attempts: i32,
    pub due_at: DateTime<Utc>,
    pub error: Option<String>,
}

crate::tenant_entity!();
