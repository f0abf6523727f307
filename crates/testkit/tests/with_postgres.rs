//! The `with-postgres` program: the server is there for the command, and gone afterwards in every case.
#![expect(clippy::unwrap_used, reason = "helpers of tests; a panic is the report")]

use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// A server of our own, whatever the run around this test uses.
fn with_postgres(script: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_with-postgres"));
    command.args(["sh", "-c", script]).env_remove("SHOAL_TEST_POSTGRES_URL").env_remove("SHOAL_TEST_RUN_DIR");
    command
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Whether something listens at the host and port of a database URL.
fn answers(url: &str) -> bool {
    let address = url.rsplit('@').next().and_then(|rest| rest.split('/').next()).unwrap();
    let address: SocketAddr = address.parse().unwrap();
    TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok()
}

fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(20), "not in 20 seconds: {what}");
        thread::sleep(Duration::from_millis(50));
    }
}

/// Starts a command that says where its server and folder are, and then waits for the end of its input.
fn waiting() -> (Child, String, String) {
    let script = r#"echo "$SHOAL_TEST_POSTGRES_URL"; echo "$SHOAL_TEST_RUN_DIR"; exec cat >/dev/null"#;
    let mut child = with_postgres(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (url, folder) = (lines.next().unwrap().unwrap(), lines.next().unwrap().unwrap());
    assert!(answers(&url));
    assert!(std::path::Path::new(&folder).is_dir());
    (child, url, folder)
}

/// Waits without closing the command's input, which would end it too.
fn end(child: &mut Child) -> ExitStatus {
    let mut ended = None;
    eventually("with-postgres ends", || {
        ended = child.try_wait().unwrap();
        ended.is_some()
    });
    ended.unwrap()
}

fn signal(child: &Child, name: &str) {
    let status = Command::new("kill").args(["-s", name, &child.id().to_string()]).status().unwrap();
    assert!(status.success());
}

#[test]
fn the_exit_code_is_passed_on_and_the_server_stops() {
    let output = with_postgres(r#"echo "$SHOAL_TEST_POSTGRES_URL"; exit 7"#).output().unwrap();
    let (said, url) = (stderr(&output), String::from_utf8_lossy(&output.stdout).into_owned());
    assert_eq!(output.status.code(), Some(7), "{said}");
    assert!(url.starts_with("postgres://postgres:"), "{url}");
    assert!(!answers(url.trim()), "the server must be gone when with-postgres is");
    let lines: Vec<_> = said.lines().filter(|line| line.contains("a private server on port")).collect();
    assert_eq!(lines.len(), 1, "{said}");
    assert!(lines[0].starts_with("with-postgres: PostgreSQL "), "{said}");
}

#[test]
fn a_request_to_end_reaches_the_command_and_takes_the_server_down() {
    for (name, number) in [("TERM", 15), ("INT", 2)] {
        let (mut child, url, folder) = waiting();
        signal(&child, name);
        assert_eq!(end(&mut child).code(), Some(128 + number));
        assert!(!answers(&url));
        assert!(!std::path::Path::new(&folder).exists());
    }
}

#[test]
fn a_killed_wrapper_takes_the_server_with_it() {
    let (mut child, url, _) = waiting();
    child.kill().unwrap();
    end(&mut child);
    eventually("the server stops", || !answers(&url));
}

#[test]
fn what_cannot_work_is_said_in_one_sentence() {
    let output = with_postgres("exit 0").env("SHOAL_TEST_POSTGRES", "docker").output().unwrap();
    assert_eq!(output.status.code(), Some(125));
    assert_eq!(
        stderr(&output),
        "with-postgres: SHOAL_TEST_POSTGRES is `docker`: set it to `url`, `system`, `npm` or `auto`, or unset it\n"
    );

    let output = Command::new(env!("CARGO_BIN_EXE_with-postgres")).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).starts_with("usage: with-postgres <command>"));
}
