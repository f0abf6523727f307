//! What a company may set.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shoal_core::module::Settings;

/// The settings of the module.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct PropertySettings {
    /// Whether only those who own or use a unit today may report repairs in it; neighbours and caretakers too if not.
    pub residents_only: bool,
}

impl Default for PropertySettings {
    fn default() -> Self {
        Self { residents_only: true }
    }
}

impl Settings for PropertySettings {
    const MODULE: &'static str = "property";
}
