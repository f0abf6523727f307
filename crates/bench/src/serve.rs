//! The servers under test, each in a process of its own.

use std::io::Read as _;
use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::sync::Arc;

use axum::serve::ListenerExt as _;
use shoal_core::clock::{Ids as _, System};
use shoal_core::module::Modules;
use shoal_core::{Kernel, outbox};
use shoal_gateway::config::{Config, Loader};
use shoal_gateway::{Application, Gateway, Shutdown, open_database};
use tokio::net::TcpListener;

use crate::{Failure, hand_written};

/// Whose answers are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Side {
    /// The gateway and the engine, as `shoal serve` runs them.
    Shoal,
    /// The handler written for these scenarios.
    HandWritten,
}

/// Hands the database's address to the process of a server: arguments are for everybody to see.
pub const URL_VARIABLE: &str = "SHOAL_BENCH_DATABASE_URL";

/// The settings of production without the rate limit, whatever files and variables there are here; the log would be
/// measured, so that only warnings are written.
///
/// # Errors
/// When the defaults are wrong.
pub fn config(url: &str) -> Result<Config, Failure> {
    let settings = [
        ("SHOAL_CONFIG_DIR", "/nowhere"),
        ("SHOAL_ENV", "bench"),
        ("SHOAL__DATABASE__URL", url),
        // That connections and slow statements are waited for is what 32 clients are there for.
        ("SHOAL__LOG__LEVEL", "warn,sqlx=error"),
        ("SHOAL__LOG__FORMAT", "json"),
        // All clients are one person.
        ("SHOAL__GRAPHQL__RATE_LIMIT_PER_MINUTE", "0"),
    ];
    let loader = Loader::new(settings.map(|(key, value)| (key.to_owned(), value.to_owned())));
    Ok(loader.load()?.config)
}

/// Serves on a free port of the loopback interface, says where on standard output, and ends with whoever holds the other
/// end of standard input.
///
/// # Errors
/// When the database does not answer or there is no port.
#[expect(clippy::print_stdout, reason = "tells the parent process the address")]
pub async fn run(side: Side, modules: fn() -> Modules) -> Result<ExitCode, Failure> {
    let url = std::env::var(URL_VARIABLE).map_err(|_| format!("{URL_VARIABLE} is not set"))?;
    let config = config(&url)?;
    shoal_gateway::logging::init(&config.log)?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    println!("{}", listener.local_addr()?);
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    serve(side, modules, &config, listener).await?;
    Ok(ExitCode::SUCCESS)
}

/// Serves until the end of the process.
///
/// # Errors
/// When the database does not answer.
pub async fn serve(
    side: Side,
    modules: fn() -> Modules,
    config: &Config,
    listener: TcpListener,
) -> Result<(), Failure> {
    let database = open_database(&config.database).await?;
    match side {
        Side::Shoal => {
            let kernel = Kernel::new(database, modules().compose()?);
            let application = Application::new(Arc::clone(&kernel), config);
            let gateway = Gateway::new(application, config, Arc::new(|| System.next()));
            // Production numbers and delivers events beside answering.
            let shutdown = Shutdown::new();
            let ending = shutdown.clone();
            tokio::spawn(outbox::run(kernel, async move { ending.begun().await }));
            shoal_gateway::serve(listener, gateway, shutdown).await;
        }
        Side::HandWritten => {
            let listener = listener.tap_io(|stream| {
                let _ = stream.set_nodelay(true);
            });
            axum::serve(listener, hand_written::router(database)).await?;
        }
    }
    Ok(())
}
