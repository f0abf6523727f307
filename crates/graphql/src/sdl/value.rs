//! What queries answer that is no entity: output objects and root fields.

use super::writer::Writer;
use super::{Parts, argument, bang};
use crate::declare::{InputTypes, OutputForm, OutputRef};

/// Writes output objects.
pub(super) fn write_types(out: &mut Writer, parts: &Parts<'_>) {
    for (name, declaration, module) in parts.outputs.offered() {
        out.by(module).open_type("type", name, &declaration.description, &[]);
        for field in declaration.fields.iter().filter(|field| parts.outputs.offers(&field.ty)) {
            out.field(&field.name, &field.description, &[], &type_ref(&field.ty, parts));
        }
        out.close();
    }
}

/// Writes the queries that answer values.
pub(super) fn write_roots(out: &mut Writer, parts: &Parts<'_>) {
    for query in parts.queries {
        let arguments: Vec<_> = (query.arguments)(&mut InputTypes::default())
            .iter()
            .map(|field| argument(&field.name, &field.description, &field.type_ref))
            .collect();
        let nullable = OutputRef { nullable: true, ..query.answer.clone() };
        let type_ref = type_ref(&nullable, parts);
        out.by(query.module).field(query.name, query.description, &arguments, &type_ref);
    }
}

/// The GraphQL type of a value. A record may be hidden and is nullable, but for those of a list, which leaves them out.
pub(super) fn type_ref(ty: &OutputRef, parts: &Parts<'_>) -> String {
    match &ty.form {
        OutputForm::Record(_) | OutputForm::AnyRecord => name(&ty.form, parts),
        form => bang(&name(form, parts), ty.nullable),
    }
}

fn name(form: &OutputForm, parts: &Parts<'_>) -> String {
    match form {
        OutputForm::Leaf(kind) => kind.type_name().to_owned(),
        OutputForm::Money => "Money".to_owned(),
        OutputForm::Object(name) => (*name).to_owned(),
        OutputForm::Record(table) => {
            let entity = parts.entities.iter().find(|entity| entity.table() == table);
            entity.map_or("Node", |entity| entity.name()).to_owned()
        }
        OutputForm::AnyRecord => "Node".to_owned(),
        OutputForm::List(item) => format!("[{}]", bang(&name(&item.form, parts), item.nullable)),
    }
}
