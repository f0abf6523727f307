//! What happens here when something happens elsewhere.

use chrono::Days;
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait as _, QueryFilter as _, QuerySelect as _};
use shoal_core::UnitOfWork;
use shoal_core::module::{Event, Handled};

use crate::residency::{Column, Entity, Model};

/// Somebody who is deleted has lived somewhere until yesterday.
pub(crate) fn end_residencies<'h>(unit: &'h mut UnitOfWork, events: &'h [Event]) -> Handled<'h> {
    Box::pin(async move {
        let contacts = events.iter().map(|event| event.record_id);
        let open = unit
            .find::<Entity>()
            .filter(unit.any_of(Column::ContactId, contacts))
            .filter(Column::ValidTo.is_null())
            .lock(LockType::NoKeyUpdate);
        let yesterday = unit.today().checked_sub_days(Days::new(1));
        for before in open.all(unit.transaction()).await? {
            unit.update::<Entity>(&before, Model { valid_to: yesterday, ..before.clone() });
        }
        Ok(())
    })
}
