//! What an interaction may say.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use shoal_core::value::text;
use shoal_graphql::declare::Patch;
use shoal_graphql::message;
use shoal_graphql::value::Choice as _;

use super::Model;
use super::graphql::InteractionDetails;
use crate::choices::InteractionKind;
use crate::rules::{Mistakes, NEGATIVE};

/// Characters of a subject.
pub const SUBJECT: usize = 500;

/// Characters of a body.
pub const BODY: usize = 100_000;

/// Contacts whom one interaction can be with.
pub const CONTACTS: usize = 100;

/// Digits of a place's degrees behind the point; the sixth is a tenth of a metre.
pub const DEGREE_DIGITS: u32 = 6;

/// Puts what is said into an interaction.
pub(super) fn apply(model: &mut Model, details: &InteractionDetails, mistakes: &mut Mistakes) {
    let details = details.clone();
    details.at.apply(&mut model.at);
    if let Patch::Set(direction) = details.direction {
        model.direction = direction.map(|direction| direction.code().to_owned());
    }
    details.duration_seconds.apply(&mut model.duration_seconds);
    mistakes.parsed("subject", details.subject, &mut model.subject, |line| text::line(line, SUBJECT));
    mistakes.parsed("body", details.body, &mut model.body, |lines| text::lines(lines, BODY));
    mistakes.line("place", details.place, &mut model.place);
    mistakes.line("outcome", details.outcome, &mut model.outcome);
    for (field, given, target, most) in [
        ("latitude", details.latitude, &mut model.latitude, 90),
        ("longitude", details.longitude, &mut model.longitude, 180),
    ] {
        match given {
            Patch::Keep => {}
            Patch::Set(None) => *target = None,
            Patch::Set(Some(degrees)) => match millionths(degrees, most) {
                Some(degrees) => *target = Some(degrees),
                None => mistakes.add(
                    field,
                    "RANGE",
                    message!("contacts-degrees", "must lie between -{most} and {most}, in degrees", most),
                ),
            },
        }
    }
    details.account_id.apply(&mut model.account_id);
    details.owner_id.apply(&mut model.owner_id);
    details.team_id.apply(&mut model.team_id);
    check(model, mistakes);
}

fn check(model: &Model, mistakes: &mut Mistakes) {
    let unclear = mistakes.0.iter().any(|mistake| mistake.code == "RANGE");
    if !unclear && model.latitude.is_some() != model.longitude.is_some() {
        let missing = if model.latitude.is_some() { "longitude" } else { "latitude" };
        let message = message!("contacts-half-a-place", "a place on the map needs latitude and longitude");
        mistakes.add(missing, "REQUIRED", message);
    }
    if model.duration_seconds.is_some_and(|seconds| seconds < 0) {
        mistakes.add("durationSeconds", "RANGE", NEGATIVE);
    }
    let visit = model.kind == InteractionKind::Visit.code();
    for (field, given) in [("place", model.place.is_some()), ("latitude", model.latitude.is_some())] {
        if given && !visit {
            mistakes.add(field, "NO_VISIT", message!("contacts-no-visit", "only a visit has a place"));
        }
    }
}

/// Degrees in millionths, if there are so many at the most.
fn millionths(degrees: Decimal, most: i64) -> Option<i64> {
    if degrees.abs() > Decimal::from(most) {
        return None;
    }
    (degrees * Decimal::from(10_i64.pow(DEGREE_DIGITS))).round().to_i64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn degrees_are_stored_in_millionths() {
        let of = |text: &str| millionths(text.parse().unwrap(), 90);
        assert_eq!(of("52.5200066"), Some(52_520_007));
        assert_eq!(of("-90"), Some(-90_000_000));
        assert_eq!((of("90.000001"), of("-91")), (None, None));
    }
}
