//! Types of subscriptions: changes of records, the root.

use super::Parts;
use super::writer::{GRAPHQL, Writer};
use super::{Entity, argument};
use crate::catalog::lower_first;
use crate::declare::ChangeKind;
use crate::value::Choice;

/// Writes what a change is, if there is an entity whose changes are told.
pub(super) fn write_kind(out: &mut Writer, parts: &Parts<'_>) {
    if offered(parts).next().is_some() {
        let choices = ChangeKind::CHOICES;
        let values = choices.values.iter().copied();
        out.by(GRAPHQL).enumeration(choices.name, choices.description, values);
    }
}

/// Writes the type of an entity's changes, if they are told.
pub(super) fn write_type(out: &mut Writer, entity: &Entity) {
    if !entity.declaration.changes {
        return;
    }
    let name = entity.name();
    out.open_type("type", &format!("{name}Change"), "A change of a record that you may see.", &[]);
    out.field("kind", "What happened.", &[], "ChangeKind!");
    out.field("id", "The record's id.", &[], "ID!");
    out.field("changedFields", "Names of the fields that changed.", &[], "[String!]!");
    let record = "The record as it is now; null if it is deleted.";
    out.field(&lower_first(name), record, &[], name);
    out.close();
}

/// Writes the subscription type, if there are subscriptions.
pub(super) fn write_roots(out: &mut Writer, parts: &Parts<'_>) {
    if offered(parts).next().is_none() {
        return;
    }
    out.by(GRAPHQL).open_type("type", "Subscription", "What can be watched.", &[]);
    for entity in offered(parts) {
        let name = entity.name();
        let filter = "Only records for which this holds; deleted ones are looked at as they were.";
        let filter = argument("filter", filter, &format!("{name}Filter"));
        let description = format!("Each change of {} that you may see.", entity.declaration.plural);
        let field = root_name(name);
        out.by(entity.declaration.module).field(&field, &description, &[filter], &format!("{name}Change!"));
    }
    out.close();
}

/// The root field that tells changes of an entity.
pub(crate) fn root_name(entity: &str) -> String {
    format!("{}Changed", lower_first(entity))
}

fn offered<'a>(parts: &Parts<'a>) -> impl Iterator<Item = &'a Entity> + use<'a> {
    parts.entities.iter().filter(|entity| entity.declaration.changes)
}
