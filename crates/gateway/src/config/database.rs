//! `[database]`: where the data is.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

use super::{Findings, at_least_one};

/// `[database]`. `config/default.toml` explains each.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
pub struct DatabaseConfig {
    /// The database.
    pub url: DatabaseUrl,
    /// The same database past a pooler.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direct_url: Option<DatabaseUrl>,
    /// Connections of the pool.
    pub max_connections: u32,
    /// After this the database itself stops a statement.
    pub statement_timeout_seconds: u32,
}

impl DatabaseConfig {
    /// The URL for LISTEN and session locks.
    pub fn direct_url(&self) -> &DatabaseUrl {
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
            if !["sqlite:", "postgres:", "postgresql:"].iter().any(|scheme| url.0.starts_with(scheme)) {
                findings.push((key, "must begin with sqlite: or postgres:".to_owned()));
            }
        }
    }
}

/// A database URL. Every way of printing it hides the password; only [`DatabaseUrl::expose`] does not.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// The URL with its password, for connecting.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The URL with `***` for every secret.
    ///
    /// Passwords with characters that should have been escaped must not show either, so that everything up to the
    /// *last* `@` counts as user and password.
    fn redacted(&self) -> String {
        let (scheme, rest) = self.0.split_once("://").unwrap_or(("", &self.0));
        let rest = match rest.rsplit_once('@') {
            Some((login, host)) => match login.split_once(':') {
                Some((user, _)) => format!("{user}:***@{host}"),
                None => format!("{login}@{host}"),
            },
            None => rest.to_owned(),
        };
        let (base, query) =
            rest.split_once('?').map_or((rest.as_str(), None), |(base, query)| (base, Some(query)));
        let hide = |pair: &str| match pair.split_once('=') {
            Some((key, _)) if key.to_ascii_lowercase().contains("pass") => format!("{key}=***"),
            _ => pair.to_owned(),
        };
        let query = query.map(|query| query.split('&').map(hide).collect::<Vec<_>>().join("&"));
        let separator = if self.0.contains("://") { "://" } else { "" };
        match query {
            Some(query) => format!("{scheme}{separator}{base}?{query}"),
            None => format!("{scheme}{separator}{base}"),
        }
    }
}

impl From<&str> for DatabaseUrl {
    fn from(url: &str) -> Self {
        Self(url.to_owned())
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.redacted())
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.redacted())
    }
}

impl Serialize for DatabaseUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.redacted())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hides_passwords() {
        for (url, expected) in [
            ("sqlite://data/shoal.db?mode=rwc", "sqlite://data/shoal.db?mode=rwc"),
            ("sqlite::memory:", "sqlite::memory:"),
            ("postgres://localhost/shoal", "postgres://localhost/shoal"),
            ("postgres://me@localhost/shoal", "postgres://me@localhost/shoal"),
            ("postgres://me:secret@localhost:5432/shoal", "postgres://me:***@localhost:5432/shoal"),
            ("postgres://me:se/cr@et?x:y@host/shoal?a=1", "postgres://me:***@host/shoal?a=1"),
            (
                "postgres://host/shoal?user=me&password=secret&sslPassword=x",
                "postgres://host/shoal?user=me&password=***&sslPassword=***",
            ),
            ("me:secret@host", "me:***@host"),
        ] {
            let url = DatabaseUrl::from(url);
            assert_eq!(url.to_string(), expected);
            assert_eq!(format!("{url:?}"), expected);
            assert_eq!(serde_json::to_value(&url).unwrap(), expected);
        }
    }
}
