//! `[modules.<id>]`: the settings of modules in the configuration.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

use std::fs;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use shoal_core::module::{Composition, Manifest, Module, Modules, Settings, SettingsSchema, Translations};
use shoal_gateway::config::{Loaded, Loader, schema};
use shoal_graphql::declare::ModuleRegistry;
use shoal_graphql::message::Message;
use tempfile::TempDir;

/// How loud.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
enum Volume {
    Low,
    High,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
struct DeskSettings {
    /// Whether it is open at night.
    open_at_night: bool,
    /// How many may wait.
    longest_queue: u32,
    /// Of how many calls.
    quota: f64,
    /// How loud it rings.
    volume: Volume,
    /// Where.
    towns: Vec<String>,
    /// What it shows to the telephone exchange.
    #[schemars(extend("writeOnly" = true))]
    exchange_key: Option<String>,
}

impl Default for DeskSettings {
    fn default() -> Self {
        let (volume, towns) = (Volume::Low, Vec::new());
        Self { open_at_night: false, longest_queue: 9, quota: 0.5, volume, towns, exchange_key: None }
    }
}

impl Settings for DeskSettings {
    const MODULE: &'static str = "help_desk";

    fn check(&self) -> Vec<(&'static str, Message)> {
        let none = (self.longest_queue == 0).then(|| ("longestQueue", "must be at least 1".into()));
        none.into_iter().collect()
    }
}

struct Desk;

const TEXTS: &str =
    "module-title = Desk\nmodule-summary = Desk\nsetting-openAtNight = a\nsetting-longestQueue = b
setting-quota = c\nsetting-volume = d\nsetting-towns = e\nsetting-exchangeKey = f\n";

impl Module for Desk {
    fn manifest(&self) -> Manifest {
        Manifest { id: "help_desk", version: "1", requires: &[], integrates: &[] }
    }

    fn declare(&self, _: &mut ModuleRegistry<'_>) {}

    fn translations(&self) -> Translations {
        Translations { en: TEXTS, zh_cn: TEXTS, ru: TEXTS }
    }

    fn settings(&self) -> SettingsSchema {
        SettingsSchema::of::<DeskSettings>()
    }
}

fn composition() -> Composition {
    Modules::new().with(Desk).compose().unwrap()
}

/// Loads from a file and variables.
fn load(file: &str, variables: &[(&str, &str)]) -> Result<Loaded, String> {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("local.toml"), file).unwrap();
    let directory = folder.path().to_str().unwrap().to_owned();
    let variables = [("SHOAL_CONFIG_DIR", directory.as_str())].into_iter().chain(variables.iter().copied());
    let variables = variables.map(|(key, value)| (key.to_owned(), value.to_owned()));
    let loaded = Loader::new(variables).with_modules(&composition()).load();
    loaded.map_err(|error| error.to_string().replace(&directory, "config"))
}

/// What holds in the module, with these layers.
fn settings(file: &str, variables: &[(&str, &str)]) -> Json {
    let loaded = load(file, variables).unwrap();
    composition().settings(&loaded.config.modules)["help_desk"].clone()
}

#[test]
fn values_stand_over_the_defaults_of_the_module() {
    assert_eq!(
        settings("", &[]),
        json!({"openAtNight": false, "longestQueue": 9, "quota": 0.5, "volume": "LOW", "towns": [], "exchangeKey": null})
    );
    let file = "[modules.help_desk]\nopen_at_night = true\nlongest_queue = 3\nquota = 2\ntowns = [\"a\"]";
    let variables = [
        ("SHOAL__MODULES__HELP_DESK__LONGEST_QUEUE", "1_000"),
        ("SHOAL__MODULES__HELP_DESK__VOLUME", "HIGH"),
        ("SHOAL__MODULES__HELP_DESK__EXCHANGE_KEY", "hunter2"),
    ];
    assert_eq!(
        settings(file, &variables),
        json!({"openAtNight": true, "longestQueue": 1000, "quota": 2, "volume": "HIGH", "towns": ["a"], "exchangeKey": "hunter2"})
    );
    let variables = [
        ("SHOAL__MODULES__HELP_DESK__TOWNS", "[\"b\", \"c\"]"),
        ("SHOAL__MODULES__HELP_DESK__QUOTA", "1.5"),
        ("SHOAL__MODULES__HELP_DESK__OPEN_AT_NIGHT", "false"),
    ];
    let both = settings(file, &variables);
    assert_eq!((&both["towns"], &both["quota"]), (&json!(["b", "c"]), &json!(1.5)));
    assert_eq!((&both["openAtNight"], &both["longestQueue"]), (&json!(false), &json!(3)));
    let printed = load("[modules.help_desk]\nexchange_key = \"hunter2\"", &[]).unwrap();
    assert!(!format!("{printed:?}{}", printed.config.redacted()).contains("hunter2"));
}

#[test]
fn what_is_wrong_is_told_at_the_start() {
    let errors = [
        load(
            "modules = 1",
            &[
                ("SHOAL__MODULES__HELP_DESK__OPEN_AT_NITE", "true"),
                ("SHOAL__MODULES__HELP_DSK__QUOTA", "1"),
                ("SHOAL__MODULES__HELP_DESK__QUOTA", "much"),
                ("SHOAL__MODULES__HELP_DESK__TOWNS", "b"),
                ("SHOAL__MODULES__HELP_DESK__LONGEST_QUEUE", "hunter2"),
            ],
        ),
        load(
            "[modules.helpdesk]\nquota = 1\n[modules.help_desk]\nopenAtNight = true\nquota = \"1\"\ntowns = 1\n[modules.zzz]\na = 1\n[modules]\nx = 1",
            &[],
        ),
        load("[modules.help_desk]\nlongest_queue = 0", &[]),
        load("[modules.help_desk]\nlongest_queue = -1", &[]),
        load("", &[("SHOAL__MODULES__HELP_DESK__VOLUME", "MEDIUM")]),
    ];
    let errors: Vec<String> = errors.map(|error| error.expect_err("an error")).into();
    assert!(!errors.concat().contains("hunter2"));
    insta::assert_snapshot!(errors.join("\n"));
}

#[test]
fn the_json_schema_has_every_setting() {
    let schema = schema(&composition());
    assert_eq!(schema["properties"]["server"]["properties"]["port"]["default"], 8080);
    let url = &schema["properties"]["mail"]["properties"]["url"];
    assert_eq!(url["type"], "string");
    assert!(url["description"].as_str().unwrap().starts_with("The server that takes outgoing mail"), "{url}");
    let desk = &schema["properties"]["modules"]["properties"]["help_desk"];
    assert_eq!(desk["additionalProperties"], false);
    assert_eq!(
        desk["properties"]["longest_queue"],
        json!({"description": "How many may wait.", "type": "integer", "format": "uint32", "minimum": 0, "default": 9})
    );
    assert_eq!(desk["properties"]["exchange_key"]["writeOnly"], true);
    // The same keys as the loader takes.
    let redacted = load("", &[]).unwrap().config.redacted();
    for (section, values) in redacted.as_object().unwrap() {
        for key in values.as_object().unwrap().keys() {
            let described = &schema["properties"][section]["properties"][key]["description"];
            assert!(described.as_str().is_some_and(|text| !text.is_empty()), "{section}.{key}");
        }
    }
    assert!(schema["properties"]["database"]["properties"]["direct_url"].is_object());
}
