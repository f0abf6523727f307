//! A transaction that has something to tell.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

/// A transaction that has something to tell: its events have the ids from its own to `last_event`, and the numbers from its
/// own on, once it has one.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "core_commit")]
pub struct Model {
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The id of its first event.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The id of its last event.
    pub last_event: Uuid,
    /// How many there are.
    pub events: i32,
    /// The place of the first event in the order of all events of all companies.
    pub number: Option<i64>,
    /// When it happened.
    pub at: DateTime<Utc>,
}

crate::tenant_entity!();
