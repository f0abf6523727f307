//! A plan: what to load and how to write it, worked out once per document.
//!
//! Two trees: [`Load`] says which rows and columns to read, level by level; shapes ([`Shape`], [`PageShape`], …) say
//! how to write them. Several shapes may share one load (`a: account {name} b: account {id}` reads accounts once).

pub(crate) mod arguments;
mod change;
pub(crate) mod coerce;
mod collect;
pub(crate) mod cost;
mod given;
pub(crate) mod limits;
mod locate;
mod needs;
pub(crate) mod prepare;
mod root;
mod shape;
mod usage;
mod value;

use std::sync::Arc;

use crate::catalog::{EntityIndex, MutationRoot};
use crate::declare::ComputedDeclaration;
use crate::error::Location;
use crate::value::Kind;
use arguments::Template;
pub(crate) use change::{ChangeField, ChangePlan};
pub(crate) use needs::Needs;
pub(crate) use value::{RecordLoad, ValueField, ValueForm, ValuePlan, ValueShape};

/// An operation, ready to run with any variables (but for those in `@skip` and `@include`, which are settled).
#[derive(Debug)]
pub(crate) struct Plan {
    pub roots: Vec<Root>,
    /// The rights of who may run it.
    pub needs: Needs,
}

/// A field with its place in the response and in the document.
#[derive(Debug, Clone)]
pub(crate) struct Keyed<T> {
    /// Response key.
    pub key: Arc<str>,
    /// The key as JSON with its colon.
    pub json: Arc<str>,
    pub location: Option<Location>,
    pub value: T,
}

/// A field of the operation's root type.
pub(crate) type Root = Keyed<RootField>;

#[derive(Debug)]
pub(crate) enum RootField {
    Typename(String),
    /// `__schema` or `__type`: answered by the language library.
    Introspection,
    One {
        id: Template,
        load: Load,
        shape: Shape,
    },
    Page {
        load: Box<RelationLoad>,
        shape: PageShape,
    },
    Aggregate(Box<AggregatePlan>),
    /// One load and shape per entity of the catalogue.
    Node {
        id: Template,
        arms: Vec<(Load, Shape)>,
    },
    Value(Box<ValuePlan>),
    Change(Box<ChangePlan>),
    Mutation {
        root: MutationRoot,
        input: Template,
        load: Load,
        shape: PayloadShape,
    },
}

/// Rows of one entity: which columns, and what hangs on them.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Load {
    pub entity: EntityIndex,
    /// Names in the database; the position is the slot in the row.
    pub columns: Vec<String>,
    pub relations: Vec<RelationLoad>,
}

/// What is asked of the other side of a relation, or of the list at a root.
#[derive(Debug, Clone, PartialEq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is another part of a selection")]
pub(crate) struct RelationLoad {
    /// Position in the entity's relations; `None` for a list at the root.
    pub relation: Option<usize>,
    pub arguments: ListArguments,
    /// `totalCount` is selected.
    pub count: bool,
    /// Cursors are selected: rows carry the values that order them.
    pub cursors: bool,
    /// Rows themselves are selected, or whether there are more.
    pub rows: bool,
    /// Whether there are more is selected: one row too many is read.
    pub more: bool,
    /// Slots of the parent's row: its key, or type name and id for any record.
    pub parent_slots: Vec<usize>,
    /// One per target entity.
    pub targets: Vec<Load>,
}

/// Arguments of a list field; `None` is absent.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct ListArguments {
    pub filter: Option<Template>,
    pub order_by: Option<Template>,
    pub first: Option<Template>,
    pub after: Option<Template>,
    pub last: Option<Template>,
    pub before: Option<Template>,
    pub deleted: Option<Template>,
}

/// How to write a row of an entity.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shape {
    pub fields: Vec<Keyed<Output>>,
}

