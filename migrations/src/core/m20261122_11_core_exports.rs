use crate::ddl::Definitions;

/// Records that become files.
pub(super) const MIGRATION: Definitions =
    Definitions { name: "m20261122_11_core_exports", texts: &[EXPORTS] };

const EXPORTS: &str = r"
CREATE TABLE core_export (
    tenant_id {id} NOT NULL,
    id {id} NOT NULL,
    record_type {text} NOT NULL,
    format {text} NOT NULL,
    columns {json} NOT NULL,
    filter {json},
    order_by {json},
    job_id {id} NOT NULL,
    row_count {long},
    bytes {long},
    sha256 {text},
    file_id {id},
    manifest_id {id},
    created_at {instant} NOT NULL,
    created_by {id},
    updated_at {instant} NOT NULL,
    updated_by {id},
    version {int} NOT NULL,
    PRIMARY KEY (tenant_id, id)
) {table};

CREATE INDEX core_export_creator ON core_export (tenant_id, created_by, id);
";
