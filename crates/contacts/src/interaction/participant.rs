//! Which contacts an interaction was with.

use sea_orm::entity::prelude::*;

/// A contact whom an interaction was with.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contacts_interaction_contact")]
#[expect(missing_docs, reason = "nothing but ids")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub interaction_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub contact_id: Uuid,
}

shoal_core::tenant_entity!(InteractionId);
