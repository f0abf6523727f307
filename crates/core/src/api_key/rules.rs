//! What makes an API key valid: pure.

use chrono::{DateTime, Months, Utc};
use shoal_graphql::error::Refusal;
use shoal_graphql::message;
use uuid::Uuid;

/// The longest that a key which ends works, in months: ten years.
const LONGEST: Months = Months::new(120);

/// Characters of the secret that tell keys apart.
const HINT: usize = 4;

/// Refuses an end that has been, or is too far away.
///
/// # Errors
/// `VALIDATION`
pub(crate) fn expect_end(end: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<(), Refusal> {
    let Some(end) = end else { return Ok(()) };
    if end <= now {
        return Err(Refusal::field(["expiresAt"], "PAST", message!("date-past", "must be in the future")));
    }
    if now.checked_add_months(LONGEST).is_some_and(|latest| end > latest) {
        return Err(Refusal::field(
            ["expiresAt"],
            "RANGE",
            message!("api-key-end-too-late", "must be ten years from now at most"),
        ));
    }
    Ok(())
}

/// Refuses a key that could do nothing.
///
/// # Errors
/// `VALIDATION`
pub(crate) fn expect_some(roles: &[Uuid]) -> Result<(), Refusal> {
    if roles.is_empty() {
        Err(Refusal::field(["roleIds"], "REQUIRED", message!("api-key-without-role", "a key needs a role")))
    } else {
        Ok(())
    }
}

/// The last characters of a secret.
pub(crate) fn hint(secret: &str) -> String {
    let start = secret.char_indices().rev().nth(HINT - 1).map_or(0, |(start, _)| start);
    secret[start..].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_lie_within_ten_years() {
        let now: DateTime<Utc> = "2026-03-02T09:30:00Z".parse().unwrap();
        let refused =
            |end: &str| expect_end(end.parse().ok(), now).err().map(|refusal| refusal.fields[0].code);
        assert_eq!(expect_end(None, now), Ok(()));
        assert_eq!(refused("2026-03-02T09:30:00Z"), Some("PAST"));
        assert_eq!(refused("2026-03-02T09:30:01Z"), None);
        assert_eq!(refused("2036-03-02T09:30:00Z"), None);
        assert_eq!(refused("2036-03-02T09:30:01Z"), Some("RANGE"));
    }

    #[test]
    fn hints_are_the_last_characters() {
        assert_eq!(hint("shoal_key_abcdef"), "cdef");
        assert_eq!(hint("ab"), "ab");
    }
}
