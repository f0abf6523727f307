//! Creating, updating and upserting accounts and contacts: one way for all, over batches.
//!
//! Load and lock what is there, apply each row by pure rules, check what needs other records set-wise, stage. A refused
//! row stages nothing; the others go on.

mod external_ids;
mod ownership;
mod target;

pub(crate) use ownership::{active as active_users, kept as kept_teams};

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use futures::future::BoxFuture;
use sea_orm::EntityTrait;
use shoal_core::batch::{RecordVersion, Tracked, expect_reach, expect_version, load, set_deleted};
use shoal_core::{RequestContext, TenantEntity, UnitOfWork};
use shoal_graphql::context::Context;
use shoal_graphql::declare::{Done, Handled};
use shoal_graphql::error::{Error, Refusal, code};
use shoal_graphql::message;
use shoal_graphql::message::Message;
use uuid::Uuid;

use crate::choices::OnDeleted;
use crate::contact_point::graphql::ContactPoints;
use crate::contact_point::rules::{self, CleanPoints};
use crate::contact_point::service::{Owner, replace};
use crate::contact_point::stored::{self, Given, Stored};
use crate::external_id::graphql::ExternalIdInput;
use crate::external_id::service::{self as external, Key};
use crate::rules::Mistakes;
use crate::tag;

/// Which record a row is about.
#[derive(Debug, Clone)]
pub(crate) enum Target {
    New,
    Existing { id: Uuid, expected_version: i32 },
    External { external_id: ExternalIdInput, on_deleted: OnDeleted },
}

/// One row of a batch.
#[derive(Debug, Clone)]
pub(crate) struct Save<P> {
    pub target: Target,
    pub patch: P,
}

type ModelOf<S> = <<S as Subject>::Entity as EntityTrait>::Model;

/// What accounts and contacts have each for itself.
pub(crate) trait Subject: Sized + 'static {
    /// The entity.
    type Entity: TenantEntity;
    /// What a row may say.
    type Patch: Clone + Send + Sync + 'static;
    /// The name in messages; translations choose their words by it.
    const WHAT: &'static str;
    /// What is said of one that is not there.
    const NOT_FOUND: Message;
    /// True for contacts.
    const IS_CONTACT: bool;
    /// The right to make one.
    const CREATE: &'static str;
    /// The right to change one.
    const UPDATE: &'static str;
    /// The right to delete and restore one.
    const DELETE: &'static str;

    /// A record without values.
    fn blank(unit: &UnitOfWork, id: Uuid) -> ModelOf<Self>;
    /// Puts the values of a row into the record.
    fn apply(model: &mut ModelOf<Self>, patch: &Self::Patch, mistakes: &mut Mistakes);
    /// The user and the team who look after the record.
    fn ownership(model: &ModelOf<Self>) -> (Option<Uuid>, Option<Uuid>);
    /// The lists of a row.
    fn points(patch: &Self::Patch) -> &ContactPoints;
    /// The input field that a column belongs to, both in camel case.
    fn input_field(column: &str) -> &str {
        column
    }
    /// Waits for what must not change while the batch is decided, before any row is locked.
    fn lock<'u>(unit: &'u UnitOfWork, batch: &'u [Save<Self::Patch>]) -> BoxFuture<'u, Result<(), Error>>;
    /// Checks rows against other records.
    fn check<'u>(unit: &'u UnitOfWork, rows: &'u mut [Row<Self>]) -> BoxFuture<'u, Result<(), Error>>;
    /// Stages what rows bring beside the record and its lists. Says for which records something changes.
    fn stage<'u>(
        unit: &'u mut UnitOfWork,
        rows: &'u [Row<Self>],
    ) -> BoxFuture<'u, Result<HashSet<Uuid>, Error>>;
}

/// A row on its way.
pub(crate) struct Row<S: Subject> {
    pub outcome: Result<Uuid, Refusal>,
    /// The record as it is to be.
    pub model: Option<ModelOf<S>>,
    pub patch: S::Patch,
    pub is_new: bool,
    points: CleanPoints,
    /// External ids that it takes from deleted records: their rows go.
    detached: Vec<Uuid>,
    /// An earlier row of the batch that is about the same record.
    after: Option<usize>,
    changed: bool,
}

impl<S: Subject> Row<S> {
    /// Refuses the row because of one field.
    pub(crate) fn refuse(&mut self, refusal: Refusal) {
        self.outcome = Err(refusal);
    }
}

/// What is known while the rows are gone through.
struct Known<S: Subject> {
    records: HashMap<Uuid, ModelOf<S>>,
    /// Lists of the records that are given some by a row.
    lists: HashMap<Uuid, Stored>,
    /// The record of each external id, rows of this batch included.
    external: HashMap<Key, Uuid>,
    /// Record and row of each external id that is stored. Whoever takes one in the meantime makes the insertion fail,
    /// and the batch is run again.
    taken: HashMap<Key, (Uuid, Uuid)>,
    /// Changed records and lists as they were.
    before: HashMap<Uuid, (ModelOf<S>, Stored)>,
    /// The last row about a record.
    last_row: HashMap<Uuid, usize>,
    created: HashSet<Uuid>,
}

