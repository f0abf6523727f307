//! What can go wrong while a request is answered: refusals with stable codes and field paths, and faults whose
//! text never leaves the process.

use std::fmt;

use crate::message;
use crate::message::Message;

/// The stable codes that `extensions.code` may carry when this crate refuses something.
pub mod code {
    macro_rules! codes {
        ($($name:ident = $code:literal, $meaning:literal;)*) => {
            $(#[doc = $meaning]
            pub const $name: &str = $code;)*

            /// Every code with its meaning, for the documentation.
            pub const ALL: &[(&str, &str)] = &[$(($code, $meaning)),*];
        };
    }

    codes! {
        GRAPHQL = "GRAPHQL_VALIDATION", "The document is not GraphQL, or does not fit the schema.";
        VALIDATION = "VALIDATION", "A value is not acceptable; `extensions.fields` names which and why.";
        NOT_FOUND = "NOT_FOUND", "The named record does not exist, or you may not see it.";
        CONFLICT = "CONFLICT", "The record has changed since you read it; read it again.";
        DUPLICATE = "DUPLICATE", "A unique value is taken.";
        FORBIDDEN = "FORBIDDEN", "You have no right to this.";
        MODULE_DISABLED = "MODULE_DISABLED", "What is asked for is of a module that is not enabled; `extensions.module` says which.";
        MODULE_SUSPENDED = "MODULE_SUSPENDED", "The module can only be read for now; `extensions.module` says which.";
        LIMIT_EXCEEDED = "LIMIT_EXCEEDED", "The request is larger than the configured limits allow; ask for less at once.";
        RATE_LIMITED = "RATE_LIMITED", "You have asked for much in a short time; wait for `extensions.retryAfter` seconds. See docs/limits.md.";
        TIMEOUT = "TIMEOUT", "It took too long and was stopped.";
        INTERNAL = "INTERNAL", "Something broke on our side; the log has the details under the request id.";
    }
}

/// What is said of a value that is missing.
pub const REQUIRED: Message = message!("required", "is required");

/// One value of an input that is not acceptable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Where it is: names of input fields and list positions, from the argument down.
    pub path: Vec<String>,
    /// What kind of mistake it is, stable (`REQUIRED`, `EMAIL_INVALID`, …).
    pub code: &'static str,
    /// The mistake in words.
    pub message: Message,
}

impl FieldError {
    /// A mistake at `path`.
    pub fn new<S: Into<String>>(
        path: impl IntoIterator<Item = S>,
        code: &'static str,
        message: impl Into<Message>,
    ) -> Self {
        Self { path: path.into_iter().map(Into::into).collect(), code, message: message.into() }
    }

    /// The same mistake seen from one level further out.
    #[must_use]
    pub fn under(mut self, segment: impl Into<String>) -> Self {
        self.path.insert(0, segment.into());
        self
    }
}

/// A "no" for a reason the caller can act on. Nothing was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Stable code, one of [`code`] or a module's own (`SALES_STAGE_RULE`).
    pub code: &'static str,
    /// The reason in words.
    pub message: Message,
    /// Which fields it is about; may be empty.
    pub fields: Vec<FieldError>,
    /// The module it is about.
    pub module: Option<&'static str>,
    /// After so many seconds the same may be asked again.
    pub retry_after: Option<u64>,
}

impl Refusal {
    /// A refusal that is not about one field.
    pub fn new(code: &'static str, message: impl Into<Message>) -> Self {
        Self { code, message: message.into(), fields: Vec::new(), module: None, retry_after: None }
    }

    /// `RATE_LIMITED` for so many seconds.
    pub fn rate_limited(seconds: u64) -> Self {
        let message = message!(
            "rate-limited",
            "you have asked for much in a short time; try again in {seconds} s",
            seconds
        );
        Self { retry_after: Some(seconds), ..Self::new(code::RATE_LIMITED, message) }
    }

    /// The same refusal, about this module.
    #[must_use]
    pub fn of_module(mut self, module: &'static str) -> Self {
        self.module = Some(module);
        self
    }

    /// `VALIDATION` with the fields that are wrong; its message repeats the first.
    pub fn validation(fields: Vec<FieldError>) -> Self {
        let of = |field: &FieldError| (field.path.join("."), field.message.clone());
        let message = match fields.as_slice() {
            [] => message!("input-invalid", "the input is not valid"),
            [only] => {
                let (field, mistake) = of(only);
                message!("field-invalid", "{field}: {mistake}", field, mistake)
            }
            [first, rest @ ..] => {
                let ((field, mistake), more) = (of(first), rest.len());
                message!("fields-invalid", "{field}: {mistake} (and {more} more)", field, mistake, more)
            }
        };
        Self { fields, ..Self::new(code::VALIDATION, message) }
    }

