//! A private `PostgreSQL` server in a temporary folder.

use std::fs;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::account::Account;
use super::installed::Programs;
use super::npm::succeeded;
use crate::{names, system};

/// How long a server may take to start, to answer and to stop.
pub(super) const PATIENCE: Duration = Duration::from_mins(1);

/// Runs the server and ends it, whatever happens to the process that asked for it: when that process closes its end of
/// the pipe, by intent or by dying, `cat` returns, the server stops and the folders go. Arguments: the folder, a copy
/// of the programs or nothing, then the server's command line.
const SUPERVISOR: &str = r#"
folder=$1 copy=$2; shift 2
exec 3<&0 </dev/null
"$@" >"$folder/log" 2>&1 3<&- &
server=$!
{
    cat <&3 >/dev/null
    [ -e "$folder/exited" ] || kill -QUIT "$server"
    for second in 1 2 3 4 5 6 7 8 9 10; do
        kill -0 "$server" || exit 0
        sleep 1
    done
    kill -KILL "$server"
} 2>/dev/null &
watch=$!
wait "$server"
: >"$folder/exited"
cat <&3 >/dev/null
kill "$watch" 2>/dev/null
cd / && rm -rf "$folder" ${copy:+"$copy"}
"#;

/// Fast, and nothing worth keeping: a crash of the machine may corrupt these databases.
const OPTIONS: [&str; 8] = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=200",
    "max_wal_size=1GB",
    "log_checkpoints=off",
];

/// How a try to start ended without a server.
enum Failure {
    /// Another program took the port in the meantime; another port may do.
    PortTaken,
    Final(String),
}

impl From<String> for Failure {
    fn from(reason: String) -> Self {
        Self::Final(reason)
    }
}

/// A running server; it stops when this value is dropped or the process ends.
#[derive(Debug)]
pub(super) struct Server {
    supervisor: Child,
    lifeline: Option<ChildStdin>,
    folder: PathBuf,
    url: String,
    description: String,
}

impl Server {
    /// Makes a database cluster and starts a server on a free port of the loopback interface.
    pub fn start(programs: &Programs) -> Result<Self, String> {
        for _ in 0..5 {
            match Self::attempt(programs) {
                Ok(server) => return Ok(server),
                Err(Failure::PortTaken) => {}
                Err(Failure::Final(reason)) => return Err(reason),
            }
        }
        Err("no port of the loopback interface stayed free".to_owned())
    }

    /// The address of the maintenance database.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// One line for people.
    pub fn description(&self) -> &str {
        &self.description
    }

    fn attempt(programs: &Programs) -> Result<Self, Failure> {
        let account = Account::find()?;
        let folder = folder_in(&system::places(), account, |_| Ok(()))?;
        let (bin, copy) = reachable(programs, account)?;
        let password = names::secret();
        initialise(&bin, account, folder.path(), &password)?;
        let port = free_port().map_err(|error| format!("no port of the loopback interface: {error}"))?;
        let mut supervisor = supervise(&bin, account, [folder.path(), copied(copy.as_ref())], port)
            .map_err(|error| format!("`sh` does not start: {error}"))?;
        // From here on the supervisor removes the folders.
        let folder = folder.keep();
        let _ = copy.map(TempDir::keep);
        let lifeline = supervisor.stdin.take();
        let url = format!("postgres://postgres:{password}@127.0.0.1:{port}/postgres");
        let description = format!("{programs}, a private server on port {port}");
        // When it does not get ready, dropping this value cleans up.
        let mut server = Self { supervisor, lifeline, folder, url, description };
        server.wait_until_ready()?;
        Ok(server)
    }

