//! A team for which alone a module is enabled.

use sea_orm::entity::prelude::*;

/// A team for which alone a module is enabled.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "core_module_team")]
#[expect(missing_docs, reason = "nothing but ids")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub module_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub team_id: Uuid,
}

crate::tenant_entity!(ModuleId);
