//! `[graphql]`: limits of documents, and what is shown of the schema.

use serde::{Deserialize, Serialize};
use shoal_core::rate_limit::RateLimit;

use super::{Findings, at_least_one};

/// `[graphql]`. `config/default.toml` explains each.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
pub struct GraphqlConfig {
    /// Tokens of a document.
    pub max_tokens: u32,
    /// Depth of nested fields.
    pub max_depth: u32,
    /// Fields of an operation's root.
    pub max_root_fields: u32,
    /// Aliases in a document.
    pub max_aliases: u32,
    /// Directives in a document.
    pub max_directives: u32,
    /// The largest `first` or `last`.
    pub max_page: u32,
    /// What an operation may cost.
    pub max_cost: u64,
    /// What everybody may spend in a minute, for long; 0 if that is not limited.
    pub rate_limit_per_minute: u64,
    /// What they may spend at once after they have spent nothing for a while.
    pub rate_limit_burst: u64,
    /// Whether clients may read the schema.
    pub introspection: bool,
    /// Whether `/graphiql` is there.
    pub graphiql: bool,
}

/// More digits than headers may have.
const MOST_POINTS: u64 = 1_000_000_000_000;

impl GraphqlConfig {
    /// What everybody may spend, if that is limited.
    pub fn rate_limit(&self) -> Option<RateLimit> {
        let Self { rate_limit_per_minute: per_minute, rate_limit_burst: burst, .. } = *self;
        (per_minute > 0).then_some(RateLimit { per_minute, burst })
    }

    pub(super) fn check(&self, findings: &mut Findings) {
        at_least_one(
            findings,
            &[
                ("graphql.max_tokens", self.max_tokens.into()),
                ("graphql.max_depth", self.max_depth.into()),
                ("graphql.max_root_fields", self.max_root_fields.into()),
                ("graphql.max_page", self.max_page.into()),
                ("graphql.max_cost", self.max_cost),
            ],
        );
        let Some(RateLimit { per_minute, burst }) = self.rate_limit() else { return };
        for (key, value) in
            [("graphql.rate_limit_per_minute", per_minute), ("graphql.rate_limit_burst", burst)]
        {
            if value > MOST_POINTS {
                findings.push((key, format!("must be at most {MOST_POINTS}")));
            }
        }
        if burst < self.max_cost {
            let message = format!(
                "must be at least graphql.max_cost ({}), or what may cost so much could never run",
                self.max_cost
            );
            findings.push(("graphql.rate_limit_burst", message));
        }
    }
}
