//! What the gateway needs from the engine behind it.

use std::sync::Arc;

use futures::future::BoxFuture;
use shoal_graphql::context::Allowance;
use shoal_graphql::error::Error;
use shoal_graphql::request::{Request, Response};

use crate::RequestId;
use crate::subscriptions::Stream;

/// Why somebody gets no answer at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Denied {
    /// Nobody knows who asks.
    Unauthenticated,
    /// The database took too long to say who asks.
    Timeout,
    /// Something broke; the log has it.
    Failed,
    /// The events to resume behind are not kept any more.
    TooOld,
    /// There are as many subscriptions as there may be.
    Full,
}

impl Denied {
    /// Why somebody is denied for this error, which goes to the log.
    pub(crate) fn of(error: &Error) -> Self {
        if matches!(error, Error::Timeout) {
            return Self::Timeout;
        }
        tracing::error!(%error, "a request could not be begun");
        Self::Failed
    }
}

/// What an operation answers: at once, or from time to time.
pub enum Opened {
    /// A query or mutation, or a subscription that is refused.
    Answer(Response),
    /// A subscription.
    Stream {
        /// What the subscriber is told.
        told: Stream,
        /// What the subscriber may spend still, if that is limited.
        allowance: Option<Allowance>,
    },
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

    /// Whether anybody comes with this token.
    fn knows<'s>(&'s self, token: Option<&'s str>) -> BoxFuture<'s, Result<(), Denied>>;

    /// Answers one request, or begins a subscription: from now on, or behind the event of this number.
    fn open<'s>(
        &'s self,
        request: Request,
        token: Option<&'s str>,
        id: RequestId,
        after: Option<i64>,
    ) -> BoxFuture<'s, Result<Opened, Denied>>;

    /// The schema in the schema definition language, as the caller may see it. The same `Arc` should be handed out
    /// until the schema changes.
    fn sdl<'s>(&'s self, token: Option<&'s str>) -> BoxFuture<'s, Result<Arc<str>, Denied>>;

    /// Whether requests can be answered now; the text says why not. It goes to the log, never to a client.
    fn ready(&self) -> BoxFuture<'_, Result<(), String>>;
}
