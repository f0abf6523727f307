//! What is served beside GraphQL.

mod assets;
mod graphiql;
mod health;
mod root;
mod schema;

pub(crate) use graphiql::{asset, graphiql};
pub(crate) use health::{live, ready};
pub(crate) use root::root;
pub(crate) use schema::{SchemaPage, schema};

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode};
use bytes::Bytes;

/// A response with headers that are known when compiling.
pub(crate) fn page<const N: usize>(
    status: StatusCode,
    body: impl Into<Bytes>,
    headers: [(HeaderName, &'static str); N],
) -> Response<Body> {
    let mut response = Response::new(Body::from(body.into()));
    *response.status_mut() = status;
    response.headers_mut().extend(headers.map(|(name, value)| (name, HeaderValue::from_static(value))));
    response
}
