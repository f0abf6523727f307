//! Types of mutations: inputs, payloads, the root.

use std::collections::BTreeSet;

use super::value::type_ref;
use super::writer::{GRAPHQL, Writer};
use super::{Parts, argument};
use crate::catalog::lower_first;
use crate::declare::MutationDeclaration;

/// Writes inputs and payloads.
pub(super) fn write_types(out: &mut Writer, parts: &Parts<'_>) {
    for (name, declaration, module) in &parts.inputs.objects {
        out.by(module).open_input(name, &declaration.description, false);
        for field in &declaration.fields {
            out.input_field(&field.name, &field.description, &field.type_ref);
        }
        out.close();
    }
    let mut done = BTreeSet::new();
    for mutation in parts.mutations {
        let Some((record, is_read)) = changed(parts, mutation) else { continue };
        let (field, name) = (lower_first(record), mutation.payload(record));
        out.by(mutation.module);
        if done.insert((name.clone(), false)) {
            out.open_type("type", &format!("{name}Payload"), "What a mutation of one record answers.", &[]);
            out.field("id", "The record's id, also of a deleted one.", &[], "ID!");
            if is_read {
                out.field(&field, "The record after the change; null once it is deleted.", &[], record);
            }
            write_extras(out, mutation, parts);
            out.close();
        }
        if mutation.many.is_some() && done.insert((name.clone(), true)) {
            out.open_type(
                "type",
                &format!("{name}ManyPayload"),
                "What a mutation of many records answers.",
                &[],
            );
            out.field(
                "results",
                "One for each row of the input, in its order.",
                &[],
                &format!("[{name}Result!]!"),
            );
            out.close();
            out.open_type("type", &format!("{name}Result"), "What became of one row.", &[]);
            out.field("id", "The record's id; null if the row was refused.", &[], "ID");
            if is_read {
                out.field(&field, "The record after the change; null if the row was refused.", &[], record);
            }
            write_extras(out, mutation, parts);
            out.field("error", "Why the row was refused; null if it was not.", &[], "RowError");
            out.close();
        }
    }
}

/// The type name of the entity that a mutation changes, and whether its records may be read.
fn changed(parts: &Parts<'_>, mutation: &MutationDeclaration) -> Option<(&'static str, bool)> {
    let read = parts.entities.iter().find(|entity| entity.table() == mutation.table);
    let unread = || parts.unread.into_iter().flatten().find(|entity| entity.table == mutation.table);
    read.map(|entity| (entity.name(), true)).or_else(|| unread().map(|entity| (entity.name, false)))
}

/// Writes what a mutation answers beside the record.
fn write_extras(out: &mut Writer, mutation: &MutationDeclaration, parts: &Parts<'_>) {
    for extra in mutation.extras.iter().filter(|extra| parts.outputs.offers(&extra.ty)) {
        out.field(extra.name, extra.description, &[], &type_ref(&extra.ty, parts));
    }
}

/// Writes the mutation type, if there are mutations.
pub(super) fn write_roots(out: &mut Writer, parts: &Parts<'_>) {
    if parts.mutations.is_empty() {
        return;
    }
    out.by(GRAPHQL).open_type("type", "Mutation", "What can be changed. Each field is one transaction.", &[]);
    for mutation in parts.mutations {
        let Some((entity, _)) = changed(parts, mutation) else { continue };
        out.by(mutation.module);
        let payload = mutation.payload(entity);
        let one = argument("input", "The values.", &format!("{}!", mutation.input));
        out.field(mutation.name, mutation.description, &[one], &format!("{payload}Payload"));
        if let Some((name, description)) = mutation.many {
            let rows = argument("input", "Up to 1,000 rows.", &format!("[{}!]!", mutation.input));
            out.field(name, description, &[rows], &format!("{payload}ManyPayload"));
        }
    }
    out.close();
}
