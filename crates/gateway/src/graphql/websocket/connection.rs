//! The conversation.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures::stream::{SplitSink, SplitStream};
use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Map, Value as Json};
use shoal_core::module::Language;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout, timeout_at};

use super::message::{self, Close, Heard, Operation};
use super::operation::{Asked, Saying, perform};
use crate::app::App;
use crate::server::Phase;
use crate::{Denied, RequestId};

/// After the connection is there, the client has so long to say who it is.
const INIT: Duration = Duration::from_secs(10);

/// Whoever is silent for so long is asked whether they are there, and after as long again taken for gone.
const SILENCE: Duration = Duration::from_secs(30);

/// Operations at once on one connection.
const OPERATIONS: usize = 100;

/// How long a client may take to answer that the connection is closed.
const FAREWELL: Duration = Duration::from_secs(1);

/// What operations say to the client waits here for its turn. There is room for one only, so that what a subscriber may see
/// is not decided long before it is sent.
const WAITING: usize = 1;

/// A connection and its operations, which end with it.
pub(super) struct Connection {
    app: Arc<App>,
    token: Option<String>,
    language: Language,
    id: RequestId,
    acknowledged: bool,
    operations: HashMap<String, Running>,
    /// Operations so far.
    count: u64,
}

/// An operation under way. It ends when this is dropped.
struct Running {
    number: u64,
    task: JoinHandle<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Connection {
    pub(super) fn new(app: Arc<App>, token: Option<String>, language: Language, id: RequestId) -> Self {
        Self { app, token, language, id, acknowledged: false, operations: HashMap::new(), count: 0 }
    }

    /// Talks to the client until one of both ends it.
    pub(super) async fn run(mut self, socket: WebSocket) {
        let (mut to, mut from) = socket.split();
        let close = self.talk(&mut to, &mut from).await;
        // Nothing goes on while the other side takes its time.
        self.operations.clear();
        let Some(Close(code, reason)) = close else { return };
        let farewell = async {
            to.send(Message::Close(Some(CloseFrame { code, reason: reason.into() }))).await?;
            // A connection that is dropped with something unread is reset, which takes the reason with it.
            while from.next().await.is_some_and(|heard| heard.is_ok()) {}
            Ok::<_, axum::Error>(())
        };
        let _ = timeout(FAREWELL, farewell).await;
    }

    /// Takes and says messages. Why the connection is to be closed; `None` if it is not there any more.
    async fn talk(
        &mut self,
        to: &mut SplitSink<WebSocket, Message>,
        from: &mut SplitStream<WebSocket>,
    ) -> Option<Close> {
        let (sender, mut sayings) = mpsc::channel(WAITING);
        let shutdown = self.app.shutdown.clone();
        let mut leaving = Box::pin(shutdown.reached(Phase::Leaving));
        let mut end = Instant::now() + INIT;
        let mut asked = false;
        loop {
            let text = tokio::select! {
                () = &mut leaving => return Some(message::GOING),
                Some(saying) = sayings.recv() => self.take(saying),
                heard = timeout_at(end, from.next()) => match heard {
                    Err(_) if !self.acknowledged => return Some(message::NO_INIT),
                    Err(_) if asked => return Some(message::GONE),
                    Err(_) => {
                        (asked, end) = (true, Instant::now() + SILENCE);
                        Some(message::ping())
                    }
                    Ok(None | Some(Ok(Message::Close(_)))) => return None,
                    Ok(Some(Err(_))) => return Some(message::BROKEN),
                    Ok(Some(Ok(heard))) => {
                        let answer = match self.hear(heard, &sender).await {
                            Ok(answer) => answer,
                            Err(close) => return Some(close),
                        };
                        if self.acknowledged {
                            (asked, end) = (false, Instant::now() + SILENCE);
                        }
                        answer
                    }
                },
            };
            let Some(text) = text else { continue };
            tokio::select! {
                () = &mut leaving => return Some(message::GOING),
                sent = to.send(Message::Text(text.into())) => if sent.is_err() { return None },
            }
        }
    }

    /// The message of an operation, unless the client has completed that.
    fn take(&mut self, saying: Saying) -> Option<String> {
        let id = self.operations.iter().find(|(_, running)| running.number == saying.number);
        let id = id.map(|(id, _)| id.clone())?;
        if saying.last {
            self.operations.remove(&id);
        }
        Some(saying.text)
    }

    /// Takes a message; what is to be answered at once.
    async fn hear(
        &mut self,
        heard: Message,
        sayings: &mpsc::Sender<Saying>,
    ) -> Result<Option<String>, Close> {
        let text = match heard {
            Message::Text(text) => text,
            Message::Ping(_) | Message::Pong(_) => return Ok(None),
            Message::Binary(_) | Message::Close(_) => return Err(message::NOT_UNDERSTOOD),
        };
        match serde_json::from_str(&text) {
            Ok(Heard::ConnectionInit { payload }) => self.init(payload).await.map(Some),
            Ok(Heard::Ping {}) => Ok(Some(message::pong())),
            Ok(Heard::Pong {}) => Ok(None),
            Ok(Heard::Subscribe { id, payload }) if !id.is_empty() => {
                self.subscribe(id, payload, text.len(), sayings)?;
                Ok(None)
            }
            Ok(Heard::Complete { id }) => {
                self.operations.remove(&id);
                Ok(None)
            }
            Ok(Heard::Subscribe { .. }) | Err(_) => Err(message::NOT_UNDERSTOOD),
        }
    }

    /// Says who asks: by the token of the handshake, or by one in the message, as browsers cannot set headers there.
    async fn init(&mut self, payload: Option<Map<String, Json>>) -> Result<String, Close> {
        if self.acknowledged {
            return Err(message::TOO_MANY_INITS);
        }
        let given = payload.iter().flatten().find(|(name, _)| name.eq_ignore_ascii_case("authorization"));
        if let Some(value) = given.and_then(|(_, value)| value.as_str()) {
            let token = value.split_once(' ').map_or(value, |(_, token)| token);
            self.token = Some(token.trim().to_owned());
        }
        match self.app.service.knows(self.token.as_deref()).await {
            Ok(()) => {
                self.acknowledged = true;
                Ok(message::acknowledgement())
            }
            Err(Denied::Unauthenticated) => Err(message::FORBIDDEN),
            Err(_) => Err(message::FAILED),
        }
    }

    fn subscribe(
        &mut self,
        id: String,
        operation: Operation,
        bytes: usize,
        sayings: &mpsc::Sender<Saying>,
    ) -> Result<(), Close> {
        if !self.acknowledged {
            return Err(message::UNAUTHORIZED);
        }
        if self.operations.contains_key(&id) {
            return Err(message::TAKEN);
        }
        if self.operations.len() >= OPERATIONS {
            return Err(message::TOO_MANY);
        }
        self.count += 1;
        let (number, request, token) = (self.count, operation.into(), self.token.clone());
        let asked = Asked { number, id: id.clone(), request, token, language: self.language, bytes };
        let task = tokio::spawn(perform(Arc::clone(&self.app), self.id.clone(), asked, sayings.clone()));
        self.operations.insert(id, Running { number, task });
        Ok(())
    }
}
