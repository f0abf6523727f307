//! Running a use case until nobody is faster.

use futures::future::BoxFuture;
use shoal_graphql::error::{Error, Refusal, code};
use shoal_graphql::message;

use super::UnitOfWork;
use crate::context::RequestContext;

/// How often a use case is run again when another writer was faster.
const ATTEMPTS: usize = 4;

/// What became of a use case that was run once.
enum Attempt<T> {
    Done(T),
    /// Another writer was faster.
    Lost {
        /// At removing what is referred to.
        dangling: bool,
    },
}

impl UnitOfWork {
    /// Runs a use case in a transaction: what it stages is flushed, and committed if it answers `Ok`. When another
    /// writer took a unique value or a lock in between, it is run again on what is there now; it must therefore do
    /// nothing but through the unit of work.
    ///
    /// # Errors
    /// Those of the use case, and faults of the database. `NOT_FOUND` if what is staged refers to a record that is not there:
    /// a use case looks itself, to say which.
    pub async fn run<T>(
        context: &RequestContext,
        use_case: impl for<'u> Fn(&'u mut Self) -> BoxFuture<'u, Result<T, Error>>,
    ) -> Result<T, Error> {
        let mut was_dangling = false;
        for _ in 0..ATTEMPTS {
            match Self::attempt(context, &use_case).await? {
                Attempt::Done(answer) => return Ok(answer),
                // Nobody removes the same record twice: it was never there, and the use case has not looked.
                Attempt::Lost { dangling: true } if was_dangling => {
                    let message =
                        message!("reference-not-found", "a record that is referred to does not exist");
                    return Err(Refusal::new(code::NOT_FOUND, message).into());
                }
                Attempt::Lost { dangling } => was_dangling = dangling,
            }
        }
        Err(Error::fault("other writers were faster each time"))
    }

    async fn attempt<T>(
        context: &RequestContext,
        use_case: &impl for<'u> Fn(&'u mut Self) -> BoxFuture<'u, Result<T, Error>>,
    ) -> Result<Attempt<T>, Error> {
        let mut unit = Self::begin(context).await?;
        let done = match use_case(&mut unit).await {
            Ok(answer) => unit.write_all().await.map(|()| answer).map_err(Error::from),
            Err(error) => Err(error),
        };
        match done {
            Ok(answer) => match unit.end().await.map_err(Error::from) {
                Ok(()) => Ok(Attempt::Done(answer)),
                Err(Error::Race(_)) => Ok(Attempt::Lost { dangling: false }),
                Err(error) => Err(error),
            },
            Err(error) => {
                let dangling = unit.dangling;
                unit.rollback().await;
                // Whoever waits for a row may be told of a deadlock long before the flush.
                if matches!(error, Error::Race(_)) { Ok(Attempt::Lost { dangling }) } else { Err(error) }
            }
        }
    }
}
