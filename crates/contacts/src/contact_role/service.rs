//! Use cases of roles.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{Days, NaiveDate};
use sea_orm::{QueryFilter as _, QueryOrder as _};
use shoal_core::batch::{RecordVersion, Tracked as _, expect_reach, expect_version, load, present};
use shoal_core::{RequestContext, UnitOfWork};
use shoal_graphql::context::Context;
use shoal_graphql::declare::Handled;
use shoal_graphql::error::{Error, Refusal};
use shoal_graphql::value::Choice as _;
use uuid::Uuid;

use super::graphql::{ContactRoleCreate, ContactRoleUpdate};
use super::{Column, Entity, Model, NOT_FOUND, rules};
use crate::choices::ContactRoleKind;
use crate::permission::CONTACT_UPDATE;
use crate::rules::Mistakes;
use crate::{account, contact};

/// The primary role a contact is to have from today on.
pub(crate) struct PrimaryRole {
    pub contact_id: Uuid,
    /// `None` ends the role there is.
    pub account_id: Option<Uuid>,
    /// `None` leaves the role at that account what it is; a new one is of an employee.
    pub role: Option<ContactRoleKind>,
    /// The contact is made in this transaction: it has always had the role.
    pub is_new: bool,
}

/// Locks contacts and loads their roles, so that two changes of one contact's roles go one after the other.
async fn roles_of(
    unit: &UnitOfWork,
    contacts: Vec<Uuid>,
) -> Result<(HashMap<Uuid, contact::Model>, Vec<Model>), Error> {
    let contacts = load::<contact::Entity>(unit, contacts).await?;
    if contacts.is_empty() {
        return Ok((contacts, Vec::new()));
    }
    let roles = unit
        .find::<Entity>()
        .filter(unit.any_of(Column::ContactId, contacts.keys().copied()))
        .order_by_asc(Column::Id)
        .all(unit.transaction())
        .await?;
    Ok((contacts, roles))
}

/// Refuses a change of the roles of a contact that is not there, or that the caller may not change.
fn expect_contact(
    unit: &UnitOfWork,
    contacts: &HashMap<Uuid, contact::Model>,
    id: Uuid,
    missing: impl FnOnce() -> Refusal,
) -> Result<(), Refusal> {
    match contacts.get(&id).filter(|contact| contact.deleted_at.is_none()) {
        Some(contact) => expect_reach::<contact::Entity>(unit, CONTACT_UPDATE, contact),
        None => Err(missing()),
    }
}

/// Stages that contacts have these primary roles from today on: the one there is ends yesterday. Says for whom something
/// changes.
///
/// # Errors
/// Faults of the database.
pub(crate) async fn set_primary(
    unit: &mut UnitOfWork,
    wanted: &[PrimaryRole],
) -> Result<HashSet<Uuid>, Error> {
    let mut changed = HashSet::new();
    let known = wanted.iter().filter(|role| !role.is_new).map(|role| role.contact_id).collect();
    let (_, roles) = roles_of(unit, known).await?;
    let today = unit.today();
    // The last row of a batch about a contact counts.
    let last: HashMap<Uuid, &PrimaryRole> = wanted.iter().map(|role| (role.contact_id, role)).collect();
    for wanted in
        wanted.iter().filter(|role| last.get(&role.contact_id).is_some_and(|last| std::ptr::eq(*last, *role)))
    {
        let current =
            roles.iter().find(|role| role.contact_id == wanted.contact_id && is_current_primary(role, today));
        let same = |role: &Model| {
            Some(role.account_id) == wanted.account_id
                && wanted.role.is_none_or(|kind| role.role == kind.code())
        };
        if current.is_some_and(same) {
            continue;
        }
        if let Some(current) = current {
            end(unit, current.clone());
            changed.insert(wanted.contact_id);
        }
        if let Some(account_id) = wanted.account_id {
            let mut role = blank(unit, wanted.contact_id, account_id);
            wanted.role.unwrap_or(ContactRoleKind::Employee).code().clone_into(&mut role.role);
            role.is_primary = true;
            role.valid_from = (!wanted.is_new).then_some(today);
            role.valid_to =
                rules::next_primary(wanted.contact_id, today, &roles).and_then(|next| next.pred_opt());
            unit.insert::<Entity>(role);
            changed.insert(wanted.contact_id);
        }
    }
    Ok(changed)
}

