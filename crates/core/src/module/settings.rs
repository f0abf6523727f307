//! What a company may set in a module: a Rust struct is the one place that says which settings there are.

use schemars::{JsonSchema, schema_for};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

/// The settings of a module: a plain struct whose `Default` is what holds where nothing is set. Give it
/// `#[serde(default, deny_unknown_fields, rename_all = "camelCase")]` and a doc comment for each field.
pub trait Settings:
    Serialize + DeserializeOwned + JsonSchema + Default + Clone + Send + Sync + 'static
{
    /// The module's name.
    const MODULE: &'static str;

    /// What is wrong with the values, beyond their types: `(field, in words)`.
    fn check(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}

/// The settings of a module without their type.
#[derive(Debug, Clone)]
pub struct SettingsSchema {
    /// JSON Schema of the values; `null` if there are none.
    pub schema: Json,
    /// What holds where nothing is set.
    pub defaults: Json,
    check: fn(&Json) -> Vec<(String, String)>,
}

impl SettingsSchema {
    /// A module without settings.
    pub fn none() -> Self {
        Self { schema: Json::Null, defaults: Json::Object(serde_json::Map::new()), check: refuse_all }
    }

    /// The settings `S`.
    pub fn of<S: Settings>() -> Self {
        // A plain struct always becomes JSON; the check at the start would find one that does not.
        let defaults = serde_json::to_value(S::default()).unwrap_or_default();
        Self { schema: schema_for!(S).to_value(), defaults, check: check::<S> }
    }

    /// What is wrong with these values, which stand over the defaults: `(field, in words)`.
    pub fn check(&self, values: &Json) -> Vec<(String, String)> {
        if !values.is_object() {
            return vec![(String::new(), "must be an object of values by name".to_owned())];
        }
        (self.check)(values)
    }

    /// The names of the settings.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.defaults.as_object().into_iter().flat_map(|fields| fields.keys().map(String::as_str))
    }
}

fn refuse_all(values: &Json) -> Vec<(String, String)> {
    let names = values.as_object().into_iter().flat_map(|fields| fields.keys());
    names.map(|name| (name.clone(), "is not a setting of this module".to_owned())).collect()
}

fn check<S: Settings>(values: &Json) -> Vec<(String, String)> {
    match serde_path_to_error::deserialize::<_, S>(values) {
        Ok(settings) => {
            settings.check().into_iter().map(|(field, message)| (field.to_owned(), message)).collect()
        }
        Err(error) => vec![(error.path().to_string(), error.inner().to_string())],
    }
}
