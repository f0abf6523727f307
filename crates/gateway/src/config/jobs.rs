//! `[jobs]`: work that is done later.

use serde::{Deserialize, Serialize};

use super::Findings;

/// The most workers of a process.
const MOST: u32 = 64;

/// `[jobs]`. `config/default.toml` explains each.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub struct JobsConfig {
    /// Jobs that this process works on at once.
    pub workers: u32,
}

impl JobsConfig {
    pub(super) fn check(&self, findings: &mut Findings) {
        if self.workers > MOST {
            findings.push(("jobs.workers", format!("must be at most {MOST}")));
        }
    }
}
