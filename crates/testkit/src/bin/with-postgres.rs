//! Runs a command with a `PostgreSQL` server for tests: `with-postgres <command> [arguments…]`.
//!
//! The command finds the server's address in `SHOAL_TEST_POSTGRES_URL`. Its exit code is passed on, and a server that
//! was started for it ends with it, however it or this program ends.
#![expect(
    clippy::print_stderr,
    reason = "a command-line program; standard output belongs to the command it runs"
)]

use std::ffi::OsString;
use std::io::IsTerminal;
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitCode, ExitStatus};
use std::time::Duration;

use shoal_testkit::{Postgres, RUN_FOLDER_VARIABLE, Scratch, Settings, URL_VARIABLE};
use tokio::process::{Child, Command};
use tokio::signal::unix::{Signal, SignalKind, signal};

const USAGE: &str = "usage: with-postgres <command> [arguments…]";

/// The exit code when the command did not run, as `env` and `timeout` have it.
const TROUBLE: u8 = 125;

/// How long the command may take to end after it was asked to.
const GRACE: Duration = Duration::from_secs(20);

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let Some(program) = arguments.next() else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match run(program, arguments.collect()).await {
        Ok(code) => ExitCode::from(code),
        Err(sentence) => {
            eprintln!("with-postgres: {sentence}");
            ExitCode::from(TROUBLE)
        }
    }
}

/// Returns the exit code of the command, or why it did not run. Everything made for it is gone afterwards.
async fn run(program: OsString, arguments: Vec<OsString>) -> Result<u8, String> {
    // Caught from the start: a server that is just being made must be taken down too.
    let mut signals = Signals::new().map_err(|error| format!("cannot listen to signals: {error}"))?;
    let settings = Settings::from_env().map_err(|error| error.to_string())?;
    let folder = Scratch::create().map_err(|error| error.to_string())?;
    let postgres = Postgres::provision(settings).await.map_err(|error| error.to_string())?;
    for note in postgres.notes() {
        eprintln!("with-postgres: {note}");
    }
    eprintln!("with-postgres: {postgres}");
    if let Some(asked) = signals.pending().await {
        return Ok(128 + asked.number());
    }
    let child = Command::new(&program)
        .args(arguments)
        .env(URL_VARIABLE, postgres.url())
        .env(RUN_FOLDER_VARIABLE, folder.path())
        .spawn()
        .map_err(|error| format!("cannot run {}: {error}", program.display()))?;
    let status = attend(child, &mut signals).await.map_err(|error| error.to_string())?;
    Ok(exit_code(status))
}

/// Waits for the command; hands on what this program is asked to do.
async fn attend(mut child: Child, signals: &mut Signals) -> std::io::Result<ExitStatus> {
    let asked = tokio::select! {
        status = child.wait() => return status,
        asked = signals.next() => asked,
    };
    // In a terminal, Ctrl-C has reached the command already, and a second one would make it drop its work.
    let unaware = asked != Asked::Interrupt || !std::io::stdin().is_terminal();
    if unaware && let Some(id) = child.id() {
        let _ = Command::new("kill").args(["-s", asked.name(), &id.to_string()]).status().await;
    }
    tokio::select! {
        status = child.wait() => return status,
        _ = signals.next() => {}
        () = tokio::time::sleep(GRACE) => {}
    }
    child.start_kill()?;
    child.wait().await
}

/// The command's own code, or what a shell says of a command that a signal ended.
fn exit_code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1);
    u8::try_from(code).unwrap_or(1)
}

/// A request to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Interrupt,
    Terminate,
    HangUp,
}

impl Asked {
    fn name(self) -> &'static str {
        match self {
            Self::Interrupt => "INT",
            Self::Terminate => "TERM",
            Self::HangUp => "HUP",
        }
    }

    fn number(self) -> u8 {
        match self {
            Self::Interrupt => 2,
            Self::Terminate => 15,
            Self::HangUp => 1,
        }
    }
}

/// The signals that ask this program to end.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hang_up: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> Asked {
        tokio::select! {
            _ = self.interrupt.recv() => Asked::Interrupt,
            _ = self.terminate.recv() => Asked::Terminate,
            _ = self.hang_up.recv() => Asked::HangUp,
        }
    }

    /// What came in while nobody waited.
    async fn pending(&mut self) -> Option<Asked> {
        tokio::time::timeout(Duration::ZERO, self.next()).await.ok()
    }
}
