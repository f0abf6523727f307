//! Two rules of validation that the language library leaves out: Input Object Field Uniqueness (October 2021, 5.6.3), and
//! All Variable Usages Are Allowed (5.8.5) for variables inside of lists and objects.

use std::collections::HashSet;

use apollo_compiler::ast::{Argument, Type, Value, VariableDefinition};
use apollo_compiler::executable::{DirectiveList, Operation, Selection, SelectionSet};
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::{ExecutableDocument, Name, Node, Schema};

use super::locate::location;
use crate::error::{ResponseError, code};

/// The mistakes in all operations of a document that is valid otherwise.
pub(super) fn check(schema: &Schema, document: &ExecutableDocument) -> Vec<ResponseError> {
    let mut mistakes = Vec::new();
    for operation in document.operations.iter() {
        let mut walk = Walk {
            schema,
            document,
            operation,
            visited: HashSet::new(),
            mistakes: std::mem::take(&mut mistakes),
        };
        walk.directives(&operation.directives);
        for variable in &operation.variables {
            walk.directives(&variable.directives);
            if let Some(value) = &variable.default_value {
                walk.value(Some(&variable.ty), value, false);
            }
        }
        walk.selections(&operation.selection_set);
        mistakes = walk.mistakes;
    }
    mistakes
}

struct Walk<'d> {
    schema: &'d Schema,
    document: &'d ExecutableDocument,
    operation: &'d Operation,
    visited: HashSet<&'d Name>,
    mistakes: Vec<ResponseError>,
}

impl<'d> Walk<'d> {
    fn mistake(&mut self, at: &Name, message: String) {
        let mut error = ResponseError::request(code::GRAPHQL, message);
        error.locations.extend(location(at.location(), &self.document.sources));
        // A fragment stands in several operations.
        if !self.mistakes.contains(&error) {
            self.mistakes.push(error);
        }
    }

    fn selections(&mut self, set: &'d SelectionSet) {
        for selection in &set.selections {
            self.directives(selection.directives());
            match selection {
                Selection::Field(field) => {
                    for argument in &field.arguments {
                        let declared = field.definition.argument_by_name(&argument.name);
                        let has_default = declared.is_some_and(|declared| declared.default_value.is_some());
                        self.value(declared.map(|declared| &*declared.ty), &argument.value, has_default);
                    }
                    self.selections(&field.selection_set);
                }
                Selection::InlineFragment(inline) => self.selections(&inline.selection_set),
                Selection::FragmentSpread(spread) => {
                    if self.visited.insert(&spread.fragment_name)
                        && let Some(fragment) = self.document.fragments.get(&spread.fragment_name)
                    {
                        self.directives(&fragment.directives);
                        self.selections(&fragment.selection_set);
                    }
                }
            }
        }
    }

    /// Arguments of directives are no lists and no objects: only what stands twice is looked for.
    fn directives(&mut self, directives: &'d DirectiveList) {
        let arguments = directives.iter().flat_map(|directive| &directive.arguments);
        arguments.for_each(|argument: &Node<Argument>| self.value(None, &argument.value, false));
    }

    /// A value where `ty` is expected, if that is known.
    fn value(&mut self, ty: Option<&Type>, value: &'d Value, has_default: bool) {
        match value {
            Value::Variable(name) => {
                let used = self.operation.variables.iter().find(|variable| variable.name == *name);
                if let Some((ty, variable)) = ty.zip(used)
                    && !is_allowed(variable, ty, has_default)
                {
                    let message = format!(
                        "variable `${name}` of type `{}` cannot be used where `{ty}` is expected",
                        variable.ty
                    );
                    self.mistake(name, message);
                }
            }
            Value::List(items) => {
                let item_type = ty.filter(|ty| ty.is_list()).map(Type::item_type);
                for item in items {
                    self.value(item_type, item, false);
                }
            }
            Value::Object(fields) => self.object(ty, fields),
            _ => {}
        }
    }

    fn object(&mut self, ty: Option<&Type>, fields: &'d [(Name, Node<Value>)]) {
        let schema = self.schema;
        let definition = match ty.and_then(|ty| schema.types.get(ty.inner_named_type())) {
            Some(ExtendedType::InputObject(definition)) => Some(definition),
            _ => None,
        };
        let mut seen = HashSet::with_capacity(fields.len());
        for (name, value) in fields {
            if !seen.insert(name) {
                self.mistake(name, format!("field `{name}` stands more than once in one object"));
            }
            let field = definition.and_then(|definition| definition.fields.get(name));
            let has_default = field.is_some_and(|field| field.default_value.is_some());
            self.value(field.map(|field| &*field.ty), value, has_default);
        }
    }
}

/// `IsVariableUsageAllowed` of the specification.
fn is_allowed(variable: &VariableDefinition, at: &Type, has_default: bool) -> bool {
    let not_null = variable.default_value.as_ref().is_some_and(|default| !default.is_null());
    if at.is_non_null() && !variable.ty.is_non_null() && (not_null || has_default) {
        return variable.ty.is_assignable_to(&at.clone().nullable());
    }
    variable.ty.is_assignable_to(at)
}
