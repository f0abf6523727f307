//! Orders and what lies behind or in front of a cursor.

use std::ops::Range;

use sea_orm::Value;

use crate::catalog::Entity;
use crate::database::{Dialect, Sql};
use crate::declare::OrderColumn;
use crate::error::{Refusal, code};
use crate::value::{Input, Kind};

/// One step of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    /// Column that orders: the field's own or its sort key.
    pub column: String,
    pub kind: Kind,
    pub descending: bool,
    pub nullable: bool,
}

impl Step {
    /// Writes the column as it orders.
    pub(crate) fn write(&self, sql: &mut Sql, alias: &str) {
        sql.ordered_column(alias, &self.column, self.kind);
    }
}

/// The most steps of an order.
const MOST_STEPS: usize = 8;

/// The steps that an `orderBy` names, the id last so that no two records are equal. The id runs the way of the step
/// before it, so that one index serves both directions.
pub(crate) fn steps(
    entity: &Entity,
    order_by: Option<&Input>,
    default: Option<&OrderColumn>,
) -> Result<Vec<Step>, Refusal> {
    let mut steps: Vec<Step> = Vec::new();
    if let Some(Input::List(list)) = order_by
        && !list.is_empty()
    {
        if list.len() > MOST_STEPS {
            let message = format!("an order may have at most {MOST_STEPS} steps");
            return Err(Refusal::field(["orderBy"], code::LIMIT_EXCEEDED, message));
        }
        for item in list {
            let Input::Object(item) = item else { continue };
            for (name, direction) in item.iter() {
                let Some(column) = entity.column(name) else { continue };
                let sort_column = column.sort_column.as_ref().unwrap_or(&column.column);
                if !steps.iter().any(|step| step.column == *sort_column) {
                    steps.push(Step {
                        column: sort_column.clone(),
                        kind: if column.sort_column.is_some() {
                            Kind::Text
                        } else {
                            column.kind.unwrap_or(Kind::Text)
                        },
                        descending: *direction == Input::Text("DESC".to_owned()),
                        nullable: column.nullable,
                    });
                }
            }
        }
    } else if let Some(default) = default {
        steps.push(Step {
            column: default.column.clone(),
            kind: default.kind.unwrap_or(Kind::Text),
            descending: default.descending,
            nullable: default.nullable,
        });
    }
    if let Some(position) = steps.iter().position(|step| step.column == "id") {
        steps.truncate(position + 1);
    } else {
        let descending = steps.last().is_some_and(|step| step.descending);
        steps.push(Step { column: "id".to_owned(), kind: Kind::Id, descending, nullable: false });
    }
    Ok(steps)
}

/// A condition on the order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Bound {
    Equal(usize, Value),
    /// Behind these values of the steps from here on, in the direction of reading: one step after the other decides.
    Behind(usize, Vec<Value>),
    IsNull(usize),
    NotNull(usize),
}

impl Bound {
    fn step(&self) -> usize {
        match self {
            Self::Equal(step, _) | Self::Behind(step, _) | Self::IsNull(step) | Self::NotNull(step) => *step,
        }
    }
}

/// A stretch of the list that one index range covers.
pub(crate) type Branch = Vec<Bound>;

/// The stretches behind `cursor` (or all of the list) in the direction of reading, nearest first. Nulls come last, so
/// reading backwards meets them first.
pub(crate) fn branches(
    steps: &[Step],
    cursor: Option<&[Option<Value>]>,
    backwards: bool,
    dialect: Dialect,
) -> Vec<Branch> {
    let Some(cursor) = cursor else {
        return match steps.first() {
            Some(step) if step.nullable && !nulls_lie_last(step, dialect) => {
                let mut both = vec![vec![Bound::NotNull(0)], vec![Bound::IsNull(0)]];
                if backwards {
                    both.reverse();
                }
                both
            }
            _ => vec![Vec::new()],
        };
    };
    let mut branches = Vec::new();
    for run in runs(steps, cursor).into_iter().rev() {
        let first = run.start;
        let prefix: Branch = cursor[..first]
            .iter()
            .enumerate()
            .map(|(step, value)| match value {
                Some(value) => Bound::Equal(step, value.clone()),
                None => Bound::IsNull(step),
            })
            .collect();
        let with = |bound: Bound| {
            let mut branch = prefix.clone();
            branch.push(bound);
            branch
        };
        let values: Vec<Value> = cursor[run].iter().flatten().cloned().collect();
        if values.is_empty() {
            if backwards {
                branches.push(with(Bound::NotNull(first)));
            }
            continue;
        }
        branches.push(with(Bound::Behind(first, values)));
        if steps[first].nullable && !backwards {
            branches.push(with(Bound::IsNull(first)));
        }
    }
    branches
}

