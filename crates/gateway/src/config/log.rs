//! `[log]`: what is written, and how.

use serde::{Deserialize, Serialize};
use tracing_subscriber::EnvFilter;

use super::Findings;

/// `[log]`. `config/default.toml` explains each.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
pub struct LogConfig {
    /// For people or for programs.
    pub format: LogFormat,
    /// A level, or a filter per target.
    pub level: String,
}

/// How a line of the log looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase", try_from = "String")]
pub enum LogFormat {
    /// For people.
    Pretty,
    /// One JSON object per line.
    Json,
}

impl TryFrom<String> for LogFormat {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        match name.as_str() {
            "pretty" => Ok(Self::Pretty),
            "json" => Ok(Self::Json),
            _ => Err("it is neither pretty nor json"),
        }
    }
}

impl LogConfig {
    pub(super) fn check(&self, findings: &mut Findings) {
        if let Err(error) = EnvFilter::try_new(&self.level) {
            findings.push(("log.level", format!("is not a level or filter: {error}")));
        }
    }
}
