//! A mail server that keeps what it is given.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

/// The server. It listens as long as the test runs.
pub struct Mailbox {
    /// Where it listens, as `mail.url` has it.
    pub url: String,
    messages: Arc<Mutex<Vec<Message>>>,
}

/// A message as it came.
#[derive(Debug, Clone)]
pub struct Message {
    /// The line of `RCPT TO`.
    pub recipient: String,
    head: String,
    body: String,
}

impl Mailbox {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let messages: Arc<Mutex<Vec<Message>>> = Arc::default();
        let kept = Arc::clone(&messages);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let kept = Arc::clone(&kept);
                tokio::spawn(async move {
                    let _ = converse(stream, &kept).await;
                });
            }
        });
        Self { url, messages }
    }

    /// The first `count` messages, when they have come.
    pub async fn messages(&self, count: usize) -> Vec<Message> {
        for _ in 0..500 {
            let found = self.messages.lock().unwrap().clone();
            if found.len() >= count {
                return found;
            }
            sleep(Duration::from_millis(20)).await;
        }
        panic!("{count} messages were expected: {:?}", self.messages.lock().unwrap());
    }

    /// How many messages there are after a while in which one would have come.
    pub async fn count(&self) -> usize {
        sleep(Duration::from_millis(700)).await;
        self.messages.lock().unwrap().len()
    }
}

/// Speaks SMTP (RFC 5321) as far as a client needs it to hand a message over.
async fn converse(stream: TcpStream, kept: &Mutex<Vec<Message>>) -> std::io::Result<()> {
    let (from, mut to) = stream.into_split();
    let mut lines = BufReader::new(from).lines();
    to.write_all(b"220 mailbox\r\n").await?;
    let mut recipient = String::new();
    while let Some(line) = lines.next_line().await? {
        let command = line.to_ascii_uppercase();
        let reply: &[u8] = if command.starts_with("DATA") {
            to.write_all(b"354 go on\r\n").await?;
            let mut text = String::new();
            while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                text.push_str(line.strip_prefix('.').unwrap_or(&line));
                text.push_str("\r\n");
            }
            let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
            let message =
                Message { recipient: recipient.clone(), head: head.to_owned(), body: body.to_owned() };
            kept.lock().unwrap().push(message);
            b"250 kept\r\n"
        } else if command.starts_with("RCPT") {
            recipient = line;
            b"250 ok\r\n"
        } else if command.starts_with("QUIT") {
            to.write_all(b"221 bye\r\n").await?;
            return Ok(());
        } else {
            b"250 ok\r\n"
        };
        to.write_all(reply).await?;
    }
    Ok(())
}

impl Message {
    /// A header, as it stands there.
    pub fn header(&self, name: &str) -> String {
        let unfolded = self.head.replace("\r\n ", " ");
        let found =
            unfolded.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")).map(str::to_owned));
        found.unwrap_or_default()
    }

    /// The text, decoded.
    pub fn text(&self) -> String {
        let bytes = match self.header("Content-Transfer-Encoding").as_str() {
            "base64" => STANDARD.decode(self.body.split_whitespace().collect::<String>()).unwrap(),
            "quoted-printable" => quoted_printable(&self.body),
            _ => self.body.clone().into_bytes(),
        };
        String::from_utf8(bytes).unwrap()
    }

    /// The secret of the link in it.
    pub fn link(&self, address: &str) -> String {
        let text = self.text();
        let (_, rest) =
            text.split_once(&format!("{address}/auth/link/")).unwrap_or_else(|| panic!("no link: {text}"));
        rest.split_whitespace().next().unwrap_or_default().to_owned()
    }
}

fn quoted_printable(text: &str) -> Vec<u8> {
    let joined = text.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = joined.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        let byte = code.and_then(|code| u8::from_str_radix(code, 16).ok()).filter(|_| *first == b'=');
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    bytes
}
