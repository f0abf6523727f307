//! Finds records by what other systems call them.

use std::collections::HashMap;

use sea_orm::{ColumnTrait as _, Condition, QueryFilter as _};
use shoal_core::UnitOfWork;
use shoal_graphql::error::Error;
use uuid::Uuid;

use super::{Column, Entity, Model};

/// Systems that are asked for by one statement; there are rarely more than two.
const SYSTEMS: usize = 100;

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
    let systems: Vec<(String, Vec<String>)> = by_system.into_iter().collect();
    let mut found = HashMap::new();
    for systems in systems.chunks(SYSTEMS) {
        let of_system = |(system, keys): &(String, Vec<String>)| {
            Condition::all().add(Column::System.eq(system)).add(unit.any_of(Column::Key, keys))
        };
        let any = systems.iter().map(of_system).fold(Condition::any(), Condition::add);
        let rows =
            unit.find::<Entity>().filter(owner.is_not_null()).filter(any).all(unit.transaction()).await?;
        for row in rows {
            if let Some(record) = record(&row) {
                found.insert((row.system, row.key), (record, row.id));
            }
        }
    }
    Ok(found)
}
