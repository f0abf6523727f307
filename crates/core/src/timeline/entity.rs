//! What a timeline tells once.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

/// What a timeline tells once. Nothing changes an entry but that its source is told of anew.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "core_timeline_entry")]
#[expect(missing_docs, reason = "the declaration describes each column")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The type, in the API, of the record whose timeline it is.
    pub record_type: String,
    /// The record whose timeline it is.
    pub record_id: Uuid,
    pub at: DateTime<Utc>,
    /// The name of a [`TimelineKind`](super::TimelineKind).
    pub kind: String,
    /// The type, in the API, of the record that it tells of; `None` if that is the record itself.
    pub source_type: Option<String>,
    /// The record that it tells of.
    pub source_id: Option<Uuid>,
    pub actor_id: Option<Uuid>,
    /// Names of fields of the record itself.
    pub changed: Option<Json>,
}

crate::tenant_entity!();