    fn wait_until_ready(&mut self) -> Result<(), Failure> {
        let start = Instant::now();
        loop {
            // The eighth line of this file is the server's own word on how far it is.
            let state = fs::read_to_string(self.folder.join("data/postmaster.pid")).unwrap_or_default();
            if state.lines().nth(7).is_some_and(|line| line.trim() == "ready") {
                return Ok(());
            }
            let gone = self.folder.join("exited").exists() || !matches!(self.supervisor.try_wait(), Ok(None));
            if gone || start.elapsed() > PATIENCE {
                let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                if log.contains("Address already in use") {
                    return Err(Failure::PortTaken);
                }
                let said: Vec<_> = log.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
                let end = said[said.len().saturating_sub(4)..].join(" / ");
                let what = if gone { "it ended at once" } else { "it did not get ready" };
                return Err(Failure::Final(format!("{what}: {end}")));
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.lifeline.take());
        let start = Instant::now();
        while start.elapsed() < PATIENCE && matches!(self.supervisor.try_wait(), Ok(None)) {
            thread::sleep(Duration::from_millis(10));
        }
    }
}

/// The folder for the supervisor to remove, as an argument.
fn copied(copy: Option<&TempDir>) -> &Path {
    copy.map_or(Path::new(""), TempDir::path)
}

fn supervise(bin: &Path, account: Account, folders: [&Path; 2], port: u16) -> io::Result<Child> {
    let mut command = account.command("sh", Path::new("/"));
    command.args(["-c", SUPERVISOR, "sh"]).args(folders).arg(bin.join("postgres"));
    command.arg("-D").arg(folders[0].join("data")).args(["-p", &port.to_string()]);
    command.args(OPTIONS.iter().flat_map(|option| ["-c", option]));
    // A group of its own: Ctrl-C in the terminal is for the tests, and the server goes after them.
    command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()
}

/// A new folder that belongs to `account`, in the first of `places` that it can enter and that `suits`: `TMPDIR` may
/// be closed to it, as in a root user's home.
fn folder_in(
    places: &[PathBuf],
    account: Account,
    mut suits: impl FnMut(&Path) -> Result<(), String>,
) -> Result<TempDir, String> {
    let mut last = String::new();
    for place in places {
        let Ok(folder) = tempfile::Builder::new().prefix("shoal-postgres-").tempdir_in(place) else {
            continue;
        };
        if account.own(folder.path()).is_err() || !account.can_write(folder.path()) {
            continue;
        }
        match suits(folder.path()) {
            Ok(()) => return Ok(folder),
            Err(reason) => last = format!(": {reason}"),
        }
    }
    Err(format!("none of the temporary folders {places:?} can be used{last}"))
}

/// The programs' folder, or that of a copy when `account` cannot run them where they are.
fn reachable(programs: &Programs, account: Account) -> Result<(PathBuf, Option<TempDir>), String> {
    let works = |bin: &Path| {
        let output = account.command(bin.join("postgres"), Path::new("/")).arg("--version").output();
        output.is_ok_and(|output| output.status.success())
    };
    if works(&programs.folder) {
        return Ok((programs.folder.clone(), None));
    }
    let refused = || format!("the account that would run it cannot use {}", programs.folder.display());
    let (Some(root), Account::Other { .. }) = (&programs.movable, account) else { return Err(refused()) };
    // Programs cannot be run from every temporary folder: some are mounted `noexec`.
    let copy = folder_in(&system::places(), account, |folder| {
        succeeded("cp", Command::new("cp").arg("-RP").arg(root).arg(folder.join("native")).output())?;
        account.own(folder).map_err(|error| error.to_string())?;
        if works(&folder.join("native/bin")) { Ok(()) } else { Err(refused()) }
    })?;
    Ok((copy.path().join("native/bin"), Some(copy)))
}

/// Makes the cluster: UTF-8, ordered by code point, and open only to who knows the password.
fn initialise(bin: &Path, account: Account, folder: &Path, password: &str) -> Result<(), String> {
    let secret = folder.join("password");
    fs::write(&secret, password).and_then(|()| account.own(&secret)).map_err(|error| error.to_string())?;
    let initdb = |locale: &str| {
        let mut command: Command = account.command(bin.join("initdb"), folder);
        command.arg("-D").arg(folder.join("data")).arg("--pwfile").arg(&secret);
        command.args(["--username=postgres", "--auth=password", "--encoding=UTF8", "--no-sync"]);
        succeeded("initdb", command.arg(format!("--locale={locale}")).output())
    };
    // Not every system has C.UTF-8.
    initdb("C.UTF-8").or_else(|_| initdb("C"))?;
    fs::remove_file(&secret).map_err(|error| error.to_string())
}

/// A port that is free now. `PostgreSQL` cannot choose one itself.
fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
