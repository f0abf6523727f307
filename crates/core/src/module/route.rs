//! Pages beside GraphQL: what a browser downloads, and what other programs call.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::future::BoxFuture;
use http::{HeaderMap, HeaderName, HeaderValue, header};
pub use http::{Method, StatusCode};
use serde_json::Value as Json;
use shoal_graphql::error::{Error, Refusal, code};
use shoal_graphql::request::{Request, Response};

use crate::context::RequestContext;

/// Who may ask for a page, and where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// At `/modules/<module>/…`: whoever is signed in, or presents an API key, and holds this right.
    Right(&'static str),
    /// At `/public/<slug of the company>/<module>/…`: anybody. The context is that of Shoal itself at work for the company,
    /// with every right: the handler looks who asks, by a signature or a secret in the path, before it does anything.
    Public,
}

impl From<&'static str> for Access {
    fn from(right: &'static str) -> Self {
        Self::Right(right)
    }
}

type Handle =
    dyn Fn(RequestContext, RouteRequest) -> BoxFuture<'static, Result<RouteAnswer, Error>> + Send + Sync;

/// A page of a module. It is there for companies that have the module enabled; while it is suspended, only pages that
/// are read (GET) are. Body, time and the number of requests at once are limited as for GraphQL.
///
/// ```
/// use shoal_core::RequestContext;
/// use shoal_core::module::{Route, RouteAnswer, RouteRequest};
/// use shoal_graphql::error::Error;
///
/// async fn label(_: RequestContext, request: RouteRequest) -> Result<RouteAnswer, Error> {
///     Ok(RouteAnswer::new("text/plain; charset=utf-8", format!("No. {}", request.parameter("number"))))
/// }
///
/// let route = Route::get("/labels/{number}", "property.building.read", label);
/// assert_eq!(route.to_string(), "GET /labels/{number}");
/// ```
#[derive(Clone)]
pub struct Route {
    /// What it takes: GET (and with it HEAD), POST, PUT, PATCH or DELETE.
    pub method: Method,
    /// The path behind the module's name: `/labels/{number}`. What stands in braces is a parameter, a part between two
    /// slashes.
    pub path: &'static str,
    /// Who may ask for it.
    pub access: Access,
    handle: Arc<Handle>,
}

impl Route {
    /// A page that is read.
    pub fn get<F>(
        path: &'static str,
        access: impl Into<Access>,
        handle: impl Fn(RequestContext, RouteRequest) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<RouteAnswer, Error>> + Send + 'static,
    {
        Self::new(Method::GET, path, access, handle)
    }

    /// A page that is sent something.
    pub fn post<F>(
        path: &'static str,
        access: impl Into<Access>,
        handle: impl Fn(RequestContext, RouteRequest) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<RouteAnswer, Error>> + Send + 'static,
    {
        Self::new(Method::POST, path, access, handle)
    }

    /// A page with another method.
    pub fn new<F>(
        method: Method,
        path: &'static str,
        access: impl Into<Access>,
        handle: impl Fn(RequestContext, RouteRequest) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<RouteAnswer, Error>> + Send + 'static,
    {
        let handle = move |context, request| -> BoxFuture<'static, _> { Box::pin(handle(context, request)) };
        Self { method, path, access: access.into(), handle: Arc::new(handle) }
    }

    /// Answers. Whoever calls it has looked who asks.
    ///
    /// # Errors
    /// What the page refuses; faults.
    pub async fn answer(&self, context: RequestContext, request: RouteRequest) -> Result<RouteAnswer, Error> {
        (self.handle)(context, request).await
    }

    /// The path with `{}` for each parameter: pages that are alike in this have the same address.
    pub(super) fn shape(&self) -> String {
        let parts = self.path.split('/').map(|part| if part.starts_with('{') { "{}" } else { part });
        parts.collect::<Vec<_>>().join("/")
    }

    /// What is wrong with method and path.
    pub(super) fn mistake(&self) -> Option<&'static str> {
        const METHODS: [Method; 5] = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
        let literal = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if !METHODS.contains(&self.method) {
            return Some("the method must be GET, POST, PUT, PATCH or DELETE");
        }
        let Some(rest) = self.path.strip_prefix('/') else {
            return Some("the path must begin with a slash");
        };
        let mut names = Vec::new();
        for part in rest.split('/') {
            let parameter = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
            let text = parameter.unwrap_or(part);
            let well = text.bytes().all(|byte| if parameter.is_some() { name(byte) } else { literal(byte) });
            if text.is_empty() || text == "." || text == ".." || !well {
                return Some(
                    "between its slashes there must be letters, digits, -, ., _ and ~, or a {name} of small letters, digits and _",
                );
            }
            if parameter == Some(COMPANY) || parameter.is_some_and(|name| names.contains(&name)) {
                return Some("each parameter needs a name of its own, and `company` is taken");
            }
            names.extend(parameter);
        }
        None
    }
}

/// The parameter of a public page that names the company.
pub const COMPANY: &str = "company";

impl std::fmt::Display for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

impl std::fmt::Debug for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Route({self}, {:?})", self.access)
    }
}

