use crate::ddl::Definitions;

/// Roles, and how people and programs come in.
pub(super) const MIGRATION: Definitions =
    Definitions { name: "m20261122_2_core_access", texts: &[ROLES, SIGN_IN] };

const ROLES: &str = r"
CREATE TABLE core_role (
    tenant_id {id} NOT NULL,
    id {id} NOT NULL,
    name {text} NOT NULL,
    name_sort {key} NOT NULL,
    description {text},
    built_in {text},
    created_at {instant} NOT NULL,
    created_by {id},
    updated_at {instant} NOT NULL,
    updated_by {id},
    version {int} NOT NULL,
    PRIMARY KEY (tenant_id, id)
) {table};

CREATE UNIQUE INDEX core_role_name ON core_role (tenant_id, name_sort);

CREATE TABLE core_role_right (
    tenant_id {id} NOT NULL,
    id {id} NOT NULL,
    role_id {id} NOT NULL,
    name {key} NOT NULL,
    scope {text} NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, role_id) REFERENCES core_role (tenant_id, id) ON DELETE RESTRICT
) {table};

CREATE UNIQUE INDEX core_role_right_name ON core_role_right (tenant_id, role_id, name);

CREATE TABLE core_user_role (
    tenant_id {id} NOT NULL,
    user_id {id} NOT NULL,
    role_id {id} NOT NULL,
    PRIMARY KEY (tenant_id, user_id, role_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES core_user (tenant_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (tenant_id, role_id) REFERENCES core_role (tenant_id, id) ON DELETE RESTRICT
) {pairs};

CREATE INDEX core_user_role_role ON core_user_role (tenant_id, role_id, user_id);
";

/// Secrets are kept as hashes; passwords by Argon2id, random ones by SHA-256.
const SIGN_IN: &str = r"
CREATE TABLE core_credential (
    tenant_id {id} NOT NULL,
    user_id {id} NOT NULL,
    password_hash {text},
    failures {int} NOT NULL,
    locked_until {instant},
    changed_at {instant} NOT NULL,
    PRIMARY KEY (tenant_id, user_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES core_user (tenant_id, id) ON DELETE RESTRICT
) {table};

CREATE TABLE core_session (
    tenant_id {id} NOT NULL,
    id {id} NOT NULL,
    user_id {id} NOT NULL,
    secret_hash {text} NOT NULL,
    device {text},
    address {text},
    created_at {instant} NOT NULL,
    used_at {instant} NOT NULL,
    expires_at {instant} NOT NULL,
    revoked_at {instant},
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES core_user (tenant_id, id) ON DELETE RESTRICT
) {table};

CREATE INDEX core_session_user ON core_session (tenant_id, user_id, id);
CREATE INDEX core_session_used ON core_session (tenant_id, used_at, id);
CREATE INDEX core_session_expires ON core_session (tenant_id, expires_at);

CREATE TABLE core_link (
    tenant_id {id} NOT NULL,
    id {id} NOT NULL,
    user_id {id} NOT NULL,
    purpose {text} NOT NULL,
    secret_hash {text} NOT NULL,
    created_at {instant} NOT NULL,
    expires_at {instant} NOT NULL,
    used_at {instant},
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES core_user (tenant_id, id) ON DELETE RESTRICT
) {table};

CREATE INDEX core_link_user ON core_link (tenant_id, user_id);
CREATE INDEX core_link_expires ON core_link (tenant_id, expires_at);

CREATE TABLE core_api_key (
    tenant_id {id} NOT NULL,
    id {id} NOT NULL,
    name {text} NOT NULL,
    name_sort {key} NOT NULL,
    secret_hash {text} NOT NULL,
    hint {text} NOT NULL,
    expires_at {instant},
    used_at {instant},
    revoked_at {instant},
    created_at {instant} NOT NULL,
    created_by {id},
    updated_at {instant} NOT NULL,
    updated_by {id},
    version {int} NOT NULL,
    PRIMARY KEY (tenant_id, id)
) {table};

CREATE INDEX core_api_key_name ON core_api_key (tenant_id, name_sort, id);

CREATE TABLE core_api_key_role (
    tenant_id {id} NOT NULL,
    api_key_id {id} NOT NULL,
    role_id {id} NOT NULL,
    PRIMARY KEY (tenant_id, api_key_id, role_id),
    FOREIGN KEY (tenant_id, api_key_id) REFERENCES core_api_key (tenant_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (tenant_id, role_id) REFERENCES core_role (tenant_id, id) ON DELETE RESTRICT
) {pairs};

CREATE INDEX core_api_key_role_role ON core_api_key_role (tenant_id, role_id, api_key_id);
";
