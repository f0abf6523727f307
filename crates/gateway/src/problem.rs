//! Errors that the gateway itself answers with, always in the shape of a GraphQL response.

use std::borrow::Cow;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use serde::Serialize;
use shoal_core::module::{Composition, Language};
use shoal_core::sign_in::{self, Candidate, SignInError};
use shoal_graphql::error::{Error, FieldError, Refusal, code};
use shoal_graphql::message;
use shoal_graphql::message::Message;
use tokio::time::Instant;

use crate::app::App;
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
    ("CSRF", "A browser sent the session cookie, but not from a page of this server; see docs/sign-in.md."),
    ("NOT_ACCEPTABLE", "You take none of the media types that there are."),
    ("METHOD_NOT_ALLOWED", "The method does not fit, such as GET for a mutation."),
    ("UNAVAILABLE", "The server is full or about to stop; try again in a moment."),
];

/// One refusal.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    code: &'static str,
    message: Message,
    /// The language of whom it is told to, if they are known.
    language: Option<Language>,
    /// Values that it is about.
    fields: Vec<FieldError>,
    /// The module that it is about.
    module: Option<&'static str>,
    /// Companies to choose from.
    companies: Vec<Candidate>,
    /// One header that the status asks for, such as `Allow` for 405.
    header: Option<Box<(header::HeaderName, HeaderValue)>>,
    /// True when the rest of the request was not read, so that the connection cannot be used again.
    close: bool,
    /// It is not to be answered sooner.
    earliest: Option<Instant>,
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, message: impl Into<Message>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            language: None,
            fields: Vec::new(),
            module: None,
            companies: Vec::new(),
            header: None,
            close: false,
            earliest: None,
        }
    }

    fn with_header(self, name: header::HeaderName, value: &'static str) -> Self {
        Self { header: Some(Box::new((name, HeaderValue::from_static(value)))), ..self }
    }

    /// 400: the request is not a well-formed GraphQL-over-HTTP request.
    pub(crate) fn bad_request(message: impl Into<Message>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", message)
    }

    /// 400: nobody knows which host is asked. Whatever else comes on this connection is not to be trusted either.
    pub(crate) fn bad_host(message: &'static str) -> Self {
        Self::bad_request(message).closing()
    }

    /// 401: nobody knows who asks.
    pub(crate) fn unauthenticated() -> Self {
        let message = message!(
            "unauthenticated",
            "Sign in, or present a session token or an API key as `Authorization: Bearer …`."
        );
        Self::new(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", message)
            .with_header(header::WWW_AUTHENTICATE, "Bearer")
    }

    /// The answer to somebody who gets none.
    pub(crate) fn denied(denied: Denied) -> Self {
        match denied {
            Denied::Unauthenticated => Self::unauthenticated(),
            Denied::Timeout => Self::timeout(),
            Denied::Failed => Self::internal(),
            Denied::TooOld => Self::too_old(),
            Denied::Full => Self::unavailable(message!(
                "subscriptions-full",
                "There are as many subscriptions as there may be; try again later."
            )),
        }
    }

    /// 410: the events to resume behind are not kept any more.
    pub(crate) fn too_old() -> Self {
        let message = message!(
            "events-too-old",
            "The events after `Last-Event-ID` are not kept any more. Read what you show anew, and subscribe without it."
        );
        Self::new(StatusCode::GONE, "RESUME_TOO_OLD", message)
    }

    /// 404: no such page.
    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "NOT_FOUND", message!("page-not-found", "There is nothing here."))
    }

    /// 405: `allow` lists what the resource takes.
    pub(crate) fn method_not_allowed(message: impl Into<Message>, allow: &str) -> Self {
        let problem = Self::new(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", message);
        let allow = HeaderValue::from_str(allow).ok().map(|allow| Box::new((header::ALLOW, allow)));
        Self { header: allow, ..problem }
    }

    /// 406: the client takes none of the media types that there are.
    pub(crate) fn not_acceptable() -> Self {
        Self::new(
            StatusCode::NOT_ACCEPTABLE,
            "NOT_ACCEPTABLE",
            "Answers come as application/graphql-response+json or application/json, in UTF-8.",
        )
    }

    /// 408: the body did not arrive in time.
    pub(crate) fn slow_body() -> Self {
        let message = message!("body-slow", "The request body did not arrive in time.");
        Self::new(StatusCode::REQUEST_TIMEOUT, "TIMEOUT", message).closing()
    }

    /// 413: the body is over the limit.
    pub(crate) fn body_too_large(limit: usize) -> Self {
        let message = message!("body-too-large", "The request body is larger than {limit} bytes.", limit);
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "LIMIT_EXCEEDED", message).closing()
    }

    /// 415: the body is not UTF-8 JSON.
    pub(crate) fn unsupported_media_type(message: &'static str) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", message)
    }

    /// 415: the body is compressed.
    pub(crate) fn compressed_body() -> Self {
        Self::unsupported_media_type("Compressed request bodies are not supported.")
            .with_header(header::ACCEPT_ENCODING, "identity")
    }

    /// 500: something broke; what it was stays in the log.
    pub(crate) fn internal() -> Self {
        let message = message!("server-error", "Something went wrong on the server.");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", message)
    }

    /// 503: try again later, or elsewhere.
    pub(crate) fn unavailable(message: Message) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", message)
            .with_header(header::RETRY_AFTER, "1")
    }

    /// 503: the server is about to stop.
    pub(crate) fn shutting_down() -> Self {
        Self::unavailable(message!("shutting-down", "The server is shutting down."))
    }

    /// 504: the request ran into its time-out and was stopped.
    pub(crate) fn timeout() -> Self {
        let message = message!("request-timeout", "The request took too long and was stopped.");
        Self::new(StatusCode::GATEWAY_TIMEOUT, "TIMEOUT", message)
    }

    /// 403: a browser sent the cookie, but not from a page of ours.
    pub(crate) fn foreign() -> Self {
        let message = message!(
            "foreign-page",
            "This does not come from a page of this server. Send it from the same origin; a program sends its token as \
             `Authorization: Bearer …`, or with the cookie the header `Origin` with this server's address."
        );
        Self::new(StatusCode::FORBIDDEN, "CSRF", message)
    }

    /// What the kernel refuses.
    pub(crate) fn refused(refusal: Refusal) -> Self {
        let status = match refusal.code {
            code::VALIDATION => StatusCode::UNPROCESSABLE_ENTITY,
            code::FORBIDDEN | code::MODULE_SUSPENDED => StatusCode::FORBIDDEN,
            code::NOT_FOUND | code::MODULE_DISABLED => StatusCode::NOT_FOUND,
            code::CONFLICT | code::DUPLICATE => StatusCode::CONFLICT,
            code::RATE_LIMITED => StatusCode::TOO_MANY_REQUESTS,
            shoal_core::file::TOO_LARGE | shoal_core::file::STORAGE_FULL => StatusCode::PAYLOAD_TOO_LARGE,
            sign_in::LINK_VOID => StatusCode::GONE,
            sign_in::UNAVAILABLE => {
                return Self::unavailable(message!("sign-in-full", "Too many people sign in at the moment."));
            }
            _ => StatusCode::BAD_REQUEST,
        };
        let Refusal { code, message, fields, module, retry_after } = refusal;
        let header = retry_after.map(|seconds| Box::new((header::RETRY_AFTER, seconds.into())));
        Self { fields, module, header, ..Self::new(status, code, message) }
    }

    /// What the kernel could not do.
    pub(crate) fn failed(error: Error) -> Self {
        match error {
            Error::Refused(refusal) => Self::refused(refusal),
            Error::Timeout => Self::timeout(),
            error => {
                tracing::error!(%error, "a request failed");
                Self::internal()
            }
        }
    }

    /// Why somebody is not signed in.
    pub(crate) fn not_signed_in(error: SignInError) -> Self {
        match error {
            SignInError::Invalid => {
                let message = message!("credentials-invalid", "E-mail and password do not fit.");
                Self::new(StatusCode::UNAUTHORIZED, sign_in::INVALID_CREDENTIALS, message)
            }
            SignInError::Locked { seconds } => {
                let message = message!(
                    "sign-in-locked",
                    "There were too many wrong passwords; try again in {seconds} seconds.",
                    seconds,
                );
                let problem = Self::new(StatusCode::TOO_MANY_REQUESTS, sign_in::SIGN_IN_LOCKED, message);
                Self { header: Some(Box::new((header::RETRY_AFTER, seconds.into()))), ..problem }
            }
            SignInError::CompanyNeeded(companies) => {
                let message =
                    message!("company-needed", "This address is known in several companies: name one.");
                Self { companies, ..Self::new(StatusCode::CONFLICT, sign_in::COMPANY_NEEDED, message) }
            }
            SignInError::Other(error) => Self::failed(error),
        }
    }

    /// The same refusal, told to somebody who reads this language.
    pub(crate) fn in_language(self, language: Language) -> Self {
        Self { language: Some(language), ..self }
    }

    /// The same refusal of a request whose body was not read to its end, so that nothing else comes on this connection.
    pub(crate) fn closing(self) -> Self {
        Self { close: true, ..self }
    }

    /// The same refusal, to be answered at this time or later.
    pub(crate) fn not_before(self, earliest: Instant) -> Self {
        Self { earliest: Some(earliest), ..self }
    }

    /// When it may be answered, if it matters.
    pub(crate) fn earliest(&self) -> Option<Instant> {
        self.earliest
    }

    /// The fields that it is about, for the page of a link.
    pub(crate) fn fields(&self) -> &[FieldError] {
        &self.fields
    }

    /// Its status.
    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    /// The answer as a response, in English. It carries the problem along, for [`translate`].
    pub(crate) fn into_response(self, media: Media, id: &RequestId) -> Response<Body> {
        let mut response = Response::new(Body::from(self.body(id, Tongue::ENGLISH)));
        *response.status_mut() = self.status;
        response.extensions_mut().insert(Facts { errors: 1, ..Facts::default() });
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media.content_type()));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(header) = &self.header {
            headers.insert(header.0.clone(), header.1.clone());
        }
        if self.close {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response.extensions_mut().insert(Arc::new(self));
        response
    }

    /// The answer as the body of a response.
    pub(crate) fn body(&self, id: &RequestId, tongue: Tongue<'_>) -> Vec<u8> {
        let tongue = Tongue { language: self.language.unwrap_or(tongue.language), ..tongue };
        let extensions = Extensions {
            code: self.code,
            request_id: id.as_str(),
            fields: self.fields.iter().map(|field| Field::of(field, tongue)).collect(),
            module: self.module,
            companies: self.companies.iter().map(|Candidate { slug, name }| Company { slug, name }).collect(),
        };
        // Strings and lists of them always serialize.
        serde_json::to_vec(&Answer { errors: [Entry { message: tongue.say(&self.message), extensions }] })
            .unwrap_or_default()
    }
}

