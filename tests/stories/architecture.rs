//! The shape of the repository: who may depend on whom, and how large a file may be.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value as Json;

/// Lines of a source file.
const MOST_LINES: usize = 400;

/// Lines of Rust of the example module for its entities, their relations and one use case, without comments.
const MOST_EXAMPLE_LINES: usize = 220;

/// What each crate may depend on in the program that people run; modules are those that are not named.
const DIRECTION: &[(&str, &[&str])] = &[
    ("shoal-graphql", &[]),
    ("shoal-core", &["shoal-graphql", "shoal-migrations", "shoal-tables"]),
    ("shoal-gateway", &["shoal-core", "shoal-graphql"]),
    ("shoal-migrations", &[]),
    ("shoal-tables", &[]),
];

/// Crates that are no modules; tools for tests and measuring may depend on anything.
const OTHERS: &[&str] = &[
    "shoal",
    "shoal-bench",
    "shoal-core",
    "shoal-gateway",
    "shoal-graphql",
    "shoal-migrations",
    "shoal-tables",
    "shoal-testkit",
    "shoal-tests",
];

/// Libraries that only some crates may name.
const KEPT_APART: &[(&str, &[&str])] = &[
    ("apollo-compiler", &["shoal-graphql"]),
    ("async-graphql", &["shoal-graphql"]),
    ("axum", &["shoal-gateway", "shoal-bench"]),
    ("hyper", &["shoal-gateway", "shoal-bench"]),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// What cargo says of each crate of the workspace.
fn packages() -> Vec<Json> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: Json = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

/// Each crate of the workspace with the names of its dependencies: those it is built with, and those of its tests.
fn crates() -> BTreeMap<String, (BTreeSet<String>, BTreeSet<String>)> {
    packages()
        .iter()
        .map(|package| {
            let (mut built, mut tests) = (BTreeSet::new(), BTreeSet::new());
            for dependency in package["dependencies"].as_array().unwrap() {
                let list = if dependency["kind"] == "dev" { &mut tests } else { &mut built };
                list.insert(dependency["name"].as_str().unwrap().to_owned());
            }
            (package["name"].as_str().unwrap().to_owned(), (built, tests))
        })
        .collect()
}

fn is_ours(name: &str) -> bool {
    name == "shoal" || name.starts_with("shoal-")
}

#[test]
fn crates_depend_downwards_only() {
    let crates = crates();
    assert!(crates.len() >= 9, "{:?}", crates.keys());
    for (name, (built, _)) in &crates {
        assert!(is_ours(name), "{name}: names begin with shoal-");
        let ours: Vec<&str> = built.iter().map(String::as_str).filter(|name| is_ours(name)).collect();
        if let Some((_, allowed)) = DIRECTION.iter().find(|(known, _)| known == name) {
            assert!(ours.iter().all(|one| allowed.contains(one)), "{name} depends on {ours:?}");
        } else if !OTHERS.contains(&name.as_str()) {
            // Another module only by a manifest that says so.
            let manifests: &[&str] = match name.as_str() {
                // It is a program of its own, too.
                "shoal-property" => &["shoal", "shoal-contacts"],
                _ => &[],
            };
            let kernel = ["shoal-core", "shoal-graphql", "shoal-migrations"];
            assert!(
                ours.iter().all(|one| kernel.contains(one) || manifests.contains(one)),
                "module {name} depends on {ours:?}"
            );
        }
        let tools: Vec<&&str> =
            ours.iter().filter(|one| ["shoal-testkit", "shoal-tests", "shoal-bench"].contains(one)).collect();
        let allowed = match name.as_str() {
            "shoal" => tools == [&"shoal-bench"] || tools.is_empty(),
            "shoal-bench" | "shoal-tests" => true,
            _ => tools.is_empty(),
        };
        assert!(allowed, "{name} is built with {tools:?}");
    }
}

#[test]
fn some_libraries_have_one_user() {
    for (name, (built, tests)) in crates() {
        for (library, users) in KEPT_APART {
            let uses = built.contains(*library) || tests.contains(*library);
            assert!(!uses || users.contains(&name.as_str()), "{name} names {library}; only {users:?} may");
        }
    }
}

/// Files of a folder and below, by their ending, without build folders.
fn files(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            if !path.ends_with("target") && !path.ends_with("node_modules") {
                files(&path, ending, found);
            }
        } else if path.extension().is_some_and(|extension| extension == ending) {
            found.push(path);
        }
    }
}

