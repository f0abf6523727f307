//! Counts, sums, averages and extremes, by groups.

use super::Scope;
use super::condition::Deleted;
use super::filter::under;
use super::list::step_name;
use crate::catalog::{Entity, Field, upper_case};
use crate::database::{Dialect, Sql};
use crate::declare::{MoneyDeclaration, RelationKind};
use crate::error::{Refusal, code};
use crate::plan::{AggregatePlan, Function, Measure};
use crate::sdl::group_target;
use crate::value::{Input, InputMap, Kind};

/// The most steps of a grouping.
const MOST_GROUPS: usize = 4;
/// More currencies than ISO 4217 has: bounds the rows of a statement per currency.
const CURRENCIES: i64 = 400;

/// One step of a grouping: an expression and what it yields.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    /// Relations to one, from the entity down.
    path: Vec<String>,
    column: String,
    bucket: Option<String>,
    pub kind: Kind,
}

impl Scope<'_> {
    /// The steps of a `groupBy`.
    pub(crate) fn groups(&self, entity: &Entity, group_by: Option<Input>) -> Result<Vec<Group>, Refusal> {
        let Some(Input::List(list)) = group_by else { return Ok(Vec::new()) };
        if list.len() > MOST_GROUPS {
            let message = format!("a grouping may have at most {MOST_GROUPS} steps");
            return Err(Refusal::field(["groupBy"], code::LIMIT_EXCEEDED, message));
        }
        list.iter()
            .enumerate()
            .map(|(position, item)| {
                let Input::Object(item) = item else { return Err(unknown()) };
                self.group(entity, item, Vec::new())
                    .map_err(|refusal| under(under(refusal, &position.to_string()), "groupBy"))
            })
            .collect()
    }

    fn group(&self, entity: &Entity, item: &InputMap, mut path: Vec<String>) -> Result<Group, Refusal> {
        let Some((name, value)) = item.iter().next() else { return Err(unknown()) };
        match (name, value, entity.fields.get(name)) {
            ("field", Input::Text(field), _) => {
                let named = |column: &&crate::declare::ColumnDeclaration| upper_case(&column.name) == *field;
                let column = entity.declaration.columns.iter().find(named).ok_or_else(unknown)?;
                let kind = column.kind.unwrap_or(Kind::Text);
                Ok(Group { path, column: column.column.clone(), bucket: None, kind })
            }
            (_, Input::Text(bucket), Some(Field::Column(index))) => {
                let column = entity.declaration.columns[*index].column.clone();
                Ok(Group { path, column, bucket: Some(bucket.clone()), kind: Kind::Text })
            }
            (_, Input::Object(inner), Some(Field::Relation(index))) => {
                let target = group_target(&entity.relations[*index]).ok_or_else(unknown)?;
                path.push(name.to_owned());
                self.group(self.entity(target), inner, path).map_err(|refusal| under(refusal, name))
            }
            _ => Err(unknown()),
        }
    }

    /// The statement of an aggregate: a value per group step, the count, then each measure ([`slots`] apiece).
    pub(crate) fn aggregate(
        &self,
        plan: &AggregatePlan,
        groups: &[Group],
        filter: Option<&InputMap>,
        first: u32,
    ) -> Result<Sql, Refusal> {
        let entity = self.entity(plan.entity);
        let mut sql = Sql::new(self.dialect());
        sql.push(if groups.is_empty() { "SELECT " } else { "SELECT * FROM (SELECT " });
        self.select_groups(&mut sql, entity, groups);
        sql.push("count(*)");
        for measure in &plan.measures {
            sql.push(", ");
            select_measure(&mut sql, measure);
        }
        let keys = groups.iter().map(|group| group.kind).collect();
        self.grouped(
            &mut sql,
            entity,
            filter,
            &Grouping { groups, present: None, keys, limit: first.into() },
        )?;
        Ok(sql)
    }

    /// The statement of an amount of money: a value per group step, the currency, then sum, count, smallest, largest.
    pub(crate) fn aggregate_money(
        &self,
        entity: &Entity,
        money: &MoneyDeclaration,
        groups: &[Group],
        filter: Option<&InputMap>,
        first: u32,
    ) -> Result<Sql, Refusal> {
        let mut sql = Sql::new(self.dialect());
        sql.push("SELECT * FROM (SELECT ");
        self.select_groups(&mut sql, entity, groups);
        sql.column("t", &money.currency).push(" AS ").name(&step_name(groups.len()));
        select_exact_sum(sql.push(", "), &money.amount);
        sql.push(", count(*), min(");
        sql.column("t", &money.amount).push("), max(").column("t", &money.amount).push(")");
        let limit = i64::from(first).max(1) * CURRENCIES;
        let keys = groups.iter().map(|group| group.kind).chain([Kind::Text]).collect();
        let grouping = Grouping { groups, present: Some(&money.amount), keys, limit };
        self.grouped(&mut sql, entity, filter, &grouping)?;
        Ok(sql)
    }

    fn select_groups(&self, sql: &mut Sql, entity: &Entity, groups: &[Group]) {
        for (position, group) in groups.iter().enumerate() {
            match self.joined(entity, group) {
                Some(joined) => {
                    let alias =
                        joined.len().checked_sub(1).map_or("t".to_owned(), |last| joint(position, last));
                    write_bucket(sql, &alias, &group.column, group.bucket.as_deref());
                }
                None => self.group_expression(sql, entity, group, "t", 0),
            }
            sql.push(" AS ").name(&step_name(position)).push(", ");
        }
    }

    /// The path of a group as columns and their targets, if each step is a plain foreign key: a join cannot repeat rows
    /// then.
    fn joined<'e>(&'e self, entity: &'e Entity, group: &Group) -> Option<Vec<(&'e str, &'e Entity)>> {
        let mut at = entity;
        group
            .path
            .iter()
            .map(|name| {
                let relation = at.relation(name)?;
                let RelationKind::ToOne { column } = &relation.declaration.kind else { return None };
                at = self.entity(*relation.targets.first()?);
                Some((column.as_str(), at))
            })
            .collect()
    }

    /// Writes ` LEFT JOIN …` for the groups that are [`joined`](Self::joined).
    fn join_groups(&self, sql: &mut Sql, entity: &Entity, groups: &[Group]) {
        for (position, group) in groups.iter().enumerate() {
            let mut from = "t".to_owned();
            for (depth, (column, target)) in self.joined(entity, group).into_iter().flatten().enumerate() {
                let alias = joint(position, depth);
                sql.push(" LEFT JOIN ").name(target.table()).push(" AS ").push(&alias).push(" ON ");
                self.visible(sql, target, &alias, Deleted::Exclude);
                sql.push(" AND ").column(&alias, "id").push(" = ").column(&from, column);
                from = alias;
            }
        }
    }

    /// A column, or a scalar subquery through relations to one: it cannot repeat rows, as a join might. `depth` counts
    /// the relations behind us.
    fn group_expression(&self, sql: &mut Sql, entity: &Entity, group: &Group, alias: &str, depth: usize) {
        let Some(relation) = group.path.get(depth).and_then(|name| entity.relation(name)) else {
            write_bucket(sql, alias, &group.column, group.bucket.as_deref());
            return;
        };
        let Some(target) = relation.targets.first().map(|target| self.entity(*target)) else { return };
        let (other, middle) = (format!("g{depth}"), format!("h{depth}"));
        sql.push("(SELECT ");
        self.group_expression(sql, target, group, &other, depth + 1);
        sql.push(" FROM ").name(target.table()).push(" AS ").push(&other);
        match &relation.declaration.kind {
            RelationKind::ToOneThrough(through) => {
                sql.push(" JOIN ").name(&through.table).push(" AS ").push(&middle).push(" ON ");
                self.partition(sql, &target.partition, &middle);
                sql.push(" AND ").column(&middle, &through.other).push(" = ").column(&other, "id");
                self.fixed(sql, &through.conditions, &middle);
                sql.push(" WHERE ").column(&middle, &through.own).push(" = ").column(alias, "id");
            }
            RelationKind::ToOne { column } => {
                sql.push(" WHERE ").column(&other, "id").push(" = ").column(alias, column);
            }
            _ => drop(sql.push(" WHERE 1 = 0")),
        }
        sql.push(" AND ");
        self.visible(sql, target, &other, Deleted::Exclude);
        sql.push(" ORDER BY ").column(&other, "id").push(" LIMIT 1)");
    }

    /// Writes ` FROM … WHERE …`, the grouping and the order. The caller has opened a subquery if there are keys.
    fn grouped(
        &self,
        sql: &mut Sql,
        entity: &Entity,
        filter: Option<&InputMap>,
        grouping: &Grouping<'_>,
    ) -> Result<(), Refusal> {
        sql.push(" FROM ").name(entity.table()).push(" AS t");
        self.join_groups(sql, entity, grouping.groups);
        sql.push(" WHERE ");
        self.visible(sql, entity, "t", Deleted::Exclude);
        if let Some(column) = grouping.present {
            sql.push(" AND ").column("t", column).push(" IS NOT NULL");
        }
        self.filtered(sql, entity, "t", filter)?;
        if grouping.keys.is_empty() {
            return Ok(());
        }
        for key in 1..=grouping.keys.len() {
            sql.push(if key == 1 { " GROUP BY " } else { ", " }).push(&key.to_string());
        }
        sql.push(") AS a ORDER BY ");
        for (position, kind) in grouping.keys.iter().enumerate() {
            if position > 0 {
                sql.push(", ");
            }
            sql.ordered_column("a", &step_name(position), *kind).push(" NULLS LAST");
        }
        sql.push(" LIMIT ").push(itoa::Buffer::new().format(grouping.limit));
        Ok(())
    }
}

