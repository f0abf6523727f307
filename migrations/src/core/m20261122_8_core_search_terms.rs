use crate::ddl::Definitions;

/// What records are found by.
pub(super) const MIGRATION: Definitions =
    Definitions { name: "m20261122_8_core_search_terms", texts: &[TERMS] };

/// A search reads a range of the key and nothing else. The index is for what a record is no longer found by, and for the
/// further words of a search: they are looked for in it alone.
const TERMS: &str = r"
CREATE TABLE core_term (
    tenant_id {id} NOT NULL,
    rank {int} NOT NULL,
    token {key} NOT NULL,
    record_id {id} NOT NULL,
    field {int} NOT NULL,
    source {long} NOT NULL,
    PRIMARY KEY (tenant_id, rank, token, record_id, field, source)
) {pairs};

CREATE INDEX core_term_record ON core_term (tenant_id, record_id, token, rank, field);
";
