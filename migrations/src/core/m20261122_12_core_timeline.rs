use crate::ddl::Definitions;

/// Timelines: an entry for each record that something concerns, so that the first page of a record is one range of an index.
/// The source says what it is about; nothing of it is copied.
pub(super) const MIGRATION: Definitions =
    Definitions { name: "m20261122_12_core_timeline", texts: &[TIMELINE] };

const TIMELINE: &str = r"
CREATE TABLE core_timeline_entry (
    tenant_id {id} NOT NULL,
    id {id} NOT NULL,
    record_type {key} NOT NULL,
    record_id {id} NOT NULL,
    at {instant} NOT NULL,
    kind {key} NOT NULL,
    source_type {key},
    source_id {id},
    actor_id {id},
    changed {json},
    PRIMARY KEY (tenant_id, id)
) {table};

CREATE INDEX core_timeline_entry_record ON core_timeline_entry (tenant_id, record_id, at, id);
CREATE INDEX core_timeline_entry_kind ON core_timeline_entry (tenant_id, record_id, kind, at, id);
CREATE INDEX core_timeline_entry_source ON core_timeline_entry (tenant_id, source_id) WHERE source_id IS NOT NULL;
";
