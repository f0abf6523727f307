//! GraphQL over HTTP, after the stage-2 draft of its specification (the README lists the choices).

mod accept;
pub(crate) mod body;
pub(crate) mod content_type;
mod envelope;
mod event_stream;
mod gate;
mod handler;
mod query_string;
pub(crate) mod rate_limit;
mod reply;
mod websocket;

pub(crate) use accept::Media;
pub(crate) use gate::Gate;
pub(crate) use handler::handle;
pub(crate) use reply::takes_gzip;
