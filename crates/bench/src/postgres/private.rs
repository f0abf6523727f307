//! A server of our own in a temporary folder, which ends with this process.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use shoal_core::clock::{Ids as _, System};
use tempfile::TempDir;

/// Runs the server until the pipe to this process closes, whatever the reason. Arguments: the folder, the command.
const SUPERVISOR: &str = r#"
folder=$1; shift
exec 3<&0 </dev/null
"$@" >"$folder/log" 2>&1 3<&- &
server=$!
cat <&3 >/dev/null
kill -INT "$server"
wait "$server"
cd / && rm -rf "$folder"
"#;

/// How long a server may take to get ready, and to stop.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running server.
#[derive(Debug)]
pub(super) struct Server {
    /// Its maintenance database.
    pub url: String,
    supervisor: Child,
    folder: PathBuf,
}

/// Whom the server runs as: PostgreSQL refuses to run as root.
#[derive(Debug, Clone, Copy)]
struct Account(Option<(u32, u32)>);

impl Account {
    fn find() -> Result<Self, String> {
        if id(&["-u"]) != Some(0) {
            return Ok(Self(None));
        }
        let found =
            ["postgres", "nobody"].iter().find_map(|name| Some((id(&["-u", name])?, id(&["-g", name])?)));
        let none =
            || "PostgreSQL does not run as root, and there is no account `postgres` or `nobody`".to_owned();
        found.map(|account| Self(Some(account))).ok_or_else(none)
    }

    fn command(self, program: &Path, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(folder).env("LC_ALL", "C");
        if let Self(Some((user, group))) = self {
            command.uid(user).gid(group);
        }
        command
    }
}

/// A number that `id` prints.
fn id(arguments: &[&str]) -> Option<u32> {
    let output = Command::new("id").args(arguments).output().ok()?;
    String::from_utf8_lossy(&output.stdout).trim().parse().ok()
}

impl Server {
    /// Starts the first of the installed servers that starts. Its data is on the disk of the temporary folder, and it
    /// waits for that disk, as in production; only its memory is more than the cautious default.
    pub fn start(programs: &[PathBuf]) -> Result<Self, String> {
        let mut reason =
            "no PostgreSQL is installed here: install it, or name a server on which a database may be \
                          created with --postgres-url"
                .to_owned();
        for bin in programs {
            match Self::attempt(bin) {
                Ok(server) => return Ok(server),
                Err(failure) => reason = format!("the server in {} does not start: {failure}", bin.display()),
            }
        }
        Err(reason)
    }

    fn attempt(bin: &Path) -> Result<Self, String> {
        let account = Account::find()?;
        let text = |error: std::io::Error| error.to_string();
        let folder = tempfile::Builder::new().prefix("shoal-bench-").tempdir().map_err(text)?;
        if let Account(Some((user, group))) = account {
            std::os::unix::fs::chown(folder.path(), Some(user), Some(group)).map_err(text)?;
        }
        let password = System.next().simple().to_string();
        initialise(account, bin, &folder, &password)?;
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
        let port = port.map_err(text)?.port();
        let mut command = account.command(Path::new("sh"), Path::new("/"));
        command.args(["-c", SUPERVISOR, "sh"]).arg(folder.path()).arg(bin.join("postgres"));
        command.arg("-D").arg(folder.path().join("data")).args(["-p", &port.to_string()]);
        command.args(["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]);
        command.args(["-c", "shared_buffers=512MB", "-c", "max_wal_size=4GB"]);
        // A group of its own, so that Ctrl-C does not reach it before the one who ends it.
        command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let supervisor = command.spawn().map_err(text)?;
        let url = format!("postgres://postgres:{password}@127.0.0.1:{port}/postgres");
        // From here on the supervisor removes the folder.
        let mut server = Self { url, supervisor, folder: folder.keep() };
        server.wait()?;
        Ok(server)
    }

    fn wait(&mut self) -> Result<(), String> {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            // The eighth line of this file is the server's own word on how far it is.
            let state = fs::read_to_string(self.folder.join("data/postmaster.pid")).unwrap_or_default();
            if state.lines().nth(7).is_some_and(|line| line.trim() == "ready") {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Err(fs::read_to_string(self.folder.join("log")).unwrap_or_default())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.supervisor.stdin.take());
        let start = Instant::now();
        while start.elapsed() < PATIENCE && matches!(self.supervisor.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Makes the cluster, open only to who knows the password.
fn initialise(account: Account, bin: &Path, folder: &TempDir, password: &str) -> Result<(), String> {
    let secret = folder.path().join("password");
    fs::write(&secret, password).map_err(|error| error.to_string())?;
    let run = |locale: &str| -> Result<Output, String> {
        let mut command = account.command(&bin.join("initdb"), folder.path());
        command.arg("-D").arg(folder.path().join("data"));
        command.arg("--pwfile").arg(&secret);
        command.args(["--username=postgres", "--auth=password", "--encoding=UTF8", "--no-sync"]);
        command.arg(format!("--locale={locale}")).output().map_err(|error| error.to_string())
    };
    // Not every system has C.UTF-8.
    let output = match run("C.UTF-8")? {
        output if output.status.success() => output,
        _ => run("C")?,
    };
    fs::remove_file(&secret).map_err(|error| error.to_string())?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}
