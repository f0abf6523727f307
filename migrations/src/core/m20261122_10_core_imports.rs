use crate::ddl::Definitions;

/// Files that become records, and what became of each row.
pub(super) const MIGRATION: Definitions =
    Definitions { name: "m20261122_10_core_imports", texts: &[IMPORTS, ROWS] };

const IMPORTS: &str = r"
CREATE TABLE core_import (
    tenant_id {id} NOT NULL,
    id {id} NOT NULL,
    record_type {text} NOT NULL,
    file_id {id},
    file_name {text} NOT NULL,
    state {text} NOT NULL,
    preset {text},
    format {json},
    columns {json},
    samples {json},
    sha256 {text},
    spool_id {id},
    total_rows {long},
    mode {text} NOT NULL,
    match_by {text},
    date_order {text},
    decimal_comma {bool} NOT NULL,
    mapping {json} NOT NULL,
    identity {id},
    rows_of {id} NOT NULL,
    job_id {id},
    created_rows {long} NOT NULL,
    updated_rows {long} NOT NULL,
    unchanged_rows {long} NOT NULL,
    refused_rows {long} NOT NULL,
    kept_rows {long} NOT NULL,
    error {text},
    error_file_id {id},
    created_at {instant} NOT NULL,
    created_by {id},
    updated_at {instant} NOT NULL,
    updated_by {id},
    version {int} NOT NULL,
    PRIMARY KEY (tenant_id, id)
) {table};

CREATE INDEX core_import_creator ON core_import (tenant_id, created_by, id);
CREATE INDEX core_import_identity ON core_import (tenant_id, identity) WHERE identity IS NOT NULL;
";

const ROWS: &str = r"
CREATE TABLE core_import_row (
    tenant_id {id} NOT NULL,
    id {id} NOT NULL,
    import_id {id} NOT NULL,
    row {long} NOT NULL,
    line {long} NOT NULL,
    outcome {key} NOT NULL,
    record_id {id},
    record_version {int},
    key {key},
    before {json},
    errors {json},
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, import_id) REFERENCES core_import (tenant_id, id) ON DELETE RESTRICT
) {table};

CREATE UNIQUE INDEX core_import_row_number ON core_import_row (tenant_id, import_id, row);
CREATE INDEX core_import_row_refused ON core_import_row (tenant_id, import_id, outcome, row)
    WHERE outcome IN ('REFUSED', 'KEPT');
CREATE INDEX core_import_row_record ON core_import_row (tenant_id, record_id) WHERE record_id IS NOT NULL;
CREATE INDEX core_import_row_key ON core_import_row (tenant_id, import_id, key) WHERE key IS NOT NULL;
";
