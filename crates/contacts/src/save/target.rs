//! Which record a row is about.

use shoal_core::UnitOfWork;
use shoal_core::batch::{CHANGED, Tracked};
use shoal_graphql::error::{FieldError, Refusal};
use shoal_graphql::message;
use uuid::Uuid;

use super::ownership::hidden;
use super::{Known, ModelOf, Row, Save, Subject, Target, external_ids};
use crate::choices::OnDeleted;

/// The conflict with the names that the input has, and the lists that differ.
pub(super) fn conflict<S: Subject>(mut refusal: Refusal, lists: &[&'static str]) -> Refusal {
    let mut names: Vec<String> = Vec::new();
    refusal.fields.retain_mut(|field| {
        for step in &mut field.path {
            *step = S::input_field(step).to_owned();
        }
        let known = field.path.first().is_some_and(|name| names.contains(name));
        names.extend(field.path.first().cloned());
        !known
    });
    refusal.fields.extend(lists.iter().map(|name| FieldError::new([*name], "CHANGED", CHANGED)));
    refusal
}

/// The record a row is about; `None` leaves the row refused.
pub(super) fn find<S>(
    unit: &UnitOfWork,
    known: &Known<S>,
    save: &Save<S::Patch>,
    row: &mut Row<S>,
) -> Option<(Uuid, ModelOf<S>)>
where
    S: Subject,
    ModelOf<S>: Tracked + Clone,
{
    let found = match &save.target {
        Target::New => None,
        Target::Existing { id, .. } => {
            let model = known.records.get(id).filter(|model| model.deleted_at().is_none())?;
            return Some((*id, model.clone()));
        }
        Target::External { external_id, on_deleted } => {
            let key = external_ids::clean(external_id);
            if key.0.is_empty() || key.1.is_empty() {
                let message = message!("contacts-external-id-empty", "system and key must not be empty");
                row.outcome = Err(Refusal::field(["externalId"], "TEXT_EMPTY", message));
                return None;
            }
            let holder = known.external.get(&key);
            let model = holder.and_then(|record| known.records.get(record).cloned());
            if holder.is_some() && model.is_none() {
                row.outcome = Err(hidden::<S>(["externalId"]));
                return None;
            }
            match (model, on_deleted) {
                // The new record takes the external id, see `external_ids::check`.
                (Some(model), OnDeleted::Create) if model.deleted_at().is_some() => None,
                (Some(model), OnDeleted::Error) if model.deleted_at().is_some() => {
                    row.outcome = Err(Refusal::not_found(S::NOT_FOUND, ["externalId"]));
                    return None;
                }
                (model, _) => model,
            }
        }
    };
    row.is_new = found.is_none();
    let model = found.unwrap_or_else(|| S::blank(unit, unit.new_id()));
    Some((model.id(), model))
}
