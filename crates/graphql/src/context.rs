//! What the engine asks of whoever makes a request.

use std::any::Any;
use std::borrow::Cow;
use std::sync::Arc;

use chrono::NaiveDate;
use sea_orm::Value;

use crate::catalog::Entity;
use crate::database::Reader;
use crate::error::Refusal;
use crate::message::Message;

/// The rights of a caller, by name. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RightSet(Option<Arc<[Box<str>]>>);

impl RightSet {
    /// Every right there is.
    pub fn all() -> Self {
        Self(None)
    }

    /// True if the caller has this right.
    pub fn holds(&self, right: &str) -> bool {
        match &self.0 {
            None => true,
            Some(sorted) => sorted.binary_search_by(|held| (**held).cmp(right)).is_ok(),
        }
    }

    /// True if the caller may do what needs this right, or none.
    pub fn allows(&self, right: Option<&str>) -> bool {
        right.is_none_or(|right| self.holds(right))
    }

    /// True for [`all`](Self::all).
    pub fn is_all(&self) -> bool {
        self.0.is_none()
    }
}

impl<S: Into<Box<str>>> FromIterator<S> for RightSet {
    fn from_iter<I: IntoIterator<Item = S>>(rights: I) -> Self {
        let mut sorted: Vec<Box<str>> = rights.into_iter().map(Into::into).collect();
        sorted.sort_unstable();
        sorted.dedup();
        Self(Some(sorted.into()))
    }
}

/// A condition on the rows of an entity, by columns of its table.
#[derive(Debug, Clone, PartialEq)]
pub enum Predicate {
    /// Every row.
    All,
    /// No row.
    Nothing,
    /// Rows whose column has one of these values.
    AnyOf(String, Vec<Value>),
    /// Rows whose column has none of these values, or no value.
    NoneOf(String, Vec<Value>),
    /// Rows for which one of these holds.
    Or(Vec<Predicate>),
    /// Rows for which all of these hold.
    And(Vec<Predicate>),
}

/// What somebody may spend on operations. What is spent comes back evenly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// What there is when nothing was spent for long.
    pub most: u64,
    /// What there is now.
    pub remaining: u64,
    /// Seconds until all of it is there again, if nothing more is spent; rounded up.
    pub restored_in: u64,
    /// The same for somebody who has spent all; rounded up.
    pub window: u64,
}

/// One request's surroundings: where to read and which rows there are for the caller.
///
/// Mutations find their own context behind it: `(&*context as &dyn Any).downcast_ref()`.
pub trait Context: Any + Send + Sync {
    /// Where reads go.
    fn reader(&self) -> &Reader;
    /// The value of every entity's leading key column, for this request.
    fn partition(&self) -> Value;
    /// What the caller may do.
    fn rights(&self) -> &RightSet;
    /// Which rows of the entity there are for the caller. It goes into every statement that touches
    /// the entity: lists, relations, counts, aggregates, filters through relations and `node`.
    fn predicate(&self, entity: &Entity) -> Predicate;
    /// The business day of the request, for relations that hold between dates.
    fn today(&self) -> NaiveDate;
    /// Whether data of a module may be changed now. Asked before each mutation of that module.
    ///
    /// # Errors
    /// The answer that the mutation gets, such as [`MODULE_SUSPENDED`](crate::error::code::MODULE_SUSPENDED).
    fn may_change(&self, _module: &'static str) -> Result<(), Refusal> {
        Ok(())
    }
    /// Takes what an operation costs from the caller's allowance. Called once for each operation, before it runs, and
    /// once for a subscription; not for what is refused for lack of a right.
    ///
    /// # Errors
    /// The answer that the request gets instead, such as [`Refusal::rate_limited`].
    fn spend(&self, _cost: u64) -> Result<(), Refusal> {
        Ok(())
    }
    /// Gives back what an operation turned out not to cost, as it found less than it might have. Not called for one that was
    /// given up.
    fn refund(&self, _points: u64) {}
    /// What the caller may spend still; `None` if that is not limited. Nothing is taken from it.
    fn allowance(&self) -> Option<Allowance> {
        None
    }
    /// A message in the language of the caller; `None` if they are told it in English.
    fn words(&self, _message: &Message) -> Option<String> {
        None
    }
}

/// A message as the caller is told it.
pub(crate) fn say<'m>(context: &dyn Context, message: &'m Message) -> Cow<'m, str> {
    context.words(message).map_or(Cow::Borrowed(message.text()), Cow::Owned)
}
