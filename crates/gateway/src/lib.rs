//! The HTTP side of Shoal: GraphQL over HTTP, `GraphiQL`, the SDL, health, the request log, limits, time-outs and a
//! graceful end.
//!
//! Its HTTP side takes a [`Service`], which answers one [`shoal_graphql::request::Request`] with one
//! [`shoal_graphql::request::Response`], and puts it on a socket; [`Application`] is the one over a database:
//!
//! ```no_run
//! # async fn example(service: std::sync::Arc<dyn shoal_gateway::Service>, ids: shoal_gateway::IdSource)
//! # -> Result<(), Box<dyn std::error::Error>> {
//! let loaded = shoal_gateway::config::Loader::from_process().load()?;
//! shoal_gateway::logging::init(&loaded.config.log)?;
//! let shutdown = shoal_gateway::Shutdown::new();
//! shutdown.on_signals()?;
//! let listener = tokio::net::TcpListener::bind(loaded.config.server.address()).await?;
//! tracing::info!(address = %listener.local_addr()?, "listening");
//! let gateway = shoal_gateway::Gateway::new(service, &loaded.config, ids);
//! shoal_gateway::serve(listener, gateway, shutdown).await;
//! # Ok(()) }
//! ```
//!
//! Where to look: a request comes in through [`mod@server`] (connections), passes `edge` (request id, log line, panics)
//! and the router in `app`, and ends in `graphql`, `auth` (coming in), `routes` (pages of modules), `files` or `pages`.

pub mod config;
pub mod logging;
pub mod server;

mod app;
mod application;
mod auth;
mod client;
mod credentials;
mod edge;
mod files;
mod graphql;
mod mail;
mod pages;
mod problem;
mod request_id;
mod routes;
mod service;
mod subscriptions;
mod work;

pub use app::Gateway;
pub use application::{Application, open_database, open_files};
pub use problem::CODES;
pub use request_id::{IdSource, RequestId};
pub use server::{Drained, Shutdown, serve};
pub use service::{Denied, Opened, Service};
pub use subscriptions::{Ending, Next, Stream};
