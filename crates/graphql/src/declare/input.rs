//! Inputs of mutations: a Rust struct is the one place that describes them.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::types::{ObjectDeclaration, Types};
use crate::error::{FieldError, REQUIRED};
use crate::value::{Input, InputMap};

/// A field of an input object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputField {
    /// Name in the API.
    pub name: String,
    /// Description in the API.
    pub description: String,
    /// Type in the API, such as `[String!]!`.
    pub type_ref: String,
}

/// An input object of the API.
pub type InputDeclaration = ObjectDeclaration<InputField>;

/// The input objects and enums that inputs need, by name.
pub type InputTypes = Types<InputField>;

/// A Rust type that an input may hold.
pub trait InputType: Sized + Send + 'static {
    /// Type in the API, such as `[String!]!`.
    fn type_ref() -> String;
    /// Adds what the type needs to the schema.
    fn register(_types: &mut InputTypes) {}
    /// Makes it from a coerced value; `None` is an absent field.
    ///
    /// # Errors
    /// What is wrong, with paths from here down.
    fn from_input(value: Option<Input>) -> Result<Self, Vec<FieldError>>;
}

/// An input object; made by [`input!`](crate::input).
pub trait InputObject: InputType {
    /// Type name in the API.
    const NAME: &'static str;
    /// Its fields, those it shares with others included.
    fn fields(types: &mut InputTypes) -> Vec<InputField>;
    /// Takes its fields out of an object; mistakes go to `errors`.
    fn take(object: &mut InputMap, errors: &mut Vec<FieldError>) -> Option<Self>;
}

/// A field of an update: absent leaves the value alone. For a nullable value use `Patch<Option<T>>`, where null
/// clears it; for others null is a mistake.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Patch<T> {
    /// The field was absent.
    #[default]
    Keep,
    /// The field was given.
    Set(T),
}

impl<T> Patch<T> {
    /// Puts the given value into `target`, if one was given.
    pub fn apply(self, target: &mut T) {
        if let Self::Set(value) = self {
            *target = value;
        }
    }

    /// The given value.
    pub fn given(&self) -> Option<&T> {
        match self {
            Self::Keep => None,
            Self::Set(value) => Some(value),
        }
    }
}

fn wrong<T>(expected: &str) -> Result<T, Vec<FieldError>> {
    Err(vec![FieldError { path: Vec::new(), code: "TYPE", message: format!("expected {expected}").into() }])
}

fn required<T>() -> Result<T, Vec<FieldError>> {
    Err(vec![FieldError { path: Vec::new(), code: "REQUIRED", message: REQUIRED }])
}

macro_rules! leaf {
    ($($type:ty => $name:literal, $pattern:pat => $value:expr;)*) => {
        $(impl InputType for $type {
            fn type_ref() -> String {
                concat!($name, "!").to_owned()
            }
            fn from_input(value: Option<Input>) -> Result<Self, Vec<FieldError>> {
                match value {
                    Some($pattern) => Ok($value),
                    None | Some(Input::Null) => required(),
                    Some(_) => wrong($name),
                }
            }
        })*
    };
}

leaf! {
    bool => "Boolean", Input::Boolean(value) => value;
    i32 => "Int", Input::Int(value) => value;
    i64 => "Long", Input::Long(value) => value;
    f64 => "Float", Input::Float(value) => value;
    String => "String", Input::Text(value) => value;
    Uuid => "ID", Input::Id(value) => value;
    NaiveDate => "Date", Input::Date(value) => value;
    DateTime<Utc> => "DateTime", Input::DateTime(value) => value;
    Decimal => "Decimal", Input::Decimal(value) => value;
    serde_json::Value => "JSON", Input::Json(value) => value;
}

fn nullable(type_ref: &str) -> String {
    type_ref.trim_end_matches('!').to_owned()
}

impl<T: InputType> InputType for Option<T> {
    fn type_ref() -> String {
        nullable(&T::type_ref())
    }
    fn register(types: &mut InputTypes) {
        T::register(types);
    }
    fn from_input(value: Option<Input>) -> Result<Self, Vec<FieldError>> {
        match value {
            None | Some(Input::Null) => Ok(None),
            some => T::from_input(some).map(Some),
        }
    }
}

