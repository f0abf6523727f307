//! Positions and error texts of the language library in our form.

use apollo_compiler::parser::{SourceMap, SourceSpan};
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::validation::DiagnosticList;
use apollo_compiler::{Name, Schema};

use super::coerce::{Known, nearest};
use crate::error::{Location, ResponseError, code};

pub(super) fn location(span: Option<SourceSpan>, sources: &SourceMap) -> Option<Location> {
    let position = span?.line_column(sources)?;
    Some(Location { line: position.line, column: position.column })
}

/// At most this many mistakes of one document are told.
const MOST_DIAGNOSTICS: usize = 20;

/// What the language library says of a document. If a limit was met, nothing but that: the rest may be its effect.
pub(super) fn diagnostics(known: Known<'_>, list: &DiagnosticList) -> Vec<ResponseError> {
    let all = list.iter().map(|diagnostic| diagnostic.to_json());
    let (mut limits, mut mistakes) = (Vec::new(), Vec::new());
    for error in all {
        let is_limit = is_limit(&error.message);
        let list = if is_limit { &mut limits } else { &mut mistakes };
        if list.len() == MOST_DIAGNOSTICS {
            continue;
        }
        let code = if is_limit { code::LIMIT_EXCEEDED } else { code::GRAPHQL };
        let view = known.told.map(|(catalog, rights)| catalog.view(rights));
        let suggestion = view.map_or_else(String::new, |view| suggestion(&view.schema, &error.message));
        let mut told = ResponseError::request(code, error.message + &suggestion);
        let locations = error.locations.iter();
        told.locations =
            locations.map(|position| Location { line: position.line, column: position.column }).collect();
        list.push(told);
    }
    limits.truncate(1);
    if limits.is_empty() { mistakes } else { limits }
}

/// The library has no codes for these.
fn is_limit(message: &str) -> bool {
    message.starts_with("token limit reached")
        || message.starts_with("parser recursion limit reached")
        || message.starts_with("too much recursion")
        || message.ends_with("contains too much nesting")
}

/// What of the schema the unknown name in a message may have meant. The library keeps the name to itself: it is read from
/// the words around the quoted names.
fn suggestion(schema: &Schema, message: &str) -> String {
    let parts: Vec<&str> = message.split('`').collect();
    match parts.as_slice() {
        ["type ", ty, " does not have a field ", name, ""]
        | ["field " | "value ", name, " does not exist on ", ty, ""] => {
            nearest(name, members(schema, ty).into_iter())
        }
        ["the argument ", name, " is not supported by ", place, ""] => {
            nearest(name, arguments(schema, place).into_iter())
        }
        ["cannot find type ", name, " in this document"] => {
            nearest(name, types(schema, ExtendedType::is_input_type))
        }
        ["type condition ", name, " of inline fragment is not a type defined in the schema"]
        | ["type condition ", name, " of fragment ", _, " is not a type defined in the schema"] => {
            nearest(name, types(schema, |ty| ty.is_output_type() && !ty.is_leaf()))
        }
        _ => String::new(),
    }
}

/// The fields of a type, or the values of an enum.
fn members<'s>(schema: &'s Schema, ty: &str) -> Vec<&'s str> {
    match schema.types.get(ty) {
        Some(ExtendedType::Object(ty)) => ty.fields.keys().map(Name::as_str).collect(),
        Some(ExtendedType::Interface(ty)) => ty.fields.keys().map(Name::as_str).collect(),
        Some(ExtendedType::InputObject(ty)) => ty.fields.keys().map(Name::as_str).collect(),
        Some(ExtendedType::Enum(ty)) => ty.values.keys().map(Name::as_str).collect(),
        _ => Vec::new(),
    }
}

/// The arguments of `Type.field` or `@directive`.
fn arguments<'s>(schema: &'s Schema, place: &str) -> Vec<&'s str> {
    let found = match (place.split_once('.'), place.strip_prefix('@')) {
        (Some((ty, field)), _) => schema.type_field(ty, field).ok().map(|field| &field.arguments),
        (None, Some(directive)) => schema.directive_definitions.get(directive).map(|found| &found.arguments),
        (None, None) => None,
    };
    found.into_iter().flatten().map(|argument| argument.name.as_str()).collect()
}

fn types(schema: &Schema, fits: impl Fn(&ExtendedType) -> bool) -> impl Iterator<Item = &str> {
    let named = schema.types.iter().filter(move |(_, ty)| fits(ty)).map(|(name, _)| name.as_str());
    named.filter(|name| !name.starts_with("__"))
}
