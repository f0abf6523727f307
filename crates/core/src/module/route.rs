//! Pages beside GraphQL.

use futures::future::BoxFuture;
use http::{HeaderMap, Method, StatusCode};
use shoal_graphql::error::Error;

use crate::context::RequestContext;

/// What a page is asked.
#[derive(Debug, Clone)]
pub struct RouteRequest {
    /// The part of the path that the route's `{name}` stands for, if it has one.
    pub name: Option<String>,
    /// The query string, without its question mark.
    pub query: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body; its size is limited.
    pub body: Vec<u8>,
}

/// What a page answers.
#[derive(Debug, Clone)]
pub struct RouteAnswer {
    /// The status.
    pub status: StatusCode,
    /// Media type of the body.
    pub content_type: &'static str,
    /// The body.
    pub body: Vec<u8>,
}

/// A page under `/modules/<module>/`, for those who are signed in and whose company has the module enabled.
#[derive(Clone, Copy)]
pub struct Route {
    /// The method.
    pub method: &'static Method,
    /// The path behind the module's name, such as `/labels/{name}`.
    pub path: &'static str,
    /// The right it needs.
    pub right: &'static str,
    /// Answers.
    pub handle: fn(RequestContext, RouteRequest) -> BoxFuture<'static, Result<RouteAnswer, Error>>,
}

impl std::fmt::Debug for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Route").field("method", self.method).field("path", &self.path).finish_non_exhaustive()
    }
}
