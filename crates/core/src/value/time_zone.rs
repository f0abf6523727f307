//! Time zones of the IANA database.

use chrono_tz::Tz;

use super::ValueError;
use super::text::trim;

/// The zone's name in the spelling of the IANA database; letter case does not count.
///
/// # Errors
///
/// [`ValueError::TimeZoneUnknown`]
pub fn parse(text: &str) -> Result<String, ValueError> {
    let text = trim(text);
    let exact = text.parse::<Tz>();
    let zone = exact.or_else(|_| Tz::from_str_insensitive(text)).map_err(|_| ValueError::TimeZoneUnknown)?;
    Ok(zone.name().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_spelt_as_in_the_database() {
        assert_eq!(parse(" asia/shanghai ").as_deref(), Ok("Asia/Shanghai"));
        assert_eq!(parse("Mars"), Err(ValueError::TimeZoneUnknown));
        assert_eq!(parse(""), Err(ValueError::TimeZoneUnknown));
    }
}