/// In what language somebody is told something, and where its words stand.
#[derive(Clone, Copy)]
pub(crate) struct Tongue<'a> {
    language: Language,
    modules: Option<&'a Composition>,
}

impl<'a> Tongue<'a> {
    const ENGLISH: Self = Self { language: Language::English, modules: None };

    /// This language, in the words of the modules that there are.
    pub(crate) fn new(app: &'a App, language: Language) -> Self {
        Self { language, modules: app.door.as_ref().map(|door| door.modules()) }
    }

    fn say<'m>(&self, message: &'m Message) -> Cow<'m, str> {
        let words = self.modules.and_then(|modules| modules.words(self.language, message));
        words.map_or(Cow::Borrowed(message.text()), Cow::Owned)
    }
}

/// What `Accept-Language` asks for; English otherwise.
pub(crate) fn accepted(headers: &HeaderMap) -> Language {
    let value = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    Language::nearest(value.unwrap_or_default())
}

/// Tells a problem in the language of whoever gets the response, if it is one.
pub(crate) fn translate(response: &mut Response<Body>, id: &RequestId, tongue: Tongue<'_>) {
    let Some(problem) = response.extensions_mut().remove::<Arc<Problem>>() else { return };
    let body = problem.body(id, tongue);
    // The router has measured the English.
    response.headers_mut().insert(header::CONTENT_LENGTH, body.len().into());
    *response.body_mut() = Body::from(body);
}

#[derive(Serialize)]
struct Answer<'a> {
    errors: [Entry<'a>; 1],
}

#[derive(Serialize)]
struct Entry<'a> {
    message: Cow<'a, str>,
    extensions: Extensions<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Extensions<'a> {
    code: &'a str,
    request_id: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fields: Vec<Field<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    module: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    companies: Vec<Company<'a>>,
}

#[derive(Serialize)]
struct Field<'a> {
    path: &'a [String],
    code: &'a str,
    message: Cow<'a, str>,
}

impl<'a> Field<'a> {
    fn of(error: &'a FieldError, tongue: Tongue<'_>) -> Self {
        Self { path: &error.path, code: error.code, message: tongue.say(&error.message) }
    }
}

/// A company in an answer.
#[derive(Serialize)]
pub(crate) struct Company<'a> {
    pub(crate) slug: &'a str,
    pub(crate) name: &'a str,
}
