//! pgbench with the statements that Shoal issues, prepared: what the database alone can do.

mod script;
mod writes;

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tempfile::TempDir;
use tokio::process::Command;

pub use script::Script;
pub use writes::script as write_script;

use crate::Failure;

/// The program with a database to run on.
#[derive(Debug)]
pub struct Pgbench {
    program: PathBuf,
    url: String,
    folder: TempDir,
}

impl Pgbench {
    /// For a database; `None` if there is no such program.
    ///
    /// # Errors
    /// When there is no place for the scripts.
    pub fn new(program: Option<PathBuf>, url: &str) -> Result<Option<Self>, Failure> {
        let Some(program) = program else { return Ok(None) };
        Ok(Some(Self { program, url: url.to_owned(), folder: tempfile::tempdir()? }))
    }

    /// Transactions per second, one of the scripts at random for each.
    ///
    /// # Errors
    /// When pgbench fails.
    pub async fn run(&self, scripts: &[Script], connections: usize, seconds: u64) -> Result<f64, Failure> {
        let mut command = Command::new(&self.program);
        let threads = connections.min(2).to_string();
        command.args(["-M", "prepared", "-n", "-j", &threads, "-c", &connections.to_string()]);
        command.args(["-T", &seconds.max(1).to_string()]);
        for (number, script) in scripts.iter().enumerate() {
            let path = self.folder.path().join(format!("{number}.sql"));
            std::fs::write(&path, &script.text)?;
            command.arg("-f").arg(path);
            for (name, value) in &script.variables {
                command.arg("-D").arg(format!("{name}={value}"));
            }
        }
        // Not as an argument: those are for everybody to see.
        command.env("PGDATABASE", &self.url).env("PGOPTIONS", "-c jit=off").stdin(Stdio::null());
        let output = command.output().await?;
        let text = String::from_utf8_lossy(&output.stdout);
        let rate = text.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
        match rate {
            Some(rate) if output.status.success() => Ok(rate),
            _ => Err(format!("pgbench failed: {}", String::from_utf8_lossy(&output.stderr).trim()).into()),
        }
    }
}

/// The program, beside the server's programs or on the `PATH`.
pub fn find(folders: &[PathBuf]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = folders.iter().cloned().chain(std::env::split_paths(&path));
    folders.map(|folder| folder.join("pgbench")).find(|program: &PathBuf| Path::is_file(program))
}
