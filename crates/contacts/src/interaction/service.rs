//! Use cases of interactions.

use std::collections::{BTreeSet, HashMap};

use sea_orm::QueryFilter as _;
use serde_json::json;
use shoal_core::UnitOfWork;
use shoal_core::batch::{RecordVersion, Tracked as _, expect_reach, expect_version, load, set_deleted};
use shoal_core::timeline::Told;
use shoal_graphql::declare::Handled;
use shoal_graphql::error::{Error, Refusal};
use shoal_graphql::message;
use shoal_graphql::value::Choice as _;
use uuid::Uuid;

use super::graphql::{InteractionCreate, InteractionDetails, InteractionUpdate};
use super::named::{Named, Names};
use super::{Column, Entity, Model, NOT_FOUND, participant, rules, told_as};
use crate::choices::InteractionKind;
use crate::permission::{INTERACTION_DELETE, INTERACTION_UPDATE};
use crate::rules::Mistakes;
use crate::{account, contact};

/// Contacts of interactions.
type Contacts = HashMap<Uuid, BTreeSet<Uuid>>;

/// Writes interactions down.
///
/// # Errors
/// Faults of the database; refusals are per row.
pub async fn create(unit: &mut UnitOfWork, inputs: &[InteractionCreate]) -> Result<Handled, Error> {
    let names: Vec<_> = inputs.iter().map(|input| Names::from(&input.details)).collect();
    let present = Named::load(unit, &names, std::iter::empty()).await?;
    let create = |InteractionCreate { kind, details }: &InteractionCreate| {
        let (model, contacts) = made(unit, &present, *kind, details)?;
        Ok(stage_new(unit, model, &contacts).into())
    };
    Ok(inputs.iter().map(create).collect())
}

fn made(
    unit: &UnitOfWork,
    present: &Named,
    kind: InteractionKind,
    details: &InteractionDetails,
) -> Result<(Model, BTreeSet<Uuid>), Refusal> {
    present.check(details.into())?;
    let mut model = blank(unit, kind);
    let contacts = details.contact_ids.given().into_iter().flatten().copied().collect();
    apply(&mut model, details, &contacts)?;
    Ok((model, contacts))
}

/// Puts what is said into an interaction with these contacts.
fn apply(model: &mut Model, details: &InteractionDetails, contacts: &BTreeSet<Uuid>) -> Result<(), Refusal> {
    let mut mistakes = Mistakes::default();
    rules::apply(model, details, &mut mistakes);
    if contacts.is_empty() && model.account_id.is_none() {
        let message = message!("contacts-nobody", "say with whom it was: name contacts or an account");
        mistakes.add("contactIds", "REQUIRED", message);
    }
    if mistakes.0.is_empty() { Ok(()) } else { Err(Refusal::validation(mistakes.0)) }
}

/// An interaction of now, of whoever is at work.
pub(super) fn blank(unit: &UnitOfWork, kind: InteractionKind) -> Model {
    let (now, actor) = (unit.now(), unit.actor());
    Model {
        tenant_id: unit.tenant(),
        id: unit.new_id(),
        kind: kind.code().to_owned(),
        direction: None,
        at: now,
        duration_seconds: None,
        subject: None,
        body: None,
        place: None,
        latitude: None,
        longitude: None,
        outcome: None,
        account_id: None,
        message_key: None,
        created_at: now,
        created_by: actor,
        updated_at: now,
        updated_by: actor,
        version: 1,
        deleted_at: None,
        owner_id: unit.context().caller.actor.user(),
        team_id: unit.context().caller.teams.first().copied(),
    }
}

/// Stages a new interaction, with these contacts, and tells of it. Its id.
pub(super) fn stage_new(unit: &mut UnitOfWork, model: Model, contacts: &BTreeSet<Uuid>) -> Uuid {
    let id = model.id;
    unit.tell_timelines::<Entity>(id, told(&model, contacts));
    unit.insert::<Entity>(model);
    for contact_id in contacts {
        unit.insert::<participant::Entity>(pair(unit, id, *contact_id));
    }
    id
}

fn pair(unit: &UnitOfWork, interaction_id: Uuid, contact_id: Uuid) -> participant::Model {
    participant::Model { tenant_id: unit.tenant(), interaction_id, contact_id }
}

/// What timelines tell of it.
fn told(model: &Model, contacts: &BTreeSet<Uuid>) -> Told {
    let kind = InteractionKind::from_code(&model.kind).unwrap_or(InteractionKind::Note);
    Told::new(told_as(kind), model.at, model.created_by)
        .on::<contact::Entity>(contacts.iter().copied())
        .on::<account::Entity>(model.account_id)
}

