//! A server under test, seen from outside: where it listens, its processor time and its memory.

use std::fs;
use std::net::SocketAddr;
use std::process::Stdio;

use serde::Serialize;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::Failure;
use crate::serve::{Side, URL_VARIABLE};

/// A running server; it ends when this value is dropped.
#[derive(Debug)]
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    child: Child,
}

/// Bytes of memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Memory {
    /// In use now.
    pub resident: u64,
    /// At the most since [`forget_peak`](Server::forget_peak).
    pub peak: u64,
    /// In use now without files: a file of SQLite counts once for each connection that maps it, but is there once.
    pub own: u64,
}

impl Server {
    /// Starts this program once more, as the server of one side.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start(side: Side, url: &str) -> Result<Self, Failure> {
        let name = match side {
            Side::Shoal => "shoal",
            Side::HandWritten => "hand-written",
        };
        let mut child = Command::new(std::env::current_exe()?)
            .args(["bench", "serve", name])
            .env(URL_VARIABLE, url)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let output = child.stdout.take().ok_or("the server has no standard output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line).await?;
        let address = line.trim().parse().map_err(|_| format!("the {name} server did not start"))?;
        Ok(Self { address, child })
    }

    /// Microseconds of processor time so far; `None` where there is no `/proc`.
    pub fn cpu_micros(&self) -> Option<u64> {
        // The kernel counts in hundredths of a second on every machine that Linux runs on today.
        const MICROS_PER_TICK: u64 = 10_000;
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()?)).ok()?;
        // The name before the last bracket may hold anything; utime and stime are fields 14 and 15.
        let mut fields = stat.rsplit_once(") ")?.1.split(' ').skip(11);
        let mut ticks = || fields.next()?.parse::<u64>().ok();
        Some((ticks()? + ticks()?) * MICROS_PER_TICK)
    }

    /// Bytes of memory in use.
    pub fn memory(&self) -> Option<Memory> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()?)).ok()?;
        let bytes = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
        };
        Some(Memory { resident: bytes("VmRSS:")?, peak: bytes("VmHWM:")?, own: bytes("RssAnon:")? })
    }

    /// Lets the most memory be counted from now on.
    pub fn forget_peak(&self) {
        if let Some(id) = self.child.id() {
            let _ = fs::write(format!("/proc/{id}/clear_refs"), "5");
        }
    }
}
