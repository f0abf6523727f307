//! What the gateway needs from the engine behind it.

use std::sync::Arc;

use futures::future::BoxFuture;
use shoal_graphql::request::{Request, Response};

use crate::RequestId;

/// A GraphQL engine, as the gateway sees it.
///
/// Futures are dropped when the time is over or the client has gone; dropping must therefore stop the work, down to
/// the database.
pub trait Service: Send + Sync + 'static {
    /// Answers one request. `id` names it in logs and errors.
    fn execute(&self, request: Request, id: RequestId) -> BoxFuture<'_, Response>;

    /// The schema in the schema definition language. The same `Arc` should be handed out until the schema changes.
    fn sdl(&self) -> Arc<str>;

    /// Whether requests can be answered now; the text says why not. It goes to the log, never to a client.
    fn ready(&self) -> BoxFuture<'_, Result<(), String>>;
}
