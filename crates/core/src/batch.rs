//! Use cases over a batch of records, and the steps that they share: load and lock, compare versions, delete and restore.

use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use sea_orm::sea_query::LockType;
use sea_orm::{
    EntityTrait, IdenStatic as _, Iterable as _, ModelTrait, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, Value,
};
use shoal_graphql::context::Context;
use shoal_graphql::declare::{Done, Handled, camel_case};
use shoal_graphql::error::{Error, FieldError, REQUIRED, Refusal, code};
use shoal_graphql::message;
use shoal_graphql::message::Message;
use uuid::Uuid;

use crate::context::RequestContext;
use crate::record::TenantEntity;
use crate::unit_of_work::UnitOfWork;
use crate::value::ValueError;

/// A record that knows its version and who changed it when; implement it by [`tracked!`](crate::tracked).
pub trait Tracked: ModelTrait {
    /// The record's id.
    fn id(&self) -> Uuid;
    /// Counts changes, from 1.
    fn version(&self) -> i32;
    /// When it was deleted.
    fn deleted_at(&self) -> Option<DateTime<Utc>>;
    /// Sets or clears the time of deletion.
    fn set_deleted_at(&mut self, at: Option<DateTime<Utc>>);
    /// Notes a change.
    fn touch(&mut self, now: DateTime<Utc>, actor: Option<Uuid>);
}

/// Says that the `Model` of this module is [`Tracked`]; `deletable` if it has a column `deleted_at`.
#[macro_export]
macro_rules! tracked {
    (deletable) => {
        $crate::tracked!(@ |model| model.deleted_at, |model, at| model.deleted_at = at);
    };
    () => {
        $crate::tracked!(@ |_model| None, |_model, _at| {});
    };
    (@ |$get:ident| $deleted:expr, |$set:ident, $at:ident| $assign:expr) => {
        impl $crate::batch::Tracked for Model {
            fn id(&self) -> uuid::Uuid {
                self.id
            }
            fn version(&self) -> i32 {
                self.version
            }
            fn deleted_at(&self) -> Option<chrono::DateTime<chrono::Utc>> {
                let $get = self;
                $deleted
            }
            fn set_deleted_at(&mut self, $at: Option<chrono::DateTime<chrono::Utc>>) {
                let $set = self;
                $assign;
            }
            fn touch(&mut self, now: chrono::DateTime<chrono::Utc>, actor: Option<uuid::Uuid>) {
                self.updated_at = now;
                self.updated_by = actor;
                self.version += 1;
            }
        }
    };
}

shoal_graphql::input! {
    /// A record in the version that the caller knows.
    pub struct RecordVersion {
        /// The record's id.
        pub id: Uuid,
        /// The version that was read; if the record has changed since, nothing happens and the answer is CONFLICT.
        pub expected_version: i32,
    }
}

/// Loads records by their ids, deleted ones too, and locks them until the transaction ends. Those that the caller may not
/// read are left out: to them they are not there. Of records that count no versions nothing is known: all of them are seen.
///
/// # Errors
/// Faults of the database.
pub async fn load<E>(
    unit: &UnitOfWork,
    ids: impl IntoIterator<Item = Uuid>,
) -> Result<HashMap<Uuid, E::Model>, Error>
where
    E: TenantEntity,
    E::Model: Sync,
{
    let mut ids: Vec<Uuid> = ids.into_iter().collect();
    // In one order everywhere, so that two batches cannot wait for each other.
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let found = unit
        .find::<E>()
        .filter(unit.any_of(E::id_column(), ids))
        .order_by_asc(E::id_column())
        // Not the stronger lock_exclusive(): new rows that refer to these need not wait, as keys never change.
        .lock(LockType::NoKeyUpdate)
        .all(unit.transaction())
        .await?;
    let seen = found.into_iter().filter(|model| unit.sees::<E>(model));
    let by_id = |model: E::Model| match model.get(E::id_column()) {
        Value::Uuid(Some(id)) => Some((id, model)),
        _ => None,
    };
    Ok(seen.filter_map(by_id).collect())
}

