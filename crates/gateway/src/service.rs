//! What the gateway needs from the engine behind it.

use std::sync::Arc;

use futures::future::BoxFuture;
use shoal_graphql::request::{Request, Response};

use crate::RequestId;

/// Why somebody gets no answer at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// Nobody knows who asks.
    Unauthenticated,
    /// The database took too long to say who asks.
    Timeout,
    /// Something broke; the log has it.
    Failed,
}

/// A GraphQL engine, as the gateway sees it. `token` is what the caller presents, if anything.
///
/// Futures are dropped when the time is over or the client has gone; dropping must therefore stop the work, down to
/// the database.
pub trait Service: Send + Sync + 'static {
    /// Answers one request. `id` names it in logs and errors.
    fn execute<'s>(
        &'s self,
        request: Request,
        token: Option<&'s str>,
        id: RequestId,
    ) -> BoxFuture<'s, Result<Response, Denied>>;

    /// The schema in the schema definition language, as the caller may see it. The same `Arc` should be handed out
    /// until the schema changes.
    fn sdl<'s>(&'s self, token: Option<&'s str>) -> BoxFuture<'s, Result<Arc<str>, Denied>>;

    /// Whether requests can be answered now; the text says why not. It goes to the log, never to a client.
    fn ready(&self) -> BoxFuture<'_, Result<(), String>>;
}
