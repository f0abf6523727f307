use crate::ddl::Definitions;

/// Secrets that companies set in modules stand apart from what is shown of a module.
pub(super) const MIGRATION: Definitions = Definitions {
    name: "m20261122_6_core_module_secrets",
    texts: &["ALTER TABLE core_module ADD COLUMN secrets {json}"],
};