#[test]
fn source_files_are_short() {
    let mut sources = Vec::new();
    files(&root().join("crates"), "rs", &mut sources);
    assert!(sources.len() > 100, "{}", sources.len());
    sources.retain(|path| !path.components().any(|part| part.as_os_str() == "tests"));
    for folder in ["examples", "tests"] {
        files(&root().join(folder), "rs", &mut sources);
    }
    let long: Vec<String> = sources
        .into_iter()
        .filter_map(|path| {
            let lines = fs::read_to_string(&path).ok()?.lines().count();
            (lines > MOST_LINES).then(|| {
                format!("{} has {lines} lines", path.strip_prefix(root()).unwrap_or(&path).display())
            })
        })
        .collect();
    assert!(long.is_empty(), "at most {MOST_LINES}; split: {long:#?}");
}

/// What an integrator writes is counted where they look first.
#[test]
fn an_example_is_short() {
    let folder = root().join("examples/property/src");
    let mut sources = Vec::new();
    files(&folder, "rs", &mut sources);
    let text = |path: PathBuf| fs::read_to_string(path).unwrap();
    let declaring: Vec<String> =
        sources.into_iter().map(text).filter(|text| text.contains("shoal_core::record!")).collect();
    assert!(declaring.len() >= 4, "{}", declaring.len());
    let all = declaring.concat();
    for part in [".relation(", "api.extend::<", "api.mutation("] {
        assert!(all.contains(part), "where is {part}?");
    }
    let is_code = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with("//");
    let lines = all.lines().filter(is_code).count();
    assert!(lines <= MOST_EXAMPLE_LINES, "the example has {lines} lines");
}

#[test]
fn modules_have_the_same_small_files() {
    let all = crates();
    let ours = |name: &&String| !OTHERS.contains(&name.as_str()) && *name != "shoal-property";
    let modules: Vec<&String> = all.keys().filter(ours).collect();
    assert!(!modules.is_empty());
    for module in modules {
        let folder = root().join("crates").join(module.strip_prefix("shoal-").unwrap().replace('-', "_"));
        for file in ["README.md", "src/lib.rs", "src/permission.rs"] {
            assert!(folder.join(file).is_file(), "{module} has no {file}");
        }
        let library = fs::read_to_string(folder.join("src/lib.rs")).unwrap();
        assert!(
            library.starts_with("#![doc = include_str!(\"../README.md\")]"),
            "{module}: its README is its documentation"
        );
        let mut entities = Vec::new();
        files(&folder.join("src"), "rs", &mut entities);
        for entity in entities.iter().filter(|path| path.ends_with("entity.rs")) {
            let place = entity.parent().unwrap();
            for file in ["mod.rs", "graphql.rs", "service.rs"] {
                assert!(place.join(file).is_file(), "{} has no {file}", place.display());
            }
        }
        let name = module.strip_prefix("shoal-").unwrap().replace('-', "_");
        let migrations = root().join("migrations/src").join(&name);
        assert!(migrations.is_dir(), "{module} has no migrations in {}", migrations.display());
    }
}

#[test]
fn reference_data_stays_outside() {
    for name in ["sp500.csv", "northwind"] {
        let output =
            Command::new("git").args(["ls-files", &format!("*{name}*")]).current_dir(root()).output();
        let Ok(output) = output else { return };
        assert_eq!(String::from_utf8_lossy(&output.stdout), "", "{name} is in the repository");
    }
}

/// Refusals are told in the caller's language: every message in the sources has words in every language but English, and
/// every word is some message's. The words of the crates without translations stand in the kernel's.
#[test]
fn every_message_is_translated() {
    let folder =
        |package: &Json| Path::new(package["manifest_path"].as_str().unwrap()).parent().unwrap().to_owned();
    let (with, without): (Vec<_>, Vec<_>) =
        packages().iter().map(folder).partition(|folder| folder.join("translations").is_dir());
    let kernel = root().join("crates/core");
    assert!(with.contains(&kernel) && with.len() >= 4, "{with:?}");
    for folder in with.iter().filter(|folder| folder.join("src").is_dir()) {
        let mut sources = vec![folder.join("src")];
        if *folder == kernel {
            sources.extend(without.iter().map(|other| other.join("src")).filter(|source| source.is_dir()));
        }
        let wrong = shoal_testkit::untranslated(&sources, folder.join("translations"));
        assert!(wrong.is_empty(), "{}: {wrong:#?}", folder.display());
    }
}
