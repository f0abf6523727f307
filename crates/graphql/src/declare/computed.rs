//! Fields that are worked out from columns of the same row.

use std::sync::Arc;

use sea_orm::{ColumnTrait, QueryResult, TryGetable};

use super::output::{LeafType, OutputRef, OutputType as _, OutputValue};
use crate::context::Context;
use crate::error::Error;
use crate::value::Kind;

/// A row as a computed field sees it: only the columns the field names.
pub struct RowView<'a> {
    pub(crate) row: &'a QueryResult,
    /// `(column, position in the row)`
    pub(crate) columns: &'a [(String, usize)],
    pub(crate) context: &'a dyn Context,
}

impl RowView<'_> {
    /// Who asks: their language and rights, for what not everybody reads alike.
    pub fn context(&self) -> &dyn Context {
        self.context
    }

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

type Compute = Arc<dyn Fn(&RowView<'_>) -> Result<OutputValue, Error> + Send + Sync>;

/// A computed field; see [`computed`].
#[derive(Clone)]
pub struct ComputedDeclaration {
    /// Who declares it.
    pub module: &'static str,
    /// Name in the API.
    pub name: &'static str,
    /// Description in the API.
    pub description: &'static str,
    /// Kind of the answer, or of what the list holds.
    pub kind: Kind,
    /// What it answers: a leaf, or a list of them.
    pub ty: OutputRef,
    /// The columns it reads.
    pub columns: Vec<String>,
    /// A right of its own, beside the entity's.
    pub right: Option<&'static str>,
    /// The answer is whether this relation to one leads to a record that the caller may not see.
    pub hidden: Option<&'static str>,
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

/// Declares a field that is worked out from `columns` of the row, and perhaps from [who asks](RowView::context). It
/// answers a leaf, or a list of leaves: `Vec<String>` is `[String!]!`.
pub fn computed<C: ColumnTrait, T: LeafType>(
    name: &'static str,
    description: &'static str,
    columns: impl IntoIterator<Item = C>,
    compute: impl Fn(&RowView<'_>) -> Result<T, Error> + Send + Sync + 'static,
) -> ComputedDeclaration {
    ComputedDeclaration {
        module: "",
        name,
        description,
        kind: T::KIND,
        ty: T::type_of(),
        columns: columns.into_iter().map(|column| column.as_str().to_owned()).collect(),
        right: None,
        hidden: None,
        compute: Arc::new(move |row| compute(row).map(T::output)),
    }
}

/// Declares a field that says whether the relation to one called `relation` leads to a record that the caller may not see.
/// It is false where the row names none.
pub fn hidden(name: &'static str, description: &'static str, relation: &'static str) -> ComputedDeclaration {
    ComputedDeclaration {
        module: "",
        name,
        description,
        kind: bool::KIND,
        ty: bool::type_of(),
        columns: Vec::new(),
        right: None,
        hidden: Some(relation),
        compute: Arc::new(|_| Ok(OutputValue::Boolean(true))),
    }
}
