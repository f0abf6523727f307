//! HTTP as a client speaks it, without one: a test says exactly what goes over the wire.

use std::fmt::Write as _;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value as Json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// What came back.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// The status.
    pub status: u16,
    /// Names in small letters, and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Exchange {
    /// A header, by its name in small letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// If it is none.
    #[track_caller]
    pub fn json(&self) -> Json {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| {
            panic!("{error} in the body of {}: {}", self.status, String::from_utf8_lossy(&self.body))
        })
    }
}

/// One request on a connection of its own.
pub(super) async fn exchange(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> io::Result<Exchange> {
    let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
    for (name, value) in headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    if !body.is_empty() {
        let _ = write!(head, "content-length: {}\r\n", body.len());
    }
    head.push_str("\r\n");
    let (mut from, mut to) = TcpStream::connect(address).await?.into_split();
    let writing = async {
        to.write_all(head.as_bytes()).await?;
        to.write_all(body).await
    };
    let reading = async {
        let mut answer = Vec::new();
        // A server that refuses a body may close before it has read it: what it said by then counts.
        match from.read_to_end(&mut answer).await {
            Err(error) if answer.is_empty() => Err(error),
            _ => Ok(answer),
        }
    };
    let both = async { tokio::join!(writing, reading) };
    let (written, answer) = timeout(PATIENCE, both).await?;
    let answer = answer?;
    if answer.is_empty() {
        written?;
        return Err(io::Error::other("the server closed the connection without an answer"));
    }
    parse(&answer)
}

fn parse(answer: &[u8]) -> io::Result<Exchange> {
    let bad = || io::Error::other(format!("not HTTP: {}", String::from_utf8_lossy(answer)));
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").ok_or_else(bad)?;
    let head = std::str::from_utf8(&answer[..end]).map_err(|_| bad())?;
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.get(9..12)?.parse().ok()).ok_or_else(bad)?;
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    Ok(Exchange { status, headers, body: answer[end + 4..].to_vec() })
}
