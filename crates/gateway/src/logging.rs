//! Sets up the log: for people in a terminal, JSON in production.

use std::backtrace::Backtrace;
use std::io::IsTerminal;
use std::panic;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::time::SystemTime;

use crate::config::{LogConfig, LogFormat};

/// The log could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// `log.level` is not a filter.
    #[error("log.level is not a valid filter: {0}")]
    Level(#[from] tracing_subscriber::filter::ParseError),
    /// Somebody else was first.
    #[error("a log is already set up: {0}")]
    Taken(Box<dyn std::error::Error + Send + Sync>),
}

/// Sends the log of this process to standard error, and panics to the log.
///
/// # Errors
/// When `log.level` is not a filter, or a log is already set up.
pub fn init(config: &LogConfig) -> Result<(), LogError> {
    let builder = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_new(&config.level)?)
        .with_timer(SystemTime)
        .with_writer(std::io::stderr);
    match config.format {
        LogFormat::Pretty => builder.with_ansi(std::io::stderr().is_terminal()).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).with_current_span(false).try_init(),
    }
    .map_err(LogError::Taken)?;
    panic::set_hook(Box::new(log_panic));
    Ok(())
}

/// The standard hook prints to standard error, where JSON readers stumble over it.
fn log_panic(info: &panic::PanicHookInfo<'_>) {
    let location = info.location().map(ToString::to_string);
    let backtrace = Backtrace::capture().to_string();
    tracing::error!(target: "shoal::panic", location, panic = info.payload_as_str(), backtrace, "panic");
}
