//! The clients of these stories: a web socket that speaks graphql-transport-ws, and a reader of server-sent events.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value as Json, json};
use shoal_testkit::TestApp;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{Error, Message};

/// Nothing may take longer.
const PATIENCE: Duration = Duration::from_secs(20);

/// So long nothing must come.
pub const QUIET: Duration = Duration::from_millis(300);

/// Where somebody asks, and as whom.
pub trait Seat {
    fn address(&self) -> SocketAddr;
    fn token(&self) -> &str;
}

impl Seat for TestApp {
    fn address(&self) -> SocketAddr {
        Self::address(self)
    }

    fn token(&self) -> &str {
        Self::token(self)
    }
}

/// A web socket.
pub struct Socket(WebSocketStream<TcpStream>);

impl Socket {
    /// A web socket on which nothing was said yet.
    pub async fn new(app: &impl Seat) -> Self {
        Self::with_protocol(app, Some("graphql-transport-ws")).await.unwrap()
    }

    /// The same with another subprotocol, or none: the status of the answer if it is refused.
    pub async fn with_protocol(app: &impl Seat, protocol: Option<&'static str>) -> Result<Self, u16> {
        let mut request = format!("ws://{}/graphql", app.address()).into_client_request().unwrap();
        if let Some(protocol) = protocol {
            request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static(protocol));
        }
        let stream = connect(app).await;
        match tokio_tungstenite::client_async(request, stream).await {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    /// A web socket of this person, acknowledged.
    pub async fn of(app: &impl Seat) -> Self {
        let mut socket = Self::new(app).await;
        let payload = json!({"Authorization": format!("Bearer {}", app.token())});
        socket.say(json!({"type": "connection_init", "payload": payload})).await;
        assert_eq!(socket.hear().await, json!({"type": "connection_ack"}));
        socket
    }

    pub async fn say(&mut self, message: Json) {
        self.say_raw(Message::text(message.to_string())).await;
    }

    pub async fn say_raw(&mut self, message: Message) {
        self.0.send(message).await.unwrap();
    }

    /// Begins an operation.
    pub async fn subscribe(&mut self, id: &str, query: &str, variables: Json) {
        let payload = json!({"query": query, "variables": variables});
        self.say(json!({"type": "subscribe", "id": id, "payload": payload})).await;
    }

    /// The next message.
    pub async fn hear(&mut self) -> Json {
        match self.hear_or_end().await {
            Ok(message) => message,
            Err(code) => panic!("closed with {code}"),
        }
    }

    /// The next message, or the code with which the other side closes.
    pub async fn hear_or_end(&mut self) -> Result<Json, u16> {
        loop {
            match timeout(PATIENCE, self.0.next()).await.unwrap() {
                Some(Ok(Message::Text(text))) => {
                    let message: Json = serde_json::from_str(&text).unwrap();
                    if message["type"] != "ping" {
                        return Ok(message);
                    }
                    self.say(json!({"type": "pong"})).await;
                }
                Some(Ok(Message::Close(frame))) => return Err(frame.map_or(0, |frame| frame.code.into())),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(0),
            }
        }
    }

    /// The payload of the next message, which must be a `next` of this operation.
    pub async fn told(&mut self, id: &str) -> Json {
        let message = self.hear().await;
        assert_eq!((&message["type"], &message["id"]), (&json!("next"), &json!(id)), "{message}");
        message["payload"].clone()
    }

    /// The code of the error that ends this operation, which is the next message.
    pub async fn refused(&mut self, id: &str) -> String {
        let message = self.hear().await;
        assert_eq!((&message["type"], &message["id"]), (&json!("error"), &json!(id)), "{message}");
        message["payload"][0]["extensions"]["code"].as_str().unwrap().to_owned()
    }

    /// Waits until what was asked for before has begun: messages are taken in their order, and so is this query begun.
    pub async fn settle(&mut self) {
        tokio::time::sleep(Duration::from_millis(100)).await;
        self.subscribe("settle", "{ __typename }", Json::Null).await;
        assert_eq!(self.told("settle").await["data"]["__typename"], "Query");
        assert_eq!(self.hear().await["type"], "complete");
    }

    /// The next message; `None` if for a while there is none.
    pub async fn heard(&mut self) -> Option<Json> {
        timeout(QUIET, self.hear()).await.ok()
    }

    /// Nothing comes.
    pub async fn is_quiet(&mut self) {
        let heard = timeout(QUIET, self.0.next()).await;
        assert!(heard.is_err(), "{heard:?}");
    }
}

/// An event.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub id: Option<i64>,
    pub name: String,
    pub data: Json,
}