    /// `VALIDATION` about one field.
    pub fn field<S: Into<String>>(
        path: impl IntoIterator<Item = S>,
        code: &'static str,
        message: impl Into<Message>,
    ) -> Self {
        Self::validation(vec![FieldError::new(path, code, message)])
    }

    /// `NOT_FOUND` for the record that `path` names. The message says of what kind it is, as "account not found" does:
    /// languages differ in more than the noun.
    pub fn not_found<S: Into<String>>(
        message: impl Into<Message>,
        path: impl IntoIterator<Item = S>,
    ) -> Self {
        let message = message.into();
        let field = FieldError::new(path, code::NOT_FOUND, message.clone());
        Self { fields: vec![field], ..Self::new(code::NOT_FOUND, message) }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Refusal {}

/// Why an operation, or a part of it, has no result.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// A reason the caller can act on.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The database stopped the statement because it took too long.
    #[error("the database took too long")]
    Timeout,
    /// Another writer was faster: the same change may succeed on what is there now. The text is for the log only.
    #[error("another writer was faster: {0}")]
    Race(String),
    /// Our own fault. The text is for the log only.
    #[error("fault: {0}")]
    Fault(String),
}

impl Error {
    /// A fault with this text for the log.
    pub fn fault(text: impl fmt::Display) -> Self {
        Self::Fault(text.to_string())
    }
}

impl From<sea_orm::DbErr> for Error {
    fn from(error: sea_orm::DbErr) -> Self {
        use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr, SqlxError};
        let driver = match &error {
            DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => return Self::Timeout,
            DbErr::Conn(RuntimeErr::SqlxError(error))
            | DbErr::Exec(RuntimeErr::SqlxError(error))
            | DbErr::Query(RuntimeErr::SqlxError(error)) => error,
            _ => return Self::fault(error),
        };
        let code = match &**driver {
            SqlxError::PoolTimedOut => return Self::Timeout,
            SqlxError::Database(error) => error.code(),
            _ => None,
        };
        match code.as_deref() {
            // PostgreSQL's query_canceled, SQLite's SQLITE_INTERRUPT.
            Some("57014" | "9") => Self::Timeout,
            // PostgreSQL: serialization failure, deadlock, unique violation, foreign key violation. SQLite: primary key,
            // unique and foreign key violations, busy, and busy with a stale snapshot.
            Some("40001" | "40P01" | "23505" | "23503" | "1555" | "2067" | "787" | "5" | "517") => {
                Self::Race(error.to_string())
            }
            _ => Self::fault(error),
        }
    }
}

/// A document position, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Location {
    /// Line of the document.
    pub line: usize,
    /// Column of that line, in characters.
    pub column: usize,
}

/// One step of a response path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathSegment {
    /// The response key of a field.
    Key(String),
    /// The position in a list, from 0.
    Index(usize),
}

/// One entry of a response's `errors`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseError {
    /// In words.
    pub message: Message,
    /// Where in the document; empty if unknown.
    pub locations: Vec<Location>,
    /// Where in the response; empty for an error of the whole request.
    pub path: Vec<PathSegment>,
    /// `extensions.code`.
    pub code: &'static str,
    /// `extensions.fields`.
    pub fields: Vec<FieldError>,
    /// `extensions.module`.
    pub module: Option<&'static str>,
    /// `extensions.retryAfter`, in seconds.
    pub retry_after: Option<u64>,
    /// What broke, if it is our own fault: for the log only.
    pub(crate) fault: Option<Box<Fault>>,
}

/// The text of a fault, for the log only. It is boxed, so that errors stay small.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault(pub String);

impl ResponseError {
    /// An error of the whole request: nothing ran.
    pub fn request(code: &'static str, message: impl Into<Message>) -> Self {
        Self {
            message: message.into(),
            locations: Vec::new(),
            path: Vec::new(),
            code,
            fields: Vec::new(),
            module: None,
            retry_after: None,
            fault: None,
        }
    }

    /// The public face of `error` at `path`. A fault leaves as `INTERNAL`; its text is logged when the response is written.
    pub fn at(error: &Error, path: Vec<PathSegment>, locations: Vec<Location>) -> Self {
        let mut fault = None;
        let refusal = match error {
            Error::Refused(refusal) => refusal.clone(),
            Error::Timeout => Refusal::new(
                code::TIMEOUT,
                message!("database-timeout", "the database took too long; ask for less"),
            ),
            Error::Race(text) | Error::Fault(text) => {
                fault = Some(Box::new(Fault(text.clone())));
                Refusal::new(code::INTERNAL, message!("internal", "internal error"))
            }
        };
        let Refusal { code, message, fields, module, retry_after } = refusal;
        Self { message, locations, path, code, fields, module, retry_after, fault }
    }
}
