//! `[server]`: sockets, limits and time-outs.

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

use super::{Findings, at_least_one};

/// More places than this, and the semaphores behind them do not work.
const MOST_PLACES: usize = 1 << 30;

/// `[server]`. `config/default.toml` explains each.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
pub struct ServerConfig {
    /// The address to listen on.
    pub host: IpAddr,
    /// The port to listen on; 0 takes a free one.
    pub port: u16,
    /// Connections at once.
    pub max_connections: usize,
    /// GraphQL requests that run at once.
    pub max_concurrency: usize,
    /// GraphQL requests that may wait for a place.
    pub max_queue: usize,
    /// Subscriptions at once.
    pub max_subscriptions: usize,
    /// The largest request body.
    pub max_body_bytes: usize,
    /// From a request's head to its answer.
    pub request_timeout_seconds: u64,
    /// From the first byte of a request's head to its last.
    pub header_timeout_seconds: u64,
    /// Idle time of a connection between two requests.
    pub keep_alive_seconds: u64,
    /// How long requests are still taken after the end began.
    pub shutdown_delay_seconds: u64,
    /// How long running requests may take after that.
    pub shutdown_seconds: u64,
    /// Whether large answers are compressed.
    pub compression: bool,
}

impl ServerConfig {
    /// Where to listen.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::new(self.host, self.port)
    }

    pub(super) fn check(&self, findings: &mut Findings) {
        let wide = |value: usize| u64::try_from(value).unwrap_or(u64::MAX);
        at_least_one(
            findings,
            &[
                ("server.max_connections", wide(self.max_connections)),
                ("server.max_concurrency", wide(self.max_concurrency)),
                ("server.max_subscriptions", wide(self.max_subscriptions)),
                ("server.max_body_bytes", wide(self.max_body_bytes)),
                ("server.request_timeout_seconds", self.request_timeout_seconds),
                ("server.header_timeout_seconds", self.header_timeout_seconds),
                ("server.keep_alive_seconds", self.keep_alive_seconds),
            ],
        );
        for (key, value) in [
            ("server.max_connections", self.max_connections),
            ("server.max_concurrency", self.max_concurrency),
            ("server.max_subscriptions", self.max_subscriptions),
        ] {
            if value > MOST_PLACES {
                findings.push((key, format!("must be at most {MOST_PLACES}")));
            }
        }
        // Instants further away than the clock reaches would panic when they are computed.
        for (key, value) in [
            ("server.request_timeout_seconds", self.request_timeout_seconds),
            ("server.header_timeout_seconds", self.header_timeout_seconds),
            ("server.keep_alive_seconds", self.keep_alive_seconds),
            ("server.shutdown_delay_seconds", self.shutdown_delay_seconds),
            ("server.shutdown_seconds", self.shutdown_seconds),
        ] {
            if value > 86_400 {
                findings.push((key, "must be at most 86400 (a day)".to_owned()));
            }
        }
    }
}
