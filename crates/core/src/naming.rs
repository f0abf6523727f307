//! Names of teams, roles and keys: cleaned, and what tells them apart.

use shoal_graphql::error::Refusal;

use crate::batch;
use crate::value::{sort_key, text};

/// Characters of a name.
const LENGTH: usize = 100;

/// Cleans a name.
///
/// # Errors
/// `VALIDATION` about `name`.
pub(crate) fn clean(name: &str) -> Result<String, Refusal> {
    batch::required("name", text::line(name, LENGTH))
}

/// What tells names apart, and orders them: letter case, accents and spaces do not. A name of signs alone is its own key.
pub(crate) fn key(name: &str) -> String {
    let key = sort_key::sort_key(name);
    if key.is_empty() { name.to_owned() } else { key }
}
