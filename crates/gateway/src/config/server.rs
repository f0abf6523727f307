//! `[server]`: sockets, limits and time-outs.

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

use super::{Findings, Proxies, at_least_one};

/// More places than this, and the semaphores behind them do not work.
const MOST_PLACES: usize = 1 << 30;

/// `[server]`. `config/default.toml` explains each.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
pub struct ServerConfig {
    /// The address to listen on.
    pub host: IpAddr,
    /// The port to listen on; 0 takes a free one.
    pub port: u16,
    /// Where people reach it, such as `https://crm.example.com`; the address it listens on if `None`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
    /// Proxies that are believed what they say of clients.
    pub trusted_proxies: Proxies,
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
    /// Where people reach the server: the public address, or the one it is set to listen on.
    pub fn public_address(&self) -> String {
        let listening = || format!("http://{}", self.address());
        self.public_url.as_deref().map_or_else(listening, |url| url.trim_end_matches('/').to_owned())
    }

    /// Where to listen.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::new(self.host, self.port)
    }

    pub(super) fn check(&self, findings: &mut Findings) {
        if self.public_url.as_deref().is_some_and(|url| !is_origin(url)) {
            let message =
                "must be http:// or https:// with a host and, if need be, a port, and nothing behind it";
            findings.push(("server.public_url", message.to_owned()));
        }
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

fn is_origin(url: &str) -> bool {
    let Ok(uri) = url.parse::<axum::http::Uri>() else { return false };
    let web = matches!(uri.scheme_str(), Some("http" | "https"));
    let plain = uri.authority().is_some_and(|authority| !authority.as_str().contains('@'));
    web && plain && uri.path() == "/" && uri.query().is_none() && !url.contains('#')
}
