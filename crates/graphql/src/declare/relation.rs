//! How entities hang together, by key columns.

use sea_orm::{ColumnTrait, EntityTrait, IdenStatic as _, Iterable as _, Value};

use super::column::kind_of;
use crate::value::Kind;

/// A fixed condition on a joined table.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// The column has this value.
    Equals(String, Value),
    /// Today lies between two dates, each open if null, both included.
    Current {
        /// First day.
        from: String,
        /// Last day.
        to: String,
    },
}

/// The table between two entities.
#[derive(Debug, Clone, PartialEq)]
pub struct Through {
    /// Its name in the database.
    pub table: String,
    /// Column with this side's id.
    pub own: String,
    /// Column with the other side's id.
    pub other: String,
    /// Only these rows count.
    pub conditions: Vec<Condition>,
    /// True if no pair of ids occurs twice, so that a plain join cannot repeat a record.
    pub unique: bool,
    /// All its columns, for checks.
    pub table_columns: Vec<String>,
}

/// The table between two entities, by its columns with this side's and the other side's id.
pub fn through<E: EntityTrait>(own: E::Column, other: E::Column) -> Through {
    Through {
        table: E::default().table_name().to_owned(),
        own: own.as_str().to_owned(),
        other: other.as_str().to_owned(),
        conditions: Vec::new(),
        unique: false,
        table_columns: E::Column::iter().map(|column| column.as_str().to_owned()).collect(),
    }
}

impl Through {
    /// Only rows where the column has this value.
    #[must_use]
    pub fn when<C: ColumnTrait>(mut self, column: C, value: impl Into<Value>) -> Self {
        self.conditions.push(Condition::Equals(column.as_str().to_owned(), value.into()));
        self
    }

    /// Only rows that hold today, between two nullable dates.
    #[must_use]
    pub fn current<C: ColumnTrait>(mut self, from: C, to: C) -> Self {
        self.conditions
            .push(Condition::Current { from: from.as_str().to_owned(), to: to.as_str().to_owned() });
        self
    }

    /// No pair of ids occurs twice (there is a unique index on it).
    #[must_use]
    pub fn unique(mut self) -> Self {
        self.unique = true;
        self
    }
}

/// How the two sides are joined.
#[derive(Debug, Clone, PartialEq)]
pub enum RelationKind {
    /// This row holds the other's id.
    ToOne {
        /// Column of this entity.
        column: String,
    },
    /// This row and the other meet in a table between them; at most one counts.
    ToOneThrough(Through),
    /// The others hold this row's id.
    ToMany {
        /// Column of the other entity.
        column: String,
    },
    /// The rows meet in a table between them.
    ToManyThrough(Through),
    /// This row holds a type name and an id: the other is any record of an interface or union.
    AnyRecord {
        /// Column of this entity with the GraphQL type name.
        type_column: String,
        /// Column of this entity with the id.
        id_column: String,
    },
    /// The others point at any record; these are the ones that point here.
    ToManyOfAny {
        /// Column of the other entity with the GraphQL type name.
        type_column: String,
        /// Column of the other entity with the id.
        id_column: String,
    },
}

impl RelationKind {
    /// True if there is at most one on the other side.
    pub fn is_to_one(&self) -> bool {
        matches!(self, Self::ToOne { .. } | Self::ToOneThrough(_) | Self::AnyRecord { .. })
    }
}

/// A column of the other side that orders it; it need not be a field of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderColumn {
    /// Name in the database.
    pub column: String,
    /// What the values are; `None` if the database type has no kind.
    pub kind: Option<Kind>,
    /// True if the value may be missing.
    pub nullable: bool,
    /// The largest values come first.
    pub descending: bool,
}

/// A relation as a field of the API.
#[derive(Debug, Clone)]
pub struct RelationDeclaration {
    /// Name in the API.
    pub name: &'static str,
    /// Description in the API.
    pub description: &'static str,
    /// Table of the other side, or the name of the interface for any record.
    pub target: RelationTarget,
    /// How the two sides are joined.
    pub kind: RelationKind,
    /// A plain list instead of a connection: for few rows that belong to this one.
    pub as_list: bool,
    /// Order of the other side when the caller names none.
    pub ordered_by: Option<OrderColumn>,
    /// A right of its own, beside the other entity's.
    pub right: Option<&'static str>,
    /// A relation to one of the same row: where that leads to a record which the caller may not see, this is null.
    pub told_with: Option<&'static str>,
}

