//! Use cases of accounts.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use futures::future::BoxFuture;
use sea_orm::{ColumnTrait as _, QueryFilter as _, QuerySelect as _};
use shoal_core::batch::{RecordVersion, set_deleted};
use shoal_core::{RequestContext, UnitOfWork};
use shoal_graphql::context::Context;
use shoal_graphql::declare::{Handled, Patch};
use shoal_graphql::error::{Error, Refusal};
use shoal_graphql::value::Choice as _;
use uuid::Uuid;

use super::graphql::{AccountCreate, AccountPatch, AccountUpdate, AccountUpsert};
use super::rules::{self, DEEPEST};
use super::{Column, Entity, Model};
use crate::choices::{LifecycleStage, OnDeleted};
use crate::contact_point::graphql::ContactPoints;
use crate::rules::Mistakes;
use crate::save::{Row, Save, Subject, Target, save};

/// Accounts, to [`save`].
struct Account;

/// Creates accounts.
///
/// # Errors
/// Faults of the database; refusals are per row.
pub async fn create(context: Arc<dyn Context>, inputs: Vec<AccountCreate>) -> Result<Handled, Error> {
    let rows = inputs.into_iter().map(|AccountCreate { name, details }| Save {
        target: Target::New,
        patch: AccountPatch { name: Patch::Set(name), details },
    });
    save_all(&context, rows.collect()).await
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
    save_all(&context, rows.collect()).await
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
    save_all(&context, rows.collect()).await
}

async fn save_all(context: &Arc<dyn Context>, rows: Vec<Save<AccountPatch>>) -> Result<Handled, Error> {
    let rows = Arc::new(rows);
    UnitOfWork::run(&RequestContext::of(context)?, |unit| {
        let rows = Arc::clone(&rows);
        Box::pin(async move { save::<Account>(unit, &rows).await })
    })
    .await
}

/// Deletes accounts; they can be restored.
///
/// # Errors
/// Faults of the database; refusals are per row.
pub async fn delete(context: Arc<dyn Context>, inputs: Vec<RecordVersion>) -> Result<Handled, Error> {
    mark(&context, inputs, true).await
}

/// Restores deleted accounts.
///
/// # Errors
/// Faults of the database; refusals are per row.
pub async fn restore(context: Arc<dyn Context>, inputs: Vec<RecordVersion>) -> Result<Handled, Error> {
    mark(&context, inputs, false).await
}

async fn mark(
    context: &Arc<dyn Context>,
    inputs: Vec<RecordVersion>,
    deleted: bool,
) -> Result<Handled, Error> {
    let inputs = Arc::new(inputs);
    UnitOfWork::run(&RequestContext::of(context)?, |unit| {
        let inputs = Arc::clone(&inputs);
        Box::pin(async move { set_deleted::<Entity>(unit, Account::WHAT, &inputs, deleted).await })
    })
    .await
}

impl Subject for Account {
    type Entity = Entity;
    type Patch = AccountPatch;
    const WHAT: &'static str = "account";
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
        }
    }

    fn apply(model: &mut Model, patch: &AccountPatch, mistakes: &mut Mistakes) {
        rules::apply(model, patch, mistakes);
    }

    fn points(patch: &AccountPatch) -> &ContactPoints {
        &patch.details.points
    }

    fn check<'u>(unit: &'u UnitOfWork, rows: &'u mut [Row<Self>]) -> BoxFuture<'u, Result<(), Error>> {
        Box::pin(check_parents(unit, rows))
    }

    fn stage<'u>(_: &'u mut UnitOfWork, _: &'u [Row<Self>]) -> BoxFuture<'u, Result<(), Error>> {
        Box::pin(async { Ok(()) })
    }
}

/// Refuses rows whose parent is not there or stands below them.
async fn check_parents(unit: &UnitOfWork, rows: &mut [Row<Account>]) -> Result<(), Error> {
    let named = |row: &Row<Account>| {
        row.outcome.is_ok() && matches!(row.patch.details.parent_id, Patch::Set(Some(_)))
    };
    let mut wanted: HashSet<Uuid> =
        rows.iter().filter(|row| named(row)).filter_map(|row| row.model.as_ref()?.parent_id).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    // Upwards level by level, as far as any tree goes.
    let (mut parents, mut present) = (HashMap::new(), HashSet::new());
    for _ in 0..=DEEPEST {
        if wanted.is_empty() {
            break;
        }
        let found: Vec<(Uuid, Option<Uuid>)> = unit
            .find::<Entity>()
            .filter(Column::Id.is_in(wanted.drain()))
            .filter(Column::DeletedAt.is_null())
            .select_only()
            .columns([Column::Id, Column::ParentId])
            .into_tuple()
            .all(unit.transaction())
            .await?;
        for (id, parent) in found {
            present.insert(id);
            if let Some(parent) = parent {
                parents.insert(id, parent);
                if !present.contains(&parent) {
                    wanted.insert(parent);
                }
            }
        }
    }
    for row in rows.iter_mut().filter(|row| named(row)) {
        let Some((id, parent)) = row.model.as_ref().and_then(|model| Some((model.id, model.parent_id?)))
        else {
            continue;
        };
        if !present.contains(&parent) {
            row.refuse(Refusal::not_found("account", ["parentId"]));
            continue;
        }
        let before = parents.insert(id, parent);
        if rules::is_cycle(id, &parents) {
            let message = "an account cannot stand below itself";
            row.refuse(Refusal::field(["parentId"], "CYCLE", message));
            match before {
                Some(before) => parents.insert(id, before),
                None => parents.remove(&id),
            };
        }
    }
    Ok(())
}
