use crate::ddl::Definitions;

/// Who looks after an account or contact: rights of the scopes own and team go by these. The indexes have only records that
/// somebody looks after: SQLite, which counts nothing as one of the values, would take each owner's part for a large one.
pub(super) const MIGRATION: Definitions =
    Definitions { name: "m20261122_1_contacts_ownership", texts: &[OWNERSHIP] };

const OWNERSHIP: &str = r"
ALTER TABLE contacts_account ADD COLUMN owner_id {id};
ALTER TABLE contacts_account ADD COLUMN team_id {id};
ALTER TABLE contacts_contact ADD COLUMN owner_id {id};
ALTER TABLE contacts_contact ADD COLUMN team_id {id};
CREATE INDEX contacts_account_owner ON contacts_account (tenant_id, owner_id, id) WHERE owner_id IS NOT NULL;
CREATE INDEX contacts_account_team ON contacts_account (tenant_id, team_id, id) WHERE team_id IS NOT NULL;
CREATE INDEX contacts_account_team_by_name ON contacts_account (tenant_id, team_id, name_sort, id) WHERE team_id IS NOT NULL;
CREATE INDEX contacts_account_team_by_created ON contacts_account (tenant_id, team_id, created_at, id) WHERE team_id IS NOT NULL;
CREATE INDEX contacts_contact_owner ON contacts_contact (tenant_id, owner_id, id) WHERE owner_id IS NOT NULL;
CREATE INDEX contacts_contact_team ON contacts_contact (tenant_id, team_id, id) WHERE team_id IS NOT NULL;
CREATE INDEX contacts_contact_team_by_display_name
    ON contacts_contact (tenant_id, team_id, display_name_sort, id) WHERE team_id IS NOT NULL;
CREATE INDEX contacts_contact_team_by_created ON contacts_contact (tenant_id, team_id, created_at, id) WHERE team_id IS NOT NULL;
";
