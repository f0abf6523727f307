//! `[database]`: where the data is.

use serde::{Deserialize, Serialize};

use super::{Findings, SecretUrl, at_least_one};

/// `[database]`. `config/default.toml` explains each.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
pub struct DatabaseConfig {
    /// The database.
    pub url: SecretUrl,
    /// The same database past a pooler.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direct_url: Option<SecretUrl>,
    /// Connections of the pool.
    pub max_connections: u32,
    /// After this the database itself stops a statement.
    pub statement_timeout_seconds: u32,
}

impl DatabaseConfig {
    /// The URL for LISTEN and session locks.
    pub fn direct_url(&self) -> &SecretUrl {
        self.direct_url.as_ref().unwrap_or(&self.url)
    }

    pub(super) fn check(&self, findings: &mut Findings) {
        at_least_one(
            findings,
            &[
                ("database.max_connections", self.max_connections.into()),
                ("database.statement_timeout_seconds", self.statement_timeout_seconds.into()),
            ],
        );
        let urls = [("database.url", Some(&self.url)), ("database.direct_url", self.direct_url.as_ref())];
        for (key, url) in urls.into_iter().filter_map(|(key, url)| Some((key, url?))) {
            if !["sqlite:", "postgres:", "postgresql:"].iter().any(|scheme| url.expose().starts_with(scheme))
            {
                findings.push((key, "must begin with sqlite: or postgres:".to_owned()));
            }
        }
    }
}
