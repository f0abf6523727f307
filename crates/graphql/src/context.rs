//! What the engine asks of whoever makes a request.

use std::any::Any;

use chrono::NaiveDate;
use sea_orm::Value;

use crate::database::Reader;
use crate::error::Refusal;

/// A condition on the rows of an entity, by columns of its table.
#[derive(Debug, Clone, PartialEq)]
pub enum Predicate {
    /// Every row.
    All,
    /// No row.
    Nothing,
    /// Rows whose column has one of these values.
    AnyOf(String, Vec<Value>),
    /// Rows for which one of these holds.
    Or(Vec<Predicate>),
    /// Rows for which all of these hold.
    And(Vec<Predicate>),
}

/// One request's surroundings: where to read and which rows there are for the caller.
///
/// Mutations find their own context behind it: `(&*context as &dyn Any).downcast_ref()`.
pub trait Context: Any + Send + Sync {
    /// Where reads go.
    fn reader(&self) -> &Reader;
    /// The value of every entity's leading key column, for this request.
    fn partition(&self) -> Value;
    /// Which rows of the entity called `entity` there are for the caller. It goes into every statement that touches
    /// the entity: lists, relations, counts, aggregates, filters through relations and `node`.
    fn predicate(&self, entity: &str) -> Predicate;
    /// The business day of the request, for relations that hold between dates.
    fn today(&self) -> NaiveDate;
    /// Takes what an operation costs from the caller's allowance. Called once for each operation, before it runs, and
    /// once for a subscription.
    ///
    /// # Errors
    /// The answer that the request gets instead, such as [`RATE_LIMITED`](crate::error::code::RATE_LIMITED).
    fn spend(&self, _cost: u64) -> Result<(), Refusal> {
        Ok(())
    }
}
