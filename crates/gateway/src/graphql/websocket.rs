//! Queries, mutations and subscriptions over one connection: the protocol `graphql-transport-ws`.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::FromRequestParts as _;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::{HeaderMap, Request as HttpRequest, Response as HttpResponse, header};
use axum::response::IntoResponse as _;
use futures::{FutureExt as _, SinkExt as _, StreamExt as _};
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};
use shoal_graphql::request::Request;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::app::App;
use crate::problem::Problem;
use crate::server::Phase;
use crate::{Denied, Ending, Opened, RequestId, edge};

const PROTOCOL: &str = "graphql-transport-ws";

/// After the connection is there, the client has so long to say who it is.
const INIT: Duration = Duration::from_secs(10);

/// Whoever is silent for so long is asked whether they are there, and after as long again taken for gone.
const SILENCE: Duration = Duration::from_secs(30);

/// Operations at once on one connection.
const OPERATIONS: usize = 100;

/// Messages that wait to be taken by the client.
const WAITING: usize = 64;

/// Whether the client wants to change to a web socket.
pub(super) fn is_wanted(headers: &HeaderMap) -> bool {
    let upgrade = headers.get(header::UPGRADE).and_then(|value| value.to_str().ok());
    upgrade.is_some_and(|value| value.eq_ignore_ascii_case("websocket"))
}

/// Changes to a web socket. `token` is what came with the HTTP request; the client may present another in its first
/// message.
pub(super) async fn answer(
    app: Arc<App>,
    request: HttpRequest<Body>,
    token: Option<String>,
    id: &RequestId,
) -> Result<HttpResponse<Body>, Problem> {
    let (mut parts, _) = request.into_parts();
    let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &()).await;
    let upgrade =
        upgrade.map_err(|_| Problem::bad_request("This is not a well-formed web socket handshake."))?;
    let most = app.server.max_body_bytes;
    let upgrade = upgrade.protocols([PROTOCOL]).max_message_size(most).max_frame_size(most);
    if upgrade.selected_protocol().is_none() {
        return Err(Problem::bad_request("Web sockets speak the subprotocol graphql-transport-ws."));
    }
    let id = id.clone();
    Ok(upgrade.on_upgrade(move |socket| Connection::run(app, socket, token, id)).into_response())
}

/// What the client says.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Said {
    ConnectionInit {
        #[serde(default)]
        payload: Option<Map<String, Json>>,
    },
    Ping {},
    Pong {},
    Subscribe {
        id: String,
        payload: Operation,
    },
    Complete {
        id: String,
    },
}

#[derive(Deserialize)]
struct Operation {
    query: String,
    #[serde(default, rename = "operationName")]
    name: Option<String>,
    #[serde(default)]
    variables: Option<Map<String, Json>>,
}

/// Why a connection is closed, with the protocol's numbers.
struct Close(u16, &'static str);

const TOO_MANY_INITS: Close = Close(4429, "Too many initialisation requests");
const NO_INIT: Close = Close(4408, "Connection initialisation timeout");
const UNAUTHORIZED: Close = Close(4401, "Unauthorized");
const FORBIDDEN: Close = Close(4403, "Forbidden");
const TOO_MANY: Close = Close(4429, "Too many operations");
const GOING: Close = Close(1001, "The server is shutting down");
const GONE: Close = Close(1001, "Nothing was heard for a minute");

/// What an operation has to say: its id, the message, and whether it is its last.
type Saying = (String, Json, bool);

struct Connection {
    app: Arc<App>,
    token: Option<String>,
    id: RequestId,
    acknowledged: bool,
    operations: HashMap<String, JoinHandle<()>>,
    sender: mpsc::Sender<Saying>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        for operation in self.operations.values() {
            operation.abort();
        }
    }
}

impl Connection {
    async fn run(app: Arc<App>, socket: WebSocket, token: Option<String>, id: RequestId) {
        let (sender, mut sayings) = mpsc::channel::<Saying>(WAITING);
        let shutdown = app.shutdown.clone();
        let mut connection = Self { app, token, id, acknowledged: false, operations: HashMap::new(), sender };
        let (mut to, mut from) = socket.split();
        let mut patience = INIT;
        let mut asked = false;
        let close = loop {
            tokio::select! {
                biased;
                () = shutdown.reached(Phase::Leaving) => break Some(GOING),
                Some((id, message, last)) = sayings.recv() => {
                    // What a completed operation still had to say is not wanted.
                    if connection.operations.contains_key(&id) {
                        if last {
                            connection.operations.remove(&id);
                        }
                        if !matches!(send(&mut to, &message).await, Ok(())) {
                            break None;
                        }
                    }
                }
                heard = tokio::time::timeout(patience, from.next()) => match heard {
                    Err(_) if !connection.acknowledged => break Some(NO_INIT),
                    Err(_) if asked => break Some(GONE),
                    Err(_) => {
                        asked = true;
                        if send(&mut to, &json!({ "type": "ping" })).await.is_err() {
                            break None;
                        }
                    }
                    Ok(None | Some(Err(_) | Ok(Message::Close(_)))) => break None,
                    Ok(Some(Ok(message))) => {
                        asked = false;
                        match connection.hear(message).await {
                            Ok(Some(answer)) => {
                                if connection.acknowledged {
                                    patience = SILENCE;
                                }
                                if send(&mut to, &answer).await.is_err() {
                                    break None;
                                }
                            }
                            Ok(None) => {}
                            Err(close) => break Some(close),
                        }
                    }
                },
            }
        };
        if let Some(Close(code, reason)) = close {
            let _ = to.send(Message::Close(Some(CloseFrame { code, reason: reason.into() }))).await;
        }
    }