/// What answers GraphQL, as a page sees it.
pub trait Api: Send + Sync + 'static {
    /// Answers a request in these surroundings.
    fn answer<'a>(&'a self, request: &'a Request, context: RequestContext) -> BoxFuture<'a, Response>;
}

/// What a page is asked.
#[derive(Clone)]
pub struct RouteRequest {
    /// The parts of the path that the parameters of the route stand for.
    pub parameters: BTreeMap<String, String>,
    /// The names and values of the query string, in its order.
    pub query: Vec<(String, String)>,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body, as it came.
    pub body: Vec<u8>,
    /// What answers GraphQL.
    pub api: Arc<dyn Api>,
}

impl RouteRequest {
    /// The part of the path that a parameter of the route stands for; empty if the route has no such parameter.
    pub fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }

    /// The first value of this name in the query string.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The data of a GraphQL query in the caller's name: with the rights, rows and limits that hold for everybody.
    ///
    /// # Errors
    /// The first error of the answer, with its code; a fault for a document that is no query, or does not fit.
    pub async fn data(
        &self,
        context: &RequestContext,
        document: &str,
        variables: Json,
    ) -> Result<Json, Error> {
        let Json::Object(variables) = variables else { return Err(Error::fault("variables are an object")) };
        let request = Request {
            query: document.to_owned(),
            variables: Some(variables),
            read_only: true,
            id: context.request_id.as_deref().map(str::to_owned),
            ..Request::default()
        };
        let response = self.api.answer(&request, context.clone()).await;
        data_of(context, &response)
    }
}

/// The data of an answer without errors.
///
/// # Errors
/// The first error of the answer, with its code; a fault if it is nothing that the caller can do something about.
pub(crate) fn data_of(context: &RequestContext, response: &Response) -> Result<Json, Error> {
    let mut answer: Json = serde_json::from_slice(&response.body).map_err(Error::fault)?;
    let error = &answer["errors"][0];
    if error.is_null() {
        return Ok(answer["data"].take());
    }
    let (said, message) = (error["extensions"]["code"].as_str(), error["message"].as_str());
    let message = message.unwrap_or_default();
    match code::ALL.iter().find(|(known, _)| Some(*known) == said) {
        Some((code::TIMEOUT, _)) => Err(Error::Timeout),
        Some((code, _)) if ![code::INTERNAL, code::GRAPHQL].contains(code) => {
            let module = context.kernel.modules.module(error["extensions"]["module"].as_str().unwrap_or(""));
            let module = module.map(|module| module.manifest.id);
            Err(Refusal { module, ..Refusal::new(code, message.to_owned()) }.into())
        }
        _ => Err(Error::fault(message)),
    }
}

impl std::fmt::Debug for RouteRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // What is sent may be secret.
        f.debug_struct("RouteRequest").field("bytes", &self.body.len()).finish_non_exhaustive()
    }
}

/// What a page answers. Unless it says otherwise, nobody keeps it (`Cache-Control: no-store`), and a browser runs nothing
/// that is in it (`Content-Security-Policy: default-src 'none'`).
#[derive(Debug, Clone)]
pub struct RouteAnswer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl RouteAnswer {
    /// 200 with a body of this media type.
    pub fn new(content_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(content_type))]);
        Self { status: StatusCode::OK, headers, body: body.into() }
    }

    /// 200 with JSON.
    pub fn json(value: &Json) -> Self {
        Self::new("application/json; charset=utf-8", value.to_string())
    }

    /// 204: done, and nothing to say.
    pub fn nothing() -> Self {
        Self { status: StatusCode::NO_CONTENT, headers: HeaderMap::new(), body: Vec::new() }
    }

    /// The same as a file to be kept under this name, of plain letters.
    #[must_use]
    pub fn as_file(self, name: &'static str) -> Self {
        let value = HeaderValue::try_from(format!("attachment; filename=\"{name}\""));
        self.with_header(header::CONTENT_DISPOSITION, value.unwrap_or(HeaderValue::from_static("attachment")))
    }

    /// The same with another status.
    #[must_use]
    pub fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// The same with one more header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }
}
