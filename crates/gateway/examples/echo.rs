//! The tests' tiny engine on a real port, for the audits and for a look at `GraphiQL`:
//! `SHOAL__SERVER__PORT=8080 cargo run -p shoal-gateway --example echo`.

#[path = "../tests/http/support/echo.rs"]
mod echo;

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use shoal_gateway::config::Loader;
use shoal_gateway::{Gateway, Shutdown, logging, serve};
use tokio::net::TcpListener;
use uuid::Uuid;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let loaded = Loader::from_process().load()?;
    logging::init(&loaded.config.log)?;
    let shutdown = Shutdown::new();
    shutdown.on_signals()?;
    let listener = TcpListener::bind(loaded.config.server.address()).await?;
    tracing::info!(address = %listener.local_addr()?, sources = ?loaded.sources, "listening");
    let next = AtomicU64::new(1);
    let ids = Arc::new(move || Uuid::from_u128(next.fetch_add(1, Ordering::Relaxed).into()));
    serve(listener, Gateway::new(Arc::new(echo::Echo::default()), &loaded.config, ids), shutdown).await;
    Ok(())
}
