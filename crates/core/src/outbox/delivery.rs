//! An event that a handler has yet to be told.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

shoal_graphql::choices! {
    /// What an event waits for.
    pub enum DeliveryState {
        /// Its turn, or the next attempt.
        Pending => "PENDING",
        /// An earlier event of the same record, which could not be delivered yet.
        Blocked => "BLOCKED",
        /// Somebody who retries or discards it: it failed too often.
        Dead => "DEAD",
    }
}

/// An event that a handler has yet to be told. It goes in the transaction that tells it. Whoever changes a delivery holds
/// the lock of its queue.
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
