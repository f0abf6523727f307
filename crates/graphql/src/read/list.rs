//! Pages of a list: which stretch is asked for, and the statement that reads it.

use sea_orm::Value;

use super::Scope;
use super::condition::{self, Deleted};
use super::cursor;
use super::filter::{FilterWriter, under};
use super::order::{self, Branch, Step};
use crate::catalog::Entity;
use crate::context::Predicate;
use crate::database::{Dialect, Sql};
use crate::declare::RelationDeclaration;
use crate::error::{Refusal, code};
use crate::message;
use crate::plan::RelationLoad;
use crate::plan::arguments::{Template, Variables};
use crate::value::{Input, InputMap};

/// Records of a page where the caller names no number.
pub(crate) const PAGE: u32 = 20;
/// Records of a plain list where the caller names no number.
pub(crate) const LIST: u32 = 100;

/// Arguments of a list with variables filled in and checked.
#[derive(Debug)]
pub(crate) struct Listing {
    pub filter: Option<InputMap>,
    pub steps: Vec<Step>,
    pub deleted: Deleted,
    /// At most this many records.
    pub size: u32,
    /// One more is read, to know whether there are more.
    pub more: bool,
    /// Reads from the end, for `last`.
    pub backwards: bool,
    pub after: Option<Vec<Option<Value>>>,
    pub before: Option<Vec<Option<Value>>>,
}

fn fill(template: Option<&Template>, name: &str, variables: &Variables) -> Result<Option<Input>, Refusal> {
    match template {
        None => Ok(None),
        Some(template) => match template.fill(variables).map_err(|refusal| under(refusal, name))? {
            Some(Input::Null) | None => Ok(None),
            value => Ok(value),
        },
    }
}

