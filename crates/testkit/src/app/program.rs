//! The real program, as a person starts it.

use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::scratch::{build_folder, run_folder};

/// How long the program may take until it says where it listens.
const PATIENCE: Duration = Duration::from_mins(1);

/// A command line of `shoal`. Nothing of the caller's environment that begins with `SHOAL` reaches it.
#[derive(Debug)]
pub struct Program {
    command: Command,
}

impl Program {
    /// `shoal` with these arguments, over this database.
    ///
    /// # Panics
    /// When the program has not been built.
    pub fn new<A: AsRef<OsStr>>(database_url: &str, arguments: impl IntoIterator<Item = A>) -> Self {
        Self::of("shoal", database_url, arguments)
    }

    /// Another program of the workspace with the same command line, by the name of its package.
    ///
    /// # Panics
    /// When the program has not been built.
    pub fn of<A: AsRef<OsStr>>(
        package: &str,
        database_url: &str,
        arguments: impl IntoIterator<Item = A>,
    ) -> Self {
        let path = path(package);
        assert!(
            path.is_file(),
            "{} is not there: build it first, `cargo build -p {package}`",
            path.display()
        );
        Self::at(&path, database_url, arguments)
    }

    /// Another program with the same command line, made of other modules.
    pub fn at<A: AsRef<OsStr>>(
        path: &Path,
        database_url: &str,
        arguments: impl IntoIterator<Item = A>,
    ) -> Self {
        let mut command = Command::new(path);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("SHOAL") {
                command.env_remove(name);
            }
        }
        command
            .args(arguments)
            .env("SHOAL_CONFIG_DIR", "/nonexistent")
            .env("SHOAL__SERVER__PORT", "0")
            .env("SHOAL__LOG__LEVEL", "warn")
            .env("SHOAL__DATABASE__URL", database_url)
            .env("SHOAL__FILES__URL", format!("file:{}", files_folder().display()))
            .stdin(Stdio::null());
        Self { command }
    }

    /// With this variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs it to its end.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn output(mut self) -> Output {
        match self.command.output() {
            Ok(output) => output,
            Err(error) => panic!("shoal cannot be started: {error}"),
        }
    }

    /// Runs it to its end with nobody to read what it prints, as in `shoal … | true`.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn unread(mut self) -> Output {
        let closed = io::pipe().map(|(_, writer)| writer);
        match closed.and_then(|writer| self.command.stdout(writer).stderr(Stdio::piped()).output()) {
            Ok(output) => output,
            Err(error) => panic!("shoal cannot be started: {error}"),
        }
    }

    /// Starts a server and waits until it says where it listens.
    ///
    /// # Panics
    /// When it does not.
    pub fn serve(mut self) -> Running {
        let started = self.command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn();
        let mut child = match started {
            Ok(child) => child,
            Err(error) => panic!("shoal cannot be started: {error}"),
        };
        let (sender, lines) = mpsc::channel();
        if let Some(output) = child.stdout.take() {
            thread::spawn(move || {
                for line in BufReader::new(output).lines().map_while(Result::ok) {
                    if sender.send(line).is_err() {
                        break;
                    }
                }
            });
        }
        let mut running = Running { child, address: String::new(), welcome: Vec::new() };
        while let Ok(line) = lines.recv_timeout(PATIENCE) {
            if let Some((_, address)) = line.split_once("listens on ") {
                address.trim_start_matches("http://").clone_into(&mut running.address);
            }
            let last = line.contains("Ctrl-C");
            running.welcome.push(line);
            if last {
                return running;
            }
        }
        panic!("shoal did not say where it listens: {:?}", running.welcome)
    }
}

/// Where programs of this run keep files: each company of any database has a folder of its own.
fn files_folder() -> PathBuf {
    match run_folder() {
        Ok(folder) => folder.join("files"),
        Err(error) => panic!("no place for files: {error}"),
    }
}

/// A server that is ended when this value is dropped.
#[derive(Debug)]
pub struct Running {
    child: Child,
    /// Host and port.
    pub address: String,
    /// What it printed at the start.
    pub welcome: Vec<String>,
}

impl Running {
    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Comes in as the administrator by the link that it printed, which is used up: the token of a session.
    ///
    /// # Panics
    /// When it printed none, or the link does not work.
    pub fn sign_in(&self) -> String {
        let link =
            self.welcome.iter().find_map(|line| line.split_once("/auth/link/").map(|(_, token)| token));
        let Some(link) = link else { panic!("no link: {:?}", self.welcome) };
        let answer = self.post("/auth/link", None, &json!({"token": link}));
        match answer["token"].as_str() {
            Some(token) => token.to_owned(),
            None => panic!("the link does not work: {answer}"),
        }
    }

    /// Posts JSON with this token; the JSON that comes back.
    ///
    /// # Panics
    /// When none does.
    pub fn post(&self, path: &str, token: Option<&str>, body: &Json) -> Json {
        let answer = self.exchange(path, token, body);
        let answer = answer.unwrap_or_else(|error| panic!("POST {path}: {error}"));
        let body = answer.split_once("\r\n\r\n").map(|(_, body)| body).unwrap_or_default();
        serde_json::from_str(body).unwrap_or_else(|error| panic!("{error} in {answer}"))
    }

    fn exchange(&self, path: &str, token: Option<&str>, body: &Json) -> io::Result<String> {
        let mut stream = self.send(path, token, &body.to_string())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }

    /// Sends a POST of JSON with this token and does not wait for what comes.
    ///
    /// # Errors
    /// When it does not listen.
    pub fn send(&self, path: &str, token: Option<&str>, body: &str) -> io::Result<TcpStream> {
        let mut stream = TcpStream::connect(&self.address)?;
        let authorization =
            token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\n{authorization}\
             connection: close\r\ncontent-length: {}\r\n\r\n",
            self.address,
            body.len()
        );
        stream.write_all((head + body).as_bytes())?;
        Ok(stream)
    }

    /// Ends it at once, as `kill -9` does.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Waits for its end; the exit code, if it has one.
    pub fn wait(&mut self) -> Option<i32> {
        self.child.wait().ok().and_then(|status| status.code())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Where cargo puts the program of a package.
fn path(package: &str) -> PathBuf {
    build_folder().join("debug").join(format!("{package}{}", std::env::consts::EXE_SUFFIX))
}
