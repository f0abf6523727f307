//! The module of `docs/module-guide.md`, put together as a reader would, is built, and passes its own tests.
#![expect(clippy::unwrap_used, reason = "a test; a panic is the report")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use shoal_testkit::build_folder;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// The files of the guide: blocks under a line that is a path. A later one of the same name replaces the earlier.
fn files(guide: &str) -> BTreeMap<&str, &str> {
    let mut files = BTreeMap::new();
    for part in guide.split("\n**`").skip(1) {
        let (path, rest) = part.split_once("`**\n```").unwrap();
        let (_, rest) = rest.split_once('\n').unwrap();
        files.insert(path, &rest[..=rest.find("\n```").unwrap()]);
    }
    files
}

#[test]
fn the_module_of_the_guide_works() {
    let guide = fs::read_to_string(format!("{ROOT}/docs/module-guide.md")).unwrap();
    let workspace = fs::read_to_string(format!("{ROOT}/Cargo.toml")).unwrap();
    // In one place, so that the next run compiles what has changed only.
    let folder = build_folder().join("guide").join("loans");
    let files = files(&guide);
    assert!(files.len() > 10, "{:?}", files.keys());
    for (path, text) in files {
        let mut text = text.to_owned();
        if path == "Cargo.toml" {
            // The profiles of the workspace, so that what it has compiled serves here, too.
            let profiles = &workspace[workspace.find("[profile.dev]").unwrap()..];
            text = format!("{}\n[workspace]\n\n{profiles}", text.replace("../shoal", ROOT));
        }
        write(&folder.join(path), &text);
    }
    fs::copy(format!("{ROOT}/Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let config = format!("{ROOT}/.cargo/config.toml");
    let mut command = Command::new(cargo);
    // What cargo says of this test's own crate would make build scripts run again, here and in the workspace.
    for (name, _) in std::env::vars_os() {
        if ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|own| name.to_string_lossy().starts_with(own)) {
            command.env_remove(name);
        }
    }
    command.args(["test", "--offline", "--config", &config]).current_dir(&folder);
    let status = command.env("CARGO_TARGET_DIR", build_folder()).status();
    assert!(status.unwrap().success());
}

/// Leaves a file that is the same alone, as cargo goes by times.
fn write(path: &Path, text: &str) {
    if fs::read_to_string(path).is_ok_and(|known| known == text) {
        return;
    }
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}
