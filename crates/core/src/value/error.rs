//! Why a value was refused.

use std::fmt;

use shoal_graphql::message;
use shoal_graphql::message::Message;

/// A value that cannot be stored, with a stable [code](ValueError::code).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueError {
    /// A text that must not be empty is.
    TextEmpty,
    /// A control character that is not white space, U+0000 first of all: `PostgreSQL` cannot store it.
    TextControlCharacter(u32),
    /// More characters (Unicode scalar values, counted after normalisation) than the field holds.
    TextTooLong {
        /// Characters found.
        length: usize,
        /// Characters allowed.
        max: usize,
    },
    /// Not an e-mail address.
    Email(EmailProblem),
    /// Not a phone number.
    Phone(PhoneProblem),
    /// Not a domain name.
    Domain(DomainProblem),
    /// Not an ISO 3166-1 alpha-2 code.
    CountryUnknown,
    /// Not a language tag.
    LanguageInvalid,
    /// Not a zone of the IANA database.
    TimeZoneUnknown,
    /// Not a currency of ISO 4217.
    CurrencyUnknown,
    /// An amount with more decimals than its currency has.
    MoneyPrecision {
        /// Decimals the currency has.
        decimals: u32,
    },
    /// An amount that does not fit 64-bit minor units.
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

    /// What is wrong, for whoever gave the value; it never repeats the value.
    pub fn message(&self) -> Message {
        match self {
            Self::TextEmpty => message!("text-empty", "must not be empty"),
            Self::TextControlCharacter(character) => {
                let character = code_point(*character);
                message!(
                    "text-control-character",
                    "the text contains the control character {character}",
                    character
                )
            }
            Self::TextTooLong { length, max } => message!(
                "text-too-long",
                "the text has {length} characters; at most {most} are allowed",
                length = *length,
                most = *max
            ),
            Self::Email(problem) => {
                let problem = problem.message();
                message!("email-invalid", "the e-mail address is not valid: {problem}", problem)
            }
            Self::Phone(problem) => {
                let problem = problem.message();
                message!("phone-invalid", "the phone number is not valid: {problem}", problem)
            }
            Self::Domain(problem) => {
                let problem = problem.message();
                message!("domain-invalid", "the domain name is not valid: {problem}", problem)
            }
            Self::CountryUnknown => {
                message!("country-unknown", "the country is not a two-letter code of ISO 3166-1")
            }
            Self::LanguageInvalid => {
                message!("language-invalid", "the language is not a tag such as `de` or `zh-Hans-CN`")
            }
            Self::TimeZoneUnknown => message!(
                "time-zone-unknown",
                "the time zone is not one of the IANA database, such as Europe/Berlin"
            ),
            Self::CurrencyUnknown => {
                message!("currency-unknown", "the currency is not a three-letter code of ISO 4217")
            }
            Self::MoneyPrecision { decimals } => message!(
                "money-precision",
                "the amount has more than the {decimals} decimals of its currency",
                decimals = *decimals
            ),
            Self::MoneyRange => message!("money-range", "the amount is out of range"),
        }
    }
}

/// A character that may not be shown as it is.
fn code_point(character: u32) -> String {
    format!("U+{character:04X}")
}

macro_rules! english {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.message().fmt(f)
            }
        }

        impl std::error::Error for $name {}
    )*};
}

english!(ValueError, EmailProblem, DomainProblem, PhoneProblem);

macro_rules! problem {
    ($($variant:ident($name:ident)),*) => {$(
        impl From<$name> for ValueError {
            fn from(problem: $name) -> Self {
                Self::$variant(problem)
            }
        }
    )*};
}

problem!(Email(EmailProblem), Phone(PhoneProblem), Domain(DomainProblem));

/// What is wrong with an e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmailProblem {
    /// Nothing but white space.
    Empty,
    /// No `@`.
    AtMissing,
    /// Nothing before the `@`.
    LocalEmpty,
    /// A character that the part before the `@` cannot have; a second `@` and quotes are such.
    LocalCharacter(char),
    /// More than 64 octets before the `@` (RFC 5321, 4.5.3.1.1).
    LocalTooLong,
    /// More than 254 octets in all (RFC 5321, 4.5.3.1.3, and erratum 1690 of RFC 3696).
    TooLong,
    /// What follows the `@` is not a domain name.
    Domain(DomainProblem),
}

impl EmailProblem {
    fn message(self) -> Message {
        match self {
            Self::Empty => message!("email-empty", "it is empty"),
            Self::AtMissing => message!("email-without-at", "it has no @"),
            Self::LocalEmpty => message!("email-local-empty", "nothing stands before the @"),
            Self::LocalCharacter(character) => {
                let character = code_point(character.into());
                message!(
                    "email-local-character",
                    "the character {character} cannot stand before the @",
                    character
                )
            }
            Self::LocalTooLong => {
                message!("email-local-too-long", "more than 64 octets stand before the @")
            }
            Self::TooLong => message!("email-too-long", "it has more than 254 octets"),
            Self::Domain(problem) => {
                let problem = problem.message();
                message!("email-domain", "after the @, {problem}", problem)
            }
        }
    }
}

/// What is wrong with a domain name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DomainProblem {
    /// Nothing is left of it.
    Empty,
    /// One label only, as `localhost`.
    DotMissing,
    /// An IP address, or a top level of digits only.
    Numeric,
    /// A character, a label length or a hyphen that UTS #46 with the host name rules refuses.
    Syntax,
}

impl DomainProblem {
    fn message(self) -> Message {
        match self {
            Self::Empty => message!("domain-empty", "the name is empty"),
            Self::DotMissing => message!("domain-without-dot", "the name has no dot"),
            Self::Numeric => message!("domain-numeric", "the name ends in a number"),
            Self::Syntax => message!("domain-syntax", "the name is not a host name"),
        }
    }
}

/// What is wrong with a phone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhoneProblem {
    /// No digits.
    Empty,
    /// A character that no phone number has.
    Character(char),
    /// Fewer digits than any number has.
    TooShort,
    /// More digits than any number has.
    TooLong,
    /// An international number whose country calling code nobody has.
    CallingCode,
    /// A national number, and no country to read it in.
    RegionMissing,
}

impl PhoneProblem {
    fn message(self) -> Message {
        match self {
            Self::Empty => message!("phone-empty", "it has no digits"),
            Self::Character(character) => {
                let character = code_point(character.into());
                message!(
                    "phone-character",
                    "the character {character} does not belong to a phone number",
                    character
                )
            }
            Self::TooShort => message!("phone-too-short", "it is too short"),
            Self::TooLong => message!("phone-too-long", "it is too long"),
            Self::CallingCode => message!("phone-calling-code", "no country has this calling code"),
            Self::RegionMissing => message!(
                "phone-without-country",
                "without a country it has to start with + and the country calling code"
            ),
        }
    }
}
