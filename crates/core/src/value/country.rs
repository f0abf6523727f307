//! Country codes of ISO 3166-1.

use super::ValueError;
use super::text::trim;

/// The codes in alphabetical order, one space apart.
///
/// Source: ISO 3166-1 alpha-2, the 249 officially assigned codes as CLDR 48 lists them. XK (Kosovo) is a user-assigned
/// code, taken in because CLDR, the European Union and the phone metadata use it.
const CODES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV \
     BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES \
     ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE \
     IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY \
     MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU \
     NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM \
     SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE \
     VG VI VN VU WF WS XK YE YT ZA ZM ZW";

/// Reads a two-letter code in any letter case; [`region::of`](super::region::of) reads names.
///
/// # Errors
///
/// [`ValueError::CountryUnknown`].
pub fn parse(text: &str) -> Result<&'static str, ValueError> {
    let text = trim(text);
    codes().find(|code| code.eq_ignore_ascii_case(text)).ok_or(ValueError::CountryUnknown)
}

/// All codes in alphabetical order.
pub fn codes() -> impl Iterator<Item = &'static str> {
    CODES.split(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_known_and_sorted() {
        assert_eq!(codes().count(), 250);
        assert!(codes().is_sorted());
        assert!(codes().all(|code| code.len() == 2));
        assert_eq!(parse(" de "), Ok("DE"));
        assert_eq!(parse("XK"), Ok("XK"));
        for text in ["", "D", "UK", "EU", "XX", "DEU", "AD AE", "de\0", "德国"] {
            assert_eq!(parse(text), Err(ValueError::CountryUnknown), "{text}");
        }
    }
}
