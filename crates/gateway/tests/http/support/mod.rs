//! A server on a free port, and a client that sends exactly the bytes it is told to.

pub mod echo;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::Value;
use shoal_gateway::config::{Config, Loader};
use shoal_gateway::{Drained, Gateway, Shutdown, serve};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use uuid::Uuid;

use echo::Echo;

/// A running server.
pub struct Server {
    pub address: SocketAddr,
    pub echo: Arc<Echo>,
    pub shutdown: Shutdown,
    pub running: JoinHandle<Drained>,
}

/// Starts a server with the default settings.
pub async fn start() -> Server {
    start_with(|_| {}).await
}

/// Starts a server with other settings.
pub async fn start_with(change: impl FnOnce(&mut Config)) -> Server {
    let variables = [("SHOAL_CONFIG_DIR", "/nonexistent"), ("SHOAL__SERVER__PORT", "0")];
    let loader = Loader::new(variables.map(|(key, value)| (key.to_owned(), value.to_owned())));
    let mut config = loader.load().unwrap().config;
    change(&mut config);
    let listener = TcpListener::bind(config.server.address()).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (echo, shutdown, next) = (Arc::new(Echo::default()), Shutdown::new(), AtomicU64::new(1));
    let ids = Arc::new(move || Uuid::from_u128(next.fetch_add(1, Ordering::Relaxed).into()));
    let gateway = Gateway::new(echo.clone(), &config, ids);
    let running = tokio::spawn(serve(listener, gateway, shutdown.clone()));
    Server { address, echo, shutdown, running }
}

impl Server {
    pub async fn connect(&self) -> Client {
        Client { stream: BufReader::new(TcpStream::connect(self.address).await.unwrap()) }
    }

    /// One request on a connection of its own. `head` is the request line and headers, without the last empty line.
    pub async fn send(&self, head: &str, body: &[u8]) -> Reply {
        let mut client = self.connect().await;
        client.send(head, body).await;
        client.read().await
    }

    /// A POST of JSON with `Accept`.
    pub async fn post(&self, accept: &str, body: &str) -> Reply {
        let head = format!("POST /graphql HTTP/1.1\nContent-Type: application/json\nAccept: {accept}");
        self.send(&head, body.as_bytes()).await
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(&format!("GET {path} HTTP/1.1"), b"").await
    }
}

/// One connection.
pub struct Client {
    stream: BufReader<TcpStream>,
}

impl Client {
    /// Adds `Host`, and `Content-Length` when there is a body and the head has no framing of its own.
    pub async fn send(&mut self, head: &str, body: &[u8]) {
        let framed = head.contains("Content-Length") || head.contains("Transfer-Encoding");
        let mut lines: Vec<String> = head.lines().map(|line| line.trim().to_owned()).collect();
        lines.push("Host: test".to_owned());
        if !framed && (!body.is_empty() || head.starts_with("POST")) {
            lines.push(format!("Content-Length: {}", body.len()));
        }
        let bytes = [format!("{}\r\n\r\n", lines.join("\r\n")).as_bytes(), body].concat();
        self.write(&bytes).await;
    }

    /// Writes bytes as they are. Errors do not matter: the server may have closed, and its answer is what counts.
    pub async fn write(&mut self, bytes: &[u8]) {
        let _ = self.stream.get_mut().write_all(bytes).await;
    }

    pub async fn read(&mut self) -> Reply {
        timeout(Duration::from_secs(10), self.read_reply()).await.expect("an answer in time")
    }

    async fn read_reply(&mut self) -> Reply {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(self.stream.read_line(&mut head).await.expect("a head") > 0, "closed after {head:?}");
        }
        let status = head[9..12].parse().unwrap();
        let headers: Vec<(String, String)> = head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let mut reply = Reply { status, headers, body: Vec::new() };
        let length = reply.header("content-length").map_or(0, |length| length.parse().unwrap());
        reply.body = vec![0; length];
        self.stream.read_exact(&mut reply.body).await.expect("a body");
        reply
    }

    /// Everything until the server closes.
    pub async fn read_all(&mut self, text: &mut String) {
        timeout(Duration::from_secs(10), self.stream.read_to_string(text)).await.expect("an end").unwrap();
    }

    /// Whether the server closes the connection within the time.
    pub async fn is_closed_within(&mut self, limit: Duration) -> bool {
        let mut rest = Vec::new();
        matches!(timeout(limit, self.stream.read_to_end(&mut rest)).await, Ok(Ok(0) | Err(_)))
    }
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Checks that this is a refusal in the shape of GraphQL, and gives its message.
    pub fn refusal(&self, status: u16, code: &str) -> String {
        let json = self.json();
        let error = &json["errors"][0];
        assert_eq!((self.status, error["extensions"]["code"].as_str()), (status, Some(code)), "{json}");
        assert_eq!(error["extensions"]["requestId"].as_str(), self.header("x-request-id"));
        assert!(json.get("data").is_none(), "{json}");
        error["message"].as_str().unwrap().to_owned()
    }
}
