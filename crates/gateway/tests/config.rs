//! Layers, and errors that help.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests may fail the test")]

use std::fs;

use serde_json::Value;
use shoal_gateway::config::{Loaded, Loader};
use tempfile::TempDir;

/// Loads from files and variables; an error as text, with the folder called `config`.
fn load(files: &[(&str, &str)], variables: &[(&str, &str)]) -> Result<Loaded, String> {
    let folder = TempDir::new().unwrap();
    for (name, content) in files {
        fs::write(folder.path().join(name), content).unwrap();
    }
    let directory = folder.path().to_str().unwrap().to_owned();
    let own = [("SHOAL_CONFIG_DIR".to_owned(), directory.clone())];
    let others = variables.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    let loaded = Loader::new(own.into_iter().chain(others)).load();
    loaded.map_err(|error| error.to_string().replace(&directory, "config"))
}

fn error(files: &[(&str, &str)], variables: &[(&str, &str)]) -> String {
    load(files, variables).expect_err("an error")
}

#[test]
fn defaults_are_enough() {
    let loaded = load(&[], &[]).unwrap();
    assert_eq!((loaded.environment.as_str(), loaded.sources), ("development", vec!["defaults".to_owned()]));
    insta::assert_json_snapshot!(loaded.config.redacted());
}

#[test]
fn later_layers_win() {
    let files = [
        ("development.toml", "[server]\nport = 1\nmax_queue = 1\n[log]\nlevel = \"debug\""),
        ("local.toml", "[server]\nport = 2\nmax_concurrency = 2"),
        ("test.toml", "[server]\nport = 9"),
    ];
    let variables = [
        ("SHOAL__SERVER__PORT", "3"),
        ("SHOAL__GRAPHQL__GRAPHIQL", "false"),
        ("SHOAL__DATABASE__DIRECT_URL", "postgres://me:1234@db/x"),
        ("SHOALS", "other"),
        ("SHOAL_OTHER", "other"),
    ];
    let config = load(&files, &variables).unwrap().config;
    assert_eq!((config.server.port, config.server.max_concurrency, config.server.max_queue), (3, 2, 1));
    assert_eq!((config.log.level.as_str(), config.graphql.graphiql), ("debug", false));
    assert_eq!(config.database.direct_url().expose(), "postgres://me:1234@db/x");
    assert_eq!(load(&files[2..], &[("SHOAL_ENV", "test")]).unwrap().config.server.port, 9);
}

#[test]
fn proxies_are_a_list_or_one_text() {
    let file = [("local.toml", "[server]\ntrusted_proxies = [\"10.0.0.0/8\", \"::1\"]")];
    let variable = [("SHOAL__SERVER__TRUSTED_PROXIES", "10.0.0.0/8, ::1")];
    let [listed, said] = [load(&file, &[]), load(&[], &variable)].map(|loaded| loaded.unwrap().config.server);
    assert_eq!(listed.trusted_proxies, said.trusted_proxies);
    assert!(said.trusted_proxies.contains("10.1.2.3".parse().unwrap()));
    assert!(
        load(&[], &[("SHOAL__SERVER__TRUSTED_PROXIES", "")])
            .unwrap()
            .config
            .server
            .trusted_proxies
            .is_empty()
    );
}

#[test]
fn the_files_of_the_project_are_valid() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../config");
    let production = fs::read_to_string(format!("{folder}/production.example.toml")).unwrap();
    let config = load(&[("production.toml", &production)], &[("SHOAL_ENV", "production")]).unwrap().config;
    assert!(!config.graphql.graphiql);
    for environment in ["development", "test"] {
        let file = fs::read_to_string(format!("{folder}/{environment}.toml")).unwrap();
        load(&[(&format!("{environment}.toml"), &file)], &[("SHOAL_ENV", environment)]).unwrap();
    }
}

#[test]
fn unknown_keys_name_the_place_and_the_nearest_key() {
    let file = "wrong = 1\nport = 1\n[server]\nprot = 1\nurl = \"x\"\nzzz = 1\n[srever]\nport = 1\n[server.deep]\na = 1";
    let variables = [
        ("SHOAL__SERVER__PROT", "1"),
        ("SHOAL__DATABASE__MAX_CONNECTION", "1"),
        ("SHOAL__LEVEL", "info"),
        ("SHOAL__", "x"),
    ];
    insta::assert_snapshot!(error(&[("local.toml", file)], &variables));
}

#[test]
fn wrong_types_name_the_key() {
    let file =
        "log = \"info\"\n[server]\nport = \"80\"\nmax_queue = 1.5\ncompression = 1\n[database]\nurl = 7";
    let variables = [("SHOAL__SERVER__PORT", "eighty"), ("SHOAL__SERVER__COMPRESSION", "yes")];
    insta::assert_snapshot!(error(&[("development.toml", file)], &variables));
}

