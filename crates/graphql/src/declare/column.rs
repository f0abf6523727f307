//! Columns of an entity and how each may be used.

use sea_orm::ColumnTrait;
use sea_orm::sea_query::ColumnType;

use super::camel_case;
use crate::value::{Choice, Kind};

/// What a searchable text is: how it is cut into search terms, and how much a hit in it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Searchable {
    /// The name of a person: any part of it finds the record, Chinese ones by their sounds, too.
    Person,
    /// Another name, such as a company's: the same, but no family name is looked for in it.
    Name,
    /// An e-mail address or a domain.
    Email,
    /// A phone number: its digits.
    Phone,
    /// Other text: the beginnings of its words find the record.
    Text,
}

impl Searchable {
    /// Kinds of hits: names, e-mail addresses, phone numbers, other text.
    pub const KINDS: i32 = 4;

    /// How much a hit counts: the least counts most, below [`KINDS`](Self::KINDS).
    pub fn place(self) -> i32 {
        match self {
            Self::Person | Self::Name => 0,
            Self::Email => 1,
            Self::Phone => 2,
            Self::Text => 3,
        }
    }
}

/// A column as a field of the API.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "independent marks of one column, each read by itself")]
pub struct ColumnDeclaration {
    /// Name in the API.
    pub name: String,
    /// Description in the API.
    pub description: &'static str,
    /// Name in the database.
    pub column: String,
    /// What the values are; `None` if the database type has no kind.
    pub kind: Option<Kind>,
    /// True if the value may be missing.
    pub nullable: bool,
    /// May stand in a filter and in `groupBy`.
    pub filterable: bool,
    /// May stand in `orderBy`; there is an index for it.
    pub orderable: bool,
    /// The stored key that orders a text.
    pub sort_column: Option<String>,
    /// Goes into the search terms.
    pub searchable: Option<Searchable>,
    /// Says something about a person; erasure and masking follow it.
    pub personal: bool,
    /// A right of its own that reading needs, beside the entity's.
    pub right: Option<&'static str>,
    /// A right of its own that writing needs, beside the mutation's and that of reading.
    pub write_right: Option<&'static str>,
}

/// Declares a column under its own name in camel case.
pub fn column<C: ColumnTrait>(column: C, description: &'static str) -> ColumnDeclaration {
    let definition = column.def();
    let sql_name = column.as_str().to_owned();
    ColumnDeclaration {
        name: camel_case(&sql_name),
        description,
        column: sql_name,
        kind: kind_of(definition.get_column_type()),
        nullable: definition.is_null(),
        filterable: false,
        orderable: false,
        sort_column: None,
        searchable: None,
        personal: false,
        right: None,
        write_right: None,
    }
}

pub(super) fn kind_of(column_type: &ColumnType) -> Option<Kind> {
    Some(match column_type {
        ColumnType::Uuid => Kind::Id,
        ColumnType::String(_) | ColumnType::Text | ColumnType::Char(_) => Kind::Text,
        ColumnType::Integer => Kind::Int,
        ColumnType::BigInteger => Kind::Long,
        ColumnType::Double => Kind::Float,
        ColumnType::Boolean => Kind::Boolean,
        ColumnType::Date => Kind::Date,
        ColumnType::TimestampWithTimeZone => Kind::DateTime,
        ColumnType::Json | ColumnType::JsonBinary => Kind::Json,
        _ => return None,
    })
}

impl ColumnDeclaration {
    /// Another name in the API.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// The text holds codes of this list.
    #[must_use]
    pub fn choice<T: Choice>(mut self) -> Self {
        self.kind = Some(Kind::Choice(T::CHOICES));
        self
    }

    /// The whole number counts units of `10^-scale`.
    #[must_use]
    pub fn decimal(mut self, scale: u32) -> Self {
        self.kind = Some(Kind::Decimal { scale });
        self
    }

    /// May stand in a filter and in `groupBy`.
    #[must_use]
    pub fn filterable(mut self) -> Self {
        self.filterable = true;
        self
    }

    /// May stand in `orderBy`. Give it an index (tenant, column, id).
    #[must_use]
    pub fn orderable(mut self) -> Self {
        self.orderable = true;
        self
    }

    /// May stand in `orderBy`, ordered by this stored sort key. Give the key an index (tenant, key, id).
    #[must_use]
    pub fn sorted_by<C: ColumnTrait>(mut self, sort_key: C) -> Self {
        self.orderable = true;
        self.sort_column = Some(sort_key.as_str().to_owned());
        self
    }

    /// The record is found by it: by `search` and by `filter: {search: …}`. A column of a part of other records
    /// ([`visible_with`](super::EntityBuilder::visible_with)) finds those.
    #[must_use]
    pub fn searchable(mut self, kind: Searchable) -> Self {
        self.searchable = Some(kind);
        self
    }

    /// Says something about a person.
    #[must_use]
    pub fn personal(mut self) -> Self {
        self.personal = true;
        self
    }

    /// Reading, and filtering and ordering by it, needs a right of its own.
    #[must_use]
    pub fn right(mut self, right: &'static str) -> Self {
        self.right = Some(right);
        self
    }

    /// Writing needs a right of its own: an input field of this name is refused without it.
    #[must_use]
    pub fn write_right(mut self, right: &'static str) -> Self {
        self.write_right = Some(right);
        self
    }
}

/// An amount of money: minor units in one column, the ISO 4217 code in another. Both are set or both are null.
#[derive(Debug, Clone)]
pub struct MoneyDeclaration {
    /// Name in the API.
    pub name: &'static str,
    /// Description in the API.
    pub description: &'static str,
    /// Column with minor units.
    pub amount: String,
    /// Column with the currency's code.
    pub currency: String,
    /// True if the amount may be missing.
    pub nullable: bool,
    /// A right of its own that reading needs, beside the entity's.
    pub right: Option<&'static str>,
    /// A right of its own that writing needs, beside the mutation's and that of reading.
    pub write_right: Option<&'static str>,
}

/// Declares an amount of money.
pub fn money<C: ColumnTrait>(
    name: &'static str,
    description: &'static str,
    amount: C,
    currency: C,
) -> MoneyDeclaration {
    MoneyDeclaration {
        name,
        description,
        nullable: amount.def().is_null(),
        amount: amount.as_str().to_owned(),
        currency: currency.as_str().to_owned(),
        right: None,
        write_right: None,
    }
}

impl MoneyDeclaration {
    /// Reading, and filtering and measuring it, needs a right of its own.
    #[must_use]
    pub fn right(mut self, right: &'static str) -> Self {
        self.right = Some(right);
        self
    }

    /// Writing needs a right of its own: an input field of this name is refused without it.
    #[must_use]
    pub fn write_right(mut self, right: &'static str) -> Self {
        self.write_right = Some(right);
        self
    }
}