/// Changes interactions.
///
/// # Errors
/// Faults of the database; refusals are per row.
pub async fn update(unit: &mut UnitOfWork, inputs: &[InteractionUpdate]) -> Result<Handled, Error> {
    let mut models = load::<Entity>(unit, inputs.iter().map(|input| input.id)).await?;
    models.retain(|_, model| model.deleted_at.is_none());
    let mut contacts = contacts_of(unit, models.keys().copied()).await?;
    let there = contacts.values().flatten().copied();
    let names: Vec<_> = inputs.iter().map(|input| Names::from(&input.details)).collect();
    let present = Named::load(unit, &names, there).await?;
    let (models_before, contacts_before) = (models.clone(), contacts.clone());
    let mut handled = Vec::with_capacity(inputs.len());
    for input in inputs {
        let Some(model) = models.get_mut(&input.id) else {
            handled.push(Err(Refusal::not_found(NOT_FOUND, ["id"])));
            continue;
        };
        let with = contacts.entry(input.id).or_default();
        handled.push(change(unit, &present, input, (model, with)).map(|()| input.id.into()));
    }
    for (id, model) in models {
        let (before, with) = (&models_before[&id], contacts.remove(&id).unwrap_or_default());
        if model != *before {
            stage_change(unit, before, model, (contacts_before.get(&id), &with));
        }
    }
    Ok(handled)
}

/// Decides a change of an interaction and its contacts; what is refused changes nothing.
fn change(
    unit: &UnitOfWork,
    present: &Named,
    input: &InteractionUpdate,
    (model, contacts): (&mut Model, &mut BTreeSet<Uuid>),
) -> Result<(), Refusal> {
    expect_reach::<Entity>(unit, INTERACTION_UPDATE, model)?;
    present.check((&input.details).into())?;
    let mut with = contacts.clone();
    if let Some(given) = input.details.contact_ids.given() {
        // Those that the caller may not see, or that are deleted, stay.
        with.retain(|id| !present.has_contact(*id));
        with.extend(given);
    }
    let mut wanted = model.clone();
    apply(&mut wanted, &input.details, &with)?;
    expect_version(model, &wanted, input.expected_version)?;
    if wanted != *model || with != *contacts {
        wanted.touch(unit.now(), unit.actor());
        (*model, *contacts) = (wanted, with);
    }
    Ok(())
}

fn stage_change(
    unit: &mut UnitOfWork,
    before: &Model,
    model: Model,
    (old, new): (Option<&BTreeSet<Uuid>>, &BTreeSet<Uuid>),
) {
    let (id, nobody) = (model.id, BTreeSet::new());
    let old = old.unwrap_or(&nobody);
    let (told_before, told_now) = (told(before, old), told(&model, new));
    if told_before != told_now {
        unit.retell_timelines::<Entity>(id, told_now);
    }
    unit.update::<Entity>(before, model);
    if old != new {
        unit.note::<Entity>(id, "contacts", json!(old), json!(new));
    }
    for contact_id in old.difference(new) {
        unit.unlink::<participant::Entity>(&pair(unit, id, *contact_id));
    }
    for contact_id in new.difference(old) {
        unit.insert::<participant::Entity>(pair(unit, id, *contact_id));
    }
}

async fn contacts_of(unit: &UnitOfWork, ids: impl Iterator<Item = Uuid>) -> Result<Contacts, Error> {
    let pairs = unit.find::<participant::Entity>();
    let pairs = pairs.filter(unit.any_of(participant::Column::InteractionId, ids));
    let mut contacts = Contacts::new();
    for pair in pairs.all(unit.transaction()).await? {
        contacts.entry(pair.interaction_id).or_default().insert(pair.contact_id);
    }
    Ok(contacts)
}

/// Deletes interactions; they can be restored. Timelines tell of them no more.
///
/// # Errors
/// Faults of the database; refusals are per row.
pub async fn delete(unit: &mut UnitOfWork, inputs: &[RecordVersion]) -> Result<Handled, Error> {
    set_deleted::<Entity>(unit, NOT_FOUND, INTERACTION_DELETE, inputs, true).await
}

/// Restores deleted interactions.
///
/// # Errors
/// Faults of the database; refusals are per row.
pub async fn restore(unit: &mut UnitOfWork, inputs: &[RecordVersion]) -> Result<Handled, Error> {
    let handled = set_deleted::<Entity>(unit, NOT_FOUND, INTERACTION_DELETE, inputs, false).await?;
    let restored = inputs.iter().zip(&handled).filter(|(_, outcome)| outcome.is_ok());
    let ids: Vec<Uuid> = restored.map(|(input, _)| input.id).collect();
    let contacts = contacts_of(unit, ids.iter().copied()).await?;
    let found = unit.find::<Entity>().filter(unit.any_of(Column::Id, ids));
    let nobody = BTreeSet::new();
    for model in found.all(unit.transaction()).await? {
        let contacts = contacts.get(&model.id).unwrap_or(&nobody);
        unit.retell_timelines::<Entity>(model.id, told(&model, contacts));
    }
    Ok(handled)
}
