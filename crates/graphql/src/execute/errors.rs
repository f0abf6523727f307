//! Errors of a response as JSON.

use serde_json::{Map, Value as Json, json};

use crate::context::{Context, say};
use crate::error::{Fault, PathSegment, ResponseError};

/// At most this many errors leave in one response; the rest would say the same.
const MOST_ERRORS: usize = 100;

/// The cost of an operation, the most that it may cost, what it has cost if it ran, and what the caller may spend still if
/// that is limited.
#[derive(Clone, Copy)]
pub(crate) struct Cost {
    pub requested: u64,
    pub limit: u64,
    pub actual: Option<u64>,
    pub remaining: Option<u64>,
}

/// The whole response: errors first, as the specification advises, then the data if the operation ran, then the cost if
/// it is to be told. Faults are logged here, under the request that met them.
pub(crate) fn body(
    context: &dyn Context,
    errors: &[ResponseError],
    data: Option<&[u8]>,
    request_id: Option<&str>,
    cost: Option<Cost>,
) -> Vec<u8> {
    for Fault(fault) in errors.iter().filter_map(|error| error.fault.as_deref()) {
        tracing::error!(fault, request_id, "a field could not be answered");
    }
    let mut out = Vec::with_capacity(data.map_or(0, <[u8]>::len) + 64);
    out.push(b'{');
    if !errors.is_empty() {
        let list: Vec<_> =
            errors.iter().take(MOST_ERRORS).map(|error| error_json(context, error, request_id)).collect();
        out.extend_from_slice(b"\"errors\":");
        out.extend_from_slice(Json::Array(list).to_string().as_bytes());
        if data.is_some() {
            out.push(b',');
        }
    }
    if let Some(data) = data {
        out.extend_from_slice(b"\"data\":");
        out.extend_from_slice(data);
    }
    if let Some(Cost { requested, limit, actual, remaining }) = cost {
        let mut number = |name: &str, value: u64| {
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
        };
        number(",\"extensions\":{\"cost\":{\"requested\":", requested);
        number(",\"limit\":", limit);
        if let Some(actual) = actual {
            number(",\"actual\":", actual);
        }
        if let Some(remaining) = remaining {
            number(",\"remaining\":", remaining);
        }
        out.extend_from_slice(b"}}");
    }
    out.push(b'}');
    out
}

fn error_json(context: &dyn Context, error: &ResponseError, request_id: Option<&str>) -> Json {
    let mut json = Map::new();
    json.insert("message".into(), say(context, &error.message).into());
    if !error.locations.is_empty() {
        let locations = error.locations.iter().map(|at| json!({"line": at.line, "column": at.column}));
        json.insert("locations".into(), locations.collect());
    }
    if !error.path.is_empty() {
        let path = error.path.iter().map(|segment| match segment {
            PathSegment::Key(key) => Json::from(key.as_str()),
            PathSegment::Index(index) => Json::from(*index),
        });
        json.insert("path".into(), path.collect());
    }
    let mut extensions = Map::new();
    extensions.insert("code".into(), error.code.into());
    if !error.fields.is_empty() {
        let fields = error.fields.iter().map(
            |field| json!({"path": field.path, "code": field.code, "message": say(context, &field.message)}),
        );
        extensions.insert("fields".into(), fields.collect());
    }
    if let Some(module) = error.module {
        extensions.insert("module".into(), module.into());
    }
    if let Some(seconds) = error.retry_after {
        extensions.insert("retryAfter".into(), seconds.into());
    }
    if let Some(id) = request_id {
        extensions.insert("requestId".into(), id.into());
    }
    json.insert("extensions".into(), extensions.into());
    Json::Object(json)
}
