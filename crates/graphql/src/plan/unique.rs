//! Input Object Field Uniqueness (October 2021, 5.6.3), which the language library does not check.

use apollo_compiler::ExecutableDocument;
use apollo_compiler::ast::{Argument, Value};
use apollo_compiler::executable::{DirectiveList, Selection, SelectionSet};
use apollo_compiler::{Name, Node};

use super::locate::location;
use crate::error::{ResponseError, code};

/// The fields that stand twice in an object, anywhere in the document.
pub(super) fn check(document: &ExecutableDocument) -> Vec<ResponseError> {
    let mut found = Vec::new();
    for operation in document.operations.iter() {
        in_directives(&operation.directives, &mut found);
        for variable in &operation.variables {
            in_directives(&variable.directives, &mut found);
            variable.default_value.iter().for_each(|value| in_value(value, &mut found));
        }
        in_selections(&operation.selection_set, &mut found);
    }
    for fragment in document.fragments.values() {
        in_directives(&fragment.directives, &mut found);
        in_selections(&fragment.selection_set, &mut found);
    }
    let told = |name: &Name| {
        let message = format!("field `{name}` stands more than once in one object");
        let mut error = ResponseError::request(code::GRAPHQL, message);
        error.locations.extend(location(name.location(), &document.sources));
        error
    };
    found.into_iter().map(told).collect()
}

fn in_selections<'d>(set: &'d SelectionSet, found: &mut Vec<&'d Name>) {
    for selection in &set.selections {
        in_directives(selection.directives(), found);
        match selection {
            Selection::Field(field) => {
                in_arguments(&field.arguments, found);
                in_selections(&field.selection_set, found);
            }
            Selection::InlineFragment(inline) => in_selections(&inline.selection_set, found),
            Selection::FragmentSpread(_) => {}
        }
    }
}

fn in_directives<'d>(directives: &'d DirectiveList, found: &mut Vec<&'d Name>) {
    for directive in directives.iter() {
        in_arguments(&directive.arguments, found);
    }
}

fn in_arguments<'d>(arguments: &'d [Node<Argument>], found: &mut Vec<&'d Name>) {
    for argument in arguments {
        in_value(&argument.value, found);
    }
}

fn in_value<'d>(value: &'d Value, found: &mut Vec<&'d Name>) {
    match value {
        Value::List(items) => items.iter().for_each(|item| in_value(item, found)),
        Value::Object(fields) => {
            let mut seen = std::collections::HashSet::with_capacity(fields.len());
            for (name, value) in fields {
                if !seen.insert(name) {
                    found.push(name);
                }
                in_value(value, found);
            }
        }
        _ => {}
    }
}
