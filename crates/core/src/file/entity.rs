//! What is known of a file.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

/// What is known of a file. Its bytes are in the [store](super::Files), and are there before this row is.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "core_file")]
#[expect(missing_docs, reason = "the declaration describes each column")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub name: String,
    pub media_type: String,
    /// Bytes.
    pub size: i64,
    /// In hexadecimal digits, small ones.
    pub sha256: String,
    /// From then on nobody needs it.
    pub expires_at: Option<DateTime<Utc>>,
    /// The type, in the API, of the record to which it is attached.
    pub record_type: Option<String>,
    /// The record to which it is attached.
    pub record_id: Option<Uuid>,
    pub created_at: DateTime<Utc>,
    /// The user or API key; `None` if Shoal itself made it.
    pub created_by: Option<Uuid>,
    pub updated_at: DateTime<Utc>,
    pub updated_by: Option<Uuid>,
    pub version: i32,
}

crate::tenant_entity!();
crate::tracked!();
