//! Arguments: literals are coerced when a document is planned, variables are filled in when it runs.

use apollo_compiler::Schema;
use apollo_compiler::ast::{self, Type};
use apollo_compiler::schema::{ExtendedType, InputObjectType};
use serde_json::Value as Json;

use super::coerce::{check_one_of, constant, list, mistake, scalar};
use crate::error::{FieldError, Refusal};
use crate::message::Message;
use crate::value::{Input, InputMap};

type Errors = Vec<FieldError>;

/// A variable of an operation.
#[derive(Debug, Clone)]
pub(crate) struct Variable {
    pub name: String,
    pub ty: Type,
    pub default: Option<Input>,
}

/// Values of an operation's variables, by position; `None` is absent.
pub(crate) type Variables = Vec<Option<Input>>;

/// An argument with gaps for variables.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Template {
    Constant(Input),
    /// The position of the variable, and whether null may not stand here (a nullable variable with a default may
    /// still be given null).
    Variable(usize, bool),
    List(Vec<Template>),
    Object(Vec<(String, Template)>),
}

impl Template {
    /// True if a variable stands somewhere in it.
    pub(crate) fn has_variables(&self) -> bool {
        match self {
            Self::Constant(_) => false,
            Self::Variable(..) => true,
            Self::List(items) => items.iter().any(Self::has_variables),
            Self::Object(fields) => fields.iter().any(|(_, template)| template.has_variables()),
        }
    }

    /// Fills the gaps. `None` if all of it is an absent variable.
    pub(crate) fn fill(&self, variables: &Variables) -> Result<Option<Input>, Refusal> {
        Ok(match self {
            Self::Constant(input) => Some(input.clone()),
            Self::Variable(position, non_null) => match variables.get(*position).and_then(Option::as_ref) {
                Some(Input::Null) if *non_null => {
                    return Err(Refusal::validation(vec![mistake("REQUIRED", "null cannot stand here")]));
                }
                value => value.cloned(),
            },
            Self::List(items) => {
                let items = items.iter().map(|item| Ok(item.fill(variables)?.unwrap_or(Input::Null)));
                Some(Input::List(items.collect::<Result<_, Refusal>>()?))
            }
            Self::Object(fields) => {
                let mut given = Vec::with_capacity(fields.len());
                for (name, template) in fields {
                    if let Some(value) = template.fill(variables)? {
                        given.push((name.clone(), value));
                    }
                }
                Some(Input::Object(InputMap(given)))
            }
        })
    }
}

fn one<T>(code: &'static str, message: impl Into<Message>) -> Result<T, Errors> {
    Err(vec![mistake(code, message)])
}

/// Coerces a literal. The document is valid, which settles all but the values of our own scalars and `@oneOf`.
pub(crate) fn literal(
    schema: &Schema,
    ty: &Type,
    value: &ast::Value,
    variables: &[Variable],
) -> Result<Template, Errors> {
    match (ty, value) {
        (_, ast::Value::Variable(name)) => {
            match variables.iter().position(|known| known.name == name.as_str()) {
                Some(position) => Ok(Template::Variable(position, ty.is_non_null())),
                None => one("TYPE", format!("variable ${name} is not defined")),
            }
        }
        (Type::NonNullNamed(_) | Type::NonNullList(_), ast::Value::Null) => {
            one("REQUIRED", format!("expected a value of type {ty}, found null"))
        }
        (_, ast::Value::Null) => Ok(Template::Constant(Input::Null)),
        (Type::List(item) | Type::NonNullList(item), ast::Value::List(values)) => {
            let items = values.iter().map(|value| literal(schema, item, value, variables));
            templates(items)
        }
        (Type::List(item) | Type::NonNullList(item), single) => {
            Ok(match literal(schema, item, single, variables)? {
                Template::Constant(input) => Template::Constant(Input::List(vec![input])),
                template => Template::List(vec![template]),
            })
        }
        (Type::Named(name) | Type::NonNullNamed(name), value) => match schema.types.get(name) {
            Some(ExtendedType::InputObject(definition)) => object(schema, definition, value, variables),
            Some(ExtendedType::Enum(definition)) => match value {
                ast::Value::Enum(code) if definition.values.contains_key(code) => {
                    Ok(Template::Constant(Input::Text(code.to_string())))
                }
                other => one("ENUM", format!("expected a value of {name}, found {other}")),
            },
            _ => scalar(name, &literal_json(value)?).map(Template::Constant),
        },
    }
}

