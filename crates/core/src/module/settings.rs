//! What a company may set in a module: a Rust struct is the one place that says which settings there are.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use shoal_graphql::message;
use shoal_graphql::message::Message;

/// The settings of a module: a plain struct whose `Default` is what holds where nothing is set. Give it
/// `#[serde(default, deny_unknown_fields, rename_all = "camelCase")]` and a doc comment for each field. A secret has
/// `#[schemars(extend("writeOnly" = true))]`: it is never shown.
///
/// What holds is, setting by setting, what the company has set (`moduleSettingsUpdate`), else what the installation has
/// (`[modules.<id>]` of the configuration), else the struct's default.
pub trait Settings:
    Serialize + DeserializeOwned + JsonSchema + Default + Clone + Send + Sync + 'static
{
    /// The module's name.
    const MODULE: &'static str;

    /// What is wrong with the values, beyond their types: `(field, in words)`.
    fn check(&self) -> Vec<(&'static str, Message)> {
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
    check: fn(&Json) -> Vec<(String, Message)>,
}

impl SettingsSchema {
    /// A module without settings.
    pub fn none() -> Self {
        Self { schema: Json::Null, defaults: Json::Object(serde_json::Map::new()), check: |_| Vec::new() }
    }

    /// The settings `S`.
    pub fn of<S: Settings>() -> Self {
        // A plain struct always becomes JSON; the check at the start would find one that does not.
        let defaults = serde_json::to_value(S::default()).unwrap_or_default();
        Self { schema: schema_of::<S>(), defaults, check: check::<S> }
    }

    /// What is wrong with these values, which stand over the defaults: `(field, in words)`.
    pub fn check(&self, values: &Json) -> Vec<(String, Message)> {
        if !values.is_object() {
            return vec![(
                String::new(),
                message!("settings-invalid", "must be an object of values by name"),
            )];
        }
        let unknown = values.as_object().into_iter().flat_map(|given| given.keys());
        let unknown: Vec<_> =
            unknown.filter(|name| !self.has(name)).map(|name| unknown_setting(name)).collect();
        if unknown.is_empty() { (self.check)(values) } else { unknown }
    }

    fn has(&self, name: &str) -> bool {
        self.names().any(|known| known == name) || self.schema["properties"].get(name).is_some()
    }

    /// Whether a setting is never shown.
    pub fn is_secret(&self, name: &str) -> bool {
        self.schema["properties"][name]["writeOnly"] == true
    }

    /// A setting that has secrets inside: only a whole setting can be one.
    pub(crate) fn with_nested_secret(&self) -> Option<String> {
        let mut all = self.schema["properties"].as_object()?.iter();
        all.find(|(_, schema)| parts(schema).any(has_secret)).map(|(name, _)| name.clone())
    }

    /// The names of the settings.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.defaults.as_object().into_iter().flat_map(|fields| fields.keys().map(String::as_str))
    }
}

/// As one piece, without definitions beside it.
fn schema_of<S: Settings>() -> Json {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    settings.into_generator().into_root_schema_for::<S>().to_value()
}

/// What the installation sets in its modules: values by module and setting, which the settings of the modules have
/// [checked](SettingsSchema::check).
#[derive(Clone, Default, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct Installed(pub BTreeMap<String, Map<String, Json>>);

impl Installed {
    /// What is set in a module.
    pub fn of(&self, module: &str) -> Option<&Map<String, Json>> {
        self.0.get(module)
    }
}

impl fmt::Debug for Installed {
    /// Without the values, which may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.0.iter().map(|(module, values)| (module, values.keys().collect::<Vec<_>>()));
        f.debug_map().entries(names).finish()
    }
}

fn unknown_setting(name: &str) -> (String, Message) {
    (name.to_owned(), message!("setting-unknown", "is not a setting of this module"))
}

fn parts(schema: &Json) -> impl Iterator<Item = &Json> {
    let fields = schema.as_object().into_iter().flat_map(Map::values);
    fields.chain(schema.as_array().into_iter().flatten())
}

fn has_secret(schema: &Json) -> bool {
    schema["writeOnly"] == true || parts(schema).any(has_secret)
}

fn check<S: Settings>(values: &Json) -> Vec<(String, Message)> {
    match serde_path_to_error::deserialize::<_, S>(values) {
        Ok(settings) => {
            settings.check().into_iter().map(|(field, message)| (field.to_owned(), message)).collect()
        }
        Err(error) => {
            let mistake = error.inner().to_string();
            vec![(
                error.path().to_string(),
                message!("setting-invalid", "cannot be used: {mistake}", mistake),
            )]
        }
    }
}
