//! Use cases of accounts.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use futures::future::BoxFuture;
use sea_orm::QueryFilter as _;
use shoal_core::UnitOfWork;
use shoal_core::batch::RecordVersion;
use shoal_graphql::context::Context;
use shoal_graphql::declare::{Handled, Patch};
use shoal_graphql::error::{Error, Refusal};
use shoal_graphql::message;
use shoal_graphql::message::Message;
use shoal_graphql::value::Choice as _;
use uuid::Uuid;

use super::graphql::{AccountCreate, AccountPatch, AccountUpdate, AccountUpsert};
use super::rules::{self, DEEPEST};
use super::{Column, Entity, Model};
use crate::choices::{LifecycleStage, OnDeleted};
use crate::contact_point::graphql::ContactPoints;
use crate::permission::{ACCOUNT_CREATE, ACCOUNT_DELETE, ACCOUNT_UPDATE};
use crate::rules::Mistakes;
use crate::save::{Row, Save, Subject, Target, mark, save_all};

/// Accounts, to [`save_all`].
pub(crate) struct Account;

/// Creates accounts.
///
/// # Errors
/// Faults of the database; refusals are per row.
pub async fn create(context: Arc<dyn Context>, inputs: Vec<AccountCreate>) -> Result<Handled, Error> {
    let rows = inputs.into_iter().map(|AccountCreate { name, details }| Save {
        target: Target::New,
        patch: AccountPatch { name: Patch::Set(name), details },
    });
    save_all::<Account>(&context, rows).await
}

/// Changes accounts.
///
/// # Errors
/// Faults of the database; refusals are per row.
pub async fn update(context: Arc<dyn Context>, inputs: Vec<AccountUpdate>) -> Result<Handled, Error> {
    let rows = inputs.into_iter().map(|AccountUpdate { id, expected_version, name, details }| Save {
        target: Target::Existing { id, expected_version },
        patch: AccountPatch { name, details },
    });
    save_all::<Account>(&context, rows).await
}

/// Creates or changes accounts by what another system calls them.
///
/// # Errors
/// Faults of the database; refusals are per row.
pub async fn upsert(context: Arc<dyn Context>, inputs: Vec<AccountUpsert>) -> Result<Handled, Error> {
    let rows = inputs.into_iter().map(|AccountUpsert { external_id, on_deleted, name, details }| Save {
        target: Target::External { external_id, on_deleted: on_deleted.unwrap_or(OnDeleted::Restore) },
        patch: AccountPatch { name, details },
    });
    save_all::<Account>(&context, rows).await
}

/// Deletes accounts; they can be restored.
///
/// # Errors
/// Faults of the database; refusals are per row.
pub async fn delete(context: Arc<dyn Context>, inputs: Vec<RecordVersion>) -> Result<Handled, Error> {
    mark::<Account>(&context, inputs, true).await
}

/// Restores deleted accounts.
///
/// # Errors
/// Faults of the database; refusals are per row.
pub async fn restore(context: Arc<dyn Context>, inputs: Vec<RecordVersion>) -> Result<Handled, Error> {
    mark::<Account>(&context, inputs, false).await
}

impl Subject for Account {
    type Entity = Entity;
    type Patch = AccountPatch;
    const WHAT: &'static str = "account";
    const NOT_FOUND: Message = super::NOT_FOUND;
    const CREATE: &'static str = ACCOUNT_CREATE;
    const UPDATE: &'static str = ACCOUNT_UPDATE;
    const DELETE: &'static str = ACCOUNT_DELETE;
    const IS_CONTACT: bool = false;

