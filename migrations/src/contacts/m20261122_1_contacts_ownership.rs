use sea_orm_migration::prelude::{DbErr, MigrationTrait, SchemaManager, async_trait::async_trait};
use sea_orm_migration::sea_orm::DeriveMigrationName;

use crate::ddl;

/// Who looks after an account or contact: rights of the scopes own and team go by these.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, OWNERSHIP).await
    }
}

const OWNERSHIP: &str = r"
ALTER TABLE contacts_account ADD COLUMN owner_id {id};
ALTER TABLE contacts_account ADD COLUMN team_id {id};
ALTER TABLE contacts_contact ADD COLUMN owner_id {id};
ALTER TABLE contacts_contact ADD COLUMN team_id {id};
CREATE INDEX contacts_account_owner ON contacts_account (tenant_id, owner_id, id);
CREATE INDEX contacts_account_team ON contacts_account (tenant_id, team_id, name_sort, id);
CREATE INDEX contacts_contact_owner ON contacts_contact (tenant_id, owner_id, id);
CREATE INDEX contacts_contact_team ON contacts_contact (tenant_id, team_id, display_name_sort, id);
";
