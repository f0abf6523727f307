//! What goes into the engine and what comes out of it.

use serde::Deserialize;

use crate::context::Allowance;

/// One GraphQL request as the transport received it.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Request {
    /// The document: operations and fragments.
    pub query: String,
    /// Which operation of the document to run; needed when it has several.
    #[serde(default, rename = "operationName")]
    pub operation_name: Option<String>,
    /// Values of the operation's variables, uncoerced.
    #[serde(default)]
    pub variables: Option<serde_json::Map<String, serde_json::Value>>,
    /// True when the transport must not change data (HTTP GET): a mutation is then refused with
    /// [`Outcome::MutationRefused`].
    #[serde(skip)]
    pub read_only: bool,
    /// What the caller and the log call this request; it stands in every error.
    #[serde(skip)]
    pub id: Option<String>,
    /// Whether the body tells the cost of the operation, the limit, and what the caller may spend still:
    /// `extensions.cost`.
    #[serde(skip)]
    pub with_cost: bool,
}

/// How far a request came; a transport derives its status code from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The operation ran: the body has a `data` key (which may be null) and perhaps `errors`.
    Executed,
    /// The operation did not run (syntax, validation, variables, rights, limits): the body has only `errors`.
    Refused,
    /// The operation did not run, as the caller has asked for much lately (`RATE_LIMITED`): the body has only `errors`.
    RateLimited {
        /// After so many seconds it may be asked for again, if that is known.
        retry_after: Option<u64>,
    },
    /// A mutation came over a transport that may only read.
    MutationRefused,
}

/// The answer to one [`Request`].
#[derive(Debug)]
pub struct Response {
    /// The whole response as UTF-8 JSON.
    pub body: Vec<u8>,
    /// How far the request came.
    pub outcome: Outcome,
    /// The name of the operation that was chosen, for logs.
    pub operation_name: Option<String>,
    /// Database statements that the request used.
    pub statements: u32,
    /// Errors in the body.
    pub errors: u32,
    /// What the operation may have cost, worked out before it ran; 0 if the request came not so far.
    pub cost: u64,
    /// What the operation has cost, from what it has read; never more than `cost`, and 0 if it did not run.
    pub spent: u64,
    /// What the caller may spend still, if that is limited.
    pub allowance: Option<Allowance>,
    /// Whose data it is about, for logs. The engine does not know; whoever calls it may say so.
    pub whose: Option<String>,
}