    fn blank(unit: &UnitOfWork, id: Uuid) -> Model {
        let (now, actor) = (unit.now(), unit.actor());
        Model {
            tenant_id: unit.tenant(),
            id,
            name: String::new(),
            name_sort: String::new(),
            legal_name: None,
            domain: None,
            industry: None,
            industry_sort: None,
            employees: None,
            parent_id: None,
            tax_id: None,
            tier: None,
            lifecycle_stage: LifecycleStage::Lead.code().to_owned(),
            annual_budget_amount: None,
            annual_budget_currency: None,
            founded_year: None,
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

    fn apply(model: &mut Model, patch: &AccountPatch, mistakes: &mut Mistakes) {
        rules::apply(model, patch, mistakes);
    }

    fn ownership(model: &Model) -> (Option<Uuid>, Option<Uuid>) {
        (model.owner_id, model.team_id)
    }

    fn points(patch: &AccountPatch) -> &ContactPoints {
        &patch.details.points
    }

    fn input_field(column: &str) -> &str {
        if column.starts_with("annualBudget") { "annualBudget" } else { column }
    }

    fn lock<'u>(unit: &'u UnitOfWork, batch: &'u [Save<AccountPatch>]) -> BoxFuture<'u, Result<(), Error>> {
        Box::pin(async move {
            let moves =
                |save: &Save<AccountPatch>| matches!(save.patch.details.parent_id, Patch::Set(Some(_)));
            if batch.iter().any(moves) { Ok(unit.lock(TREE).await?) } else { Ok(()) }
        })
    }

    fn check<'u>(unit: &'u UnitOfWork, rows: &'u mut [Row<Self>]) -> BoxFuture<'u, Result<(), Error>> {
        Box::pin(check_parents(unit, rows))
    }

    fn stage<'u>(_: &'u mut UnitOfWork, _: &'u [Row<Self>]) -> BoxFuture<'u, Result<HashSet<Uuid>, Error>> {
        Box::pin(async { Ok(HashSet::new()) })
    }
}

/// What makes the tree of a tenant's accounts change one after the other.
const TREE: &str = "contacts.account.tree";

/// Accounts above those in `wanted`, level by level, as far as any tree goes: the parent of each, and which are there for
/// the caller.
/// Deleted ones still stand in the tree, as they may be restored.
async fn ancestors(
    unit: &UnitOfWork,
    mut wanted: HashSet<Uuid>,
) -> Result<(HashMap<Uuid, Uuid>, HashSet<Uuid>), Error> {
    let (mut parents, mut present, mut seen) = (HashMap::new(), HashSet::new(), HashSet::new());
    for _ in 0..=DEEPEST {
        if wanted.is_empty() {
            break;
        }
        seen.extend(wanted.iter().copied());
        let above = unit.find::<Entity>().filter(unit.any_of(Column::Id, wanted.drain()));
        for account in above.all(unit.transaction()).await? {
            if account.deleted_at.is_none() && unit.sees::<Entity>(&account) {
                present.insert(account.id);
            }
            if let Some(parent) = account.parent_id {
                parents.insert(account.id, parent);
                if !seen.contains(&parent) {
                    wanted.insert(parent);
                }
            }
        }
    }
    Ok((parents, present))
}

/// Refuses rows whose parent is not there or stands below them.
async fn check_parents(unit: &UnitOfWork, rows: &mut [Row<Account>]) -> Result<(), Error> {
    let says = |row: &Row<Account>| row.outcome.is_ok() && row.patch.details.parent_id.given().is_some();
    let named = |row: &&Row<Account>| says(row) && matches!(row.patch.details.parent_id, Patch::Set(Some(_)));
    let wanted: HashSet<Uuid> =
        rows.iter().filter(named).filter_map(|row| row.model.as_ref()?.parent_id).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let (mut parents, present) = ancestors(unit, wanted).await?;
    for row in rows.iter_mut().filter(|row| says(row)) {
        let Some((id, parent)) = row.model.as_ref().map(|model| (model.id, model.parent_id)) else {
            continue;
        };
        let Some(parent) = parent else {
            parents.remove(&id);
            continue;
        };
        if !present.contains(&parent) {
            row.refuse(Refusal::not_found(super::NOT_FOUND, ["parentId"]));
            continue;
        }
        let before = parents.insert(id, parent);
        if rules::is_cycle(id, &parents) {
            let message = message!("contacts-account-cycle", "an account cannot stand below itself");
            row.refuse(Refusal::field(["parentId"], "CYCLE", message));
            match before {
                Some(before) => parents.insert(id, before),
                None => parents.remove(&id),
            };
        }
    }
    Ok(())
}
