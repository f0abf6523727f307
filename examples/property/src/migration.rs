//! The module's tables.

use shoal_migrations::ddl::Definitions;

/// The first tables.
pub(crate) const RECORDS: Definitions =
    Definitions { name: "m20261122_1_property_records", texts: &[TABLES] };

const TABLES: &str = r"
CREATE TABLE property_building (
    tenant_id {id} NOT NULL,
    id {id} NOT NULL,
    name {text} NOT NULL,
    name_sort {key} NOT NULL,
    city {text} NOT NULL,
    account_id {id},
    updated_at {instant} NOT NULL,
    updated_by {id},
    version {int} NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, account_id) REFERENCES contacts_account (tenant_id, id) ON DELETE RESTRICT
) {table};
CREATE INDEX property_building_name ON property_building (tenant_id, name_sort, id);
CREATE INDEX property_building_account ON property_building (tenant_id, account_id, id);

CREATE TABLE property_unit (
    tenant_id {id} NOT NULL,
    id {id} NOT NULL,
    building_id {id} NOT NULL,
    number {text} NOT NULL,
    floor {int} NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, building_id) REFERENCES property_building (tenant_id, id) ON DELETE RESTRICT
) {table};
CREATE INDEX property_unit_building ON property_unit (tenant_id, building_id, id);

CREATE TABLE property_residency (
    tenant_id {id} NOT NULL,
    id {id} NOT NULL,
    unit_id {id} NOT NULL,
    contact_id {id} NOT NULL,
    kind {text} NOT NULL,
    valid_from {date},
    valid_to {date},
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, unit_id) REFERENCES property_unit (tenant_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts_contact (tenant_id, id) ON DELETE RESTRICT
) {table};
CREATE INDEX property_residency_unit ON property_residency (tenant_id, unit_id, id);
CREATE INDEX property_residency_contact ON property_residency (tenant_id, contact_id, id);

CREATE TABLE property_repair_request (
    tenant_id {id} NOT NULL,
    id {id} NOT NULL,
    unit_id {id} NOT NULL,
    contact_id {id} NOT NULL,
    description {text} NOT NULL,
    created_at {instant} NOT NULL,
    owner_id {id},
    team_id {id},
    version {int} NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, unit_id) REFERENCES property_unit (tenant_id, id) ON DELETE RESTRICT,
    FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts_contact (tenant_id, id) ON DELETE RESTRICT
) {table};
CREATE INDEX property_repair_request_unit ON property_repair_request (tenant_id, unit_id, id);
CREATE INDEX property_repair_request_contact ON property_repair_request (tenant_id, contact_id, id);
CREATE INDEX property_repair_request_created ON property_repair_request (tenant_id, created_at, id);
CREATE INDEX property_repair_request_owner ON property_repair_request (tenant_id, owner_id, id) WHERE owner_id IS NOT NULL;
CREATE INDEX property_repair_request_team ON property_repair_request (tenant_id, team_id, id) WHERE team_id IS NOT NULL;
";
