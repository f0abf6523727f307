//! Mutations: a function over a batch of inputs.

use std::any::TypeId;
use std::borrow::Cow;
use std::future::Future;
use std::sync::Arc;

use futures::future::BoxFuture;
use sea_orm::EntityTrait;
use uuid::Uuid;

use super::input::InputObject;
use super::input::InputTypes;
use super::output::{OutputRef, OutputType, OutputTypes, OutputValue};
use crate::catalog::upper_first;
use crate::context::Context;
use crate::error::{Error, FieldError, Refusal};
use crate::value::Input;

/// The answer of a mutation for each input of the batch, in its order: what was done, or why not.
pub type Handled = Vec<Result<Done, Refusal>>;

/// What became of one input: the record, and perhaps values that are told once only.
#[derive(Debug, Clone, PartialEq)]
pub struct Done {
    /// The record's id.
    pub id: Uuid,
    values: Vec<Told>,
}

/// A value under its name, with the Rust type it came from.
#[derive(Debug, Clone, PartialEq)]
struct Told {
    name: &'static str,
    rust_type: TypeId,
    value: OutputValue,
}

impl From<Uuid> for Done {
    fn from(id: Uuid) -> Self {
        Self { id, values: Vec::new() }
    }
}

impl Done {
    /// Tells the value that the mutation declares by [`MutationDeclaration::returning`] under this name and with this
    /// type.
    #[must_use]
    pub fn with<T: OutputType>(mut self, name: &'static str, value: T) -> Self {
        self.values.push(Told { name, rust_type: TypeId::of::<T>(), value: value.output() });
        self
    }

    /// The values in the order in which the mutation declares them.
    fn told(self, extras: &[Extra]) -> Result<OutputValue, Error> {
        let mut values = vec![OutputValue::Null; extras.len()];
        for told in self.values {
            let declared = extras
                .iter()
                .position(|extra| extra.name == told.name && extra.rust_type == told.rust_type)
                .ok_or_else(|| {
                    Error::fault(format!("a mutation tells {}, as it does not declare", told.name))
                })?;
            values[declared] = told.value;
        }
        Ok(OutputValue::Object(values))
    }
}

/// A value that a mutation answers beside the record.
#[derive(Debug, Clone)]
pub struct Extra {
    /// Name in the API.
    pub name: &'static str,
    /// Description in the API.
    pub description: &'static str,
    /// What it is; always nullable.
    pub ty: OutputRef,
    pub(crate) register: fn(&mut OutputTypes),
    rust_type: TypeId,
}

/// Ids or refusals, row by row, and the values beside them.
pub(crate) struct Outcome {
    pub rows: Vec<Result<Uuid, Refusal>>,
    /// A list with an object per row, null where it was refused.
    pub values: OutputValue,
}

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
    /// What it answers beside the record.
    pub extras: Vec<Extra>,
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
            extras: Vec::new(),
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

    /// Answers a value beside the record, which the handler tells by [`Done::with`]; null where it does not. The payload
    /// types then are the mutation's own, called after it.
    #[must_use]
    pub fn returning<T: OutputType>(mut self, name: &'static str, description: &'static str) -> Self {
        let ty = OutputRef { nullable: true, ..T::type_of() };
        self.extras.push(Extra {
            name,
            description,
            ty,
            register: T::register,
            rust_type: TypeId::of::<T>(),
        });
        self
    }

    /// What the names of its payload types begin with: mutations without values of their own share those of the entity.
    pub(crate) fn payload(&self, entity: &'static str) -> Cow<'static, str> {
        if self.extras.is_empty() { entity.into() } else { upper_first(self.name).into() }
    }

    /// Calls the handler.
    ///
    /// # Errors
    /// What is wrong with the whole batch.
    pub(crate) async fn run(&self, context: Arc<dyn Context>, inputs: Vec<Input>) -> Result<Outcome, Error> {
        let handled = (self.handler)(context, inputs).await?;
        let (mut rows, mut values) = (Vec::with_capacity(handled.len()), Vec::new());
        for row in handled {
            let (row, told) = match row {
                Ok(done) => (Ok(done.id), done.told(&self.extras)?),
                Err(refusal) => (Err(refusal), OutputValue::Null),
            };
            rows.push(row);
            values.push(told);
        }
        Ok(Outcome { rows, values: OutputValue::List(values) })
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
