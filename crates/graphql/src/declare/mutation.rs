//! Mutations: a function over a batch of inputs.

use std::future::Future;
use std::sync::Arc;

use futures::future::BoxFuture;
use sea_orm::EntityTrait;
use uuid::Uuid;

use super::input::InputObject;
use super::input_types::InputTypes;
use crate::context::Context;
use crate::error::{Error, FieldError, Refusal};
use crate::value::Input;

/// The answer of a mutation for each input of the batch, in its order: the id of the record, or why not.
pub type Handled = Vec<Result<Uuid, Refusal>>;

/// Inputs that could be converted, with the others' mistakes kept at their places.
type Converted<I> = Vec<Result<I, Refusal>>;

pub(crate) type Handler =
    Arc<dyn Fn(Arc<dyn Context>, Vec<Input>) -> BoxFuture<'static, Result<Handled, Error>> + Send + Sync>;

/// A root field of the mutation type that changes records of one entity.
///
/// The handler is given the whole batch and answers for each input, so that one row and a thousand rows take the same
/// way: `xCreate(input: XCreate!)` is a batch of one. With [`many`](Self::many) there is also
/// `xCreateMany(input: [XCreate!]!)`, which answers per row.
#[derive(Clone)]
pub struct MutationDeclaration {
    /// Who declares it.
    pub module: &'static str,
    /// Name in the API, noun before verb: `contactCreate`.
    pub name: &'static str,
    /// Description in the API.
    pub description: &'static str,
    /// The right it needs.
    pub right: &'static str,
    /// Table of the entity that it answers with.
    pub table: String,
    /// Type name of its input.
    pub input: &'static str,
    /// Adds the input's types to the schema.
    pub(crate) register: fn(&mut InputTypes),
    /// The name and description of the variant for many.
    pub many: Option<(&'static str, &'static str)>,
    pub(crate) handler: Handler,
}

impl MutationDeclaration {
    /// A mutation on records of `E` that takes inputs `I`. `handle` is called with the inputs that could be converted;
    /// it must answer as many results, in order.
    pub fn new<E, I, F, Fut>(
        name: &'static str,
        description: &'static str,
        right: &'static str,
        handle: F,
    ) -> Self
    where
        E: EntityTrait,
        I: InputObject,
        F: Fn(Arc<dyn Context>, Vec<I>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Handled, Error>> + Send + 'static,
    {
        Self {
            module: "",
            name,
            description,
            right,
            table: E::default().table_name().to_owned(),
            input: I::NAME,
            register: I::register,
            many: None,
            handler: Arc::new(move |context, inputs| {
                let (rows, good) = split(convert::<I>(inputs));
                let answer = if good.is_empty() { None } else { Some(handle(context, good)) };
                Box::pin(async move {
                    let handled = match answer {
                        Some(answer) => answer.await?,
                        None => Vec::new(),
                    };
                    merge(rows, handled)
                })
            }),
        }
    }

    /// Offers it for many rows at once too.
    #[must_use]
    pub fn many(mut self, name: &'static str, description: &'static str) -> Self {
        self.many = Some((name, description));
        self
    }
}

fn convert<I: InputObject>(inputs: Vec<Input>) -> Converted<I> {
    inputs
        .into_iter()
        .map(|input| {
            I::from_input(Some(input)).map_err(|errors: Vec<FieldError>| Refusal::validation(errors))
        })
        .collect()
}

/// Takes the good inputs out; what stays says for each row whether it was good.
fn split<I>(converted: Converted<I>) -> (Vec<Result<(), Refusal>>, Vec<I>) {
    let mut good = Vec::with_capacity(converted.len());
    let rows = converted.into_iter().map(|row| row.map(|input| good.push(input))).collect();
    (rows, good)
}

fn merge(rows: Vec<Result<(), Refusal>>, handled: Handled) -> Result<Handled, Error> {
    let mut handled = handled.into_iter();
    rows.into_iter()
        .map(|row| match row {
            Ok(()) => handled.next().ok_or_else(|| Error::fault("a mutation answered too few rows")),
            Err(refusal) => Ok(Err(refusal)),
        })
        .collect()
}
