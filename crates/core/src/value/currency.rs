//! Currencies of ISO 4217 and money in minor units.
//!
//! Money is stored as a 64-bit count of minor units (cents, fen) beside its currency, and calculated as [`Decimal`].

use std::fmt;

use rust_decimal::Decimal;

use super::ValueError;
use super::text::trim;

/// Codes by their number of decimals ("minor unit"), each line in alphabetical order.
///
/// Source: ISO 4217 list one of the maintenance agency (SIX), January 2026, without metals, test and bond codes, which
/// have no minor unit. The last line holds currencies withdrawn since 2022, because older records carry them.
const CODES: [(u32, &str); 5] = [
    (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
    (
        2,
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW \
         CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF \
         IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK \
         MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP \
         SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG \
         YER ZAR ZMW ZWG",
    ),
    (3, "BHD IQD JOD KWD LYD OMR TND"),
    (4, "CLF UYW"),
    (2, "ANG BGN CUC HRK SLL ZWL"),
];

/// A currency of ISO 4217.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency {
    code: &'static str,
    decimals: u32,
}

impl Currency {
    /// Reads a three-letter code in any letter case.
    ///
    /// # Errors
    ///
    /// [`ValueError::CurrencyUnknown`].
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        let text = trim(text);
        let found = CODES.iter().find_map(|&(decimals, codes)| {
            let code = codes.split(' ').find(|code| code.eq_ignore_ascii_case(text))?;
            Some(Self { code, decimals })
        });
        found.ok_or(ValueError::CurrencyUnknown)
    }

    /// The code in capitals.
    pub fn code(self) -> &'static str {
        self.code
    }

    /// How many decimals an amount has: 0 for JPY, 2 for EUR, 3 for BHD.
    pub fn decimals(self) -> u32 {
        self.decimals
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

/// An amount in the minor units of its currency: 12.30 EUR is 1230. Zeros at the end do not count as decimals.
///
/// # Errors
///
/// [`ValueError::MoneyPrecision`] for more decimals than the currency has (nothing is rounded here),
/// [`ValueError::MoneyRange`] for an amount beyond 64 bits.
pub fn minor_units(amount: Decimal, currency: Currency) -> Result<i64, ValueError> {
    let amount = amount.normalize();
    let decimals = currency.decimals;
    let missing = decimals.checked_sub(amount.scale()).ok_or(ValueError::MoneyPrecision { decimals })?;
    let units = amount.mantissa().checked_mul(10_i128.pow(missing)).ok_or(ValueError::MoneyRange)?;
    i64::try_from(units).map_err(|_| ValueError::MoneyRange)
}

/// The amount of so many minor units, with all decimals of its currency: 1230 in EUR is 12.30.
pub fn from_minor(units: i64, currency: Currency) -> Decimal {
    Decimal::new(units, currency.decimals)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn currency(code: &str) -> Currency {
        Currency::parse(code).unwrap()
    }

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn codes_have_their_decimals() {
        let expected = [
            ("eur", 2),
            ("JPY", 0),
            ("KRW", 0),
            ("BHD", 3),
            ("CLF", 4),
            ("CNY", 2),
            (" RUB ", 2),
            ("HRK", 2),
        ];
        for (code, decimals) in expected {
            assert_eq!(currency(code).decimals(), decimals, "{code}");
        }
        for text in ["", "EU", "EURO", "XAU", "XXX", "E R", "BIF CLP", "欧元"] {
            assert_eq!(Currency::parse(text), Err(ValueError::CurrencyUnknown), "{text}");
        }
        let mut codes: Vec<_> = CODES.iter().flat_map(|(_, codes)| codes.split(' ')).collect();
        assert!(codes.iter().all(|code| code.len() == 3));
        let all = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), all, "no code twice");
    }

    #[test]
    fn amounts_become_minor_units_without_rounding() {
        assert_eq!(minor_units(decimal("12.3"), currency("EUR")), Ok(1230));
        assert_eq!(minor_units(decimal("-0.01"), currency("EUR")), Ok(-1));
        assert_eq!(minor_units(decimal("12.3000"), currency("EUR")), Ok(1230));
        assert_eq!(
            minor_units(decimal("1.2345"), currency("BHD")),
            Err(ValueError::MoneyPrecision { decimals: 3 })
        );
        assert_eq!(
            minor_units(decimal("0.5"), currency("JPY")),
            Err(ValueError::MoneyPrecision { decimals: 0 })
        );
        assert_eq!(minor_units(decimal("92233720368547758.07"), currency("EUR")), Ok(i64::MAX));
        assert_eq!(
            minor_units(decimal("92233720368547758.08"), currency("EUR")),
            Err(ValueError::MoneyRange)
        );
        assert_eq!(minor_units(Decimal::MAX, currency("CLF")), Err(ValueError::MoneyRange));
        assert_eq!(from_minor(900_719_925_474_099_327, currency("EUR")).to_string(), "9007199254740993.27");
        assert_eq!(from_minor(-5, currency("JPY")).to_string(), "-5");
    }

    proptest! {
        #[test]
        fn minor_units_come_back(units: i64, code in prop::sample::select(vec!["EUR", "JPY", "KWD", "CLF"])) {
            prop_assert_eq!(minor_units(from_minor(units, currency(code)), currency(code)), Ok(units));
        }
    }
}