/// How the rows of an aggregate are put together.
struct Grouping<'g> {
    groups: &'g [Group],
    /// Only rows with a value in this column.
    present: Option<&'g str>,
    /// What the first results are, by which the rows are grouped and ordered.
    keys: Vec<Kind>,
    limit: i64,
}

/// The name of a joined table.
fn joint(group: usize, depth: usize) -> String {
    format!("g{group}_{depth}")
}

fn unknown() -> Refusal {
    super::filter::wrong("UNKNOWN_FIELD", "there is nothing of this name to group by")
}

fn write_bucket(sql: &mut Sql, alias: &str, column: &str, bucket: Option<&str>) {
    let Some(bucket) = bucket else {
        sql.column(alias, column);
        return;
    };
    match sql.dialect() {
        Dialect::Postgres => {
            let format = match bucket {
                "DAY" => "YYYY-MM-DD",
                "WEEK" => "IYYY-\"W\"IW",
                "MONTH" => "YYYY-MM",
                "QUARTER" => "YYYY-\"Q\"Q",
                _ => "YYYY",
            };
            sql.push("to_char(").column(alias, column).push(", '").push(format).push("')");
        }
        Dialect::Sqlite if bucket == "WEEK" => {
            sql.push("strftime('%G-W%V', ").column(alias, column).push(")");
        }
        Dialect::Sqlite if bucket == "QUARTER" => {
            sql.push("substr(").column(alias, column).push(", 1, 4) || '-Q' || ((CAST(substr(");
            sql.column(alias, column).push(", 6, 2) AS integer) + 2) / 3)");
        }
        Dialect::Sqlite => {
            let length = match bucket {
                "DAY" => "10",
                "MONTH" => "7",
                _ => "4",
            };
            sql.push("substr(").column(alias, column).push(", 1, ").push(length).push(")");
        }
    }
}