/// Those of the records that are there, not deleted, as far as the caller may see them.
///
/// # Errors
/// Faults of the database.
pub async fn present<E: TenantEntity>(
    unit: &UnitOfWork,
    ids: impl IntoIterator<Item = Uuid>,
) -> Result<HashSet<Uuid>, Error>
where
    E::Model: Tracked + Sync,
{
    let ids: HashSet<Uuid> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(ids);
    }
    let found = unit.find::<E>().filter(unit.any_of(E::id_column(), ids)).all(unit.transaction()).await?;
    let seen = found.iter().filter(|model| model.deleted_at().is_none() && unit.sees::<E>(model));
    Ok(seen.map(Tracked::id).collect())
}

/// A use case over a whole batch: an `async fn(&mut UnitOfWork, &[I]) -> Result<Handled, Error>`, whose answers are in the
/// order of the inputs.
pub trait UseCase<'u, I>: Clone + Send + Sync + 'static {
    /// Its work.
    type Work: Future<Output = Result<Handled, Error>> + Send + 'u;

    /// Begins it.
    fn begin(&self, unit: &'u mut UnitOfWork, inputs: &'u [I]) -> Self::Work;
}

impl<'u, I: 'u, F, Work> UseCase<'u, I> for F
where
    F: Fn(&'u mut UnitOfWork, &'u [I]) -> Work + Clone + Send + Sync + 'static,
    Work: Future<Output = Result<Handled, Error>> + Send + 'u,
{
    type Work = Work;

    fn begin(&self, unit: &'u mut UnitOfWork, inputs: &'u [I]) -> Work {
        self(unit, inputs)
    }
}

/// The handler of a mutation that runs a use case over the whole batch in one transaction, as
/// [`UnitOfWork::run`] does: `MutationDeclaration::new::<Entity, LoanCreate, _, _>(…, batch::use_case(create))`.
pub fn use_case<I: Send + Sync + 'static>(
    use_case: impl for<'u> UseCase<'u, I>,
) -> impl Fn(Arc<dyn Context>, Vec<I>) -> BoxFuture<'static, Result<Handled, Error>> + Send + Sync + 'static {
    move |context, inputs| {
        let (use_case, inputs): (_, Arc<[I]>) = (use_case.clone(), inputs.into());
        Box::pin(async move {
            UnitOfWork::run(&RequestContext::of(&context)?, |unit| {
                let (use_case, inputs) = (use_case.clone(), Arc::clone(&inputs));
                Box::pin(async move { use_case.begin(unit, &inputs).await })
            })
            .await
        })
    }
}

/// Runs a use case of one record for each input, on what those before have written: for what nobody does in bulk. It must
/// stage nothing before it has decided, so that what it refuses leaves nothing behind.
///
/// # Errors
/// Faults of the database; refusals are per input.
pub async fn one_by_one<I: Send + Sync + 'static>(
    context: &Arc<dyn Context>,
    inputs: Vec<I>,
    use_case: for<'u> fn(&'u mut UnitOfWork, &'u I) -> BoxFuture<'u, Result<Done, Error>>,
) -> Result<Handled, Error> {
    let inputs: Arc<[I]> = inputs.into();
    UnitOfWork::run(&RequestContext::of(context)?, |unit| {
        let inputs = Arc::clone(&inputs);
        Box::pin(async move {
            let mut handled = Vec::with_capacity(inputs.len());
            for input in inputs.iter() {
                handled.push(match use_case(unit, input).await {
                    Ok(done) => Ok(done),
                    Err(Error::Refused(refusal)) => Err(refusal),
                    Err(error) => return Err(error),
                });
                unit.flush().await?;
            }
            Ok(handled)
        })
    })
    .await
}

