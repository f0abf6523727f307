//! The other side of a relation for many parents at once, with `first` applied per parent in the database.

use sea_orm::Value;
use uuid::Uuid;

use super::Scope;
use super::condition::Deleted;
use super::list::{Listing, select_columns, select_steps, step_name, write_limit};
use super::order;
use crate::catalog::Entity;
use crate::database::{Dialect, Sql};
use crate::declare::{RelationKind, Through};
use crate::error::Refusal;

/// The two sides of a relation and what is asked of the other one.
pub(crate) struct Sides<'s> {
    pub parent: &'s Entity,
    pub target: &'s Entity,
    pub kind: &'s RelationKind,
    pub listing: &'s Listing,
}

/// The id of the parent in a statement.
#[derive(Clone, Copy)]
enum Key {
    Value(Uuid),
    /// An expression of the row outside of a subquery.
    Outer(&'static str),
}

impl Key {
    fn write(self, sql: &mut Sql) {
        match self {
            Self::Value(id) => sql.bind(id),
            Self::Outer(expression) => sql.push(expression),
        };
    }
}

fn values(keys: &[Uuid]) -> Vec<Value> {
    keys.iter().map(|key| Value::from(*key)).collect()
}

impl Scope<'_> {
    /// Records by their ids: `columns`, then the id.
    pub(crate) fn by_ids(&self, target: &Entity, columns: &[String], ids: &[Uuid]) -> Sql {
        let mut sql = Sql::new(self.dialect());
        sql.push("SELECT ");
        select_columns(&mut sql, "t", columns);
        sql.push(", ").column("t", "id").push(" FROM ").name(target.table()).push(" AS t WHERE ");
        self.visible(&mut sql, target, "t", Deleted::Exclude);
        sql.push(" AND ").column("t", "id");
        match ids {
            [id] => drop(sql.push(" = ").bind(*id)),
            ids => drop(sql.is_any_of(values(ids))),
        }
        sql
    }

    /// Which entities have a visible record with this id: positions in the catalogue. `None` if the caller may read none.
    pub(crate) fn probe(&self, id: Uuid) -> Option<Sql> {
        let mut sql = Sql::new(self.dialect());
        let entities = self.catalog.entities.iter().enumerate();
        for (position, entity) in entities.filter(|(_, entity)| self.may_read(entity)) {
            sql.push(if sql.text().is_empty() { "SELECT CAST(" } else { " UNION ALL SELECT CAST(" });
            sql.push(&position.to_string())
                .push(" AS bigint) FROM ")
                .name(entity.table())
                .push(" AS t WHERE ");
            self.visible(&mut sql, entity, "t", Deleted::Exclude);
            sql.push(" AND ").column("t", "id").push(" = ").bind(id);
        }
        (!sql.text().is_empty()).then_some(sql)
    }

    /// Records by the ids of those that meet them in the table between: `columns`, then the parent's id. In the order
    /// of their own ids, so that it is the same one if several are found where one is meant.
    pub(crate) fn by_parents_through(
        &self,
        target: &Entity,
        columns: &[String],
        through: &Through,
        parents: &[Uuid],
    ) -> Sql {
        let mut sql = Sql::new(self.dialect());
        sql.push("SELECT ");
        match self.dialect() {
            Dialect::Postgres => {
                // Looked up one by one: a join would be free to hash all of the target.
                select_columns(&mut sql, "c", columns);
                sql.push(", p.key FROM unnest(").bind_array(values(parents));
                sql.push("::uuid[]) AS p(key) CROSS JOIN LATERAL (SELECT ");
                select_columns(&mut sql, "t", columns);
                self.join_through(&mut sql, target, through, Deleted::Exclude);
                sql.push(" AND ").column("m", &through.own).push(" = p.key");
                sql.push(" ORDER BY ").column("m", &through.other).push(" LIMIT 1) AS c");
            }
            Dialect::Sqlite => {
                select_columns(&mut sql, "t", columns);
                sql.push(", ").column("m", &through.own);
                self.join_through(&mut sql, target, through, Deleted::Exclude);
                sql.push(" AND ").column("m", &through.own).is_any_of(values(parents));
                sql.push(" ORDER BY ").column("m", &through.other);
            }
        }
        sql
    }

