use crate::ddl::Definitions;

/// Companies, their people, teams and modules.
pub(super) const MIGRATION: Definitions =
    Definitions { name: "m20261122_1_core_people", texts: &[TENANTS, PEOPLE] };

/// A tenant's id stands in both parts of its key, so that it is a record like any other.
const TENANTS: &str = r"
CREATE TABLE core_tenant (
    tenant_id {id} NOT NULL,
    id {id} NOT NULL,
    slug {key} NOT NULL,
    name {text} NOT NULL,
    name_sort {key} NOT NULL,
    locale {text} NOT NULL,
    time_zone {text} NOT NULL,
    base_currency {text} NOT NULL,
    phone_region {text},
    fiscal_year_start {int} NOT NULL,
    access_revision {long} NOT NULL,
    created_at {instant} NOT NULL,
    created_by {id},
    updated_at {instant} NOT NULL,
    updated_by {id},
    version {int} NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CHECK (tenant_id = id)
) {table};

CREATE UNIQUE INDEX core_tenant_slug ON core_tenant (slug);

CREATE TABLE core_module (
    tenant_id {id} NOT NULL,
    id {id} NOT NULL,
    name {key} NOT NULL,
    state {text} NOT NULL,
    settings {json} NOT NULL,
    created_at {instant} NOT NULL,
    created_by {id},
    updated_at {instant} NOT NULL,
    updated_by {id},
    version {int} NOT NULL,
    PRIMARY KEY (tenant_id, id)
) {table};

CREATE UNIQUE INDEX core_module_name ON core_module (tenant_id, name);
";

const PEOPLE: &str = r"
CREATE TABLE core_user (
    tenant_id {id} NOT NULL,
    id {id} NOT NULL,
    email {text} NOT NULL,
    email_key {key} NOT NULL,
    name {text} NOT NULL,
    name_sort {key} NOT NULL,
    language {text},
    time_zone {text},
    active {bool} NOT NULL,
    created_at {instant} NOT NULL,
    created_by {id},
    updated_at {instant} NOT NULL,
    updated_by {id},
    version {int} NOT NULL,
    PRIMARY KEY (tenant_id, id)
) {table};

CREATE UNIQUE INDEX core_user_email ON core_user (tenant_id, email_key);
CREATE INDEX core_user_name ON core_user (tenant_id, name_sort, id);
CREATE INDEX core_user_sign_in ON core_user (email_key, tenant_id);

CREATE TABLE core_team (
    tenant_id {id} NOT NULL,
    id {id} NOT NULL,
    name {text} NOT NULL,
    name_sort {key} NOT NULL,
    parent_id {id},
    created_at {instant} NOT NULL,
    created_by {id},
    updated_at {instant} NOT NULL,
    updated_by {id},
    version {int} NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, parent_id) REFERENCES core_team (tenant_id, id) ON DELETE RESTRICT
) {table};

CREATE UNIQUE INDEX core_team_name ON core_team (tenant_id, name_sort, id);
CREATE INDEX core_team_parent ON core_team (tenant_id, parent_id, name_sort, id);

CREATE TABLE core_team_member (
    tenant_id {id} NOT NULL,
    team_id {id} NOT NULL,
    user_id {id} NOT NULL,
    PRIMARY KEY (tenant_id, team_id, user_id),
    FOREIGN KEY (tenant_id, team_id) REFERENCES core_team (tenant_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (tenant_id, user_id) REFERENCES core_user (tenant_id, id) ON DELETE RESTRICT
) {pairs};

CREATE INDEX core_team_member_user ON core_team_member (tenant_id, user_id, team_id);

CREATE TABLE core_module_team (
    tenant_id {id} NOT NULL,
    module_id {id} NOT NULL,
    team_id {id} NOT NULL,
    PRIMARY KEY (tenant_id, module_id, team_id),
    FOREIGN KEY (tenant_id, module_id) REFERENCES core_module (tenant_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (tenant_id, team_id) REFERENCES core_team (tenant_id, id) ON DELETE RESTRICT
) {pairs};

CREATE INDEX core_module_team_team ON core_module_team (tenant_id, team_id, module_id);
";
