use crate::ddl::Definitions;

/// The keys that somebody made are looked for when they leave.
pub(super) const MIGRATION: Definitions = Definitions {
    name: "m20261122_5_core_api_key_makers",
    texts: &["CREATE INDEX core_api_key_maker ON core_api_key (tenant_id, created_by, id)"],
};
