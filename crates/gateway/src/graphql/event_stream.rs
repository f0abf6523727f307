//! Subscriptions as server-sent events, in the "distinct connections" mode of `graphql-sse`: one request, one operation.
//!
//! Every event carries the number by which a client resumes: browsers send the last one as `Last-Event-ID` by themselves.
//! When there is nothing to tell, an `id` alone comes from time to time. It keeps the connection alive, and clients that keep
//! it resume behind all that was not for them, too.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, Response as HttpResponse, StatusCode, header};
use bytes::Bytes;
use futures::stream::{self, StreamExt as _};
use serde_json::json;
use shoal_graphql::context::Allowance;
use shoal_graphql::request::{Outcome, Response};

use super::content_type::split;
use super::rate_limit;
use crate::app::App;
use crate::problem::Problem;
use crate::server::Phase;
use crate::{Ending, Next, RequestId, Stream};

/// Whether the client takes events, by name.
pub(super) fn is_wanted(method: &Method, headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let named = values.flat_map(|value| split(value, ',')).any(|range| {
        split(range, ';').next().is_some_and(|name| name.eq_ignore_ascii_case("text/event-stream"))
    });
    named && (method == Method::GET || method == Method::POST)
}

/// The number of the last event that the client has seen.
pub(super) fn resume_after(headers: &HeaderMap) -> Result<Option<i64>, Problem> {
    let Some(value) = headers.get("last-event-id") else { return Ok(None) };
    let number = value.to_str().ok().and_then(|text| text.parse().ok()).filter(|number| *number >= 0);
    number.map(Some).ok_or_else(|| Problem::bad_request("`Last-Event-ID` is not one of ours."))
}

/// The answer of a query or mutation, or of a subscription that is refused, as events: browsers show scripts nothing of an
/// answer that is not 200. Only who is to come again later is told so by the status, as everywhere: browsers would come again
/// at once after a stream that ends.
pub(super) fn answer(response: &Response) -> HttpResponse<Body> {
    let text = String::from_utf8_lossy(&response.body);
    let events = [event("next", None, &text), event("complete", None, "")].concat();
    let mut answer = respond(Body::from(events), response.allowance, response.outcome);
    if matches!(response.outcome, Outcome::RateLimited { .. }) {
        *answer.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    }
    answer
}

/// A subscription as events, until it or the server ends. At the end of the server nothing says that the subscription is
/// complete, so that the client comes again, to another one.
pub(super) fn stream(
    app: &Arc<App>,
    (told, allowance): (Stream, Option<Allowance>),
    id: &RequestId,
) -> HttpResponse<Body> {
    let (shutdown, id) = (app.shutdown.clone(), id.clone());
    let events = told.map(move |next| match next {
        Ok(Next::Change { number, body }) => event("next", Some(number), &String::from_utf8_lossy(&body)),
        Ok(Next::Nothing { number }) => Bytes::from(format!("id: {number}\n\n")),
        Err(Ending { code, message }) => {
            let extensions = json!({ "code": code, "requestId": id.as_str() });
            let body = json!({ "errors": [{ "message": message, "extensions": extensions }] });
            event("next", None, &body.to_string())
        }
    });
    let events = events.chain(stream::iter([event("complete", None, "")]));
    let events = events.take_until(async move { shutdown.reached(Phase::Leaving).await });
    respond(Body::from_stream(events.map(Ok::<_, Infallible>)), allowance, Outcome::Executed)
}

fn respond(body: Body, allowance: Option<Allowance>, outcome: Outcome) -> HttpResponse<Body> {
    let mut response = HttpResponse::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Proxies such as nginx would collect the events otherwise.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    rate_limit::tell(headers, allowance, outcome);
    response
}

fn event(name: &str, number: Option<i64>, data: &str) -> Bytes {
    let number = number.map(|number| format!("id: {number}\n")).unwrap_or_default();
    // The JSON has no line breaks: it was written without spaces.
    Bytes::from(format!("event: {name}\n{number}data: {data}\n\n"))
}
