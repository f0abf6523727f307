//! Queries, mutations and subscriptions over one connection: the protocol `graphql-transport-ws`.
//!
//! The handshake is here, what the two sides say in `message`, the conversation in `connection`, and what becomes of one
//! operation in `operation`.

mod connection;
mod message;
mod operation;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::FromRequestParts as _;
use axum::extract::ws::WebSocketUpgrade;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Response as HttpResponse, header};
use axum::response::IntoResponse as _;

use self::connection::Connection;
use crate::RequestId;
use crate::app::App;
use crate::problem::{Problem, accepted};
use crate::server::Held;

const PROTOCOL: &str = "graphql-transport-ws";

/// Whether the client wants to change to a web socket.
pub(super) fn is_wanted(headers: &HeaderMap) -> bool {
    let upgrade = headers.get(header::UPGRADE).and_then(|value| value.to_str().ok());
    upgrade.is_some_and(|value| value.eq_ignore_ascii_case("websocket"))
}

/// Changes to a web socket. `token` is what came with the HTTP request; the client may present another in its first
/// message.
pub(super) async fn answer(
    app: Arc<App>,
    mut parts: Parts,
    token: Option<String>,
    id: &RequestId,
) -> Result<HttpResponse<Body>, Problem> {
    if app.shutdown.is_leaving() {
        return Err(Problem::shutting_down());
    }
    let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &()).await;
    let upgrade =
        upgrade.map_err(|_| Problem::bad_request("This is not a well-formed web socket handshake."))?;
    let most = app.server.max_body_bytes;
    let upgrade = upgrade.protocols([PROTOCOL]).max_message_size(most).max_frame_size(most);
    if upgrade.selected_protocol().is_none() {
        return Err(Problem::bad_request("Web sockets speak the subprotocol graphql-transport-ws."));
    }
    let language = accepted(&parts.headers);
    let held = parts.extensions.remove::<Held>();
    let connection = Connection::new(app, token, language, id.clone());
    let run = async move |socket| {
        connection.run(socket).await;
        drop(held);
    };
    Ok(upgrade.on_upgrade(run).into_response())
}
