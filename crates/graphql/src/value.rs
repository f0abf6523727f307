//! The kinds of leaf values: how each is called in GraphQL, coerced from input, bound to SQL and written as JSON.

use chrono::{DateTime, NaiveDate, SubsecRound as _, Utc};
use rust_decimal::Decimal;
use sea_orm::Value;
use serde_json::Value as Json;
use uuid::Uuid;

use crate::database::Dialect;
use crate::message;
use crate::message::Message;

/// A closed list of text codes with descriptions, a GraphQL enum. Made by [`choices!`](crate::choices).
#[derive(Debug, PartialEq, Eq)]
pub struct Choices {
    /// GraphQL name of the enum.
    pub name: &'static str,
    /// What the list is about.
    pub description: &'static str,
    /// `(code, description)` in their natural order. The code is what the database stores.
    pub values: &'static [(&'static str, &'static str)],
}

/// A Rust enum that is stored as the code of one of its [`Choices`].
pub trait Choice: Sized + Copy + 'static {
    /// All values with their descriptions.
    const CHOICES: &'static Choices;
    /// The stored code.
    fn code(self) -> &'static str;
    /// The value of a code.
    fn from_code(code: &str) -> Option<Self>;
}

/// What a leaf is, on both sides of the API and in both databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// UUID; `ID` in GraphQL, 16 bytes in the database.
    Id,
    /// Unicode text.
    Text,
    /// 32-bit integer.
    Int,
    /// 64-bit integer, a JSON number.
    Long,
    /// Double precision number.
    Float,
    /// True or false.
    Boolean,
    /// A calendar day, `2026-03-01`.
    Date,
    /// An instant in UTC with microseconds, RFC 3339.
    DateTime,
    /// An exact number kept as a 64-bit integer of `10^-scale` units; a string in GraphQL.
    Decimal {
        /// Digits after the point.
        scale: u32,
    },
    /// One of a closed list of codes.
    Choice(&'static Choices),
    /// Any JSON.
    Json,
}

impl Kind {
    /// The GraphQL type's name.
    pub fn type_name(self) -> &'static str {
        match self {
            Self::Id => "ID",
            Self::Text => "String",
            Self::Int => "Int",
            Self::Long => "Long",
            Self::Float => "Float",
            Self::Boolean => "Boolean",
            Self::Date => "Date",
            Self::DateTime => "DateTime",
            Self::Decimal { .. } => "Decimal",
            Self::Choice(choices) => choices.name,
            Self::Json => "JSON",
        }
    }

    /// True where sums and averages make sense.
    pub fn is_number(self) -> bool {
        matches!(self, Self::Int | Self::Long | Self::Float | Self::Decimal { .. })
    }

    /// True where "less than" makes sense without a sort key.
    pub fn is_ordered(self) -> bool {
        self.is_number() || matches!(self, Self::Date | Self::DateTime | Self::Id)
    }
}

/// A coerced input value: literals, variables and defaults after the rules of the specification.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// An explicit null.
    Null,
    /// `Boolean`
    Boolean(bool),
    /// `Int`
    Int(i32),
    /// `Long`
    Long(i64),
    /// `Float`
    Float(f64),
    /// `String`, and the code of an enum value.
    Text(String),
    /// `ID`
    Id(Uuid),
    /// `Date`
    Date(NaiveDate),
    /// `DateTime`, in whole microseconds
    DateTime(DateTime<Utc>),
    /// `Decimal`
    Decimal(Decimal),
    /// `JSON`
    Json(Json),
    /// A list.
    List(Vec<Input>),
    /// An input object; absent fields are not there.
    Object(InputMap),
}

/// The fields of an input object that were given, in the order of the declaration.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct InputMap(pub Vec<(String, Input)>);

impl InputMap {
    /// The value of a field, `None` if it is absent.
    pub fn get(&self, name: &str) -> Option<&Input> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// All given fields.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Input)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// Takes a field out.
    pub fn take(&mut self, name: &str) -> Option<Input> {
        let position = self.0.iter().position(|(key, _)| key == name)?;
        Some(self.0.remove(position).1)
    }
}

/// Parses a leaf that came as JSON (a variable's value, or a literal turned into JSON) as the scalar called `name`.
/// `None` if there is no such built-in scalar.
///
/// # Errors
/// A sentence that says what was expected.
pub(crate) fn parse_scalar(name: &str, value: &Json) -> Option<Result<Input, String>> {
    let expected = |what: &str| Err(format!("expected {what}, found {}", describe(value)));
    Some(match name {
        "Boolean" => value.as_bool().map_or_else(|| expected("a Boolean"), |b| Ok(Input::Boolean(b))),
        "String" => match value.as_str() {
            // PostgreSQL cannot keep it, and no text needs it.
            Some(text) if text.contains('\0') => Err("the character U+0000 is not allowed".to_owned()),
            Some(text) => Ok(Input::Text(text.to_owned())),
            None => expected("a String"),
        },
        "Int" => {
            int(value).map_or_else(|| expected("an Int between -2^31 and 2^31-1"), |i| Ok(Input::Int(i)))
        }
        "Long" => {
            long(value).map_or_else(|| expected("a Long, a whole number of 64 bits"), |i| Ok(Input::Long(i)))
        }
        "Float" => match value.as_f64() {
            Some(number) if value.is_number() && number.is_finite() => Ok(Input::Float(number)),
            _ => expected("a Float"),
        },
        "ID" => match value {
            Json::String(text) => match Uuid::try_parse(text) {
                Ok(id) => Ok(Input::Id(id)),
                Err(_) => expected("an ID, a UUID such as 0198c2a4-5b1e-7c3d-9a00-3f1d2b4c5e6f"),
            },
            _ => expected("an ID, a UUID in a string"),
        },
        "Date" => match value.as_str().and_then(date) {
            Some(date) => Ok(Input::Date(date)),
            None => expected("a Date such as 2026-03-01"),
        },
        "DateTime" => match value.as_str().and_then(instant) {
            Some(instant) => Ok(Input::DateTime(instant)),
            None => expected("a DateTime such as 2026-03-01T09:30:00Z"),
        },
        "Decimal" => match value.as_str().and_then(|text| Decimal::from_str_exact(text).ok()) {
            Some(number) => Ok(Input::Decimal(number)),
            None => expected("a Decimal in a string, such as \"12.50\""),
        },
        "JSON" => Ok(Input::Json(value.clone())),
        _ => return None,
    })
}