#[test]
fn wrong_values_name_the_key() {
    let errors = [
        error(&[("local.toml", "[server]\nport = 70000")], &[]),
        error(&[], &[("SHOAL__SERVER__PORT", "-1")]),
        error(&[], &[("SHOAL__SERVER__HOST", "localhost")]),
        error(&[("local.toml", "[log]\nformat = \"yaml\"")], &[]),
        error(
            &[("local.toml", "[server]\nmax_concurrency = 0\n[log]\nlevel = \"a=b=c\"")],
            &[
                ("SHOAL__SERVER__KEEP_ALIVE_SECONDS", "9999999"),
                ("SHOAL__DATABASE__URL", "mysql://me:secret@db/x"),
            ],
        ),
        error(&[], &[("SHOAL_ENV", "../etc")]),
        error(
            &[("local.toml", "[server]\npublic_url = \"https://x.example/crm\"\n[mail]\nfrom = \"nobody\"")],
            &[("SHOAL__MAIL__URL", "http://me:secret@x.example"), ("SHOAL__MAIL__TIMEOUT_SECONDS", "0")],
        ),
        error(&[("local.toml", "[server]\ntrusted_proxies = [\"10.0.0.0/33\"]")], &[]),
        error(&[], &[("SHOAL__SERVER__TRUSTED_PROXIES", "localhost")]),
        error(&[], &[("SHOAL__MAIL__URL", "smtp://x.example")]),
        error(&[("local.toml", "[graphql]\nmax_cost = 2_000_000")], &[]),
        error(
            &[("local.toml", "[graphql]\nrate_limit_per_minute = 1_000_000_000_001")],
            &[("SHOAL__GRAPHQL__RATE_LIMIT_BURST", "999_999")],
        ),
    ];
    insta::assert_snapshot!(errors.join("\n"));
}

#[test]
fn without_a_rate_limit_its_burst_does_not_matter() {
    let file = [("local.toml", "[graphql]\nrate_limit_per_minute = 0\nrate_limit_burst = 0\nmax_cost = 9")];
    assert_eq!(load(&file, &[]).unwrap().config.graphql.rate_limit(), None);
    let rate = load(&[], &[]).unwrap().config.graphql.rate_limit().unwrap();
    assert_eq!((rate.per_minute, rate.burst), (300_000, 1_000_000));
}

#[test]
fn secrets_are_never_printed() {
    let broken = error(&[("local.toml", "[database]\nurl = \"postgres://me:secret@db/x")], &[]);
    assert!(broken.contains("line 2") && !broken.contains("secret"), "{broken}");
    let section = error(&[("local.toml", "database = \"postgres://me:secret@db/x\"")], &[]);
    assert!(!section.contains("secret"), "{section}");
    let loaded = load(&[], &[("SHOAL__DATABASE__URL", "postgres://me:secret@db/x")]).unwrap();
    assert!(!format!("{loaded:?}").contains("secret"), "{loaded:?}");
    assert!(!loaded.config.redacted().to_string().contains("secret"));
    assert!(loaded.config.database.url.expose().contains("secret"));
    let mail = [("SHOAL__MAIL__URL", "smtp://me:secret@x.example"), ("SHOAL__MAIL__FROM", "a@x.example")];
    assert!(!load(&[], &mail).unwrap().config.redacted().to_string().contains("secret"));
}

/// A setting that is only in the struct would not be found in any file; one that is only in the file would do nothing.
#[test]
fn every_setting_has_a_line_in_the_defaults() {
    let optional = [
        ("SHOAL__DATABASE__DIRECT_URL", "postgres://db/x"),
        ("SHOAL__MAIL__URL", "smtp://localhost"),
        ("SHOAL__MAIL__FROM", "shoal@x.example"),
        ("SHOAL__SERVER__PUBLIC_URL", "https://x.example"),
    ];
    let loaded = load(&[], &optional).unwrap();
    let Value::Object(sections) = loaded.config.redacted() else { panic!("an object") };
    let text = include_str!("../../../config/default.toml");
    let mut section = String::new();
    let mut listed = Vec::new();
    for line in text.lines().map(|line| line.trim_start_matches("# ")) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = name.to_owned();
        } else if let Some((key, _)) = line.split_once(" = ") {
            listed.push(format!("{section}.{key}"));
        }
    }
    let keys = |(section, values): (&String, &Value)| -> Vec<String> {
        values.as_object().unwrap().keys().map(|key| format!("{section}.{key}")).collect()
    };
    let mut fields: Vec<String> = sections.iter().flat_map(keys).collect();
    listed.sort();
    fields.sort();
    assert_eq!(fields, listed);
}
