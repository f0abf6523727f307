//! External ids in the API.

use shoal_graphql::declare::{ModuleRegistry, column, to_one};

use super::{Column, Entity};
use crate::permission::DETAIL_READ;
use crate::{account, contact};

shoal_graphql::input! {
    /// What another system calls the record.
    pub struct ExternalIdInput {
        /// The other system, such as "erp".
        pub system: String,
        /// The record's id there; unique within the system.
        pub key: String,
    }
}

pub(crate) fn declare(module: &mut ModuleRegistry<'_>) {
    module
        .entity::<Entity>("ExternalId", "What another system calls an account or a contact.")
        .partition(Column::TenantId)
        .right(DETAIL_READ)
        .visible_with(&["account", "contact"])
        .not_at_root()
        .column(column(Column::Id, "Stays the same for ever."))
        .column(column(Column::System, "The other system.").filterable())
        .column(column(Column::Key, "The record's id there.").filterable())
        .relation(to_one::<account::Entity>("account", "The account, if it is one's.", Column::AccountId))
        .relation(to_one::<contact::Entity>("contact", "The contact, if it is one's.", Column::ContactId));
}