/// Saves a batch in a transaction of its own.
///
/// # Errors
/// Faults of the database; refusals are per row.
pub(crate) async fn save_all<S>(
    context: &Arc<dyn Context>,
    rows: impl Iterator<Item = Save<S::Patch>>,
) -> Result<Handled, Error>
where
    S: Subject,
    ModelOf<S>: Tracked + Clone + PartialEq + Send + Sync,
{
    let rows: Arc<[_]> = rows.collect();
    UnitOfWork::run(&RequestContext::of(context)?, |unit| {
        let rows = Arc::clone(&rows);
        Box::pin(async move { save::<S>(unit, &rows).await })
    })
    .await
}

/// Deletes records (they can be restored), or restores deleted ones, in a transaction of its own.
///
/// # Errors
/// Faults of the database; refusals are per row.
pub(crate) async fn mark<S>(
    context: &Arc<dyn Context>,
    inputs: Vec<RecordVersion>,
    deleted: bool,
) -> Result<Handled, Error>
where
    S: Subject,
    ModelOf<S>: Tracked + Sync,
{
    let inputs: Arc<[_]> = inputs.into();
    UnitOfWork::run(&RequestContext::of(context)?, |unit| {
        let inputs = Arc::clone(&inputs);
        Box::pin(
            async move { set_deleted::<S::Entity>(unit, S::NOT_FOUND, S::DELETE, &inputs, deleted).await },
        )
    })
    .await
}

/// Saves a batch in the transaction at hand.
///
/// # Errors
/// Faults of the database; refusals are per row.
pub(crate) async fn save<S>(unit: &mut UnitOfWork, batch: &[Save<S::Patch>]) -> Result<Handled, Error>
where
    S: Subject,
    ModelOf<S>: Tracked + Clone + PartialEq + Send + Sync,
{
    S::lock(unit, batch).await?;
    let mut known = know::<S>(unit, batch).await?;
    let mut rows: Vec<Row<S>> = Vec::with_capacity(batch.len());
    for (position, save) in batch.iter().enumerate() {
        rows.push(decide::<S>(unit, &mut known, position, save));
    }
    external_ids::check(&known, &mut rows);
    refuse_dependents(&mut rows);
    S::check(unit, &mut rows).await?;
    ownership::check(unit, &known, &mut rows).await?;
    refuse_dependents(&mut rows);
    stage::<S>(unit, &known, &mut rows).await?;
    let changed = S::stage(unit, &rows).await?;
    touch_others::<S>(unit, &rows, changed);
    Ok(rows.into_iter().map(|row| row.outcome.map(Done::from)).collect())
}

/// Counts a change of what hangs on a record as one of the record, unless it has been counted.
fn touch_others<S>(unit: &mut UnitOfWork, rows: &[Row<S>], mut changed: HashSet<Uuid>)
where
    S: Subject,
    ModelOf<S>: Tracked + Clone,
{
    for id in rows.iter().filter(|row| row.changed).filter_map(|row| row.outcome.as_ref().ok()) {
        changed.remove(id);
    }
    for row in rows {
        let (Ok(id), Some(model)) = (&row.outcome, &row.model) else { continue };
        if changed.remove(id) {
            let mut touched = model.clone();
            touched.touch(unit.now(), unit.actor());
            unit.update::<S::Entity>(model, touched);
        }
    }
}

async fn know<S>(unit: &UnitOfWork, batch: &[Save<S::Patch>]) -> Result<Known<S>, Error>
where
    S: Subject,
    ModelOf<S>: Tracked + Sync,
{
    let (mut ids, mut keys) = (Vec::new(), Vec::new());
    for save in batch {
        match &save.target {
            Target::New => {}
            Target::Existing { id, .. } => ids.push(*id),
            Target::External { external_id, .. } => keys.push(external_ids::clean(external_id)),
        }
        let given = S::points(&save.patch).external_ids.given();
        keys.extend(given.into_iter().flatten().map(external_ids::clean));
    }
    let taken = external::find(unit, keys, S::IS_CONTACT).await?;
    ids.extend(taken.values().map(|(record, _)| *record));
    let records = load::<S::Entity>(unit, ids).await?;
    let mut given = Given::default();
    for points in batch.iter().map(|save| S::points(&save.patch)) {
        given.emails |= points.emails.given().is_some();
        given.phones |= points.phones.given().is_some();
        given.addresses |= points.addresses.given().is_some();
        given.tags |= points.tags.given().is_some();
        given.external_ids |= points.external_ids.given().is_some();
    }
    let present: Vec<Uuid> = records.keys().copied().collect();
    let lists = stored::load(unit, S::IS_CONTACT, &present, given).await?;
    let external = taken.iter().map(|(key, (record, _))| (key.clone(), *record)).collect();
    Ok(Known {
        records,
        lists,
        external,
        taken,
        before: HashMap::new(),
        last_row: HashMap::new(),
        created: HashSet::new(),
    })
}

