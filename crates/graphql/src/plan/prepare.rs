//! From the text of a request to a plan, once per document.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use apollo_compiler::executable::{DirectiveList, Operation, OperationType, Selection, SelectionSet};
use apollo_compiler::parser::Parser;
use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Node, ast, introspection};
use serde_json::Value as Json;

use super::Plan;
use super::arguments::{Variable, Variables};
use super::coerce::{Known, constant, json, mistake};
use super::collect::Scope;
use super::limits::{self, Limits};
use super::locate::diagnostics;
use super::shape::Planner;
use super::usage;
use crate::catalog::Catalog;
use crate::context::RightSet;
use crate::error::{FieldError, Refusal, ResponseError, code};
use crate::message;
use crate::value::Input;

/// A valid document with the operation that was chosen, and its plans.
pub(crate) struct Prepared {
    pub document: Valid<ExecutableDocument>,
    pub operation: Node<Operation>,
    pub variables: Vec<Variable>,
    /// Variables of `@skip` and `@include`: each combination of their values has a plan of its own.
    conditions: Vec<String>,
    plans: Mutex<HashMap<Vec<bool>, Arc<Plan>>>,
}

/// At most this many combinations of conditions are remembered for a document.
const MOST_PLANS: usize = 64;

impl std::fmt::Debug for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Prepared").field("operation", &self.operation.name).finish_non_exhaustive()
    }
}

impl Prepared {
    /// Parses, validates, and chooses the operation. Mistakes name what a caller with the rights `told` may use; nothing
    /// if there are none.
    pub(crate) fn new(
        catalog: &Catalog,
        limits: &Limits,
        text: &str,
        operation_name: Option<&str>,
        told: Option<&RightSet>,
    ) -> Result<Self, Vec<ResponseError>> {
        let known = Known { schema: &catalog.schema, told: told.map(|rights| (catalog, rights)) };
        let parsed = Parser::new()
            .token_limit(limits.tokens)
            .recursion_limit(200)
            .parse_executable(&catalog.schema, text, "request.graphql")
            .map_err(|invalid| diagnostics(known, &invalid.errors))?;
        let document =
            parsed.validate(&catalog.schema).map_err(|invalid| diagnostics(known, &invalid.errors))?;
        let mistakes = usage::check(&catalog.schema, &document);
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let operation = document.operations.get(operation_name).map_err(|_| {
            let message = match operation_name {
                Some(name) => format!("the document has no operation called {name}"),
                None if document.operations.is_empty() => "the document has no operation".to_owned(),
                None => "the document has several operations; name one as operationName".to_owned(),
            };
            vec![ResponseError::request(code::GRAPHQL, message)]
        })?;
        let operation = operation.clone();
        limits::check(&document, &operation, limits).map_err(|error| vec![error])?;
        introspection::check_max_depth(&document, &operation).map_err(|error| {
            vec![ResponseError::request(code::LIMIT_EXCEEDED, error.message().to_string())]
        })?;
        let variables = declared_variables(catalog, &operation)?;
        let mut conditions = Vec::new();
        collect_conditions(&document, &operation.selection_set, &mut Vec::new(), &mut conditions);
        Ok(Self { document, operation, variables, conditions, plans: Mutex::default() })
    }

    /// True if running it may change data.
    pub(crate) fn is_mutation(&self) -> bool {
        self.operation.operation_type == OperationType::Mutation
    }

    /// True for a subscription.
    pub(crate) fn is_subscription(&self) -> bool {
        self.operation.operation_type == OperationType::Subscription
    }

    /// Coerces the variables that came with the request. Mistakes name what a caller with the rights `told` may use.
    pub(crate) fn coerce(
        &self,
        catalog: &Catalog,
        given: Option<&serde_json::Map<String, Json>>,
        told: Option<&RightSet>,
    ) -> Result<Variables, ResponseError> {
        let known = Known { schema: &catalog.schema, told: told.map(|rights| (catalog, rights)) };
        let mut errors: Vec<FieldError> = Vec::new();
        let values = self
            .variables
            .iter()
            .map(|variable| {
                let value = match (given.and_then(|given| given.get(&variable.name)), &variable.default) {
                    (Some(value), _) => json(known, &variable.ty, value).map(Some),
                    (None, Some(default)) => Ok(Some(default.clone())),
                    (None, None) if variable.ty.is_non_null() => {
                        Err(vec![mistake("REQUIRED", format!("a value of type {} is required", variable.ty))])
                    }
                    (None, None) => Ok(None),
                };
                value.unwrap_or_else(|found| {
                    errors.extend(found.into_iter().map(|error| error.under(&variable.name)));
                    None
                })
            })
            .collect();
        if errors.is_empty() {
            return Ok(values);
        }
        Err(wrong_variables(errors))
    }