impl<T: InputType> InputType for Patch<T> {
    fn type_ref() -> String {
        nullable(&T::type_ref())
    }
    fn register(types: &mut InputTypes) {
        T::register(types);
    }
    fn from_input(value: Option<Input>) -> Result<Self, Vec<FieldError>> {
        match value {
            None => Ok(Self::Keep),
            some => T::from_input(some).map(Self::Set),
        }
    }
}

impl<T: InputType> InputType for Vec<T> {
    fn type_ref() -> String {
        format!("[{}]!", T::type_ref())
    }
    fn register(types: &mut InputTypes) {
        T::register(types);
    }
    fn from_input(value: Option<Input>) -> Result<Self, Vec<FieldError>> {
        let items = match value {
            Some(Input::List(items)) => items,
            None | Some(Input::Null) => return required(),
            Some(_) => return wrong("a list"),
        };
        let mut values = Self::with_capacity(items.len());
        let mut errors = Vec::new();
        for (position, item) in items.into_iter().enumerate() {
            match T::from_input(Some(item)) {
                Ok(value) => values.push(value),
                Err(found) => errors.extend(found.into_iter().map(|error| error.under(position.to_string()))),
            }
        }
        if errors.is_empty() { Ok(values) } else { Err(errors) }
    }
}

/// Takes one field out of an object and converts it; mistakes go to `errors` under its name.
/// The work of [`input!`](crate::input).
pub fn take_field<T: InputType>(
    object: &mut InputMap,
    name: &str,
    errors: &mut Vec<FieldError>,
) -> Option<T> {
    match T::from_input(object.take(name)) {
        Ok(value) => Some(value),
        Err(found) => {
            errors.extend(found.into_iter().map(|error| error.under(name)));
            None
        }
    }
}

/// The API's name of a Rust field. The work of [`input!`](crate::input).
pub fn input_field_name(rust_name: &str) -> String {
    super::camel_case(rust_name.trim_start_matches("r#"))
}