/// Applies one row to the record it is about.
fn decide<S>(unit: &UnitOfWork, known: &mut Known<S>, position: usize, save: &Save<S::Patch>) -> Row<S>
where
    S: Subject,
    ModelOf<S>: Tracked + Clone + PartialEq,
{
    let mut row = Row {
        outcome: Err(Refusal::not_found(S::NOT_FOUND, ["id"])),
        model: None,
        patch: save.patch.clone(),
        is_new: false,
        points: CleanPoints::default(),
        detached: Vec::new(),
        after: None,
        changed: false,
    };
    let Some((id, mut model)) = target::find(unit, known, save, &mut row) else { return row };
    let before = model.clone();
    let mut mistakes = Mistakes::default();
    if let Target::External { on_deleted: OnDeleted::Restore, .. } = save.target {
        model.set_deleted_at(None);
    }
    S::apply(&mut model, &save.patch, &mut mistakes);
    let home = unit.context().tenant.phone_region.as_deref();
    row.points = rules::clean(S::points(&save.patch), home, &mut mistakes);
    if let Target::External { external_id, .. } = &save.target {
        external_ids::name_itself(external_ids::clean(external_id), row.is_new, &mut row.points);
    }
    let mut lists = known.lists.get(&id).cloned().unwrap_or_default();
    let lists_before = lists.clone();
    let right = if row.is_new { S::CREATE } else { S::UPDATE };
    if let Err(refusal) = expect_reach::<S::Entity>(unit, right, if row.is_new { &model } else { &before }) {
        row.outcome = Err(refusal);
        return row;
    }
    let changed_lists = lists.keep_changes(&mut row.points);
    if let Target::Existing { expected_version, .. } = save.target
        && let Err(refusal) = expect_version(&before, &model, expected_version)
    {
        row.outcome = Err(target::conflict::<S>(refusal, &changed_lists));
        return row;
    }
    if !mistakes.0.is_empty() {
        row.outcome = Err(Refusal::validation(mistakes.0));
        return row;
    }
    if let Target::External { external_id, .. } = &save.target {
        known.external.insert(external_ids::clean(external_id), id);
    }
    row.changed = row.is_new || model != before || !changed_lists.is_empty();
    if row.changed && !row.is_new {
        model.touch(unit.now(), unit.actor());
        known.before.entry(id).or_insert((before, lists_before));
    }
    known.lists.insert(id, lists);
    if row.is_new {
        known.created.insert(id);
    }
    row.after = known.last_row.insert(id, position);
    known.records.insert(id, model.clone());
    row.model = Some(model);
    row.outcome = Ok(id);
    row
}

/// A row about the record of a refused row is refused too: what it built on is not there.
fn refuse_dependents<S: Subject>(rows: &mut [Row<S>]) {
    for position in 0..rows.len() {
        let Some(after) = rows[position].after else { continue };
        if rows[position].outcome.is_ok() && rows[after].outcome.is_err() {
            let message = message!(
                "contacts-row-before-refused",
                "row {row} is about the same {what} and was refused",
                row = after,
                what = S::WHAT,
            );
            rows[position].outcome = Err(Refusal::new(code::CONFLICT, message));
        }
    }
}

async fn stage<S>(unit: &mut UnitOfWork, known: &Known<S>, rows: &mut [Row<S>]) -> Result<(), Error>
where
    S: Subject,
    ModelOf<S>: Tracked + Clone,
{
    for row in rows.iter().filter(|row| row.outcome.is_ok()).flat_map(|row| &row.detached) {
        unit.delete_where::<crate::external_id::Entity>(crate::external_id::Column::Id, *row);
    }
    // Several rows about one record become one change.
    let mut changes: Vec<(Uuid, ModelOf<S>, CleanPoints)> = Vec::with_capacity(rows.len());
    let mut places: HashMap<Uuid, usize> = HashMap::new();
    for row in rows.iter_mut().filter(|row| row.changed) {
        let (Ok(id), Some(model)) = (&row.outcome, &row.model) else { continue };
        let points = std::mem::take(&mut row.points);
        if let Some(place) = places.get(id) {
            let change = &mut changes[*place];
            change.1 = model.clone();
            change.2.replace_by(points);
        } else {
            places.insert(*id, changes.len());
            changes.push((*id, model.clone(), points));
        }
    }
    let names = changes.iter().filter_map(|(_, _, points)| points.tags.as_ref()).flatten();
    let names: Vec<String> = names.cloned().collect();
    let tags = tag::service::find_or_create(unit, names.iter().map(String::as_str)).await?;
    // Records come before what hangs on them, whichever of a batch are new: their tables are written in this order.
    for (id, model, points) in &changes {
        match known.before.get(id) {
            Some((before, lists)) if !known.created.contains(id) => {
                unit.update::<S::Entity>(before, model.clone());
                for (list, before, after) in lists.compare(points) {
                    unit.note::<S::Entity>(*id, list, before, after);
                }
            }
            _ => unit.insert::<S::Entity>(model.clone()),
        }
    }
    for (id, _, points) in changes {
        let owner = if S::IS_CONTACT { Owner::Contact(id) } else { Owner::Account(id) };
        replace(unit, owner, known.created.contains(&id), points, &tags);
    }
    Ok(())
}
