//! Wrong passwords of a time.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

/// Wrong passwords of a time. The id is a keyed hash of what they are counted for, so that nobody reads in the table which
/// addresses were tried.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "core_guess")]
#[expect(missing_docs, reason = "described by their names")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub failures: i32,
    pub since: DateTime<Utc>,
    pub locked_until: Option<DateTime<Utc>>,
}

crate::tenant_entity!();
