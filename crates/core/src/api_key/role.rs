//! A role that an API key has.

use sea_orm::entity::prelude::*;

/// A role that an API key has.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "core_api_key_role")]
#[expect(missing_docs, reason = "nothing but ids")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub api_key_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub role_id: Uuid,
}

crate::tenant_entity!(ApiKeyId);
