//! What a user signs in by.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

/// What a user signs in by.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "core_credential")]
#[expect(missing_docs, reason = "the declaration describes each column")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    pub password_hash: Option<String>,
    pub changed_at: DateTime<Utc>,
}

crate::tenant_entity!(UserId);