impl Scope<'_> {
    /// Checks the arguments of a list of `entity`, at the root or of a relation.
    pub(crate) fn listing(
        &self,
        entity: &Entity,
        below: &RelationLoad,
        variables: &Variables,
        relation: Option<&RelationDeclaration>,
    ) -> Result<Listing, Refusal> {
        let arguments = &below.arguments;
        let ordered_by = relation.and_then(|relation| relation.ordered_by.as_ref());
        let otherwise = if relation.is_some_and(|relation| relation.as_list) { LIST } else { PAGE };
        let order_by = fill(arguments.order_by.as_ref(), "orderBy", variables)?;
        let steps = order::steps(entity, order_by.as_ref(), ordered_by)?;
        let filter = match fill(arguments.filter.as_ref(), "filter", variables)? {
            Some(Input::Object(filter)) => Some(filter),
            _ => None,
        };
        let deleted = match fill(arguments.deleted.as_ref(), "deleted", variables)? {
            Some(Input::Text(code)) => Deleted::from_code(&code),
            _ => Deleted::default(),
        };
        let first = self.size(arguments.first.as_ref(), "first", variables)?;
        let last = self.size(arguments.last.as_ref(), "last", variables)?;
        if first.is_some() && last.is_some() {
            return Err(Refusal::field(["last"], "BOTH_ENDS", "ask for `first` or for `last`, not for both"));
        }
        let bound = |template: Option<&Template>, name: &str| {
            let Some(Input::Text(text)) = fill(template, name, variables)? else { return Ok(None) };
            cursor::decode(entity.name(), &steps, &text, self.dialect()).map(Some).ok_or_else(|| {
                let message = message!("cursor", "the cursor does not belong to this list and order");
                Refusal::field([name], "CURSOR", message)
            })
        };
        Ok(Listing {
            after: bound(arguments.after.as_ref(), "after")?,
            before: bound(arguments.before.as_ref(), "before")?,
            filter,
            deleted,
            size: last.or(first).unwrap_or(otherwise),
            more: below.more,
            backwards: last.is_some(),
            steps,
        })
    }

    /// A number of records, between 0 and the limit.
    pub(crate) fn size(
        &self,
        template: Option<&Template>,
        name: &str,
        variables: &Variables,
    ) -> Result<Option<u32>, Refusal> {
        let Some(Input::Int(size)) = fill(template, name, variables)? else { return Ok(None) };
        match u32::try_from(size) {
            Ok(size) if size <= self.limits.page => Ok(Some(size)),
            Ok(_) => {
                let most = self.limits.page;
                let message = message!("page-too-large", "at most {most} at once; page with `after`", most);
                let mut refusal = Refusal::field([name], code::LIMIT_EXCEEDED, message);
                refusal.code = code::LIMIT_EXCEEDED;
                Err(refusal)
            }
            Err(_) => Err(Refusal::field([name], "RANGE", message!("negative", "must not be negative"))),
        }
    }

    /// Writes ` AND …` for the filter, if there is one.
    pub(crate) fn filtered(
        &self,
        sql: &mut Sql,
        entity: &Entity,
        alias: &str,
        filter: Option<&InputMap>,
    ) -> Result<(), Refusal> {
        let Some(filter) = filter else { return Ok(()) };
        sql.push(" AND ");
        FilterWriter::new(self, sql)
            .filter(entity, alias, filter, false)
            .map_err(|refusal| under(refusal, "filter"))
    }

    /// The statement that counts a list.
    pub(crate) fn count(&self, entity: &Entity, listing: &Listing) -> Result<Sql, Refusal> {
        let mut sql = Sql::new(self.dialect());
        sql.push("SELECT count(*) FROM ").name(entity.table()).push(" AS t WHERE ");
        self.visible(&mut sql, entity, "t", listing.deleted);
        self.filtered(&mut sql, entity, "t", listing.filter.as_ref())?;
        Ok(sql)
    }

    /// The statement that reads a page: `columns`, then (with `cursors`) the ordering values, in the
    /// direction of reading.
    pub(crate) fn page(
        &self,
        entity: &Entity,
        columns: &[String],
        cursors: bool,
        listing: &Listing,
    ) -> Result<Sql, Refusal> {
        let start = if listing.backwards { &listing.before } else { &listing.after };
        let branches = order::branches(&listing.steps, start.as_deref(), listing.backwards, self.dialect());
        let predicate = self.context.predicate(entity);
        let ordered = entity.declaration.ownership.as_ref().zip(listing.steps.first());
        let parts = match ordered {
            Some((ownership, step))
                if ownership.has_in_order(&step.column) && !entity.declaration.visible_either =>
            {
                condition::parts(predicate)
            }
            _ => vec![predicate],
        };
        let mut sql = Sql::new(self.dialect());
        let several = branches.len() > 1;
        for (number, branch) in branches.iter().enumerate() {
            if number > 0 {
                sql.push(" UNION ALL ");
            }
            if several {
                sql.push("SELECT * FROM (");
            }
            match parts.as_slice() {
                [all] => {
                    let steps = cursors.then_some(several);
                    self.stretch(&mut sql, entity, (columns, steps), listing, (branch, all))?;
                    order_by(&mut sql, listing, branch, |sql, position| {
                        listing.steps[position].write(sql, "t");
                    });
                }
                parts => self.merged(&mut sql, entity, columns, listing, (branch, parts))?,
            }
            if several {
                sql.push(") AS b").push(itoa::Buffer::new().format(number));
            }
        }
        if several {
            // Both databases read one branch after the other and stop at the limit, so that those behind it cost
            // nothing; an ORDER BY around them would read them all.
            write_limit(&mut sql, listing);
        }
        Ok(sql)
    }

    /// Writes what a branch has of several parts of what is visible. SQLite merges the parts as its indexes have them and
    /// stops when the page is full, as long as nothing else stands around or in the union, and what is ordered by is
    /// read. PostgreSQL reads them all and sorts, unless each says how much of it is needed at the most.
    fn merged(
        &self,
        sql: &mut Sql,
        entity: &Entity,
        columns: &[String],
        listing: &Listing,
        (branch, parts): (&Branch, &[Predicate]),
    ) -> Result<(), Refusal> {
        sql.push("SELECT ");
        select_columns(sql, "m", columns);
        for position in 0..listing.steps.len() {
            sql.push(", ").column("m", &step_name(position));
        }
        sql.push(" FROM (");
        let limited = self.dialect() == Dialect::Postgres;
        for (number, part) in parts.iter().enumerate() {
            sql.push(if number > 0 { " UNION ALL " } else { "" });
            sql.push(if limited { "(" } else { "" });
            self.stretch(sql, entity, (columns, Some(true)), listing, (branch, part))?;
            if limited {
                order_by(sql, listing, branch, |sql, position| {
                    listing.steps[position].write(sql, "t");
                });
                sql.push(")");
            }
        }
        sql.push(") AS m");
        order_by(sql, listing, branch, |sql, position| {
            sql.column("m", &step_name(position));
        });
        Ok(())
    }

    /// Writes `SELECT … WHERE …` for a branch, as far as it is in a part of what is visible. `steps` is whether the
    /// ordering values are read, too, and by [names](step_name).
    fn stretch(
        &self,
        sql: &mut Sql,
        entity: &Entity,
        (columns, steps): (&[String], Option<bool>),
        listing: &Listing,
        (branch, part): (&Branch, &Predicate),
    ) -> Result<(), Refusal> {
        sql.push("SELECT ");
        select_columns(sql, "t", columns);
        if let Some(named) = steps {
            select_steps(sql, "t", &listing.steps, named);
        }
        sql.push(" FROM ").name(entity.table()).push(" AS t WHERE ");
        self.visible_part(sql, entity, "t", listing.deleted, part);
        self.filtered(sql, entity, "t", listing.filter.as_ref())?;
        if !branch.is_empty() {
            sql.push(" AND ");
            order::write_branch(sql, &listing.steps, branch, "t", listing.backwards);
        }
        self.other_end(sql, "t", listing);
        Ok(())
    }

    /// Writes ` AND …` for the cursor that reading runs towards, if there is one.
    pub(crate) fn other_end(&self, sql: &mut Sql, alias: &str, listing: &Listing) {
        let end = if listing.backwards { &listing.after } else { &listing.before };
        if let Some(end) = end {
            // In front of `before` is what lies behind it when reading the other way.
            let branches = order::branches(&listing.steps, Some(end), !listing.backwards, self.dialect());
            sql.push(" AND ");
            order::write_any(sql, &listing.steps, &branches, alias, !listing.backwards);
        }
    }
}

