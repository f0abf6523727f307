//! Errors that the gateway itself answers with, always in the shape of a GraphQL response.

use std::borrow::Cow;

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use serde::Serialize;

use crate::edge::Facts;
use crate::graphql::Media;
use crate::{Denied, RequestId};

/// The codes that only the transport answers with, and their meanings, for the documentation.
pub const CODES: &[(&str, &str)] = &[
    ("BAD_REQUEST", "The body or the query string is not a GraphQL request."),
    ("UNSUPPORTED_MEDIA_TYPE", "The body is not JSON in UTF-8."),
    ("UNAUTHENTICATED", "Nobody knows who asks: sign in, or present a session token or an API key."),
    (
        "RESUME_TOO_OLD",
        "The events to resume behind are not kept any more: read anew, and subscribe without `Last-Event-ID`.",
    ),
    ("NOT_ACCEPTABLE", "You take none of the media types that there are."),
    ("METHOD_NOT_ALLOWED", "The method does not fit, such as GET for a mutation."),
    ("UNAVAILABLE", "The server is full or about to stop; try again in a moment."),
];

/// Stable codes, `errors[0].extensions.code`. Clients depend on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Code {
    BadRequest,
    UnsupportedMediaType,
    Unauthenticated,
    ResumeTooOld,
    NotAcceptable,
    MethodNotAllowed,
    NotFound,
    LimitExceeded,
    Timeout,
    Unavailable,
    Internal,
}

/// One refusal.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    code: Code,
    message: Cow<'static, str>,
    /// One header that the status asks for, such as `Allow` for 405.
    header: Option<(header::HeaderName, &'static str)>,
    /// True when the rest of the request was not read, so that the connection cannot be used again.
    close: bool,
}

impl Problem {
    fn new(status: StatusCode, code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status, code, message: message.into(), header: None, close: false }
    }

    fn with_header(mut self, name: header::HeaderName, value: &'static str) -> Self {
        self.header = Some((name, value));
        self
    }

    /// 400: the request is not a well-formed GraphQL-over-HTTP request.
    pub(crate) fn bad_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Code::BadRequest, message)
    }

    /// 401: nobody knows who asks.
    pub(crate) fn unauthenticated() -> Self {
        let message = "Sign in, or present a session token or an API key as `Authorization: Bearer …`.";
        Self::new(StatusCode::UNAUTHORIZED, Code::Unauthenticated, message)
            .with_header(header::WWW_AUTHENTICATE, "Bearer")
    }

    /// The answer to somebody who gets none.
    pub(crate) fn denied(denied: Denied) -> Self {
        match denied {
            Denied::Unauthenticated => Self::unauthenticated(),
            Denied::Timeout => Self::timeout(),
            Denied::Failed => Self::internal(),
            Denied::TooOld => Self::too_old(),
            Denied::Full => {
                Self::unavailable("There are as many subscriptions as there may be; try again later.")
            }
        }
    }

    /// 410: the events to resume behind are not kept any more.
    pub(crate) fn too_old() -> Self {
        let message = "The events after `Last-Event-ID` are not kept any more. Read what you show anew, and subscribe without it.";
        Self::new(StatusCode::GONE, Code::ResumeTooOld, message)
    }

    /// 404: no such page.
    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, Code::NotFound, "There is nothing here.")
    }

    /// 405: `allow` lists what the resource takes.
    pub(crate) fn method_not_allowed(message: &'static str, allow: &'static str) -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, Code::MethodNotAllowed, message)
            .with_header(header::ALLOW, allow)
    }

    /// 406: the client takes none of the media types that there are.
    pub(crate) fn not_acceptable() -> Self {
        Self::new(
            StatusCode::NOT_ACCEPTABLE,
            Code::NotAcceptable,
            "Answers come as application/graphql-response+json or application/json, in UTF-8.",
        )
    }

    /// 408: the body did not arrive in time.
    pub(crate) fn slow_body() -> Self {
        let problem =
            Self::new(StatusCode::REQUEST_TIMEOUT, Code::Timeout, "The request body did not arrive in time.");
        Self { close: true, ..problem }
    }

    /// 413: the body is over the limit.
    pub(crate) fn body_too_large(limit: usize) -> Self {
        let message = format!("The request body is larger than {limit} bytes.");
        let problem = Self::new(StatusCode::PAYLOAD_TOO_LARGE, Code::LimitExceeded, message);
        Self { close: true, ..problem }
    }

    /// 415: the body is not UTF-8 JSON.
    pub(crate) fn unsupported_media_type(message: &'static str) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, Code::UnsupportedMediaType, message)
    }

    /// 415: the body is compressed.
    pub(crate) fn compressed_body() -> Self {
        Self::unsupported_media_type("Compressed request bodies are not supported.")
            .with_header(header::ACCEPT_ENCODING, "identity")
    }

    /// 500: something broke; what it was stays in the log.
    pub(crate) fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, Code::Internal, "Something went wrong on the server.")
    }

    /// 503: try again later, or elsewhere.
    pub(crate) fn unavailable(message: &'static str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, Code::Unavailable, message)
            .with_header(header::RETRY_AFTER, "1")
    }

    /// 504: the request ran into its time-out and was stopped.
    pub(crate) fn timeout() -> Self {
        Self::new(StatusCode::GATEWAY_TIMEOUT, Code::Timeout, "The request took too long and was stopped.")
    }

    /// The answer as a response.
    pub(crate) fn into_response(self, media: Media, id: &RequestId) -> Response<Body> {
        let mut response = Response::new(Body::from(self.body(id)));
        *response.status_mut() = self.status;
        response.extensions_mut().insert(Facts { errors: 1, ..Facts::default() });
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media.content_type()));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some((name, value)) = self.header {
            headers.insert(name, HeaderValue::from_static(value));
        }
        if self.close {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }

    /// The answer as the body of a response.
    pub(crate) fn body(&self, id: &RequestId) -> Vec<u8> {
        #[derive(Serialize)]
        struct Body<'a> {
            errors: [Entry<'a>; 1],
        }
        #[derive(Serialize)]
        struct Entry<'a> {
            message: &'a str,
            extensions: Extensions<'a>,
        }
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Extensions<'a> {
            code: Code,
            request_id: &'a str,
        }
        let extensions = Extensions { code: self.code, request_id: id.as_str() };
        // Strings and a unit enum always serialize.
        serde_json::to_vec(&Body { errors: [Entry { message: &self.message, extensions }] })
            .unwrap_or_default()
    }
}
