//! Queries: a function from arguments to a value.

use std::future::Future;
use std::sync::Arc;

use futures::future::BoxFuture;

use super::input::InputObject;
use super::input::{InputField, InputTypes};
use super::output::{OutputRef, OutputType, OutputTypes, OutputValue};
use crate::context::Context;
use crate::error::{Error, Refusal};
use crate::value::InputMap;

crate::input! {
    /// No arguments.
    pub struct NoArguments {}
}

type Handler =
    Arc<dyn Fn(Arc<dyn Context>, InputMap) -> BoxFuture<'static, Result<OutputValue, Error>> + Send + Sync>;

/// A root field of the query type that answers a value of Rust, for what is no entity.
#[derive(Clone)]
pub struct QueryDeclaration {
    /// Who declares it.
    pub module: &'static str,
    /// Name in the API.
    pub name: &'static str,
    /// Description in the API.
    pub description: &'static str,
    /// The right it names; `None` is for any caller.
    pub right: Option<&'static str>,
    /// What one call costs, in records read.
    pub cost: u64,
    /// What it answers.
    pub answer: OutputRef,
    /// Its arguments; adds their types to the schema.
    pub(crate) arguments: fn(&mut InputTypes) -> Vec<InputField>,
    /// Adds the answer's types to the schema.
    pub(crate) register: fn(&mut OutputTypes),
    pub(crate) handler: Handler,
}

impl QueryDeclaration {
    /// A query that calls `handle`. The fields of the input object `A` are its arguments ([`NoArguments`] for none); what
    /// it answers is nullable in the schema, as all root fields are.
    pub fn new<A, T, F, Fut>(
        name: &'static str,
        description: &'static str,
        right: Option<&'static str>,
        handle: F,
    ) -> Self
    where
        A: InputObject,
        T: OutputType,
        F: Fn(Arc<dyn Context>, A) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T, Error>> + Send + 'static,
    {
        Self {
            module: "",
            name,
            description,
            right,
            cost: 1,
            answer: T::type_of(),
            arguments: A::fields,
            register: T::register,
            handler: Arc::new(move |context, mut given| {
                let mut errors = Vec::new();
                let answer = match A::take(&mut given, &mut errors) {
                    Some(arguments) => Ok(handle(context, arguments)),
                    None => Err(Refusal::validation(errors)),
                };
                Box::pin(async move { Ok(answer?.await?.output()) })
            }),
        }
    }

    /// What one call costs, in records read; 1 if nothing is said. References to records count beside it.
    #[must_use]
    pub fn cost(mut self, cost: u64) -> Self {
        self.cost = cost;
        self
    }
}