#[derive(Clone)]
pub(crate) enum Output {
    Typename(&'static str),
    Column {
        slot: usize,
        kind: Kind,
        nullable: bool,
    },
    Money {
        amount: usize,
        currency: usize,
        nullable: bool,
        fields: Vec<Keyed<MoneyField>>,
    },
    Computed {
        field: ComputedDeclaration,
        columns: Vec<(String, usize)>,
        shape: ValueShape,
    },
    /// Position in the load's relations, and a shape per target.
    ToOne {
        relation: usize,
        shapes: Vec<Shape>,
    },
    List {
        relation: usize,
        shape: Shape,
    },
    Page {
        relation: usize,
        shape: PageShape,
    },
    /// Whether a row names a record that the caller may not see.
    Hidden(Veil),
    /// Null where it does, otherwise this.
    Veiled(Veil, Box<Output>),
}

/// The relation to one that decides whether something is told: position in the load's relations, and the slot of the other's
/// id. `None` where the relation is of a module that is not there: nothing is told.
pub(crate) type Veil = Option<(usize, usize)>;

impl std::fmt::Debug for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Typename(_) => "typename",
            Self::Column { .. } => "column",
            Self::Money { .. } => "money",
            Self::Computed { .. } => "computed",
            Self::ToOne { .. } => "to one",
            Self::List { .. } => "list",
            Self::Page { .. } => "page",
            Self::Hidden(_) => "hidden",
            Self::Veiled(..) => "veiled",
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MoneyField {
    Typename,
    Amount,
    Currency,
}

#[derive(Debug, Clone)]
pub(crate) struct PageShape {
    /// Type name of the records, which cursors carry.
    pub entity: &'static str,
    pub fields: Vec<Keyed<PageField>>,
}

#[derive(Debug, Clone)]
pub(crate) enum PageField {
    Typename(String),
    TotalCount,
    PageInfo(Vec<Keyed<PageInfoField>>),
    Edges(Vec<Keyed<EdgeField>>),
    Nodes(Shape),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PageInfoField {
    Typename,
    HasNextPage,
    HasPreviousPage,
    StartCursor,
    EndCursor,
}

#[derive(Debug, Clone)]
pub(crate) enum EdgeField {
    Typename(String),
    Cursor,
    Node(Shape),
}

/// A mutation's answer.
#[derive(Debug, Clone)]
pub(crate) struct PayloadShape {
    pub fields: Vec<Keyed<PayloadField>>,
    /// Records that the values beside the record refer to.
    pub records: Vec<RecordLoad>,
}

#[derive(Debug, Clone)]
pub(crate) enum PayloadField {
    Typename(String),
    Id,
    Record(Shape),
    Results(Vec<Keyed<PayloadField>>),
    Error(Vec<Keyed<RowErrorField>>),
    /// A value beside the record, by its position in the mutation's declaration.
    Value(usize, ValueShape),
}

#[derive(Debug, Clone)]
pub(crate) enum RowErrorField {
    Typename,
    Code,
    Message,
    Fields(Vec<Keyed<FieldErrorField>>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FieldErrorField {
    Typename,
    Path,
    Code,
    Message,
}

/// An aggregate at a root.
#[derive(Debug)]
pub(crate) struct AggregatePlan {
    pub entity: EntityIndex,
    pub filter: Option<Template>,
    pub group_by: Option<Template>,
    pub first: Option<Template>,
    /// Measures of plain columns; the position is the slot.
    pub measures: Vec<Measure>,
    /// Amounts of money with a measure, by position in the entity's money fields.
    pub money: Vec<usize>,
    pub fields: Vec<Keyed<AggregateField>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Measure {
    pub function: Function,
    pub column: String,
    pub kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Function {
    Sum,
    Average,
    Minimum,
    Maximum,
}

#[derive(Debug, Clone)]
pub(crate) enum AggregateField {
    Typename(String),
    Keys,
    Count,
    Measures(Vec<Keyed<MeasureField>>),
}

#[derive(Debug, Clone)]
pub(crate) enum MeasureField {
    Typename(String),
    /// Position in [`AggregatePlan::measures`].
    Column(usize),
    /// Position in [`AggregatePlan::money`].
    Money {
        money: usize,
        function: Function,
        fields: Vec<Keyed<MoneyField>>,
    },
}

impl PayloadShape {
    /// True if something of the changed records is selected.
    pub(crate) fn wants_records(&self) -> bool {
        fn wants(fields: &[Keyed<PayloadField>]) -> bool {
            fields.iter().any(|field| match &field.value {
                PayloadField::Record(_) => true,
                PayloadField::Results(fields) => wants(fields),
                _ => false,
            })
        }
        wants(&self.fields)
    }
}

impl Load {
    pub(crate) fn of(entity: EntityIndex) -> Self {
        Self { entity, ..Self::default() }
    }

    /// The slot of a column, which is added if it is not read yet.
    pub(crate) fn slot(&mut self, column: &str) -> usize {
        self.columns.iter().position(|known| known == column).unwrap_or_else(|| {
            self.columns.push(column.to_owned());
            self.columns.len() - 1
        })
    }
}
