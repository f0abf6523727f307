//! Use cases of contacts.

use std::collections::HashSet;
use std::sync::Arc;

use futures::future::BoxFuture;
use shoal_core::UnitOfWork;
use shoal_core::batch::{RecordVersion, present};
use shoal_graphql::context::Context;
use shoal_graphql::declare::{Handled, Patch};
use shoal_graphql::error::{Error, Refusal};
use shoal_graphql::message::Message;
use shoal_graphql::value::Choice as _;
use uuid::Uuid;

use super::graphql::{ContactCreate, ContactDetails, ContactUpdate, ContactUpsert};
use super::rules;
use super::{Entity, Model};
use crate::account;
use crate::choices::{LifecycleStage, OnDeleted};
use crate::contact_point::graphql::ContactPoints;
use crate::contact_role::service::{PrimaryRole, set_primary};
use crate::permission::{CONTACT_CREATE, CONTACT_DELETE, CONTACT_UPDATE};
use crate::rules::Mistakes;
use crate::save::{Row, Save, Subject, Target, mark, save_all};

/// Contacts, to [`save_all`].
pub(crate) struct Contact;

/// Creates contacts.
///
/// # Errors
/// Faults of the database; refusals are per row.
pub async fn create(context: Arc<dyn Context>, inputs: Vec<ContactCreate>) -> Result<Handled, Error> {
    let rows = inputs.into_iter().map(|input| Save { target: Target::New, patch: input.details });
    save_all::<Contact>(&context, rows).await
}

/// Changes contacts.
///
/// # Errors
/// Faults of the database; refusals are per row.
pub async fn update(context: Arc<dyn Context>, inputs: Vec<ContactUpdate>) -> Result<Handled, Error> {
    let rows = inputs.into_iter().map(|ContactUpdate { id, expected_version, details }| Save {
        target: Target::Existing { id, expected_version },
        patch: details,
    });
    save_all::<Contact>(&context, rows).await
}

/// Creates or changes contacts by what another system calls them.
///
/// # Errors
/// Faults of the database; refusals are per row.
pub async fn upsert(context: Arc<dyn Context>, inputs: Vec<ContactUpsert>) -> Result<Handled, Error> {
    let rows = inputs.into_iter().map(|ContactUpsert { external_id, on_deleted, details }| Save {
        target: Target::External { external_id, on_deleted: on_deleted.unwrap_or(OnDeleted::Restore) },
        patch: details,
    });
    save_all::<Contact>(&context, rows).await
}

/// Deletes contacts; they can be restored.
///
/// # Errors
/// Faults of the database; refusals are per row.
pub async fn delete(context: Arc<dyn Context>, inputs: Vec<RecordVersion>) -> Result<Handled, Error> {
    mark::<Contact>(&context, inputs, true).await
}

/// Restores deleted contacts.
///
/// # Errors
/// Faults of the database; refusals are per row.
pub async fn restore(context: Arc<dyn Context>, inputs: Vec<RecordVersion>) -> Result<Handled, Error> {
    mark::<Contact>(&context, inputs, false).await
}

impl Subject for Contact {
    type Entity = Entity;
    type Patch = ContactDetails;
    const WHAT: &'static str = "contact";
    const NOT_FOUND: Message = super::NOT_FOUND;
    const CREATE: &'static str = CONTACT_CREATE;
    const UPDATE: &'static str = CONTACT_UPDATE;
    const DELETE: &'static str = CONTACT_DELETE;
    const IS_CONTACT: bool = true;

    fn blank(unit: &UnitOfWork, id: Uuid) -> Model {
        let (now, actor) = (unit.now(), unit.actor());
        Model {
            tenant_id: unit.tenant(),
            id,
            display_name: String::new(),
            display_name_sort: String::new(),
            given_name: None,
            given_name_sort: None,
            family_name: None,
            family_name_sort: None,
            honorific: None,
            job_title: None,
            job_title_sort: None,
            birthday: None,
            language: None,
            time_zone: None,
            lifecycle_stage: LifecycleStage::Lead.code().to_owned(),
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

    fn apply(model: &mut Model, patch: &ContactDetails, mistakes: &mut Mistakes) {
        rules::apply(model, patch, mistakes);
    }

    fn ownership(model: &Model) -> (Option<Uuid>, Option<Uuid>) {
        (model.owner_id, model.team_id)
    }

    fn points(patch: &ContactDetails) -> &ContactPoints {
        &patch.points
    }

    fn lock<'u>(_: &'u UnitOfWork, _: &'u [Save<ContactDetails>]) -> BoxFuture<'u, Result<(), Error>> {
        Box::pin(async { Ok(()) })
    }

    fn check<'u>(unit: &'u UnitOfWork, rows: &'u mut [Row<Self>]) -> BoxFuture<'u, Result<(), Error>> {
        Box::pin(async move {
            let named =
                rows.iter().filter(|row| row.outcome.is_ok()).filter_map(|row| account_of(&row.patch));
            let accounts = present::<account::Entity>(unit, named).await?;
            for row in rows.iter_mut().filter(|row| row.outcome.is_ok()) {
                if account_of(&row.patch).is_some_and(|account| !accounts.contains(&account)) {
                    row.refuse(Refusal::not_found(account::NOT_FOUND, ["accountId"]));
                }
            }
            Ok(())
        })
    }

    fn stage<'u>(
        unit: &'u mut UnitOfWork,
        rows: &'u [Row<Self>],
    ) -> BoxFuture<'u, Result<HashSet<Uuid>, Error>> {
        Box::pin(async move {
            let created: HashSet<Uuid> = rows
                .iter()
                .filter(|row| row.is_new)
                .filter_map(|row| row.outcome.as_ref().ok().copied())
                .collect();
            let wanted = rows.iter().filter_map(|row| {
                let contact_id = *row.outcome.as_ref().ok()?;
                let account_id = *row.patch.account_id.given()?;
                let is_new = created.contains(&contact_id);
                Some(PrimaryRole { contact_id, account_id, role: row.patch.account_role, is_new })
            });
            let wanted: Vec<_> = wanted.collect();
            set_primary(unit, &wanted).await
        })
    }
}

fn account_of(details: &ContactDetails) -> Option<Uuid> {
    match details.account_id {
        Patch::Set(account) => account,
        Patch::Keep => None,
    }
}
