//! What root fields answer that is no entity: a Rust type is the one place that describes it.

use std::fmt;
use std::marker::PhantomData;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use sea_orm::EntityTrait;
use uuid::Uuid;

use super::types::{ObjectDeclaration, Types};
use crate::value::Kind;

/// A value on its way to the response.
#[derive(Debug, Clone, PartialEq)]
pub enum OutputValue {
    /// Nothing.
    Null,
    /// `Boolean`
    Boolean(bool),
    /// `Int` and `Long`
    Long(i64),
    /// `Float`
    Float(f64),
    /// `String`, and anything written as a string
    Text(String),
    /// `JSON`
    Json(serde_json::Value),
    /// `Money`
    Money(Money),
    /// The fields of an output object, in the order of its declaration.
    Object(Vec<OutputValue>),
    /// A list.
    List(Vec<OutputValue>),
    /// A record by its id; the engine reads what is selected of it.
    Record(Uuid),
    /// A record by its table and id.
    AnyRecord(String, Uuid),
}

/// What a value is in the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputRef {
    /// What it is made of.
    pub form: OutputForm,
    /// True if it may be null.
    pub nullable: bool,
}

/// What a value is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutputForm {
    /// A leaf.
    Leaf(Kind),
    /// An amount of money.
    Money,
    /// An output object, by its type name.
    Object(&'static str),
    /// A record of the entity with this table. It is null where the caller may not see it; in a list of records that
    /// are not nullable it is left out.
    Record(String),
    /// A record of any entity. It is null where the caller may not see it.
    AnyRecord,
    /// A list.
    List(Box<OutputRef>),
}

impl OutputRef {
    /// A value that is always there.
    pub fn required(form: OutputForm) -> Self {
        Self { form, nullable: false }
    }

    /// The tables of the entities whose records stand in it, output objects not looked into.
    pub(crate) fn table(&self) -> Option<&str> {
        match &self.form {
            OutputForm::Record(table) => Some(table),
            OutputForm::List(item) => item.table(),
            _ => None,
        }
    }
}

/// A Rust type that a field may answer.
pub trait OutputType: Send + 'static {
    /// What it is in the API.
    fn type_of() -> OutputRef;
    /// Adds what the type needs to the schema.
    fn register(_types: &mut OutputTypes) {}
    /// The value to write.
    fn output(self) -> OutputValue;
}

/// A type that computed fields may answer: a leaf, or a list of leaves.
pub trait LeafType: OutputType {
    /// The kind of the leaves in the API.
    const KIND: Kind;
}

macro_rules! leaf {
    ($($type:ty => $kind:expr, |$value:ident| $output:expr;)*) => {
        $(impl OutputType for $type {
            fn type_of() -> OutputRef {
                OutputRef::required(OutputForm::Leaf($kind))
            }
            fn output(self) -> OutputValue {
                let $value = self;
                $output
            }
        }

        impl LeafType for $type {
            const KIND: Kind = $kind;
        })*
    };
}

leaf! {
    bool => Kind::Boolean, |value| OutputValue::Boolean(value);
    i32 => Kind::Int, |value| OutputValue::Long(value.into());
    i64 => Kind::Long, |value| OutputValue::Long(value);
    f64 => Kind::Float, |value| OutputValue::Float(value);
    String => Kind::Text, |value| OutputValue::Text(value);
    Uuid => Kind::Id, |value| OutputValue::Text(value.to_string());
    NaiveDate => Kind::Date, |value| OutputValue::Text(value.to_string());
    DateTime<Utc> => Kind::DateTime,
        |value| OutputValue::Text(value.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true));
    Decimal => Kind::Decimal { scale: 0 }, |value| OutputValue::Text(value.to_string());
    serde_json::Value => Kind::Json, |value| OutputValue::Json(value);
}

impl<T: OutputType> OutputType for Option<T> {
    fn type_of() -> OutputRef {
        OutputRef { nullable: true, ..T::type_of() }
    }
    fn register(types: &mut OutputTypes) {
        T::register(types);
    }
    fn output(self) -> OutputValue {
        self.map_or(OutputValue::Null, T::output)
    }
}

impl<T: LeafType> LeafType for Option<T> {
    const KIND: Kind = T::KIND;
}

impl<T: LeafType> LeafType for Vec<T> {
    const KIND: Kind = T::KIND;
}

impl<T: OutputType> OutputType for Vec<T> {
    fn type_of() -> OutputRef {
        OutputRef::required(OutputForm::List(Box::new(T::type_of())))
    }
    fn register(types: &mut OutputTypes) {
        T::register(types);
    }
    fn output(self) -> OutputValue {
        OutputValue::List(self.into_iter().map(T::output).collect())
    }
}

