//! Subscriptions over a database: who is to be told what.
//!
//! One task follows the numbered events of all companies and hands them on in batches. Each subscriber knows the last
//! number it has seen. Numbers have no gaps, so that whoever was too slow for a batch, or resumes after a break, sees that
//! and reads what is missing from the database.

mod batch;
mod hub;
mod subscriber;

pub(crate) use hub::Hub;
pub(crate) use subscriber::{NotBegun, Subscriber};

/// Something to tell a subscriber.
#[derive(Debug, Clone)]
pub struct Next {
    /// The event's number, by which the subscriber can resume.
    pub number: i64,
    /// The response as UTF-8 JSON.
    pub body: std::sync::Arc<[u8]>,
}

/// Why a subscription ends before the subscriber wants it to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// Stable code.
    pub code: &'static str,
    /// In words.
    pub message: String,
}

impl Ending {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

/// What a subscriber is told, until the server ends.
pub type Stream = futures::stream::BoxStream<'static, Result<Next, Ending>>;