    /// Takes a message; what is to be answered at once.
    async fn hear(&mut self, message: Message) -> Result<Option<Json>, Close> {
        const NOT_UNDERSTOOD: Close = Close(4400, "The message is not one of graphql-transport-ws");
        let text = match message {
            Message::Text(text) => text,
            Message::Ping(_) | Message::Pong(_) => return Ok(None),
            Message::Binary(_) | Message::Close(_) => return Err(NOT_UNDERSTOOD),
        };
        match serde_json::from_str(&text) {
            Ok(Said::ConnectionInit { payload }) => self.init(payload).await.map(Some),
            Ok(Said::Ping {}) => Ok(Some(json!({ "type": "pong" }))),
            Ok(Said::Pong {}) => Ok(None),
            Ok(Said::Subscribe { id, payload }) => {
                self.subscribe(id, payload)?;
                Ok(None)
            }
            Ok(Said::Complete { id }) => {
                if let Some(operation) = self.operations.remove(&id) {
                    operation.abort();
                }
                Ok(None)
            }
            Err(_) => Err(NOT_UNDERSTOOD),
        }
    }

    /// Says who asks: by the token of the handshake, or by one in the message, as browsers cannot set headers there.
    async fn init(&mut self, payload: Option<Map<String, Json>>) -> Result<Json, Close> {
        if self.acknowledged {
            return Err(TOO_MANY_INITS);
        }
        let given = payload.iter().flatten().find(|(name, _)| name.eq_ignore_ascii_case("authorization"));
        if let Some(value) = given.and_then(|(_, value)| value.as_str()) {
            let token = value.split_once(' ').map_or(value, |(_, token)| token);
            self.token = Some(token.trim().to_owned());
        }
        match self.app.service.knows(self.token.as_deref()).await {
            Ok(()) => {
                self.acknowledged = true;
                Ok(json!({ "type": "connection_ack" }))
            }
            Err(Denied::Unauthenticated) => Err(FORBIDDEN),
            Err(_) => Err(Close(1011, "Who you are could not be looked up")),
        }
    }

    fn subscribe(&mut self, id: String, operation: Operation) -> Result<(), Close> {
        if !self.acknowledged {
            return Err(UNAUTHORIZED);
        }
        self.operations.retain(|_, operation| !operation.is_finished());
        if self.operations.contains_key(&id) {
            return Err(Close(4409, "There is a subscriber with this id already"));
        }
        if self.operations.len() >= OPERATIONS {
            return Err(TOO_MANY);
        }
        let Operation { query, name: operation_name, variables } = operation;
        let request = Request { query, operation_name, variables, with_cost: true, ..Request::default() };
        let (app, token, request_id) = (Arc::clone(&self.app), self.token.clone(), self.id.clone());
        let (sender, operation_id) = (self.sender.clone(), id.clone());
        let running = tokio::spawn(async move {
            let work = perform(&app, request, token, &request_id, (&sender, &operation_id));
            if let Err(panic) = std::panic::AssertUnwindSafe(work).catch_unwind().await {
                let _ = edge::panicked(panic.as_ref(), &request_id);
                let errors = json!([{ "message": "internal error", "extensions": { "code": "INTERNAL" } }]);
                let message = json!({ "type": "error", "id": operation_id, "payload": errors });
                let _ = sender.send((operation_id, message, true)).await;
            }
        });
        self.operations.insert(id, running);
        Ok(())
    }
}

async fn send(
    to: &mut futures::stream::SplitSink<WebSocket, Message>,
    message: &Json,
) -> Result<(), axum::Error> {
    to.send(Message::Text(message.to_string().into())).await
}

/// Runs one operation and says what it answers.
async fn perform(
    app: &App,
    request: Request,
    token: Option<String>,
    request_id: &RequestId,
    (sender, id): (&mpsc::Sender<Saying>, &str),
) {
    let say = async |message: Json, last: bool| sender.send((id.to_owned(), message, last)).await.is_ok();
    let failed = |code: &str, message: &str| {
        let errors =
            json!([{ "message": message, "extensions": { "code": code, "requestId": request_id.as_str() } }]);
        json!({ "type": "error", "id": id, "payload": errors })
    };
    let Ok(place) = app.gate.enter(request.query.len()).await else {
        say(failed("UNAVAILABLE", "the server has too much to do at the moment"), true).await;
        return;
    };
    let opened = app.service.open(request, token.as_deref(), request_id.clone(), None).await;
    drop(place);
    let mut stream = match opened {
        Err(Denied::Unauthenticated) => {
            say(failed("UNAUTHENTICATED", "the session has ended; sign in again"), true).await;
            return;
        }
        Err(_) => {
            say(failed("INTERNAL", "the operation could not be begun"), true).await;
            return;
        }
        Ok(Opened::Answer(response)) => {
            let body: Json = serde_json::from_slice(&response.body).unwrap_or_default();
            let message = match body.get("data") {
                Some(_) => json!({ "type": "next", "id": id, "payload": body }),
                None => json!({ "type": "error", "id": id, "payload": body["errors"] }),
            };
            let executed = body.get("data").is_some();
            if say(message, !executed).await && executed {
                say(json!({ "type": "complete", "id": id }), true).await;
            }
            return;
        }
        Ok(Opened::Stream(stream)) => stream,
    };
    while let Some(next) = stream.next().await {
        match next {
            Ok(next) => {
                let payload: Json = serde_json::from_slice(&next.body).unwrap_or_default();
                if !say(json!({ "type": "next", "id": id, "payload": payload }), false).await {
                    return;
                }
            }
            Err(Ending { code, message }) => {
                say(failed(code, &message), true).await;
                return;
            }
        }
    }
    say(json!({ "type": "complete", "id": id }), true).await;
}