/// The primary roles that contacts have today.
///
/// # Errors
/// Faults of the database.
pub(crate) async fn current_primary(
    unit: &UnitOfWork,
    contacts: &[Uuid],
) -> Result<HashMap<Uuid, Model>, Error> {
    let (_, roles) = roles_of(unit, contacts.to_vec()).await?;
    let today = unit.today();
    Ok(roles
        .into_iter()
        .filter(|role| is_current_primary(role, today))
        .map(|role| (role.contact_id, role))
        .collect())
}

fn is_current_primary(role: &Model, today: NaiveDate) -> bool {
    role.is_primary && rules::overlap((Some(today), Some(today)), (role.valid_from, role.valid_to))
}

/// Stages that a role held until yesterday; one that began today never held.
fn end(unit: &mut UnitOfWork, mut role: Model) {
    let today = unit.today();
    if role.valid_from == Some(today) {
        unit.remove::<Entity>(&role);
        return;
    }
    let before = role.clone();
    role.valid_to = today.checked_sub_days(Days::new(1));
    role.touch(unit.now(), unit.actor());
    unit.update::<Entity>(&before, role);
}

fn blank(unit: &UnitOfWork, contact_id: Uuid, account_id: Uuid) -> Model {
    let (now, actor) = (unit.now(), unit.actor());
    Model {
        tenant_id: unit.tenant(),
        id: unit.new_id(),
        contact_id,
        account_id,
        role: ContactRoleKind::Employee.code().to_owned(),
        is_primary: false,
        valid_from: None,
        valid_to: None,
        created_at: now,
        created_by: actor,
        updated_at: now,
        updated_by: actor,
        version: 1,
    }
}

/// Gives contacts roles.
///
/// # Errors
/// Faults of the database; refusals are per row.
pub async fn create(context: Arc<dyn Context>, inputs: Vec<ContactRoleCreate>) -> Result<Handled, Error> {
    let inputs = Arc::new(inputs);
    UnitOfWork::run(&RequestContext::of(&context)?, |unit| {
        let inputs = Arc::clone(&inputs);
        Box::pin(async move { create_in(unit, &inputs).await })
    })
    .await
}

async fn create_in(unit: &mut UnitOfWork, inputs: &[ContactRoleCreate]) -> Result<Handled, Error> {
    let accounts = present::<account::Entity>(unit, inputs.iter().map(|input| input.account_id)).await?;
    let (contacts, mut roles) = roles_of(unit, inputs.iter().map(|input| input.contact_id).collect()).await?;
    let mut handled = Vec::with_capacity(inputs.len());
    for input in inputs {
        let missing = || Refusal::not_found(contact::NOT_FOUND, ["contactId"]);
        if let Err(refusal) = expect_contact(unit, &contacts, input.contact_id, missing) {
            handled.push(Err(refusal));
            continue;
        }
        if !accounts.contains(&input.account_id) {
            handled.push(Err(Refusal::not_found(account::NOT_FOUND, ["accountId"])));
            continue;
        }
        let mut role = blank(unit, input.contact_id, input.account_id);
        input.role.code().clone_into(&mut role.role);
        role.is_primary = input.is_primary.unwrap_or(false);
        (role.valid_from, role.valid_to) = (input.valid_from, input.valid_to);
        handled.push(checked(&role, &roles).map(|()| {
            roles.push(role.clone());
            let id = role.id;
            unit.insert::<Entity>(role);
            id.into()
        }));
    }
    Ok(handled)
}

