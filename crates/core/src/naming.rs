//! Names of teams, roles and keys: cleaned, and what tells them apart.

use shoal_graphql::error::{REQUIRED, Refusal};

use crate::value::{sort_key, text};

/// Characters of a name.
const LENGTH: usize = 100;

/// Cleans a name.
///
/// # Errors
/// `VALIDATION` about `name`.
pub(crate) fn clean(name: &str) -> Result<String, Refusal> {
    let clean = text::line(name, LENGTH);
    match clean.map_err(|error| Refusal::field(["name"], error.code(), error.message()))? {
        empty if empty.is_empty() => Err(Refusal::field(["name"], "REQUIRED", REQUIRED)),
        name => Ok(name),
    }
}

/// What tells names apart, and orders them: letter case, accents and spaces do not. A name of signs alone is its own key.
pub(crate) fn key(name: &str) -> String {
    let key = sort_key::sort_key(name);
    if key.is_empty() { name.to_owned() } else { key }
}
