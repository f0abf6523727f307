//! The audit in the API.

use shoal_graphql::declare::{ModuleRegistry, column, to_one};

use super::{Column, Entity};
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
        .column(column(Column::Changes, "Field by field what it was and what it is: {\"name\": [\"old\", \"new\"]}. Null for new records."))
        .column(column(Column::ActorKind, "Who did it.").choice::<ActorKind>())
        .column(column(Column::ActorId, "The user or API key."))
        .column(column(Column::RequestId, "The request, as the log calls it."))
        .relation(to_one::<user::Entity>("user", "The person who did it, if it was one.", Column::ActorId));
}
