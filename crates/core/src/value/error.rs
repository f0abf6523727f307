//! Why a value was refused.

use thiserror::Error;

/// A value that cannot be stored, with a stable [code](ValueError::code).
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ValueError {
    /// A text that must not be empty is.
    #[error("must not be empty")]
    TextEmpty,
    /// A control character that is not white space, U+0000 first of all: `PostgreSQL` cannot store it.
    #[error("the text contains the control character U+{0:04X}")]
    TextControlCharacter(u32),
    /// More characters (Unicode scalar values, counted after normalisation) than the field holds.
    #[error("the text has {length} characters; at most {max} are allowed")]
    TextTooLong {
        /// Characters found.
        length: usize,
        /// Characters allowed.
        max: usize,
    },
    /// Not an e-mail address.
    #[error("the e-mail address is not valid: {0}")]
    Email(#[from] EmailProblem),
    /// Not a phone number.
    #[error("the phone number is not valid: {0}")]
    Phone(#[from] PhoneProblem),
    /// Not a domain name.
    #[error("the domain name is not valid: {0}")]
    Domain(#[from] DomainProblem),
    /// Not an ISO 3166-1 alpha-2 code.
    #[error("the country is not a two-letter code of ISO 3166-1")]
    CountryUnknown,
    /// Not a language tag.
    #[error("the language is not a tag such as `de` or `zh-Hans-CN`")]
    LanguageInvalid,
    /// Not a zone of the IANA database.
    #[error("the time zone is not one of the IANA database, such as Europe/Berlin")]
    TimeZoneUnknown,
    /// Not a currency of ISO 4217.
    #[error("the currency is not a three-letter code of ISO 4217")]
    CurrencyUnknown,
    /// An amount with more decimals than its currency has.
    #[error("the amount has more than the {decimals} decimals of its currency")]
    MoneyPrecision {
        /// Decimals the currency has.
        decimals: u32,
    },
    /// An amount that does not fit 64-bit minor units.
    #[error("the amount is out of range")]
    MoneyRange,
}

impl ValueError {
    /// The stable code that clients and translations go by.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TextEmpty => "TEXT_EMPTY",
            Self::TextControlCharacter(_) => "TEXT_CONTROL_CHARACTER",
            Self::TextTooLong { .. } => "TEXT_TOO_LONG",
            Self::Email(_) => "EMAIL_INVALID",
            Self::Phone(PhoneProblem::RegionMissing) => "PHONE_REGION_MISSING",
            Self::Phone(_) => "PHONE_INVALID",
            Self::Domain(_) => "DOMAIN_INVALID",
            Self::CountryUnknown => "COUNTRY_UNKNOWN",
            Self::LanguageInvalid => "LANGUAGE_INVALID",
            Self::TimeZoneUnknown => "TIME_ZONE_UNKNOWN",
            Self::CurrencyUnknown => "CURRENCY_UNKNOWN",
            Self::MoneyPrecision { .. } => "MONEY_PRECISION",
            Self::MoneyRange => "MONEY_RANGE",
        }
    }
}

/// What is wrong with an e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum EmailProblem {
    /// Nothing but white space.
    #[error("it is empty")]
    Empty,
    /// No `@`.
    #[error("it has no @")]
    AtMissing,
    /// Nothing before the `@`.
    #[error("nothing stands before the @")]
    LocalEmpty,
    /// A character that the part before the `@` cannot have; a second `@` and quotes are such.
    #[error("the character U+{:04X} cannot stand before the @", u32::from(*.0))]
    LocalCharacter(char),
    /// More than 64 octets before the `@` (RFC 5321, 4.5.3.1.1).
    #[error("more than 64 octets stand before the @")]
    LocalTooLong,
    /// More than 254 octets in all (RFC 5321, 4.5.3.1.3, and erratum 1690 of RFC 3696).
    #[error("it has more than 254 octets")]
    TooLong,
    /// What follows the `@` is not a domain name.
    #[error("after the @, {0}")]
    Domain(DomainProblem),
}

/// What is wrong with a domain name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DomainProblem {
    /// Nothing is left of it.
    #[error("the name is empty")]
    Empty,
    /// One label only, as `localhost`.
    #[error("the name has no dot")]
    DotMissing,
    /// An IP address, or a top level of digits only.
    #[error("the name ends in a number")]
    Numeric,
    /// A character, a label length or a hyphen that UTS #46 with the host name rules refuses.
    #[error("the name is not a host name")]
    Syntax,
}

/// What is wrong with a phone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PhoneProblem {
    /// No digits.
    #[error("it has no digits")]
    Empty,
    /// A character that no phone number has.
    #[error("the character U+{:04X} does not belong to a phone number", u32::from(*.0))]
    Character(char),
    /// Fewer digits than any number has.
    #[error("it is too short")]
    TooShort,
    /// More digits than any number has.
    #[error("it is too long")]
    TooLong,
    /// An international number whose country calling code nobody has.
    #[error("no country has this calling code")]
    CallingCode,
    /// A national number, and no country to read it in.
    #[error("without a country it has to start with + and the country calling code")]
    RegionMissing,
}
