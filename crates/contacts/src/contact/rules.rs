//! What makes a contact valid: pure.

use shoal_core::value::sort_key::{has_han, name_sort_key, sort_key};
use shoal_core::value::{language, text, time_zone};
use shoal_graphql::declare::Patch;
use shoal_graphql::message;
use shoal_graphql::value::Choice as _;

use super::Model;
use super::graphql::ContactDetails;
use crate::rules::{LINE, Mistakes, optional_sort_key};

/// Puts the values into the contact. The display name is made of the others' unless it is given.
pub(crate) fn apply(model: &mut Model, details: &ContactDetails, mistakes: &mut Mistakes) {
    let details = details.clone();
    let derived = display_name(model);
    let follows = model.display_name.is_empty() || model.display_name == derived;
    mistakes.line("givenName", details.given_name, &mut model.given_name);
    mistakes.line("familyName", details.family_name, &mut model.family_name);
    mistakes.line("honorific", details.honorific, &mut model.honorific);
    mistakes.line("jobTitle", details.job_title, &mut model.job_title);
    mistakes.parsed("timeZone", details.time_zone, &mut model.time_zone, time_zone::parse);
    mistakes.parsed("language", details.language, &mut model.language, language::parse);
    details.birthday.apply(&mut model.birthday);
    if let Patch::Set(stage) = details.lifecycle_stage {
        stage.code().clone_into(&mut model.lifecycle_stage);
    }
    details.owner_id.apply(&mut model.owner_id);
    details.team_id.apply(&mut model.team_id);
    let given = details.display_name.given().cloned().flatten().filter(|name| !text::trim(name).is_empty());
    match given {
        Some(name) => {
            if let Some(name) = mistakes.check("displayName", text::line(&name, LINE)) {
                model.display_name = name;
            }
        }
        // Cleared, or never anything but what the parts make.
        None if follows || details.display_name.given().is_some() => model.display_name = display_name(model),
        None => {}
    }
    if model.display_name.is_empty() && mistakes.0.is_empty() {
        mistakes.add(
            "displayName",
            "REQUIRED",
            message!(
                "contacts-contact-without-name",
                "a contact needs a given name, a family name or a display name"
            ),
        );
    }
    if details.account_role.is_some() && !matches!(details.account_id, Patch::Set(Some(_))) {
        mistakes.add(
            "accountRole",
            "ACCOUNT_MISSING",
            message!(
                "contacts-role-without-account",
                "says what the contact is at accountId, which is not given"
            ),
        );
    }
    // The family name's reading of a Chinese name holds for the whole name, which begins with it.
    model.display_name_sort = name_sort_key(&model.display_name);
    model.job_title_sort = optional_sort_key(model.job_title.as_deref());
    model.given_name_sort = optional_sort_key(model.given_name.as_deref());
    model.family_name_sort = model
        .family_name
        .as_deref()
        .map(|name| if has_han(name) { name_sort_key(name) } else { sort_key(name) });
}

/// The name as it is spoken: Chinese, Japanese and Korean names have the family first, without a space.
pub(crate) fn display_name(model: &Model) -> String {
    let (given, family) = (model.given_name.as_deref(), model.family_name.as_deref());
    match (given, family) {
        (Some(given), Some(family)) if has_han(family) && is_east_asian(given) => format!("{family}{given}"),
        (Some(given), Some(family)) if is_hangul(family) && is_east_asian(given) => {
            format!("{family}{given}")
        }
        (Some(given), Some(family)) => format!("{given} {family}"),
        (given, family) => given.or(family).unwrap_or_default().to_owned(),
    }
}

fn is_hangul(text: &str) -> bool {
    text.chars().all(|character| ('\u{AC00}'..='\u{D7A3}').contains(&character))
}

/// Han, kana or Hangul.
fn is_east_asian(text: &str) -> bool {
    let is_kana = |character: char| ('\u{3040}'..='\u{30FF}').contains(&character);
    has_han(text) || is_hangul(text) || text.chars().any(is_kana)
}
