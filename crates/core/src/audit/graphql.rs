//! The audit in the API.

use std::any::Any;

use serde_json::Value as Json;
use shoal_graphql::catalog::{Catalog, Entity as CatalogEntity};
use shoal_graphql::context::Context;
use shoal_graphql::declare::{ModuleRegistry, column, computed, to_one};

use super::{Column, Entity};
use crate::caller::Caller;
use crate::context::RequestContext;
use crate::module::Scope;
use crate::permission::AUDIT_READ;
use crate::user;

shoal_graphql::choices! {
    /// What happened to a record.
    pub enum AuditAction {
        /// It is new.
        Created => "CREATED",
        /// Something of it is different.
        Updated => "UPDATED",
        /// It is hidden, and can be restored.
        Deleted => "DELETED",
        /// It is there again.
        Restored => "RESTORED",
        /// It is gone.
        Removed => "REMOVED",
    }

    /// Who did something.
    pub enum ActorKind {
        /// A person.
        User => "USER",
        /// A program, by an API key.
        ApiKey => "API_KEY",
        /// Shoal itself.
        System => "SYSTEM",
        /// Whoever has the machine, by the command line.
        Operator => "OPERATOR",
    }
}

pub(crate) fn declare(api: &mut ModuleRegistry<'_>) {
    api.entity::<Entity>("AuditEntry", "A change of a record: who, when, and what is different.")
        .partition(Column::TenantId)
        .right(AUDIT_READ)
        .plural("auditEntries")
        .column(column(Column::Id, "Stays the same for ever; later entries have larger ids.").filterable())
        .column(column(Column::At, "When it happened."))
        .column(column(Column::RecordType, "Type of the record."))
        .column(column(Column::RecordId, "The record.").filterable())
        .column(column(Column::Action, "What happened to it.").choice::<AuditAction>())
        .computed(computed(
            "changes",
            "Field by field what it was and what it is: {\"name\": [\"old\", \"new\"]}; of roles, rights and members only \
             those that came or went. Null for new records. What you may not read of the record is left out; all of it, if \
             you may read only some records of the type.",
            [Column::RecordType, Column::Changes],
            |row| {
                let changes: Option<Json> = row.get(Column::Changes)?;
                let record_type: String = row.get(Column::RecordType)?;
                Ok(changes.and_then(|changes| readable(row.context(), &record_type, changes)))
            },
        ))
        .column(column(Column::ActorKind, "Who did it.").choice::<ActorKind>())
        .column(column(Column::ActorId, "The user or API key."))
        .column(column(Column::RequestId, "The request, as the log calls it."))
        .relation(to_one::<user::Entity>("user", "The person who did it, if it was one.", Column::ActorId));
}

/// What the caller may read of the changes of a record; `None` if nothing. Which record it was is not known here: with a
/// right to some records only there is nothing to see.
fn readable(context: &dyn Context, record_type: &str, changes: Json) -> Option<Json> {
    let request = (context as &dyn Any).downcast_ref::<RequestContext>()?;
    let rights = context.rights();
    if rights.is_all() {
        return Some(changes);
    }
    let all = request.kernel.modules.schemas().all();
    let entity = &all.entities[all.entity(record_type)?];
    if !reads_all(&request.caller, &all, entity) {
        return None;
    }
    let Json::Object(mut fields) = changes else { return None };
    fields.retain(|field, _| all.may_read(entity, field, rights));
    (!fields.is_empty()).then_some(Json::Object(fields))
}

/// Whether somebody may read every record of an entity, and of those that it is visible with.
fn reads_all(caller: &Caller, all: &Catalog, entity: &CatalogEntity) -> bool {
    let right = entity.declaration.right;
    let mut parents = entity.visible_with.iter().flat_map(|relation| &entity.relations[*relation].targets);
    right.is_none_or(|right| caller.scope(right) == Some(Scope::All))
        && parents.all(|parent| reads_all(caller, all, &all.entities[*parent]))
}
