//! Coercion of variables after the rules of the specification (October 2021, 6.1.2, and `@oneOf`).

use apollo_compiler::ast::{self, Type};
use apollo_compiler::schema::{ExtendedType, InputObjectType};
use apollo_compiler::{Name, Schema};
use serde_json::Value as Json;

use crate::catalog::Catalog;
use crate::context::RightSet;
use crate::error::FieldError;
use crate::message::Message;
use crate::value::{Input, InputMap, describe, parse_scalar};

type Errors = Vec<FieldError>;

pub(crate) fn mistake(code: &'static str, message: impl Into<Message>) -> FieldError {
    FieldError { path: Vec::new(), code, message: message.into() }
}

fn one<T>(code: &'static str, message: impl Into<Message>) -> Result<T, Errors> {
    Err(vec![mistake(code, message)])
}

/// What a value is coerced by.
#[derive(Clone, Copy)]
pub(crate) struct Known<'s> {
    pub schema: &'s Schema,
    /// Mistakes may name what a caller with these rights may use of the catalogue. `None`: nothing.
    pub told: Option<(&'s Catalog, &'s RightSet)>,
}

impl Known<'_> {
    /// The type of this name as the caller may know it.
    fn shown(&self, name: &str) -> Option<ExtendedType> {
        let (catalog, rights) = self.told?;
        catalog.view(rights).schema.types.get(name).cloned()
    }
}

/// The value of a variable as JSON. What nests deeper than 128 levels is refused where the request is read.
pub(crate) fn json(known: Known<'_>, ty: &Type, value: &Json) -> Result<Input, Errors> {
    match ty {
        Type::NonNullNamed(_) | Type::NonNullList(_) if value.is_null() => {
            one("REQUIRED", format!("expected a value of type {ty}, found null"))
        }
        _ if value.is_null() => Ok(Input::Null),
        Type::Named(name) | Type::NonNullNamed(name) => named(known, name, value),
        Type::List(item) | Type::NonNullList(item) => match value {
            Json::Array(items) => list(items.iter().map(|value| json(known, item, value))),
            single => json(known, item, single).map(|value| Input::List(vec![value])),
        },
    }
}

pub(crate) fn list(items: impl Iterator<Item = Result<Input, Errors>>) -> Result<Input, Errors> {
    let (mut values, mut errors) = (Vec::new(), Vec::new());
    for (position, item) in items.enumerate() {
        match item {
            Ok(value) => values.push(value),
            Err(found) => errors.extend(found.into_iter().map(|error| error.under(position.to_string()))),
        }
    }
    if errors.is_empty() { Ok(Input::List(values)) } else { Err(errors) }
}

fn named(known: Known<'_>, name: &str, value: &Json) -> Result<Input, Errors> {
    match known.schema.types.get(name) {
        Some(ExtendedType::InputObject(definition)) => match value {
            Json::Object(given) => object(known, definition, given),
            other => one("TYPE", format!("expected an object of type {name}, found {}", describe(other))),
        },
        Some(ExtendedType::Enum(definition)) => match value.as_str() {
            Some(code) if definition.values.contains_key(code) => Ok(Input::Text(code.to_owned())),
            _ => match known.shown(name) {
                Some(ExtendedType::Enum(shown)) => {
                    let values: Vec<_> = shown.values.keys().map(Name::as_str).collect();
                    one("ENUM", format!("expected one of {}, found {}", values.join(", "), describe(value)))
                }
                _ => one("ENUM", format!("expected a value of {name}, found {}", describe(value))),
            },
        },
        _ => scalar(name, value),
    }
}

pub(crate) fn scalar(name: &str, value: &Json) -> Result<Input, Errors> {
    match parse_scalar(name, value) {
        Some(Ok(input)) => Ok(input),
        Some(Err(message)) => one("TYPE", message),
        None => one("TYPE", format!("{name} is not an input type")),
    }
}

fn object(
    known: Known<'_>,
    definition: &InputObjectType,
    given: &serde_json::Map<String, Json>,
) -> Result<Input, Errors> {
    let mut errors = Vec::new();
    for key in given.keys().filter(|key| !definition.fields.contains_key(key.as_str())) {
        // The first few mistakes are worth a thought; a client may send thousands.
        let shown = if errors.len() < 20 { known.shown(&definition.name) } else { None };
        let nearest = match shown {
            Some(ExtendedType::InputObject(shown)) => nearest(key, shown.fields.keys().map(Name::as_str)),
            _ => String::new(),
        };
        errors.push(
            mistake("UNKNOWN_FIELD", format!("{} has no field {key}{nearest}", definition.name)).under(key),
        );
    }
    let mut fields = Vec::with_capacity(given.len());
    for (name, field) in &definition.fields {
        let value = match (given.get(name.as_str()), &field.default_value) {
            (Some(value), _) => json(known, &field.ty, value),
            (None, Some(default)) => constant(known.schema, &field.ty, default),
            (None, None) if field.ty.is_non_null() => {
                one("REQUIRED", format!("a value of type {} is required", field.ty))
            }
            (None, None) => continue,
        };
        match value {
            Ok(value) => fields.push((name.to_string(), value)),
            Err(found) => errors.extend(found.into_iter().map(|error| error.under(name.as_str()))),
        }
    }
    if definition.directives.has("oneOf") && errors.is_empty() {
        check_one_of(&definition.name, &fields)?;
    }
    if errors.is_empty() { Ok(Input::Object(InputMap(fields))) } else { Err(errors) }
}

pub(crate) fn check_one_of(name: &str, fields: &[(String, Input)]) -> Result<(), Errors> {
    match fields {
        [(_, value)] if *value != Input::Null => Ok(()),
        [(key, _)] => {
            Err(vec![mistake("ONE_OF", format!("{name} needs a value that is not null")).under(key)])
        }
        _ => one("ONE_OF", format!("{name} needs exactly one field, found {}", fields.len())),
    }
}

/// A default value of the schema or of a variable: a literal without variables.
pub(crate) fn constant(schema: &Schema, ty: &Type, value: &ast::Value) -> Result<Input, Errors> {
    match super::arguments::literal(schema, ty, value, &[])? {
        super::arguments::Template::Constant(input) => Ok(input),
        _ => one("TYPE", "a default value cannot have variables"),
    }
}

/// "; did you mean …?" with the name that is near enough, or with two that are equally near.
pub(super) fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> String {
    let near = |candidate: &'n str| {
        let most = (candidate.len() / 3).max(1);
        // Comparing takes time and memory as the product of both lengths, and a client may send a megabyte.
        if name.len().abs_diff(candidate.len()) > most {
            return None;
        }
        let distance =
            strsim::damerau_levenshtein(&name.to_ascii_lowercase(), &candidate.to_ascii_lowercase());
        (distance <= most).then_some((distance, candidate))
    };
    let mut found: Vec<_> = known.filter_map(near).collect();
    found.sort_unstable();
    match found.as_slice() {
        [] => String::new(),
        [(least, one), (next, other), ..] if least == next => format!("; did you mean {one} or {other}?"),
        [(_, one), ..] => format!("; did you mean {one}?"),
    }
}
