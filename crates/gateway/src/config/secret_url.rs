//! URLs with passwords, which are never printed.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

/// A URL that may hold a password. Every way of printing it hides the password; only [`SecretUrl::expose`] does not.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct SecretUrl(String);

impl SecretUrl {
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

impl From<&str> for SecretUrl {
    fn from(url: &str) -> Self {
        Self(url.to_owned())
    }
}

impl fmt::Display for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.redacted())
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.redacted())
    }
}

impl Serialize for SecretUrl {
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
            let url = SecretUrl::from(url);
            assert_eq!(url.to_string(), expected);
            assert_eq!(format!("{url:?}"), expected);
            assert_eq!(serde_json::to_value(&url).unwrap(), expected);
        }
    }
}
