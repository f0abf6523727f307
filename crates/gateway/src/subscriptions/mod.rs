//! Subscriptions over a database: who is to be told what.
//!
//! One task for all follows the numbered events of all companies, keeps the latest in memory, and says how far it has come
//! ([`Hub`]). Each [`Subscriber`] knows the last number it has seen. Numbers have no gaps, so that it sees what it has yet
//! to look at, and takes that from memory or, if it is too far behind or resumes after a break, from the database. The same
//! task looks who is still who they were; a subscriber whose rights were taken away is told so within a second, whether
//! anything happens or not.

mod batch;
mod hub;
mod subscriber;

pub(crate) use hub::Hub;
pub(crate) use subscriber::{NotBegun, Subscriber};

/// Something to tell a subscriber.
#[derive(Debug, Clone)]
pub enum Next {
    /// A change.
    Change {
        /// The event's number, by which the subscriber can resume.
        number: i64,
        /// The response as UTF-8 JSON.
        body: std::sync::Arc<[u8]>,
    },
    /// There is nothing to tell up to the event of this number, by which the subscriber can resume. It comes first of all,
    /// and from time to time when nothing else does.
    Nothing {
        /// The number.
        number: i64,
    },
}

/// Why a subscription ends before the subscriber wants it to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// Stable code.
    pub code: String,
    /// In words.
    pub message: String,
}

impl Ending {
    pub(crate) fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into() }
    }
}

/// What a subscriber is told, until the server ends. An ending is the last.
pub type Stream = futures::stream::BoxStream<'static, Result<Next, Ending>>;
