use crate::ddl::Definitions;

/// Files: what is known of them. Their bytes are in the store of files, under company and id.
pub(super) const MIGRATION: Definitions = Definitions { name: "m20261122_9_core_files", texts: &[FILES] };

const FILES: &str = r"
CREATE TABLE core_file (
    tenant_id {id} NOT NULL,
    id {id} NOT NULL,
    name {text} NOT NULL,
    media_type {text} NOT NULL,
    size {long} NOT NULL,
    sha256 {text} NOT NULL,
    expires_at {instant},
    record_type {key},
    record_id {id},
    created_at {instant} NOT NULL,
    created_by {id},
    updated_at {instant} NOT NULL,
    updated_by {id},
    version {int} NOT NULL,
    PRIMARY KEY (tenant_id, id)
) {table};

CREATE INDEX core_file_record ON core_file (tenant_id, record_type, record_id, id) WHERE record_id IS NOT NULL;
CREATE INDEX core_file_creator ON core_file (tenant_id, created_by, id) WHERE created_by IS NOT NULL;
CREATE INDEX core_file_created ON core_file (tenant_id, created_at, id);
CREATE INDEX core_file_end ON core_file (tenant_id, expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX core_file_size ON core_file (tenant_id, size);
";