    /// Whether a variable in `@skip` or `@include` holds. A nullable one with a default may be null all the same.
    fn condition(&self, name: &str, variables: &Variables) -> Result<bool, ResponseError> {
        let position = self.variables.iter().position(|variable| variable.name == name);
        let value = position.and_then(|position| variables.get(position)).and_then(Option::as_ref);
        if let Some(Input::Boolean(value)) = value {
            return Ok(*value);
        }
        Err(wrong_variables(vec![mistake("REQUIRED", "a condition cannot be null").under(name)]))
    }

    /// The plan for these variables, made if need be.
    pub(crate) fn plan(
        &self,
        catalog: &Catalog,
        variables: &Variables,
    ) -> Result<Arc<Plan>, Vec<ResponseError>> {
        let key = self
            .conditions
            .iter()
            .map(|name| self.condition(name, variables))
            .collect::<Result<Vec<bool>, _>>()
            .map_err(|error| vec![error])?;
        if let Some(plan) = self.plans.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(Arc::clone(plan));
        }
        let conditions: Vec<_> = self.conditions.iter().cloned().zip(key.iter().copied()).collect();
        let scope = Scope { schema: &catalog.schema, document: &self.document, conditions: &conditions };
        let mut planner = Planner::new(catalog, scope, &self.variables);
        let plan = Arc::new(planner.operation(&self.operation));
        if !planner.errors.is_empty() {
            return Err(planner.errors);
        }
        let mut plans = self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        if plans.len() < MOST_PLANS {
            plans.insert(key, Arc::clone(&plan));
        }
        Ok(plan)
    }
}

/// At most this many mistakes of the variables are listed, as nobody reads more.
const MOST_MISTAKES: usize = 200;

fn wrong_variables(mut errors: Vec<FieldError>) -> ResponseError {
    errors.truncate(MOST_MISTAKES);
    let refusal = Refusal::validation(errors);
    let message = message!("variables-invalid", "variables: {mistake}", mistake = refusal.message);
    let mut error = ResponseError::request(refusal.code, message);
    error.fields = refusal.fields;
    error
}

fn declared_variables(catalog: &Catalog, operation: &Operation) -> Result<Vec<Variable>, Vec<ResponseError>> {
    let mut errors = Vec::new();
    let variables = operation
        .variables
        .iter()
        .map(|definition| {
            let default = definition.default_value.as_ref().and_then(|value| {
                constant(&catalog.schema, &definition.ty, value)
                    .map_err(|found| {
                        let found = found.into_iter().map(|error| error.under(definition.name.as_str()));
                        let refusal = Refusal::validation(found.collect());
                        let mut error = ResponseError::request(refusal.code, refusal.message);
                        error.fields = refusal.fields;
                        errors.push(error);
                    })
                    .ok()
            });
            Variable { name: definition.name.to_string(), ty: (*definition.ty).clone(), default }
        })
        .collect();
    if errors.is_empty() { Ok(variables) } else { Err(errors) }
}

/// Names of the variables in conditions, fragments included, each once.
fn collect_conditions<'d>(
    document: &'d ExecutableDocument,
    set: &'d SelectionSet,
    visited: &mut Vec<&'d str>,
    names: &mut Vec<String>,
) {
    for selection in &set.selections {
        condition_names(selection.directives(), names);
        match selection {
            Selection::Field(field) => collect_conditions(document, &field.selection_set, visited, names),
            Selection::InlineFragment(inline) => {
                collect_conditions(document, &inline.selection_set, visited, names);
            }
            Selection::FragmentSpread(spread) => {
                let name = spread.fragment_name.as_str();
                if !visited.contains(&name) {
                    visited.push(name);
                    if let Some(fragment) = document.fragments.get(name) {
                        collect_conditions(document, &fragment.selection_set, visited, names);
                    }
                }
            }
        }
    }
}

fn condition_names(directives: &DirectiveList, names: &mut Vec<String>) {
    for directive in ["skip", "include"].into_iter().filter_map(|name| directives.get(name)) {
        if let Some(ast::Value::Variable(name)) =
            directive.specified_argument_by_name("if").map(AsRef::as_ref)
            && !names.iter().any(|known| known == name.as_str())
        {
            names.push(name.to_string());
        }
    }
}
