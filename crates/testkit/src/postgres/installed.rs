//! `PostgreSQL` programs that are on this machine.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where packagers put programs that are not on the `PATH`. `*` stands for one folder's name.
const USUAL_PLACES: [&str; 8] = [
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/local/pgsql/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
    "/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
    "/opt/local/lib/postgresql*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
];

/// A folder with `postgres` and `initdb`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Programs {
    /// Major and minor version; first, so that programs sort by it.
    pub version: (u32, u32),
    /// The folder.
    pub folder: PathBuf,
    /// The installation that can be copied to where the server's account can read it.
    pub movable: Option<PathBuf>,
}

impl Programs {
    /// Looks at `folder`: `None` when it does not hold a `PostgreSQL` server.
    pub fn inspect(folder: &Path) -> Option<Self> {
        let folder = folder.join("postgres").canonicalize().ok()?.parent()?.to_path_buf();
        if !folder.join("initdb").exists() {
            return None;
        }
        let output = Command::new(folder.join("postgres")).arg("--version").output().ok()?;
        let version = version(&String::from_utf8_lossy(&output.stdout))?;
        Some(Self { version, folder, movable: None })
    }
}

impl fmt::Display for Programs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgreSQL {}.{} from {}", self.version.0, self.version.1, self.folder.display())
    }
}

/// All installed versions from `oldest` on, newest first.
pub(super) fn find(oldest: u32) -> Vec<Programs> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let usual = USUAL_PLACES.iter().flat_map(|pattern| expand(pattern));
    let mut found: Vec<_> = std::env::split_paths(&path)
        .chain(usual)
        .filter_map(|folder| Programs::inspect(&folder))
        .filter(|programs| programs.version.0 >= oldest)
        .collect();
    found.sort();
    found.dedup();
    found.reverse();
    found
}

/// The folders that `pattern` stands for.
fn expand(pattern: &str) -> Vec<PathBuf> {
    let Some((before, after)) = pattern.split_once('*') else { return vec![PathBuf::from(pattern)] };
    let (parent, prefix) = before.rsplit_once('/').unwrap_or(("", before));
    let Ok(entries) = fs::read_dir(parent) else { return Vec::new() };
    entries
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
        .map(|entry| entry.path().join(after.trim_start_matches('/')))
        .collect()
}

/// Reads `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn version(text: &str) -> Option<(u32, u32)> {
    let number = text.split_once("(PostgreSQL) ")?.1.split_whitespace().next()?;
    let mut parts = number.split(|c: char| !c.is_ascii_digit());
    let major = parts.next()?.parse().ok()?;
    Some((major, parts.next().and_then(|minor| minor.parse().ok()).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{expand, version};

    #[test]
    fn versions_are_read() {
        assert_eq!(version("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some((15, 18)));
        assert_eq!(version("postgres (PostgreSQL) 18beta1\n"), Some((18, 0)));
        assert_eq!(version("something else"), None);
    }

    #[test]
    fn patterns_match_folder_names() {
        let root = tempfile::tempdir().unwrap();
        for name in ["postgresql@15", "postgresql@17", "other"] {
            fs::create_dir(root.path().join(name)).unwrap();
        }
        let mut found = expand(&format!("{}/postgresql*/bin", root.path().display()));
        found.sort();
        assert_eq!(found, ["postgresql@15/bin", "postgresql@17/bin"].map(|name| root.path().join(name)));
    }
}
