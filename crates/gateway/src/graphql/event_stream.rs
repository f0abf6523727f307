//! Subscriptions as server-sent events, in the "distinct connections" mode of `graphql-sse`: one request, one operation.
//!
//! Every event carries the number by which a client resumes: browsers send the last one as `Last-Event-ID` by themselves.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Response as HttpResponse, header};
use bytes::Bytes;
use futures::stream::{self, StreamExt as _};
use serde_json::json;

use super::content_type::split;
use crate::app::App;
use crate::problem::Problem;
use crate::server::Phase;
use crate::{Ending, Next, Opened, RequestId, Stream};

/// What says that the connection is alive, for proxies and for clients that look.
const HEARTBEAT: Duration = Duration::from_secs(12);

/// Whether the client asks for events, by name.
pub(super) fn is_wanted(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| split(value, ',')).any(|range| {
        split(range, ';').next().is_some_and(|name| name.eq_ignore_ascii_case("text/event-stream"))
    })
}

/// The number of the last event that the client has seen.
pub(super) fn resume_after(headers: &HeaderMap) -> Result<Option<i64>, Problem> {
    let Some(value) = headers.get("last-event-id") else { return Ok(None) };
    let number = value.to_str().ok().and_then(|text| text.trim().parse().ok()).filter(|number| *number >= 0);
    number.map(Some).ok_or_else(|| Problem::bad_request("Last-Event-ID is not one of ours."))
}

/// The answer of an operation as events.
pub(super) fn answer(app: &Arc<App>, opened: Opened, id: &RequestId) -> HttpResponse<Body> {
    let events = match opened {
        Opened::Answer(response) => {
            let text = event("next", None, &String::from_utf8_lossy(&response.body));
            stream::iter([text]).boxed()
        }
        Opened::Stream(stream) => written(stream, id.clone()).boxed(),
    };
    let shutdown = app.shutdown.clone();
    let until_the_end = events
        .chain(stream::iter([event("complete", None, "")]))
        .take_until(async move { shutdown.reached(Phase::Leaving).await });
    let alive = alive(until_the_end.boxed());
    let body = Body::from_stream(alive.map(Ok::<_, Infallible>));
    let mut response = HttpResponse::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Proxies such as nginx would collect the events otherwise.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

fn written(stream: Stream, id: RequestId) -> impl futures::Stream<Item = Bytes> + Send {
    stream.map(move |next| match next {
        Ok(Next { number, body }) => event("next", Some(number), &String::from_utf8_lossy(&body)),
        Err(Ending { code, message }) => {
            let extensions = json!({ "code": code, "requestId": id.as_str() });
            let body = json!({ "errors": [{ "message": message, "extensions": extensions }] });
            event("next", None, &body.to_string())
        }
    })
}

/// With a comment in between when nothing happens for long. The first comes at once, so that the client knows that it is
/// connected.
fn alive(events: futures::stream::BoxStream<'static, Bytes>) -> impl futures::Stream<Item = Bytes> + Send {
    let beat = Bytes::from_static(b":\n\n");
    let rest = stream::unfold(events, {
        let beat = beat.clone();
        move |mut events| {
            let beat = beat.clone();
            async move {
                match tokio::time::timeout(HEARTBEAT, events.next()).await {
                    Ok(next) => next.map(|event| (event, events)),
                    Err(_) => Some((beat, events)),
                }
            }
        }
    });
    stream::iter([beat]).chain(rest)
}

fn event(name: &str, number: Option<i64>, data: &str) -> Bytes {
    let number = number.map(|number| format!("id: {number}\n")).unwrap_or_default();
    // The JSON has no line breaks: it was written without spaces.
    Bytes::from(format!("event: {name}\n{number}data: {data}\n\n"))
}