/// The text of a field that must have one, such as `text::line(&input.title, 200)`.
///
/// # Errors
/// `VALIDATION` about the field: why the text cannot be stored, or `REQUIRED` if nothing is left of it.
pub fn required(field: &str, text: Result<String, ValueError>) -> Result<String, Refusal> {
    let text = text.map_err(|error| Refusal::field([field], error.code(), error.message()))?;
    if text.is_empty() { Err(Refusal::field([field], "REQUIRED", REQUIRED)) } else { Ok(text) }
}

/// Refuses what the caller has a right to, but not with this record.
///
/// # Errors
/// `FORBIDDEN`
pub fn expect_reach<E: TenantEntity>(
    unit: &UnitOfWork,
    right: &str,
    model: &E::Model,
) -> Result<(), Refusal> {
    if unit.reaches::<E>(right, model) {
        return Ok(());
    }
    let message = message!(
        "record-out-of-reach",
        "your right {right} does not reach this record; its owner, or who leads their team, can help",
        right,
    );
    Err(Refusal::new(code::FORBIDDEN, message))
}

/// What is said of a field in which a record is no longer as the caller knows it.
pub const CHANGED: Message = message!("field-changed", "differs from what is there now");

/// Refuses a change of a version that is no longer there. `wanted` is the record as the caller would have it: the
/// fields in which it differs from the record are named.
///
/// # Errors
/// `CONFLICT`
pub fn expect_version<M: Tracked>(current: &M, wanted: &M, expected: i32) -> Result<(), Refusal> {
    if current.version() == expected {
        return Ok(());
    }
    let message = message!(
        "record-changed",
        "the record has changed: you know version {expected}, it is at version {version}; read it again",
        expected,
        version = current.version(),
    );
    let mut refusal = Refusal::new(code::CONFLICT, message);
    refusal.fields = differing(current, wanted)
        .into_iter()
        .map(|name| FieldError::new([name], "CHANGED", CHANGED))
        .collect();
    Err(refusal)
}

/// The fields in which two versions of a record differ, in camel case. Sort keys follow their texts and are left out.
pub fn differing<M: ModelTrait>(one: &M, other: &M) -> Vec<String> {
    <M::Entity as EntityTrait>::Column::iter()
        .filter(|column| one.get(*column) != other.get(*column))
        .map(|column| column.as_str())
        .filter(|name| !name.ends_with("_sort"))
        .map(camel_case)
        .collect()
}

/// Deletes records (they can be restored), or restores deleted ones. `missing` is said of one that is not there.
///
/// # Errors
/// Faults of the database; refusals are per record: `NOT_FOUND`, `FORBIDDEN`, `CONFLICT`.
pub async fn set_deleted<E>(
    unit: &mut UnitOfWork,
    missing: Message,
    right: &'static str,
    inputs: &[RecordVersion],
    deleted: bool,
) -> Result<Handled, Error>
where
    E: TenantEntity,
    E::Model: Tracked + Sync,
{
    let mut known = load::<E>(unit, inputs.iter().map(|input| input.id)).await?;
    let (now, actor) = (unit.now(), unit.actor());
    let mut handled = Vec::with_capacity(inputs.len());
    for input in inputs {
        let found = known.get_mut(&input.id).filter(|model| model.deleted_at().is_none() == deleted);
        let Some(model) = found else {
            handled.push(Err(Refusal::not_found(missing.clone(), ["id"])));
            continue;
        };
        let before = model.clone();
        let allowed = expect_reach::<E>(unit, right, &before);
        if let Err(refusal) = allowed.and_then(|()| expect_version(&before, &before, input.expected_version))
        {
            handled.push(Err(refusal));
            continue;
        }
        model.set_deleted_at(deleted.then_some(now));
        model.touch(now, actor);
        unit.update::<E>(&before, model.clone());
        handled.push(Ok(input.id.into()));
    }
    Ok(handled)
}