/// How many slots of a row a measure takes.
pub(crate) fn slots(measure: &Measure) -> usize {
    if measure.function == Function::Average { 2 } else { 1 }
}

/// Writes the sum of whole numbers. It leaves the database as text, as it may need more than 64 bits: PostgreSQL's are
/// wider, SQLite gives the upper and the lower 32 bits apart.
fn select_exact_sum(sql: &mut Sql, column: &str) {
    match sql.dialect() {
        Dialect::Postgres => drop(sql.push("CAST(sum(").column("t", column).push(") AS text)")),
        Dialect::Sqlite => {
            sql.push("sum(").column("t", column).push(" >> 32) || '|' || sum(").column("t", column);
            sql.push(" & 4294967295)");
        }
    }
}

fn select_measure(sql: &mut Sql, measure: &Measure) {
    let exact = measure.kind != Kind::Float;
    match measure.function {
        Function::Sum | Function::Average if exact => select_exact_sum(sql, &measure.column),
        Function::Sum | Function::Average => drop(sql.push("sum(").column("t", &measure.column).push(")")),
        Function::Minimum => drop(sql.push("min(").column("t", &measure.column).push(")")),
        Function::Maximum => drop(sql.push("max(").column("t", &measure.column).push(")")),
    }
    if measure.function == Function::Average {
        sql.push(", count(").column("t", &measure.column).push(")");
    }
}
