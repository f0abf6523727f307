//! The row of a phone number.

use sea_orm::entity::prelude::*;

/// A phone number, of one account or one contact.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contacts_phone_number")]
#[expect(missing_docs, reason = "the declaration describes each column")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub account_id: Option<Uuid>,
    pub contact_id: Option<Uuid>,
    pub position: i32,
    pub label: String,
    pub number: String,
    pub e164: Option<String>,
    pub extension: Option<String>,
    pub valid: bool,
    pub digits: String,
}

shoal_core::tenant_entity!();
