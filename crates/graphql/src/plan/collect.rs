//! Fields of a selection, merged: `CollectFields` of the specification with all conditions settled.

use apollo_compiler::executable::{DirectiveList, Field, Selection, SelectionSet};
use apollo_compiler::{ExecutableDocument, Schema, ast};
use indexmap::IndexMap;

/// What the collection needs to know about the operation.
#[derive(Clone, Copy)]
pub(super) struct Scope<'d> {
    pub schema: &'d Schema,
    pub document: &'d ExecutableDocument,
    /// Values of the variables that stand in `@skip` and `@include`.
    pub conditions: &'d [(String, bool)],
}

/// Fields by response key, in the order in which they are met; each may stand in several places.
pub(super) type Fields<'d> = IndexMap<&'d str, Vec<&'d Field>>;

impl<'d> Scope<'d> {
    /// The fields of these selection sets for an object of type `concrete`.
    pub(super) fn fields(
        &self,
        sets: impl IntoIterator<Item = &'d SelectionSet>,
        concrete: &str,
    ) -> Fields<'d> {
        let mut fields = Fields::new();
        let mut visited = Vec::new();
        for set in sets {
            self.collect(set, concrete, &mut visited, &mut fields);
        }
        fields
    }

    /// The fields below a merged field.
    pub(super) fn below(&self, fields: &[&'d Field], concrete: &str) -> Fields<'d> {
        self.fields(fields.iter().map(|field| &field.selection_set), concrete)
    }

    fn collect(
        &self,
        set: &'d SelectionSet,
        concrete: &str,
        visited: &mut Vec<&'d str>,
        fields: &mut Fields<'d>,
    ) {
        for selection in &set.selections {
            if !self.is_included(selection.directives()) {
                continue;
            }
            match selection {
                Selection::Field(field) => {
                    fields.entry(field.response_key().as_str()).or_default().push(field);
                }
                Selection::InlineFragment(inline) => {
                    let applies = inline.type_condition.as_ref().is_none_or(|on| self.applies(on, concrete));
                    if applies {
                        self.collect(&inline.selection_set, concrete, visited, fields);
                    }
                }
                Selection::FragmentSpread(spread) => {
                    let name = spread.fragment_name.as_str();
                    if visited.contains(&name) {
                        continue;
                    }
                    visited.push(name);
                    if let Some(fragment) = self.document.fragments.get(name)
                        && self.applies(fragment.type_condition(), concrete)
                    {
                        self.collect(&fragment.selection_set, concrete, visited, fields);
                    }
                }
            }
        }
    }

    fn applies(&self, on: &str, concrete: &str) -> bool {
        on == concrete || self.schema.is_subtype(on, concrete)
    }

    fn is_included(&self, directives: &DirectiveList) -> bool {
        let holds = |name: &str| {
            let directive = directives.get(name)?;
            match directive.specified_argument_by_name("if")?.as_ref() {
                ast::Value::Boolean(value) => Some(*value),
                ast::Value::Variable(variable) => self
                    .conditions
                    .iter()
                    .find(|(known, _)| known == variable.as_str())
                    .map(|(_, value)| *value),
                _ => None,
            }
        };
        holds("skip") != Some(true) && holds("include") != Some(false)
    }
}
