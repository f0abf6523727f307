use crate::ddl::Definitions;

/// Interactions: every touch, on whichever channel, and the contacts it was with.
pub(super) const MIGRATION: Definitions =
    Definitions { name: "m20261122_2_contacts_interactions", texts: &[INTERACTIONS] };

const INTERACTIONS: &str = r"
CREATE TABLE contacts_interaction (
    tenant_id {id} NOT NULL,
    id {id} NOT NULL,
    kind {key} NOT NULL,
    direction {key},
    at {instant} NOT NULL,
    duration_seconds {int},
    subject {text},
    body {text},
    place {text},
    latitude {long},
    longitude {long},
    outcome {text},
    account_id {id},
    message_key {key},
    created_at {instant} NOT NULL,
    created_by {id},
    updated_at {instant} NOT NULL,
    updated_by {id},
    version {int} NOT NULL,
    deleted_at {instant},
    owner_id {id},
    team_id {id},
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, account_id) REFERENCES contacts_account (tenant_id, id) ON DELETE RESTRICT
) {table};
CREATE INDEX contacts_interaction_at ON contacts_interaction (tenant_id, at, id);
CREATE INDEX contacts_interaction_created ON contacts_interaction (tenant_id, created_at, id);
CREATE INDEX contacts_interaction_account ON contacts_interaction (tenant_id, account_id, id) WHERE account_id IS NOT NULL;
CREATE UNIQUE INDEX contacts_interaction_message ON contacts_interaction (tenant_id, message_key) WHERE message_key IS NOT NULL;
CREATE INDEX contacts_interaction_owner ON contacts_interaction (tenant_id, owner_id, id) WHERE owner_id IS NOT NULL;
CREATE INDEX contacts_interaction_team ON contacts_interaction (tenant_id, team_id, id) WHERE team_id IS NOT NULL;
CREATE INDEX contacts_interaction_team_by_at ON contacts_interaction (tenant_id, team_id, at, id) WHERE team_id IS NOT NULL;
CREATE INDEX contacts_interaction_team_by_created
    ON contacts_interaction (tenant_id, team_id, created_at, id) WHERE team_id IS NOT NULL;

CREATE TABLE contacts_interaction_contact (
    tenant_id {id} NOT NULL,
    interaction_id {id} NOT NULL,
    contact_id {id} NOT NULL,
    PRIMARY KEY (tenant_id, interaction_id, contact_id),
    FOREIGN KEY (tenant_id, interaction_id) REFERENCES contacts_interaction (tenant_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts_contact (tenant_id, id) ON DELETE RESTRICT
) {pairs};
CREATE INDEX contacts_interaction_contact_contact ON contacts_interaction_contact (tenant_id, contact_id, interaction_id);
";
