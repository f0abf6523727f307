//! The configuration: one file per section.
//!
//! To add a setting: a field in its section's struct and a commented line in `config/default.toml`; a test compares the
//! two. A setting without a default is an `Option` and is listed in `layers::OPTIONAL`.

mod database;
mod error;
mod files;
mod graphql;
mod jobs;
mod layers;
mod loader;
mod log;
mod mail;
mod modules;
mod proxies;
mod schema;
mod secret_url;
mod server;

pub use database::DatabaseConfig;
pub use error::{ConfigError, ConfigProblem};
pub use files::FilesConfig;
pub use graphql::GraphqlConfig;
pub use jobs::JobsConfig;
pub use loader::{Loaded, Loader};
pub use log::{LogConfig, LogFormat};
pub use mail::MailConfig;
pub use modules::key_of;
pub use proxies::Proxies;
pub use schema::schema;
pub use secret_url::SecretUrl;
pub use server::ServerConfig;

use serde::{Deserialize, Serialize};
use shoal_core::module::Installed;

/// The whole configuration. Serializing it hides secrets.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
pub struct Config {
    /// `[server]`
    pub server: ServerConfig,
    /// `[database]`
    pub database: DatabaseConfig,
    /// `[graphql]`
    pub graphql: GraphqlConfig,
    /// `[jobs]`
    pub jobs: JobsConfig,
    /// `[files]`
    pub files: FilesConfig,
    /// `[mail]`
    pub mail: MailConfig,
    /// `[log]`
    pub log: LogConfig,
    /// `[modules.<id>]`: the settings of each module, by their own names.
    #[serde(default, skip_serializing)]
    pub modules: Installed,
}

impl Config {
    /// The effective values for people and `shoal doctor`, without secrets.
    pub fn redacted(&self) -> serde_json::Value {
        // Plain structs of numbers and text always serialize.
        serde_json::to_value(self).unwrap_or_default()
    }

    /// What the types cannot say. Each finding is a key and what is wrong with its value.
    fn findings(&self) -> Vec<(&'static str, String)> {
        let mut findings = Vec::new();
        self.server.check(&mut findings);
        self.database.check(&mut findings);
        self.graphql.check(&mut findings);
        self.jobs.check(&mut findings);
        self.files.check(&mut findings);
        self.mail.check(&mut findings);
        self.log.check(&mut findings);
        findings
    }
}

/// Findings of a section's `check`.
type Findings = Vec<(&'static str, String)>;

/// Most numbers mean "as many as" and make no sense as zero.
fn at_least_one(findings: &mut Findings, values: &[(&'static str, u64)]) {
    let zeros = values.iter().filter(|(_, value)| *value == 0);
    findings.extend(zeros.map(|(key, _)| (*key, "must be at least 1".to_owned())));
}