    /// Writes ` FROM between JOIN target … WHERE …`.
    fn join_through(&self, sql: &mut Sql, target: &Entity, through: &Through, deleted: Deleted) {
        sql.push(" FROM ").name(&through.table).push(" AS m JOIN ").name(target.table()).push(" AS t ON ");
        self.visible(sql, target, "t", deleted);
        sql.push(" AND ").column("t", "id").push(" = ").column("m", &through.other).push(" WHERE ");
        self.partition(sql, &target.partition, "m");
        self.fixed(sql, &through.conditions, "m");
    }

    /// How many there are for each parent: the parent's id and the number.
    pub(crate) fn counts(&self, sides: &Sides<'_>, parents: &[Uuid]) -> Result<Sql, Refusal> {
        let Sides { parent, target, kind, listing } = *sides;
        let mut sql = Sql::new(self.dialect());
        let (alias, key) = match kind {
            RelationKind::ToManyThrough(through) | RelationKind::ToOneThrough(through) => {
                ("m", through.own.as_str())
            }
            RelationKind::ToMany { column }
            | RelationKind::ToOne { column }
            | RelationKind::ToManyOfAny { id_column: column, .. }
            | RelationKind::AnyRecord { id_column: column, .. } => ("t", column.as_str()),
        };
        let distinct = if alias == "m" { "count(DISTINCT t.\"id\")" } else { "count(*)" };
        sql.push("SELECT ").column(alias, key).push(", ").push(distinct);
        if let RelationKind::ToManyThrough(through) = kind {
            self.join_through(&mut sql, target, through, listing.deleted);
        } else {
            sql.push(" FROM ").name(target.table()).push(" AS t WHERE ");
            self.visible(&mut sql, target, "t", listing.deleted);
            of_type(&mut sql, "t", parent, kind);
        }
        sql.push(" AND ").column(alias, key).is_any_of(values(parents));
        self.filtered(&mut sql, target, "t", listing.filter.as_ref())?;
        sql.push(" GROUP BY 1");
        Ok(sql)
    }

    /// A page for each parent: `columns`, then (with `cursors`) the ordering values, then the parent's position in
    /// `parents`: counted from 1 on PostgreSQL, from 0 on SQLite. Each page is in order.
    pub(crate) fn pages(
        &self,
        sides: &Sides<'_>,
        columns: &[String],
        cursors: bool,
        parents: &[Uuid],
    ) -> Result<Sql, Refusal> {
        let Sides { target, listing, .. } = *sides;
        let mut sql = Sql::new(self.dialect());
        sql.push("SELECT ");
        match (self.dialect(), parents) {
            (dialect, [parent]) => {
                select_columns(&mut sql, "t", columns);
                if cursors {
                    select_steps(&mut sql, "t", &listing.steps, false);
                }
                sql.push(if dialect == Dialect::Postgres { ", 1::bigint" } else { ", 0" });
                self.of_parent(&mut sql, sides, "t", Key::Value(*parent))?;
            }
            (Dialect::Postgres, _) => {
                select_columns(&mut sql, "c", columns);
                for position in 0..if cursors { listing.steps.len() } else { 0 } {
                    sql.push(", ").column("c", &step_name(position));
                }
                sql.push(", p.n FROM unnest(").bind_array(values(parents));
                sql.push("::uuid[]) WITH ORDINALITY AS p(key, n) CROSS JOIN LATERAL (SELECT ");
                select_columns(&mut sql, "t", columns);
                if cursors {
                    select_steps(&mut sql, "t", &listing.steps, true);
                }
                self.of_parent(&mut sql, sides, "t", Key::Outer("p.key"))?;
                // A nested loop, which LATERAL means, keeps the order of each page; sorting them again would cost a
                // quarter of the statement.
                sql.push(") AS c");
            }
            (Dialect::Sqlite, _) => {
                // SQLite has no LATERAL; a limited subquery in IN sees the outer row just as well. It hands over the
                // places of rows, so that each is looked up by its id once only.
                select_columns(&mut sql, "t", columns);
                if cursors {
                    select_steps(&mut sql, "t", &listing.steps, false);
                }
                sql.push(", p.key FROM json_each(").bind_array(values(parents));
                sql.push(") AS p CROSS JOIN ").name(target.table()).push(" AS t WHERE ");
                // Without statistics SQLite would rather read all of the company than look rows up by their places.
                self.partition(&mut sql, &target.partition, "+t");
                sql.push(" AND t.rowid IN (SELECT c.rowid");
                self.of_parent(&mut sql, sides, "c", Key::Outer("unhex(p.value)"))?;
                sql.push(") ORDER BY p.key, ");
                order::write_order(
                    &mut sql,
                    &listing.steps,
                    &Vec::new(),
                    listing.backwards,
                    |sql, position| {
                        listing.steps[position].write(sql, "t");
                    },
                );
            }
        }
        Ok(sql)
    }

