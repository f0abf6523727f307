//! Use cases of roles.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::Days;
use sea_orm::{ColumnTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _};
use shoal_core::batch::{RecordVersion, Tracked as _, expect_version, load};
use shoal_core::{RequestContext, UnitOfWork};
use shoal_graphql::context::Context;
use shoal_graphql::declare::Handled;
use shoal_graphql::error::{Error, Refusal};
use shoal_graphql::value::Choice as _;
use uuid::Uuid;

use super::graphql::{ContactRoleCreate, ContactRoleUpdate};
use super::{Column, Entity, Model, rules};
use crate::choices::ContactRoleKind;
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

/// Those of the accounts that are there.
///
/// # Errors
/// Faults of the database.
pub(crate) async fn present_accounts(unit: &UnitOfWork, ids: HashSet<Uuid>) -> Result<HashSet<Uuid>, Error> {
    use account::Column as Account;
    if ids.is_empty() {
        return Ok(ids);
    }
    let found = unit
        .find::<account::Entity>()
        .filter(unit.any_of(Account::Id, ids))
        .filter(Account::DeletedAt.is_null())
        .select_only()
        .column(Account::Id)
        .into_tuple::<Uuid>()
        .all(unit.transaction())
        .await?;
    Ok(found.into_iter().collect())
}

/// Locks contacts and loads their roles, those of deleted ones too, and says who is not deleted: two changes of one contact's roles go one after the other.
async fn roles_of(unit: &UnitOfWork, contacts: Vec<Uuid>) -> Result<(HashSet<Uuid>, Vec<Model>), Error> {
    let contacts = load::<contact::Entity>(unit, contacts).await?;
    if contacts.is_empty() {
        return Ok((HashSet::new(), Vec::new()));
    }
    let roles = unit
        .find::<Entity>()
        .filter(unit.any_of(Column::ContactId, contacts.keys().copied()))
        .order_by_asc(Column::Id)
        .all(unit.transaction())
        .await?;
    let present =
        contacts.into_values().filter(|contact| contact.deleted_at.is_none()).map(|contact| contact.id);
    Ok((present.collect(), roles))
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
    let is_current = |role: &Model| {
        role.is_primary && rules::overlap((Some(today), Some(today)), (role.valid_from, role.valid_to))
    };
    // The last row of a batch about a contact counts.
    let last: HashMap<Uuid, &PrimaryRole> = wanted.iter().map(|role| (role.contact_id, role)).collect();
    for wanted in
        wanted.iter().filter(|role| last.get(&role.contact_id).is_some_and(|last| std::ptr::eq(*last, *role)))
    {
        let current = roles.iter().find(|role| role.contact_id == wanted.contact_id && is_current(role));
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

/// Stages that a role held until yesterday; one that began today never held.
fn end(unit: &mut UnitOfWork, mut role: Model) {
    let today = unit.today();
    if role.valid_from == Some(today) {
        unit.delete_where::<Entity>(Column::Id, role.id);
        return;
    }
    role.valid_to = today.checked_sub_days(Days::new(1));
    role.touch(unit.now(), unit.actor());
    unit.update::<Entity>(role);
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
    let accounts = present_accounts(unit, inputs.iter().map(|input| input.account_id).collect()).await?;
    let (contacts, mut roles) = roles_of(unit, inputs.iter().map(|input| input.contact_id).collect()).await?;
    let mut handled = Vec::with_capacity(inputs.len());
    for input in inputs {
        if !contacts.contains(&input.contact_id) {
            handled.push(Err(Refusal::not_found("contact", ["contactId"])));
            continue;
        }
        if !accounts.contains(&input.account_id) {
            handled.push(Err(Refusal::not_found("account", ["accountId"])));
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
    let found = load::<Entity>(unit, inputs.iter().map(|input| input.id).collect()).await?;
    let (contacts, mut roles) = roles_of(unit, found.values().map(|role| role.contact_id).collect()).await?;
    let mut changed: HashSet<Uuid> = HashSet::new();
    let mut handled = Vec::with_capacity(inputs.len());
    for input in inputs {
        let found = roles.iter().position(|role| role.id == input.id && contacts.contains(&role.contact_id));
        let Some(position) = found else {
            handled.push(Err(Refusal::not_found("role", ["id"])));
            continue;
        };
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
                changed.insert(role.id);
                roles[position] = role;
            }
            input.id.into()
        }));
    }
    for role in roles.into_iter().filter(|role| changed.contains(&role.id)) {
        unit.update::<Entity>(role);
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
            let mut roles = load::<Entity>(unit, inputs.iter().map(|input| input.id).collect()).await?;
            let mut handled = Vec::with_capacity(inputs.len());
            for input in inputs.iter() {
                let outcome = match roles.get(&input.id) {
                    None => Err(Refusal::not_found("role", ["id"])),
                    Some(role) => expect_version(role, role, input.expected_version),
                };
                handled.push(outcome.map(|()| {
                    roles.remove(&input.id);
                    unit.delete_where::<Entity>(Column::Id, input.id);
                    input.id.into()
                }));
            }
            Ok(handled)
        })
    })
    .await
}
