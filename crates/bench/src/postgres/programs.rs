//! PostgreSQL's programs on this machine.

use std::fs;
use std::path::{Path, PathBuf};

/// Where packagers put programs that are not on the `PATH`: a folder of versions, and the way down from one.
const VERSIONED: [(&str, &str); 4] = [
    ("/usr/lib/postgresql", "bin"),
    ("/opt/homebrew/opt", "bin"),
    ("/usr/local/opt", "bin"),
    ("/Applications/Postgres.app/Contents/Versions", "bin"),
];

/// The folders with a server's programs; those of newer versions first.
pub(super) fn find() -> Vec<PathBuf> {
    let mut versioned: Vec<PathBuf> = VERSIONED
        .iter()
        .flat_map(|(folder, below)| {
            let entries = fs::read_dir(folder).into_iter().flatten().flatten();
            entries.map(move |entry| entry.path().join(below))
        })
        .collect();
    versioned.sort();
    versioned.reverse();
    let path = std::env::var_os("PATH").unwrap_or_default();
    versioned.into_iter().chain(std::env::split_paths(&path)).filter(|folder| is_server(folder)).collect()
}

fn is_server(folder: &Path) -> bool {
    ["initdb", "postgres"].iter().all(|program| folder.join(program).is_file())
}
