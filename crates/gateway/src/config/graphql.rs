//! `[graphql]`: limits of documents, and what is shown of the schema.

use serde::{Deserialize, Serialize};

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
    /// Whether clients may read the schema.
    pub introspection: bool,
    /// Whether `/graphiql` is there.
    pub graphiql: bool,
}

impl GraphqlConfig {
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
    }
}