/// Server-sent events as they come.
pub struct Events {
    lines: BufReader<TcpStream>,
    /// Names in small letters, and values.
    headers: Vec<(String, String)>,
    /// The last id, as browsers keep it.
    pub last_id: Option<i64>,
}

impl Events {
    /// Subscribes, which must work; returns when the first byte is there, so that nothing is missed from now on.
    pub async fn of(app: &impl Seat, query: &str, variables: Json) -> Self {
        Self::after(app, query, variables, None).await.unwrap_or_else(|refused| panic!("{refused:?}"))
    }

    /// The same behind an event: the status and the body if it is refused.
    pub async fn after(
        app: &impl Seat,
        query: &str,
        variables: Json,
        last_id: Option<&str>,
    ) -> Result<Self, (u16, Json)> {
        let body = json!({"query": query, "variables": variables}).to_string();
        // HTTP/1.0: an answer that is not in chunks.
        let mut head = format!(
            "POST /graphql HTTP/1.0\r\nhost: shoal\r\naccept: text/event-stream\r\ncontent-type: application/json\r\n\
             authorization: Bearer {}\r\ncontent-length: {}\r\n",
            app.token(),
            body.len()
        );
        if let Some(id) = last_id {
            let _ = write!(head, "last-event-id: {id}\r\n");
        }
        let mut stream = connect(app).await;
        stream.write_all(format!("{head}\r\n{body}").as_bytes()).await.unwrap();
        let mut lines = BufReader::with_capacity(4096, stream);
        let status: u16 = line(&mut lines).await.unwrap()[9..12].parse().unwrap();
        let mut headers = Vec::new();
        while let Some((name, value)) = line(&mut lines).await.unwrap().split_once(": ") {
            headers.push((name.to_ascii_lowercase(), value.to_owned()));
        }
        if status != 200 {
            let mut body = Vec::new();
            lines.read_to_end(&mut body).await.unwrap();
            return Err((status, serde_json::from_slice(&body).unwrap()));
        }
        let mut events = Self { lines, headers, last_id: None };
        if let Some(event) = events.block().await.unwrap() {
            panic!("an event comes first: {event:?}");
        }
        Ok(events)
    }

    /// A header of the answer, by its name in small letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// One block: `None` if it is no event.
    async fn block(&mut self) -> Option<Option<Event>> {
        let (mut id, mut name, mut data) = (None, String::new(), None);
        loop {
            let line = line(&mut self.lines).await?;
            match line.split_once(": ").unwrap_or((&line, "")) {
                ("", _) => break,
                ("id", value) => id = Some(value.parse().unwrap()),
                ("event", value) => value.clone_into(&mut name),
                ("data", value) => data = Some(value.to_owned()),
                _ => {}
            }
        }
        self.last_id = id.or(self.last_id);
        Some(data.map(|data| Event { id, name, data: serde_json::from_str(&data).unwrap_or_default() }))
    }

    /// The next event; `None` when there are no more.
    pub async fn next(&mut self) -> Option<Event> {
        let next = async {
            loop {
                if let Some(event) = self.block().await? {
                    return Some(event);
                }
            }
        };
        timeout(PATIENCE, next).await.unwrap()
    }

    /// The data of the next event, which must be a change.
    pub async fn told(&mut self) -> Json {
        let event = self.next().await.unwrap();
        assert!(event.name == "next" && event.id.is_some(), "{event:?}");
        assert_eq!(event.data["errors"], Json::Null);
        event.data["data"].clone()
    }

    /// The data of all changes that come until none comes for a while.
    pub async fn told_until_quiet(&mut self) -> Vec<Json> {
        let mut told = Vec::new();
        // Longer than whoever may be told more waits until they look.
        while let Ok(next) = timeout(2 * QUIET, self.told()).await {
            told.push(next);
        }
        told
    }

    /// The code of the error that ends it.
    pub async fn refused(&mut self) -> String {
        let event = self.next().await.unwrap();
        let code = event.data["errors"][0]["extensions"]["code"].as_str();
        let code = code.unwrap_or_else(|| panic!("{event:?}")).to_owned();
        assert_eq!(self.next().await.unwrap().name, "complete");
        assert_eq!(self.next().await, None);
        code
    }

    /// Nothing comes.
    pub async fn is_quiet(&mut self) {
        let next = timeout(QUIET, self.block()).await;
        assert!(next.is_err(), "{next:?}");
    }
}

/// A connection that takes little before somebody reads it.
async fn connect(app: &impl Seat) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(16 * 1024).unwrap();
    socket.connect(app.address()).await.unwrap()
}

async fn line(from: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = String::new();
    match from.read_line(&mut line).await {
        Ok(0) | Err(_) => None,
        Ok(_) => Some(line.trim_end_matches(['\r', '\n']).to_owned()),
    }
}
