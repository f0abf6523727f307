//! Finds records by what other systems call them.

use std::collections::HashMap;

use sea_orm::{ColumnTrait as _, QueryFilter as _};
use shoal_core::UnitOfWork;
use shoal_graphql::error::Error;
use uuid::Uuid;

use super::{Column, Entity, Model};

/// `(system, key)`
pub(crate) type Key = (String, String);

/// The external ids among `keys` that some account (or, with `of_contacts`, contact) has: the record and the row.
///
/// # Errors
/// Faults of the database.
pub(crate) async fn find(
    unit: &UnitOfWork,
    keys: Vec<Key>,
    of_contacts: bool,
) -> Result<HashMap<Key, (Uuid, Uuid)>, Error> {
    let mut by_system: HashMap<String, Vec<String>> = HashMap::new();
    for (system, key) in keys {
        by_system.entry(system).or_default().push(key);
    }
    let owner = if of_contacts { Column::ContactId } else { Column::AccountId };
    let record = |row: &Model| if of_contacts { row.contact_id } else { row.account_id };
    let mut found = HashMap::new();
    for (system, keys) in by_system {
        let rows = unit
            .find::<Entity>()
            .filter(Column::System.eq(system))
            .filter(Column::Key.is_in(keys))
            .filter(owner.is_not_null())
            .all(unit.transaction())
            .await?;
        for row in rows {
            if let Some(record) = record(&row) {
                found.insert((row.system, row.key), (record, row.id));
            }
        }
    }
    Ok(found)
}