fn templates(items: impl Iterator<Item = Result<Template, Errors>>) -> Result<Template, Errors> {
    let (mut found, mut errors) = (Vec::new(), Vec::new());
    for (position, item) in items.enumerate() {
        match item {
            Ok(template) => found.push(template),
            Err(wrong) => errors.extend(wrong.into_iter().map(|error| error.under(position.to_string()))),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    if found.iter().any(|template| !matches!(template, Template::Constant(_))) {
        return Ok(Template::List(found));
    }
    let constants = found.into_iter().filter_map(|template| match template {
        Template::Constant(input) => Some(Ok(input)),
        _ => None,
    });
    list(constants).map(Template::Constant)
}

fn object(
    schema: &Schema,
    definition: &InputObjectType,
    value: &ast::Value,
    variables: &[Variable],
) -> Result<Template, Errors> {
    let ast::Value::Object(given) = value else {
        return one("TYPE", format!("expected an object of type {}, found {value}", definition.name));
    };
    let (mut fields, mut errors) = (Vec::with_capacity(given.len()), Vec::new());
    for (name, field) in &definition.fields {
        let template = match (given.iter().find(|(key, _)| key == name), &field.default_value) {
            (Some((_, value)), _) => literal(schema, &field.ty, value, variables),
            (None, Some(default)) => constant(schema, &field.ty, default).map(Template::Constant),
            (None, None) if field.ty.is_non_null() => {
                one("REQUIRED", format!("a value of type {} is required", field.ty))
            }
            (None, None) => continue,
        };
        match template {
            Ok(template) => fields.push((name.to_string(), template)),
            Err(found) => errors.extend(found.into_iter().map(|error| error.under(name.as_str()))),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    if definition.directives.has("oneOf") {
        check_one_of_literal(&definition.name, &fields, variables)?;
    }
    if fields.iter().any(|(_, template)| !matches!(template, Template::Constant(_))) {
        return Ok(Template::Object(fields));
    }
    let constants = fields.into_iter().filter_map(|(name, template)| match template {
        Template::Constant(input) => Some((name, input)),
        _ => None,
    });
    Ok(Template::Constant(Input::Object(InputMap(constants.collect()))))
}

/// The rule of `@oneOf` for literals: one field, and a variable in it must not be nullable.
fn check_one_of_literal(
    name: &str,
    fields: &[(String, Template)],
    variables: &[Variable],
) -> Result<(), Errors> {
    match fields {
        [(key, Template::Variable(position, _))] => {
            if variables.get(*position).is_some_and(|variable| variable.ty.is_non_null()) {
                return Ok(());
            }
            let message = format!("a variable in {name} must have a type that is not nullable");
            Err(vec![mistake("ONE_OF", message).under(key)])
        }
        [(key, Template::Constant(input))] => check_one_of(name, &[(key.clone(), input.clone())]),
        [_] => Ok(()),
        _ => one("ONE_OF", format!("{name} needs exactly one field, found {}", fields.len())),
    }
}

/// A literal of a scalar as JSON.
fn literal_json(value: &ast::Value) -> Result<Json, Errors> {
    Ok(match value {
        ast::Value::Null => Json::Null,
        ast::Value::Boolean(value) => Json::Bool(*value),
        ast::Value::String(text) => Json::String(text.clone()),
        ast::Value::Int(number) => number_json(number.as_str())?,
        ast::Value::Float(number) => number_json(number.as_str())?,
        ast::Value::List(items) => {
            Json::Array(items.iter().map(|item| literal_json(item)).collect::<Result<_, _>>()?)
        }
        ast::Value::Object(fields) => Json::Object(
            fields
                .iter()
                .map(|(name, value)| Ok((name.to_string(), literal_json(value)?)))
                .collect::<Result<_, Errors>>()?,
        ),
        ast::Value::Enum(name) => return one("TYPE", format!("{name} is an enum value, not a scalar")),
        ast::Value::Variable(name) => {
            return one(
                "TYPE",
                format!("variable ${name} cannot stand inside a scalar; pass the whole value"),
            );
        }
    })
}

fn number_json(text: &str) -> Result<Json, Errors> {
    serde_json::from_str(text).or_else(|_| one("TYPE", format!("{text} is out of range")))
}
