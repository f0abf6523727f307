//! What makes a role valid: pure.

use std::collections::BTreeMap;

use shoal_graphql::error::{FieldError, Refusal, code};

use shoal_graphql::message;
use shoal_graphql::message::Message;

use super::graphql::RoleRightInput;
use super::rights::Rights;
use crate::module::{Composition, Scope};
use crate::value::text;

/// Characters of a description.
const DESCRIPTION: usize = 1_000;

/// The rights by name, each once.
///
/// # Errors
/// `VALIDATION`: unknown rights with the nearest that is known, rights given twice, scopes that a right cannot have.
pub(crate) fn clean_rights(
    modules: &Composition,
    inputs: &[RoleRightInput],
) -> Result<BTreeMap<&'static str, Scope>, Refusal> {
    let mut clean = BTreeMap::new();
    let mut wrong = Vec::new();
    for (position, input) in inputs.iter().enumerate() {
        let position = position.to_string();
        let mut refuse = |field: &str, code: &'static str, message: Message| {
            wrong.push(FieldError::new(["rights", position.as_str(), field], code, message));
        };
        let Some((_, right)) = modules.right(&input.name) else {
            refuse("name", "RIGHT_UNKNOWN", unknown(modules, &input.name));
            continue;
        };
        let scope = input.scope.unwrap_or(Scope::All);
        if !right.scoped && scope != Scope::All {
            let message = message!(
                "right-not-scoped",
                "{right} is held for all or not at all: its records have no owner",
                right = right.name,
            );
            refuse("scope", "NOT_SCOPED", message);
        }
        if clean.insert(right.name, scope).is_some() {
            refuse(
                "name",
                code::DUPLICATE,
                message!("right-twice", "{right} is given twice", right = right.name),
            );
        }
    }
    if wrong.is_empty() { Ok(clean) } else { Err(Refusal::validation(wrong)) }
}

fn unknown(modules: &Composition, right: &str) -> Message {
    let known = modules.rights().map(|(_, right)| right.name);
    let Some(nearest) = known.min_by_key(|known| strsim::damerau_levenshtein(known, right)) else {
        return message!("right-unknown", "there is no right {right}", right);
    };
    message!("right-unknown-but-near", "there is no right {right}; did you mean {nearest}?", right, nearest,)
}

/// Refuses rights that whoever gives them does not hold.
///
/// # Errors
/// `FORBIDDEN` about each.
pub(crate) fn expect_held(actor: &Rights, inputs: &[RoleRightInput]) -> Result<(), Refusal> {
    let beyond = inputs
        .iter()
        .enumerate()
        .filter(|(_, input)| !actor.covers_right(&input.name, input.scope.unwrap_or(Scope::All)));
    let fields: Vec<FieldError> = beyond
        .map(|(position, input)| {
            let message = message!(
                "right-not-held",
                "you do not hold {right} with this scope yourself",
                right = &input.name,
            );
            FieldError::new(["rights", &position.to_string()], code::FORBIDDEN, message)
        })
        .collect();
    match fields.first() {
        None => Ok(()),
        Some(first) => {
            Err(Refusal { fields: fields.clone(), ..Refusal::new(code::FORBIDDEN, first.message.clone()) })
        }
    }
}

/// Cleans a description; an empty one is none.
///
/// # Errors
/// `VALIDATION`
pub(crate) fn clean_description(given: Option<&str>) -> Result<Option<String>, Refusal> {
    let Some(given) = given else { return Ok(None) };
    let clean = text::lines(given, DESCRIPTION)
        .map_err(|error| Refusal::field(["description"], error.code(), error.message()))?;
    Ok(Some(clean).filter(|clean| !clean.is_empty()))
}
