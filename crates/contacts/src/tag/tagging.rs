//! Which tags stand on which record.

/// Tags of accounts.
pub mod account {
    use sea_orm::entity::prelude::*;

    /// A tag on an account.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "contacts_account_tag")]
    #[expect(missing_docs, reason = "nothing but ids")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub account_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub tag_id: Uuid,
    }

    shoal_core::tenant_entity!(AccountId);
}

/// Tags of contacts.
pub mod contact {
    use sea_orm::entity::prelude::*;

    /// A tag on a contact.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "contacts_contact_tag")]
    #[expect(missing_docs, reason = "nothing but ids")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub contact_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub tag_id: Uuid,
    }

    shoal_core::tenant_entity!(ContactId);
}
