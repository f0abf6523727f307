//! The JSON Schema of the configuration, for editors: made of `config/default.toml` and the settings of the modules.

use config::{File, FileFormat, Source as _, Value, ValueKind};
use serde_json::{Map, Value as Json, json};
use shoal_core::module::Composition;

use super::layers::{DEFAULTS, Kind, OPTIONAL};
use super::modules::key_of;

/// The JSON Schema of configuration files for a program of these modules.
pub fn schema(modules: &Composition) -> Json {
    let mut sections = own();
    let settings = modules.modules().iter().filter(|module| module.settings.names().next().is_some());
    let settings: Map<String, Json> = settings
        .map(|module| {
            let setting = |name: &str| (key_of(name), module.settings.schema["properties"][name].clone());
            (module.manifest.id.to_owned(), table(module.settings.names().map(setting).collect()))
        })
        .collect();
    if !settings.is_empty() {
        sections.insert("modules".to_owned(), table(settings));
    }
    let mut schema = table(sections);
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("Configuration of Shoal");
    schema
}

fn table(properties: Map<String, Json>) -> Json {
    let mut table = json!({"type": "object", "additionalProperties": false});
    table["properties"] = Json::Object(properties);
    table
}

/// The sections of the defaults. What is said above a key, or above those right before it, describes it.
fn own() -> Map<String, Json> {
    let defaults = File::from_str(DEFAULTS, FileFormat::Toml).collect().unwrap_or_default();
    let mut sections: Map<String, Json> = Map::new();
    let (mut section, mut said, mut goes_on) = (String::new(), String::new(), false);
    for line in DEFAULTS.lines() {
        let comment = line.strip_prefix("# ");
        let key = comment.unwrap_or(line).split_once(" = ").map(|(key, _)| key);
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            name.clone_into(&mut section);
            sections.insert(section.clone(), table(Map::new()));
            said.clear();
        } else if let Some(key) = key
            && (comment.is_none() || OPTIONAL.contains(&format!("{section}.{key}").as_str()))
        {
            let default = defaults.get(&section).and_then(|section| value_in(section, key));
            sections[&section]["properties"][key] = property(default, &said);
            goes_on = false;
        } else if let Some(comment) = comment {
            if !goes_on {
                said.clear();
            }
            let separator = if said.is_empty() { "" } else { " " };
            said.push_str(separator);
            said.push_str(comment);
            goes_on = true;
        }
    }
    sections
}

fn value_in<'v>(section: &'v Value, key: &str) -> Option<&'v Value> {
    match &section.kind {
        ValueKind::Table(entries) => entries.get(key),
        _ => None,
    }
}

fn property(default: Option<&Value>, said: &str) -> Json {
    let ty = match default.map_or(Kind::Text, Kind::of) {
        Kind::Boolean => "boolean",
        Kind::Integer => "integer",
        Kind::Fraction => "number",
        Kind::List => "array",
        _ => "string",
    };
    let mut property = json!({"type": ty, "description": said});
    if let Some(default) = default.and_then(|value| value.clone().try_deserialize::<Json>().ok()) {
        property["default"] = default;
    }
    property
}
