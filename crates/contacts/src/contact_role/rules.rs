//! When roles hold: pure.

use chrono::NaiveDate;
use shoal_graphql::message;
use uuid::Uuid;

use super::Model;
use crate::rules::Mistakes;

/// A stretch of days, both included; open where there is no day.
type Days = (Option<NaiveDate>, Option<NaiveDate>);

/// True if some day lies in both.
pub(crate) fn overlap(one: Days, other: Days) -> bool {
    let ends_before = |end: Option<NaiveDate>, start: Option<NaiveDate>| matches!((end, start), (Some(end), Some(start)) if end < start);
    !ends_before(one.1, other.0) && !ends_before(other.1, one.0)
}

/// The day after `today` on which the contact's next primary role begins, if one is planned.
pub(crate) fn next_primary(contact: Uuid, today: NaiveDate, roles: &[Model]) -> Option<NaiveDate> {
    let planned = roles.iter().filter(|role| role.contact_id == contact && role.is_primary);
    planned.filter_map(|role| role.valid_from).filter(|from| *from > today).min()
}

/// Checks the days of a role, and that no other primary role of the contact holds on one of them.
pub(crate) fn check<'m>(role: &Model, others: impl Iterator<Item = &'m Model>, mistakes: &mut Mistakes) {
    if let (Some(from), Some(to)) = (role.valid_from, role.valid_to)
        && from > to
    {
        mistakes.add(
            "validTo",
            "RANGE",
            message!("contacts-role-ends-early", "must not be before validFrom"),
        );
    }
    let days = (role.valid_from, role.valid_to);
    let mut rivals = others.filter(|other| {
        other.id != role.id
            && other.contact_id == role.contact_id
            && other.is_primary
            && overlap(days, (other.valid_from, other.valid_to))
    });
    if role.is_primary && rivals.next().is_some() {
        let message = message!(
            "contacts-primary-role-twice",
            "the contact has another primary role on some of these days; end that one first"
        );
        mistakes.add("isPrimary", "PRIMARY_OVERLAP", message);
    }
}