/// Writes ` ORDER BY … LIMIT …` for a branch.
fn order_by(sql: &mut Sql, listing: &Listing, branch: &Branch, name: impl FnMut(&mut Sql, usize)) {
    sql.push(" ORDER BY ");
    order::write_order(sql, &listing.steps, branch, listing.backwards, name);
    write_limit(sql, listing);
}

/// Writes ` LIMIT …`. The number stands in the text, as PostgreSQL plans a statement
/// anew each time that it does not know how many rows are wanted.
pub(crate) fn write_limit(sql: &mut Sql, listing: &Listing) {
    sql.push(" LIMIT ").push(itoa::Buffer::new().format(listing.size + u32::from(listing.more)));
}

pub(crate) fn step_name(position: usize) -> String {
    format!("~{position}")
}

/// Writes `alias.a, alias.b`; something where there are no columns.
pub(crate) fn select_columns(sql: &mut Sql, alias: &str, columns: &[String]) {
    if columns.is_empty() {
        // Rows count even if nothing of them is written.
        sql.column(alias, "id");
    }
    for (position, column) in columns.iter().enumerate() {
        if position > 0 {
            sql.push(", ");
        }
        sql.column(alias, column);
    }
}

/// Slots that [`select_columns`] fills.
pub(crate) fn width(columns: &[String]) -> usize {
    columns.len().max(1)
}

pub(crate) fn select_steps(sql: &mut Sql, alias: &str, steps: &[Step], named: bool) {
    for (position, step) in steps.iter().enumerate() {
        step.write(sql.push(", "), alias);
        if named {
            sql.push(" AS ").name(&step_name(position));
        }
    }
}
