//! The row of an e-mail address.

use sea_orm::entity::prelude::*;

/// An e-mail address, of one account or one contact.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contacts_email_address")]
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
    pub address: String,
    pub normalised: String,
}

shoal_core::tenant_entity!();
