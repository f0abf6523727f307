//! When background work is due.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

/// When a kind of background work is due for a company.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "core_background")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    pub due_at: DateTime<Utc>,
}

crate::tenant_entity!(Name);
