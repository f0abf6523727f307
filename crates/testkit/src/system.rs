//! What the machine says of itself.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// Names the folder for throw-away data, instead of memory or the temporary folder.
pub const PLACE_VARIABLE: &str = "SHOAL_TEST_TMPDIR";

/// Memory is used only when this much of it is free, in KiB: the tests must not starve the compiler.
const ROOM: u64 = 8 << 20;

/// Where throw-away data may lie, best first.
pub(crate) fn places() -> Vec<PathBuf> {
    match std::env::var_os(PLACE_VARIABLE) {
        Some(place) if !place.is_empty() => vec![PathBuf::from(place)],
        _ => memory().into_iter().chain([std::env::temp_dir(), "/tmp".into(), "/var/tmp".into()]).collect(),
    }
}

/// The file system in memory, if this machine has one with room to spare.
fn memory() -> Option<PathBuf> {
    let place = PathBuf::from("/dev/shm");
    let meminfo = fs::read_to_string("/proc/meminfo").ok()?;
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let free_memory: u64 = line.split_whitespace().next()?.parse().ok()?;
    // Containers often get a very small one.
    let df = Command::new("df").arg("-Pk").arg(&place).output().ok()?;
    let df = String::from_utf8_lossy(&df.stdout).into_owned();
    let free_space: u64 = df.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()?;
    (free_memory >= ROOM && free_space >= ROOM).then_some(place)
}

/// A number that `id` prints: of the current user, or of the one named.
pub(crate) fn id(arguments: &[&str]) -> Option<u32> {
    let output = Command::new("id").args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().parse().ok())?
}
