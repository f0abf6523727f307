//! What the two sides say.

use serde::Deserialize;
use serde_json::{Map, Value as Json, json};
use shoal_graphql::request::Request;

use super::super::envelope::AnyObject;

/// What a client says. Properties that are not listed are ignored.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Heard {
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
pub(super) struct Operation {
    query: String,
    #[serde(default, rename = "operationName")]
    name: Option<String>,
    #[serde(default)]
    variables: Option<Map<String, Json>>,
    #[serde(default, rename = "extensions")]
    _extensions: Option<AnyObject>,
}

impl From<Operation> for Request {
    fn from(operation: Operation) -> Self {
        let Operation { query, name: operation_name, variables, _extensions } = operation;
        Self { query, operation_name, variables, with_cost: true, ..Self::default() }
    }
}

/// Why a connection is closed, with the protocol's numbers.
pub(super) struct Close(pub(super) u16, pub(super) &'static str);

pub(super) const NOT_UNDERSTOOD: Close = Close(4400, "The message is not one of graphql-transport-ws");
pub(super) const BROKEN: Close = Close(4400, "The message is too large, or broken");
pub(super) const UNAUTHORIZED: Close = Close(4401, "Unauthorized");
pub(super) const FORBIDDEN: Close = Close(4403, "Forbidden");
pub(super) const NO_INIT: Close = Close(4408, "Connection initialisation timeout");
pub(super) const TAKEN: Close = Close(4409, "There is a subscriber with this id already");
pub(super) const TOO_MANY_INITS: Close = Close(4429, "Too many initialisation requests");
pub(super) const TOO_MANY: Close = Close(4429, "Too many operations");
pub(super) const GOING: Close = Close(1001, "The server is shutting down");
pub(super) const GONE: Close = Close(1001, "Nothing was heard for a minute");
pub(super) const FAILED: Close = Close(1011, "Who you are could not be looked up");

pub(super) fn acknowledgement() -> String {
    json!({ "type": "connection_ack" }).to_string()
}

pub(super) fn ping() -> String {
    json!({ "type": "ping" }).to_string()
}

pub(super) fn pong() -> String {
    json!({ "type": "pong" }).to_string()
}

/// A response, as the engine wrote it.
pub(super) fn next(id: &str, response: &[u8]) -> String {
    format!(r#"{{"type":"next","id":{},"payload":{}}}"#, Json::from(id), String::from_utf8_lossy(response))
}

pub(super) fn complete(id: &str) -> String {
    json!({ "type": "complete", "id": id }).to_string()
}

/// The errors of a response that has nothing else.
pub(super) fn error(id: &str, response: &[u8]) -> String {
    let response: Json = serde_json::from_slice(response).unwrap_or_default();
    json!({ "type": "error", "id": id, "payload": response["errors"] }).to_string()
}