/// The other side of a relation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RelationTarget {
    /// The entity with this table.
    Table(String),
    /// Any entity of this interface or union.
    Abstract(&'static str),
}

impl RelationDeclaration {
    fn new(
        name: &'static str,
        description: &'static str,
        target: RelationTarget,
        kind: RelationKind,
    ) -> Self {
        Self {
            name,
            description,
            target,
            kind,
            as_list: false,
            ordered_by: None,
            right: None,
            told_with: None,
        }
    }

    /// A plain list (at most 100 unless `first` says more) instead of a connection.
    #[must_use]
    pub fn as_list(mut self) -> Self {
        self.as_list = true;
        self
    }

    /// Order when the caller names none; ids break ties.
    #[must_use]
    pub fn ordered_by<C: ColumnTrait>(mut self, column: C) -> Self {
        let definition = column.def();
        self.ordered_by = Some(OrderColumn {
            column: column.as_str().to_owned(),
            kind: kind_of(definition.get_column_type()),
            nullable: definition.is_null(),
            descending: false,
        });
        self
    }

    /// The other way round than [`ordered_by`](Self::ordered_by) says, such as the newest first.
    #[must_use]
    pub fn descending(mut self) -> Self {
        if let Some(order) = &mut self.ordered_by {
            order.descending = true;
        }
        self
    }

    /// A relation to one that is null where the relation to one called `other` leads to a record that the caller may not see.
    /// Nothing can be filtered or grouped by it.
    #[must_use]
    pub fn told_with(mut self, other: &'static str) -> Self {
        self.told_with = Some(other);
        self
    }

    /// Needs a right of its own.
    #[must_use]
    pub fn right(mut self, right: &'static str) -> Self {
        self.right = Some(right);
        self
    }
}

fn table_of<E: EntityTrait>() -> RelationTarget {
    RelationTarget::Table(E::default().table_name().to_owned())
}

/// This row's `column` holds the id of one `T`.
pub fn to_one<T: EntityTrait>(
    name: &'static str,
    description: &'static str,
    column: impl ColumnTrait,
) -> RelationDeclaration {
    let kind = RelationKind::ToOne { column: column.as_str().to_owned() };
    RelationDeclaration::new(name, description, table_of::<T>(), kind)
}

/// At most one `T` is joined by the table between.
pub fn to_one_through<T: EntityTrait>(
    name: &'static str,
    description: &'static str,
    through: Through,
) -> RelationDeclaration {
    RelationDeclaration::new(name, description, table_of::<T>(), RelationKind::ToOneThrough(through))
}

/// Many `T` hold this row's id in their `column`.
pub fn to_many<T: EntityTrait>(
    name: &'static str,
    description: &'static str,
    column: T::Column,
) -> RelationDeclaration {
    let kind = RelationKind::ToMany { column: column.as_str().to_owned() };
    RelationDeclaration::new(name, description, table_of::<T>(), kind)
}

/// Many `T` are joined by the table between.
pub fn to_many_through<T: EntityTrait>(
    name: &'static str,
    description: &'static str,
    through: Through,
) -> RelationDeclaration {
    RelationDeclaration::new(name, description, table_of::<T>(), RelationKind::ToManyThrough(through))
}

/// One record of any type of the interface or union `target`: a column with its type name, one with its id.
pub fn any_record<C: ColumnTrait>(
    name: &'static str,
    description: &'static str,
    target: &'static str,
    type_column: C,
    id_column: C,
) -> RelationDeclaration {
    let kind = RelationKind::AnyRecord {
        type_column: type_column.as_str().to_owned(),
        id_column: id_column.as_str().to_owned(),
    };
    RelationDeclaration::new(name, description, RelationTarget::Abstract(target), kind)
}

/// The many `T` whose "any record" columns point at this row.
pub fn to_many_of_any<T: EntityTrait>(
    name: &'static str,
    description: &'static str,
    type_column: T::Column,
    id_column: T::Column,
) -> RelationDeclaration {
    let kind = RelationKind::ToManyOfAny {
        type_column: type_column.as_str().to_owned(),
        id_column: id_column.as_str().to_owned(),
    };
    RelationDeclaration::new(name, description, table_of::<T>(), kind)
}