fn checked(role: &Model, others: &[Model]) -> Result<(), Refusal> {
    let mut mistakes = Mistakes::default();
    rules::check(role, others.iter(), &mut mistakes);
    if mistakes.0.is_empty() { Ok(()) } else { Err(Refusal::validation(mistakes.0)) }
}

/// Changes roles.
///
/// # Errors
/// Faults of the database; refusals are per row.
pub async fn update(context: Arc<dyn Context>, inputs: Vec<ContactRoleUpdate>) -> Result<Handled, Error> {
    let inputs = Arc::new(inputs);
    UnitOfWork::run(&RequestContext::of(&context)?, |unit| {
        let inputs = Arc::clone(&inputs);
        Box::pin(async move { update_in(unit, &inputs).await })
    })
    .await
}

async fn update_in(unit: &mut UnitOfWork, inputs: &[ContactRoleUpdate]) -> Result<Handled, Error> {
    let found = load::<Entity>(unit, inputs.iter().map(|input| input.id)).await?;
    let (contacts, mut roles) = roles_of(unit, found.values().map(|role| role.contact_id).collect()).await?;
    let mut before: HashMap<Uuid, Model> = HashMap::new();
    let mut handled = Vec::with_capacity(inputs.len());
    for input in inputs {
        let missing = || Refusal::not_found(NOT_FOUND, ["id"]);
        let Some(position) = roles.iter().position(|role| role.id == input.id) else {
            handled.push(Err(missing()));
            continue;
        };
        if let Err(refusal) = expect_contact(unit, &contacts, roles[position].contact_id, missing) {
            handled.push(Err(refusal));
            continue;
        }
        let current = roles[position].clone();
        let mut role = current.clone();
        if let Some(kind) = input.role.given() {
            kind.code().clone_into(&mut role.role);
        }
        input.is_primary.clone().apply(&mut role.is_primary);
        input.valid_from.clone().apply(&mut role.valid_from);
        input.valid_to.clone().apply(&mut role.valid_to);
        let outcome =
            expect_version(&current, &role, input.expected_version).and_then(|()| checked(&role, &roles));
        handled.push(outcome.map(|()| {
            if role != current {
                role.touch(unit.now(), unit.actor());
                before.entry(role.id).or_insert(current);
                roles[position] = role;
            }
            input.id.into()
        }));
    }
    for role in roles {
        if let Some(before) = before.get(&role.id) {
            unit.update::<Entity>(before, role);
        }
    }
    Ok(handled)
}

/// Removes roles.
///
/// # Errors
/// Faults of the database; refusals are per row.
pub async fn delete(context: Arc<dyn Context>, inputs: Vec<RecordVersion>) -> Result<Handled, Error> {
    let inputs = Arc::new(inputs);
    UnitOfWork::run(&RequestContext::of(&context)?, |unit| {
        let inputs = Arc::clone(&inputs);
        Box::pin(async move {
            let mut roles = load::<Entity>(unit, inputs.iter().map(|input| input.id)).await?;
            let (contacts, _) = roles_of(unit, roles.values().map(|role| role.contact_id).collect()).await?;
            let mut handled = Vec::with_capacity(inputs.len());
            for input in inputs.iter() {
                let missing = || Refusal::not_found(NOT_FOUND, ["id"]);
                // Roles of deleted contacts can be removed too.
                let found =
                    roles.get(&input.id).and_then(|role| Some((role, contacts.get(&role.contact_id)?)));
                let outcome = found.ok_or_else(missing).and_then(|(role, contact)| {
                    expect_reach::<contact::Entity>(unit, CONTACT_UPDATE, contact)?;
                    expect_version(role, role, input.expected_version)
                });
                handled.push(outcome.map(|()| {
                    if let Some(role) = roles.remove(&input.id) {
                        unit.remove::<Entity>(&role);
                    }
                    input.id.into()
                }));
            }
            Ok(handled)
        })
    })
    .await
}
