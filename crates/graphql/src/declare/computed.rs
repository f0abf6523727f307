//! Fields that are worked out from columns of the same row.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ColumnTrait, QueryResult, TryGetable};
use uuid::Uuid;

use crate::error::Error;
use crate::value::Kind;

/// A row as a computed field sees it: only the columns the field names.
pub struct RowView<'a> {
    pub(crate) row: &'a QueryResult,
    /// `(column, position in the row)`
    pub(crate) columns: &'a [(String, usize)],
}

impl RowView<'_> {
    /// The value of a column.
    ///
    /// # Errors
    /// A fault if the field did not name the column, or the value has another type.
    pub fn get<T: TryGetable>(&self, column: impl ColumnTrait) -> Result<T, Error> {
        let name = column.as_str();
        let (_, position) = self.columns.iter().find(|(known, _)| known == name).ok_or_else(|| {
            Error::fault(format!("the computed field reads column {name} without naming it"))
        })?;
        self.row.try_get_by_index(*position).map_err(Error::fault)
    }
}

/// What a computed field answers.
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
}

/// A Rust type a computed field may return.
pub trait OutputType {
    /// The kind in the API.
    const KIND: Kind;
    /// True if it may be null.
    const NULLABLE: bool = false;
    /// The value to write.
    fn output(self) -> OutputValue;
}

macro_rules! output_type {
    ($($type:ty => $kind:expr, |$value:ident| $output:expr;)*) => {
        $(impl OutputType for $type {
            const KIND: Kind = $kind;
            fn output(self) -> OutputValue {
                let $value = self;
                $output
            }
        })*
    };
}

output_type! {
    bool => Kind::Boolean, |value| OutputValue::Boolean(value);
    i32 => Kind::Int, |value| OutputValue::Long(value.into());
    i64 => Kind::Long, |value| OutputValue::Long(value);
    f64 => Kind::Float, |value| OutputValue::Float(value);
    String => Kind::Text, |value| OutputValue::Text(value);
    Uuid => Kind::Id, |value| OutputValue::Text(value.to_string());
    NaiveDate => Kind::Date, |value| OutputValue::Text(value.to_string());
    DateTime<Utc> => Kind::DateTime,
        |value| OutputValue::Text(value.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true));
    rust_decimal::Decimal => Kind::Decimal { scale: 0 }, |value| OutputValue::Text(value.to_string());
}

impl<T: OutputType> OutputType for Option<T> {
    const KIND: Kind = T::KIND;
    const NULLABLE: bool = true;
    fn output(self) -> OutputValue {
        self.map_or(OutputValue::Null, T::output)
    }
}

type Compute = Arc<dyn Fn(&RowView<'_>) -> Result<OutputValue, Error> + Send + Sync>;

/// A computed field; see [`computed`].
#[derive(Clone)]
pub struct ComputedDeclaration {
    /// Name in the API.
    pub name: &'static str,
    /// Description in the API.
    pub description: &'static str,
    /// Kind of the answer.
    pub kind: Kind,
    /// True if it may be null.
    pub nullable: bool,
    /// The columns it reads.
    pub columns: Vec<String>,
    /// A right of its own, beside the entity's.
    pub right: Option<&'static str>,
    pub(crate) compute: Compute,
}

impl ComputedDeclaration {
    /// Needs a right of its own.
    #[must_use]
    pub fn right(mut self, right: &'static str) -> Self {
        self.right = Some(right);
        self
    }
}

/// Declares a field that is worked out from `columns` of the row.
pub fn computed<C: ColumnTrait, T: OutputType>(
    name: &'static str,
    description: &'static str,
    columns: impl IntoIterator<Item = C>,
    compute: impl Fn(&RowView<'_>) -> Result<T, Error> + Send + Sync + 'static,
) -> ComputedDeclaration {
    ComputedDeclaration {
        name,
        description,
        kind: T::KIND,
        nullable: T::NULLABLE,
        columns: columns.into_iter().map(|column| column.as_str().to_owned()).collect(),
        right: None,
        compute: Arc::new(move |row| compute(row).map(T::output)),
    }
}