fn int(value: &Json) -> Option<i32> {
    long(value).and_then(|number| i32::try_from(number).ok())
}

/// A JSON number without a fraction: `1` and `1.0` are the same number in JSON.
fn long(value: &Json) -> Option<i64> {
    value.as_i64().or_else(|| {
        let number = value.as_f64().filter(|_| value.is_f64())?;
        // 2^53: beyond it a double no longer names one whole number.
        (number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0)
            .then(|| Decimal::try_from(number).ok()?.try_into().ok())
            .flatten()
    })
}

fn date(text: &str) -> Option<NaiveDate> {
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    // chrono takes `2026-3-1` and years of any length; one form keeps text order on SQLite.
    (text.len() == 10 && date >= NaiveDate::from_ymd_opt(1, 1, 1)?).then_some(date)
}

fn instant(text: &str) -> Option<DateTime<Utc>> {
    let instant = DateTime::parse_from_rfc3339(text).ok()?.with_timezone(&Utc).trunc_subsecs(6);
    let first = NaiveDate::from_ymd_opt(1, 1, 1)?.and_hms_opt(0, 0, 0)?.and_utc();
    let last = NaiveDate::from_ymd_opt(9999, 12, 31)?.and_hms_micro_opt(23, 59, 59, 999_999)?.and_utc();
    (instant >= first && instant <= last).then_some(instant)
}

/// A short description of a JSON value for an error message.
pub(crate) fn describe(value: &Json) -> String {
    match value {
        Json::Null => "null".to_owned(),
        Json::Array(_) => "a list".to_owned(),
        Json::Object(_) => "an object".to_owned(),
        Json::String(text) if text.chars().count() > 40 => {
            format!("\"{}…\"", text.chars().take(40).collect::<String>())
        }
        other => other.to_string(),
    }
}

/// The one form in which instants are kept as text: fixed width, so that text order is time order.
pub const INSTANT_FORMAT: &str = "%Y-%m-%dT%H:%M:%S%.6fZ";

/// The value as it is bound in a statement of this dialect. `Decimal` becomes units of the column's scale.
///
/// # Errors
/// A sentence, when the value cannot be a value of `kind` (too many decimals, out of range).
pub fn bind(input: &Input, kind: Kind, dialect: Dialect) -> Result<Value, Message> {
    Ok(match (input, kind) {
        (Input::Boolean(b), _) => (*b).into(),
        (Input::Int(i), _) => (*i).into(),
        (Input::Long(i), _) => (*i).into(),
        (Input::Float(f), _) => (*f).into(),
        (Input::Text(text), _) => text.as_str().into(),
        (Input::Id(id), _) => (*id).into(),
        (Input::Date(date), _) => (*date).into(),
        (Input::DateTime(at), _) => instant_value(*at, dialect),
        (Input::Decimal(number), Kind::Decimal { scale }) => decimal_units(*number, scale)?.into(),
        (Input::Json(json), _) => json.clone().into(),
        (other, kind) => return Err(format!("{other:?} is not a {}", kind.type_name()).into()),
    })
}

/// An instant as this dialect stores it.
pub fn instant_value(at: DateTime<Utc>, dialect: Dialect) -> Value {
    match dialect {
        Dialect::Postgres => at.into(),
        Dialect::Sqlite => at.format(INSTANT_FORMAT).to_string().into(),
    }
}

/// `number` in units of `10^-scale`.
///
/// # Errors
/// A sentence when it has more decimals or does not fit 64 bits.
pub fn decimal_units(number: Decimal, scale: u32) -> Result<i64, Message> {
    let number = number.normalize();
    if number.scale() > scale {
        return Err(message!(
            "decimals-too-many",
            "at most {scale} digits after the point, found {number}",
            scale,
            number = number.to_string(),
        ));
    }
    let too_large = || message!("number-too-large", "{number} is too large", number = number.to_string());
    let mut units = number;
    units.rescale(scale);
    // `rescale` stops short of the scale where the number would not fit.
    if units.scale() != scale {
        return Err(too_large());
    }
    i64::try_from(units.mantissa()).map_err(|_| too_large())
}