/// Declares input objects. The doc comments are the descriptions in the API; every item and field needs one. Fields
/// that several inputs share stand in an object of their own, which each takes in by `with`.
///
/// ```
/// shoal_graphql::input! {
///     /// What can be said of a pet.
///     pub struct PetDetails {
///         /// What it is called at home.
///         pub nick_name: Option<String>,
///     }
///
///     /// A new pet.
///     pub struct PetCreate {
///         /// What it is called.
///         pub name: String,
///     } with pub details: PetDetails
/// }
/// ```
#[macro_export]
macro_rules! input {
    ($(
        $(#[doc = $doc:literal])*
        pub struct $name:ident {
            $( $(#[doc = $field_doc:literal])* pub $field:ident : $type:ty ),* $(,)?
        } $( with pub $shared:ident : $shared_type:ty )?
    )*) => {$(
        $(#[doc = $doc])*
        #[derive(Debug, Clone)]
        pub struct $name {
            $( $(#[doc = $field_doc])* pub $field: $type, )*
            $( /// The fields it shares with other inputs.
               pub $shared: $shared_type, )?
        }

        impl $crate::declare::InputType for $name {
            fn type_ref() -> String {
                concat!(stringify!($name), "!").to_owned()
            }

            fn register(types: &mut $crate::declare::InputTypes) {
                let description = concat!($($doc, "\n"),*).trim().to_owned();
                if types.object(stringify!($name), ::std::any::type_name::<Self>(), description) {
                    let fields = <Self as $crate::declare::InputObject>::fields(types);
                    types.set_fields(stringify!($name), fields);
                }
            }

            fn from_input(
                value: Option<$crate::value::Input>,
            ) -> Result<Self, Vec<$crate::error::FieldError>> {
                let Some($crate::value::Input::Object(mut object)) = value else {
                    return Err(vec![$crate::error::FieldError {
                        path: Vec::new(),
                        code: "REQUIRED",
                        message: $crate::error::REQUIRED,
                    }]);
                };
                let mut errors = Vec::new();
                <Self as $crate::declare::InputObject>::take(&mut object, &mut errors).ok_or(errors)
            }
        }

        impl $crate::declare::InputObject for $name {
            const NAME: &'static str = stringify!($name);

            fn fields(types: &mut $crate::declare::InputTypes) -> Vec<$crate::declare::InputField> {
                let _ = &types;
                $( <$type as $crate::declare::InputType>::register(types); )*
                let fields = vec![$(
                    $crate::declare::InputField {
                        name: $crate::declare::input_field_name(stringify!($field)),
                        description: concat!($($field_doc, "\n"),*).trim().to_owned(),
                        type_ref: <$type as $crate::declare::InputType>::type_ref(),
                    }
                ),*];
                $( let fields = {
                    let shared = <$shared_type as $crate::declare::InputObject>::fields(types);
                    fields.into_iter().chain(shared).collect::<Vec<_>>()
                }; )?
                fields
            }

            fn take(
                object: &mut $crate::value::InputMap,
                errors: &mut Vec<$crate::error::FieldError>,
            ) -> Option<Self> {
                // There may be no fields.
                let _ = (&object, &errors);
                $( let $field = {
                    static NAME: ::std::sync::LazyLock<String> =
                        ::std::sync::LazyLock::new(|| $crate::declare::input_field_name(stringify!($field)));
                    $crate::declare::take_field::<$type>(object, &NAME, errors)
                }; )*
                $( let $shared = <$shared_type as $crate::declare::InputObject>::take(object, errors); )?
                Some(Self { $($field: $field?,)* $($shared: $shared?,)? })
            }
        }
    )*};
}

/// Declares closed lists: a Rust enum, a GraphQL enum and the codes in the database at once. The doc comments are
/// the descriptions in the API.
///
/// ```
/// shoal_graphql::choices! {
///     /// How warm it is.
///     pub enum Warmth {
///         /// Below 10 °C.
///         Cold => "COLD",
///         /// The rest.
///         Warm => "WARM",
///     }
/// }
/// ```
#[macro_export]
macro_rules! choices {
    ($(
        $(#[doc = $doc:literal])*
        pub enum $name:ident {
            $( $(#[doc = $value_doc:literal])* $value:ident => $code:literal ),* $(,)?
        }
    )*) => {$(
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $( $(#[doc = $value_doc])* $value, )*
        }

        impl $crate::value::Choice for $name {
            const CHOICES: &'static $crate::value::Choices = &$crate::value::Choices {
                name: stringify!($name),
                description: concat!($($doc, "\n"),*),
                values: &[$( ($code, concat!($($value_doc, "\n"),*)) ),*],
            };
            fn code(self) -> &'static str {
                match self {
                    $( Self::$value => $code, )*
                }
            }
            fn from_code(code: &str) -> Option<Self> {
                match code {
                    $( $code => Some(Self::$value), )*
                    _ => None,
                }
            }
        }

        impl $crate::declare::OutputType for $name {
            fn type_of() -> $crate::declare::OutputRef {
                let kind = <Self as $crate::declare::LeafType>::KIND;
                $crate::declare::OutputRef::required($crate::declare::OutputForm::Leaf(kind))
            }
            fn register(types: &mut $crate::declare::OutputTypes) {
                types.choice(<$name as $crate::value::Choice>::CHOICES);
            }
            fn output(self) -> $crate::declare::OutputValue {
                $crate::declare::OutputValue::Text($crate::value::Choice::code(self).to_owned())
            }
        }

        impl $crate::declare::LeafType for $name {
            const KIND: $crate::value::Kind =
                $crate::value::Kind::Choice(<$name as $crate::value::Choice>::CHOICES);
        }

        impl $crate::declare::InputType for $name {
            fn type_ref() -> String {
                concat!(stringify!($name), "!").to_owned()
            }
            fn register(types: &mut $crate::declare::InputTypes) {
                types.choice(<$name as $crate::value::Choice>::CHOICES);
            }
            fn from_input(
                value: Option<$crate::value::Input>,
            ) -> Result<Self, Vec<$crate::error::FieldError>> {
                let known = match &value {
                    Some($crate::value::Input::Text(code)) => <$name as $crate::value::Choice>::from_code(code),
                    _ => None,
                };
                known.ok_or_else(|| vec![$crate::error::FieldError {
                    path: Vec::new(),
                    code: "REQUIRED",
                    message: concat!("one of the values of ", stringify!($name), " is required").into(),
                }])
            }
        }
    )*};
}

crate::input! {
    /// An amount of money in one currency.
    pub struct MoneyInput {
        /// The amount, such as "12.50"; at most as many decimals as the currency has.
        pub amount: Decimal,
        /// ISO 4217 code, such as EUR.
        pub currency: String,
    }
}
