//! `[modules.<id>]`: what the installation sets in its modules, under the companies' own settings.

use serde_json::{Map, Value as Json};
use shoal_core::module::{Composition, Installed, SettingsSchema};

use super::layers::Kind;

/// The section above those of the modules.
pub(super) const SECTION: &str = "modules";

/// Whether a key is of a module.
pub(super) fn is_key(key: &str) -> bool {
    key.strip_prefix(SECTION).is_some_and(|rest| rest.starts_with('.'))
}

/// The name of a setting in the configuration: `residentsOnly` is `residents_only`.
pub fn key_of(setting: &str) -> String {
    setting.chars().fold(String::new(), |mut key, letter| {
        if letter.is_ascii_uppercase() {
            key.push('_');
        }
        key.push(letter.to_ascii_lowercase());
        key
    })
}

/// The settings of all modules.
#[derive(Debug, Clone, Default)]
pub(super) struct ModuleKeys(Vec<(&'static str, SettingsSchema)>);

impl ModuleKeys {
    pub(super) fn of(modules: &Composition) -> Self {
        Self(modules.modules().iter().map(|module| (module.manifest.id, module.settings.clone())).collect())
    }

    /// The keys, `modules.<id>.<key>`, and their types.
    pub(super) fn keys(&self) -> impl Iterator<Item = (String, Kind)> {
        self.0.iter().flat_map(|(id, settings)| {
            let key = move |name| format!("{SECTION}.{id}.{}", key_of(name));
            settings.names().map(move |name| (key(name), kind(&settings.schema["properties"][name]["type"])))
        })
    }

    /// Gives the values that were read the names of the settings. What is wrong with them: `(key, in words)`.
    pub(super) fn take(&self, read: &mut Installed) -> Vec<(String, String)> {
        let mut findings = Vec::new();
        for (id, settings) in &self.0 {
            let Some(values) = read.0.get_mut(*id) else { continue };
            let mut by_key = std::mem::take(values);
            let named = |name: &str| Some((name.to_owned(), by_key.remove(&key_of(name))?));
            let named: Map<String, Json> = settings.names().filter_map(named).collect();
            let named = Json::Object(named);
            for (path, message) in settings.check(&named) {
                let name = path.split(['.', '[']).next().unwrap_or_default();
                // The message may repeat the value.
                let message =
                    if settings.is_secret(name) { "cannot be used".to_owned() } else { message.to_string() };
                findings.push((format!("{SECTION}.{id}.{}", key_of(name)), message));
            }
            if let Json::Object(named) = named {
                *values = named;
            }
        }
        findings
    }
}

/// The type that a JSON Schema asks for, whether or not it may be null.
fn kind(schema: &Json) -> Kind {
    let named = schema.as_array().and_then(|types| types.iter().find(|name| *name != "null"));
    match named.unwrap_or(schema).as_str() {
        Some("boolean") => Kind::Boolean,
        Some("integer") => Kind::Integer,
        Some("number") => Kind::Fraction,
        Some("string") => Kind::Text,
        Some("array") => Kind::List,
        Some("object") => Kind::Table,
        _ => Kind::Any,
    }
}