/// True if a plain index has nulls where we want them. PostgreSQL holds them for larger than all values, SQLite for
/// smaller.
fn nulls_lie_last(step: &Step, dialect: Dialect) -> bool {
    step.descending == (dialect == Dialect::Sqlite)
}

/// Cuts the steps into runs that one row comparison decides: of one direction, and without nulls behind the first.
fn runs(steps: &[Step], cursor: &[Option<Value>]) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (position, step) in steps.iter().enumerate() {
        match runs.last_mut() {
            Some(run)
                if !step.nullable
                    && step.descending == steps[run.start].descending
                    && cursor[run.start].is_some() =>
            {
                run.end = position + 1;
            }
            _ => runs.push(position..position + 1),
        }
    }
    runs
}

/// Writes the conditions of a branch.
pub(crate) fn write_branch(sql: &mut Sql, steps: &[Step], branch: &Branch, alias: &str, backwards: bool) {
    sql.push("(");
    for (position, bound) in branch.iter().enumerate() {
        if position > 0 {
            sql.push(" AND ");
        }
        let step = &steps[bound.step()];
        match bound {
            Bound::Equal(_, value) => {
                step.write(sql, alias);
                sql.push(" = ").bind(value.clone());
            }
            Bound::Behind(first, values) => {
                write_list(sql, values.len(), |sql, position| steps[first + position].write(sql, alias));
                sql.push(if step.descending == backwards { " > " } else { " < " });
                write_list(sql, values.len(), |sql, position| {
                    sql.bind(values[position].clone());
                });
            }
            Bound::IsNull(_) => {
                step.write(sql, alias);
                sql.push(" IS NULL");
            }
            Bound::NotNull(_) => {
                step.write(sql, alias);
                sql.push(" IS NOT NULL");
            }
        }
    }
    if branch.is_empty() {
        sql.push("1 = 1");
    }
    sql.push(")");
}

/// Writes `(a, b)`, or `a` alone.
fn write_list(sql: &mut Sql, length: usize, mut write: impl FnMut(&mut Sql, usize)) {
    sql.push("(");
    for position in 0..length {
        if position > 0 {
            sql.push(", ");
        }
        write(sql, position);
    }
    sql.push(")");
}

/// Writes branches as one condition.
pub(crate) fn write_any(sql: &mut Sql, steps: &[Step], branches: &[Branch], alias: &str, backwards: bool) {
    sql.push("(");
    for (position, branch) in branches.iter().enumerate() {
        if position > 0 {
            sql.push(" OR ");
        }
        write_branch(sql, steps, branch, alias, backwards);
    }
    if branches.is_empty() {
        sql.push("1 = 0");
    }
    sql.push(")");
}

/// Writes the order inside a branch. Columns that have one value in all of it are left out, and where a branch has no
/// nulls or nothing else nothing is said about them: both let a plain index serve. A column that is null everywhere is
/// named all the same, as PostgreSQL finds the index by it.
pub(crate) fn write_order(
    sql: &mut Sql,
    steps: &[Step],
    branch: &Branch,
    backwards: bool,
    mut name: impl FnMut(&mut Sql, usize),
) {
    let mut first = true;
    for (position, step) in steps.iter().enumerate() {
        let bound = branch.iter().find(|bound| bound.step() == position);
        if matches!(bound, Some(Bound::Equal(..))) {
            continue;
        }
        if !first {
            sql.push(", ");
        }
        first = false;
        name(sql, position);
        sql.push(if step.descending == backwards { " ASC" } else { " DESC" });
        if step.nullable && bound.is_none() {
            sql.push(if backwards { " NULLS FIRST" } else { " NULLS LAST" });
        }
    }
}