    /// Writes ` FROM … LIMIT …` for the records of one parent.
    fn of_parent(&self, sql: &mut Sql, sides: &Sides<'_>, alias: &str, key: Key) -> Result<(), Refusal> {
        let Sides { parent, target, kind, listing } = *sides;
        sql.push(" FROM ");
        match kind {
            RelationKind::ToManyThrough(through) if through.unique => {
                // SQLite would rather run through all of the target in the order that is asked for.
                let join = if sql.dialect() == Dialect::Sqlite { " AS m CROSS JOIN " } else { " AS m JOIN " };
                sql.name(&through.table).push(join).name(target.table()).push(" AS ").push(alias);
                sql.push(" ON ").column(alias, "id").push(" = ").column("m", &through.other).push(" WHERE ");
                self.partition(sql, &target.partition, "m");
                sql.push(" AND ").column("m", &through.own).push(" = ");
                key.write(sql);
                self.fixed(sql, &through.conditions, "m");
                sql.push(" AND ");
            }
            RelationKind::ToManyThrough(through) | RelationKind::ToOneThrough(through) => {
                // One record may be met several times. PostgreSQL reads the distinct ones in the order of an index
                // and stops at the limit; SQLite does so with IN.
                let between = |sql: &mut Sql| {
                    sql.column("m", &through.other).push(" FROM ").name(&through.table).push(" AS m WHERE ");
                    self.partition(sql, &target.partition, "m");
                    sql.push(" AND ").column("m", &through.own).push(" = ");
                    key.write(sql);
                    self.fixed(sql, &through.conditions, "m");
                };
                if sql.dialect() == Dialect::Postgres {
                    between(sql.push("(SELECT DISTINCT "));
                    sql.push(") AS m JOIN ").name(target.table()).push(" AS ").push(alias).push(" ON ");
                    sql.column(alias, "id").push(" = ").column("m", &through.other).push(" WHERE ");
                } else {
                    sql.name(target.table()).push(" AS ").push(alias).push(" WHERE ").column(alias, "id");
                    between(sql.push(" IN (SELECT "));
                    sql.push(") AND ");
                }
            }
            RelationKind::ToMany { column }
            | RelationKind::ToOne { column }
            | RelationKind::ToManyOfAny { id_column: column, .. }
            | RelationKind::AnyRecord { id_column: column, .. } => {
                sql.name(target.table()).push(" AS ").push(alias).push(" WHERE ");
                sql.column(alias, column).push(" = ");
                key.write(sql);
                sql.push(" AND ");
            }
        }
        self.visible(sql, target, alias, listing.deleted);
        of_type(sql, alias, parent, kind);
        self.filtered(sql, target, alias, listing.filter.as_ref())?;
        let start = if listing.backwards { &listing.before } else { &listing.after };
        if let Some(start) = start {
            let branches = order::branches(&listing.steps, Some(start), listing.backwards, self.dialect());
            sql.push(" AND ");
            order::write_any(sql, &listing.steps, &branches, alias, listing.backwards);
        }
        self.other_end(sql, alias, listing);
        sql.push(" ORDER BY ");
        order::write_order(sql, &listing.steps, &Vec::new(), listing.backwards, |sql, position| {
            listing.steps[position].write(sql, alias);
        });
        write_limit(sql, listing);
        Ok(())
    }
}

/// Writes ` AND …` for records that point at any type: only those that point at this one.
fn of_type(sql: &mut Sql, alias: &str, parent: &Entity, kind: &RelationKind) {
    if let RelationKind::ToManyOfAny { type_column, .. } = kind {
        sql.push(" AND ").column(alias, type_column).push(" = ").bind(parent.name());
    }
}
