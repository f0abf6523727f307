//! Who may have which external id.

use std::collections::{HashMap, HashSet};

use shoal_core::batch::Tracked;
use shoal_core::value::text;
use shoal_graphql::error::{FieldError, Refusal, code};
use shoal_graphql::message;
use uuid::Uuid;

use super::{Known, ModelOf, Row, Subject};
use crate::contact_point::rules::CleanPoints;
use crate::external_id::graphql::ExternalIdInput;
use crate::external_id::service::Key;

/// The external id as it is stored.
pub(super) fn clean(external_id: &ExternalIdInput) -> Key {
    (text::normalise(&external_id.system), text::normalise(&external_id.key))
}

/// A record that was found by an external id keeps it, whatever list of them the row gives.
pub(super) fn name_itself(key: Key, is_new: bool, points: &mut CleanPoints) {
    if is_new {
        points.external_ids.get_or_insert_default();
    }
    if let Some(keys) = &mut points.external_ids
        && !keys.contains(&key)
    {
        keys.push(key);
    }
}

/// Refuses rows that take an external id which another record has; a deleted one gives its up.
pub(super) fn check<S>(known: &Known<S>, rows: &mut [Row<S>])
where
    S: Subject,
    ModelOf<S>: Tracked,
{
    let is_deleted = |id: &Uuid| known.records.get(id).is_some_and(|record| record.deleted_at().is_some());
    let (mut holders, mut free): (HashMap<&Key, Uuid>, HashMap<&Key, Uuid>) =
        (HashMap::new(), HashMap::new());
    for (key, (record, row)) in &known.taken {
        if is_deleted(record) {
            free.insert(key, *row);
        } else {
            holders.insert(key, *record);
        }
    }
    let mut given: HashMap<Key, Uuid> = HashMap::new();
    for row in rows {
        let (Ok(id), Some(external_ids)) = (&row.outcome, &row.points.external_ids) else { continue };
        let id = *id;
        let mut wrong = Vec::new();
        let mut own: HashSet<&Key> = HashSet::new();
        for (position, key) in external_ids.iter().enumerate() {
            let holder = given.get(key).or_else(|| holders.get(key));
            let message = if !own.insert(key) {
                message!(
                    "contacts-external-id-twice",
                    "{system} {id} is given twice",
                    system = &key.0,
                    id = &key.1
                )
            } else if holder.is_some_and(|holder| *holder != id) {
                message!(
                    "contacts-external-id-taken",
                    "{system} {id} belongs to another {what}",
                    system = &key.0,
                    id = &key.1,
                    what = S::WHAT,
                )
            } else {
                continue;
            };
            wrong.push(FieldError::new(["externalIds", &position.to_string()], code::DUPLICATE, message));
        }
        if wrong.is_empty() {
            row.detached.extend(external_ids.iter().filter_map(|key| free.get(key)));
            given.extend(external_ids.iter().map(|key| (key.clone(), id)));
        } else {
            let refusal = Refusal::validation(wrong);
            row.outcome = Err(Refusal { code: code::DUPLICATE, ..refusal });
        }
    }
}