/// For objects that hold themselves.
impl<T: OutputType> OutputType for Box<T> {
    fn type_of() -> OutputRef {
        T::type_of()
    }
    fn register(types: &mut OutputTypes) {
        T::register(types);
    }
    fn output(self) -> OutputValue {
        (*self).output()
    }
}

/// An amount of money in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Money {
    /// The amount in whole units of the currency, such as 12.50. It is written with at least the digits of the currency.
    pub amount: Decimal,
    /// ISO 4217 code.
    pub currency: String,
}

impl OutputType for Money {
    fn type_of() -> OutputRef {
        OutputRef::required(OutputForm::Money)
    }
    fn output(self) -> OutputValue {
        OutputValue::Money(self)
    }
}

/// A reference to a record of `E`. The engine reads what is selected of all records at one place of the answer in one
/// statement, and then level by level as everywhere. Null where there is none that the caller may see; a
/// `Vec<Record<E>>` leaves such records out.
pub struct Record<E> {
    /// The record's id.
    pub id: Uuid,
    entity: PhantomData<fn() -> E>,
}

impl<E> From<Uuid> for Record<E> {
    fn from(id: Uuid) -> Self {
        Self { id, entity: PhantomData }
    }
}

impl<E> Clone for Record<E> {
    fn clone(&self) -> Self {
        Self::from(self.id)
    }
}

impl<E> fmt::Debug for Record<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Record").field(&self.id).finish()
    }
}

impl<E: EntityTrait> OutputType for Record<E> {
    fn type_of() -> OutputRef {
        OutputRef::required(OutputForm::Record(E::default().table_name().to_owned()))
    }
    fn output(self) -> OutputValue {
        OutputValue::Record(self.id)
    }
}

/// A reference to a record of any entity: `Node` in the API. The engine reads what is selected of all records at one place
/// of the answer in one statement for each type. Null where there is none that the caller may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnyRecord {
    /// The entity's table.
    pub table: String,
    /// The record's id.
    pub id: Uuid,
}

impl OutputType for AnyRecord {
    fn type_of() -> OutputRef {
        OutputRef { form: OutputForm::AnyRecord, nullable: true }
    }
    fn output(self) -> OutputValue {
        OutputValue::AnyRecord(self.table, self.id)
    }
}

/// A field of an output object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputField {
    /// Name in the API.
    pub name: String,
    /// Description in the API.
    pub description: String,
    /// What it is.
    pub ty: OutputRef,
}

/// An output object of the API.
pub type OutputDeclaration = ObjectDeclaration<OutputField>;

/// The output objects and enums that answers need, by name.
pub type OutputTypes = Types<OutputField>;

/// Declares output objects: what a query answers that is no entity. The doc comments are the descriptions in the API;
/// every item and field needs one.
///
/// ```
/// use shoal_graphql::declare::Money;
///
/// shoal_graphql::output! {
///     /// What a stay in the kennel comes to.
///     pub struct Stay {
///         /// How many nights.
///         pub nights: i32,
///         /// The price, if it is known yet.
///         pub price: Option<Money>,
///     }
/// }
/// ```
#[macro_export]
macro_rules! output {
    ($(
        $(#[doc = $doc:literal])*
        pub struct $name:ident {
            $( $(#[doc = $field_doc:literal])* pub $field:ident : $type:ty ),* $(,)?
        }
    )*) => {$(
        $(#[doc = $doc])*
        #[derive(Debug, Clone)]
        pub struct $name {
            $( $(#[doc = $field_doc])* pub $field: $type, )*
        }

        impl $crate::declare::OutputType for $name {
            fn type_of() -> $crate::declare::OutputRef {
                $crate::declare::OutputRef::required($crate::declare::OutputForm::Object(stringify!($name)))
            }

            fn register(types: &mut $crate::declare::OutputTypes) {
                let description = concat!($($doc, "\n"),*).trim().to_owned();
                if types.object(stringify!($name), ::std::any::type_name::<Self>(), description) {
                    $( <$type as $crate::declare::OutputType>::register(types); )*
                    types.set_fields(stringify!($name), vec![$(
                        $crate::declare::OutputField {
                            name: $crate::declare::input_field_name(stringify!($field)),
                            description: concat!($($field_doc, "\n"),*).trim().to_owned(),
                            ty: <$type as $crate::declare::OutputType>::type_of(),
                        }
                    ),*]);
                }
            }

            fn output(self) -> $crate::declare::OutputValue {
                $crate::declare::OutputValue::Object(vec![$(
                    $crate::declare::OutputType::output(self.$field)
                ),*])
            }
        }
    )*};
}
