//! Conditions that every statement carries: the leading key, deletion, the rows there are for the caller.

use super::Scope;
use super::join::Ends;
use crate::catalog::{Entity, Relation};
use crate::context::Predicate;
use crate::database::Sql;
use crate::declare::Condition;

/// Whether deleted rows are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Deleted {
    #[default]
    Exclude,
    Only,
    Include,
}

impl Deleted {
    pub(crate) fn from_code(code: &str) -> Self {
        match code {
            "ONLY" => Self::Only,
            "INCLUDE" => Self::Include,
            _ => Self::Exclude,
        }
    }
}

impl Scope<'_> {
    /// Writes what makes a row of `entity` visible: `alias.tenant = … AND …`.
    pub(crate) fn visible(&self, sql: &mut Sql, entity: &Entity, alias: &str, deleted: Deleted) {
        self.visible_part(sql, entity, alias, deleted, &self.context.predicate(entity));
    }

    /// The same for a [part](parts) of what is visible.
    pub(super) fn visible_part(
        &self,
        sql: &mut Sql,
        entity: &Entity,
        alias: &str,
        deleted: Deleted,
        part: &Predicate,
    ) {
        self.partition(sql, &entity.partition, alias);
        if let Some(column) = &entity.declaration.deleted {
            match deleted {
                Deleted::Exclude => drop(sql.push(" AND ").column(alias, column).push(" IS NULL")),
                Deleted::Only => drop(sql.push(" AND ").column(alias, column).push(" IS NOT NULL")),
                Deleted::Include => {}
            }
        }
        // Who lacks the right sees nothing, whatever else is visible.
        if entity.declaration.visible_either && *part != Predicate::Nothing {
            if *part != Predicate::All {
                sql.push(" AND (");
                write_predicate(sql, part, alias);
                sql.push(" OR ");
                self.others(sql, entity, alias);
                sql.push(")");
            }
            return;
        }
        if *part != Predicate::All {
            sql.push(" AND ");
            write_predicate(sql, part, alias);
        }
        self.visible_with(sql, entity, alias);
    }

    /// Writes ` AND …` for an entity that is visible with others. Nothing where all of those are visible.
    fn visible_with(&self, sql: &mut Sql, entity: &Entity, alias: &str) {
        if self.others_are_open(entity) {
            return;
        }
        sql.push(" AND ");
        self.others(sql, entity, alias);
    }

    /// Writes that one of the records is visible that an entity is visible with.
    fn others(&self, sql: &mut Sql, entity: &Entity, alias: &str) {
        sql.push("(");
        let relations = entity.visible_with.iter().map(|position| &entity.relations[*position]);
        let mut first = true;
        for relation in relations {
            for target in relation.targets.iter().map(|target| self.entity(*target)) {
                sql.push(if first { "" } else { " OR " });
                first = false;
                self.has_visible(sql, (entity, alias), relation, target);
            }
        }
        sql.push(if first { "1 = 0)" } else { ")" });
    }

    /// Writes that the other side of a relation to one is a visible record of `target`, deleted or not.
    fn has_visible(&self, sql: &mut Sql, from: (&Entity, &str), relation: &Relation, target: &Entity) {
        let other = format!("{}v", from.1);
        sql.push("EXISTS (SELECT 1 FROM ");
        self.joined_by(sql, &Ends { from, to: (target, &other) }, &relation.declaration.kind);
        sql.push(" AND ");
        self.visible(sql, target, &other, Deleted::Include);
        sql.push(")");
    }

    /// True if whatever an entity is visible with is visible, each row of it.
    fn others_are_open(&self, entity: &Entity) -> bool {
        if entity.visible_with.len() < entity.declaration.visible_with.len() {
            return false;
        }
        entity.visible_with.iter().map(|position| &entity.relations[*position]).all(|relation| {
            let mut targets = relation.targets.iter().map(|target| self.entity(*target));
            let is_open = |target: &Entity| {
                self.context.predicate(target) == Predicate::All
                    && (target.declaration.visible_either || self.others_are_open(target))
            };
            !relation.targets.is_empty() && targets.all(is_open)
        })
    }

    /// Writes `alias.tenant = …`.
    pub(crate) fn partition(&self, sql: &mut Sql, column: &str, alias: &str) {
        sql.column(alias, column).push(" = ").bind(self.context.partition());
    }

    /// Writes ` AND …` for the fixed conditions of a joined table.
    pub(crate) fn fixed(&self, sql: &mut Sql, conditions: &[Condition], alias: &str) {
        for condition in conditions {
            match condition {
                Condition::Equals(column, value) => {
                    sql.push(" AND ").column(alias, column).push(" = ").bind(value.clone());
                }
                Condition::Current { from, to } => {
                    let today = self.context.today();
                    sql.push(" AND (").column(alias, from).push(" IS NULL OR ").column(alias, from);
                    sql.push(" <= ").bind(today).push(") AND (").column(alias, to);
                    sql.push(" IS NULL OR ").column(alias, to).push(" >= ").bind(today).push(")");
                }
            }
        }
    }
}

/// More parts than these are not read one by one.
const MOST_PARTS: usize = 16;

/// Cuts a predicate into parts that have no row in common and that one value of one column decides each, so that an
/// index has the rows of each in their order. It stays whole if it is made of anything else, or of too many values.
pub(super) fn parts(predicate: Predicate) -> Vec<Predicate> {
    let Predicate::Or(alternatives) = &predicate else { return vec![predicate] };
    let (mut parts, mut earlier) = (Vec::new(), Vec::new());
    for alternative in alternatives {
        let Predicate::AnyOf(column, values) = alternative else { return vec![predicate] };
        for value in values {
            let mut part = vec![Predicate::AnyOf(column.clone(), vec![value.clone()])];
            part.extend(earlier.iter().cloned());
            parts.push(Predicate::And(part));
        }
        earlier.push(Predicate::NoneOf(column.clone(), values.clone()));
    }
    if parts.is_empty() || parts.len() > MOST_PARTS { vec![predicate] } else { parts }
}

fn write_predicate(sql: &mut Sql, predicate: &Predicate, alias: &str) {
    match predicate {
        Predicate::All => drop(sql.push("1 = 1")),
        Predicate::Nothing => drop(sql.push("1 = 0")),
        Predicate::AnyOf(_, values) if values.is_empty() => drop(sql.push("1 = 0")),
        // An index has the rows of one value in order, but not those of a list of one.
        Predicate::AnyOf(column, values) if let [value] = values.as_slice() => {
            sql.column(alias, column).push(" = ").bind(value.clone());
        }
        Predicate::AnyOf(column, values) => drop(sql.column(alias, column).is_any_of(values.clone())),
        Predicate::NoneOf(column, values) => {
            sql.push("(").column(alias, column).push(" IS NULL OR NOT ");
            write_predicate(sql, &Predicate::AnyOf(column.clone(), values.clone()), alias);
            sql.push(")");
        }
        Predicate::Or(parts) | Predicate::And(parts) => {
            let (word, empty) = match predicate {
                Predicate::Or(_) => (" OR ", "1 = 0"),
                _ => (" AND ", "1 = 1"),
            };
            sql.push("(");
            if parts.is_empty() {
                sql.push(empty);
            }
            for (position, part) in parts.iter().enumerate() {
                if position > 0 {
                    sql.push(word);
                }
                write_predicate(sql, part, alias);
            }
            sql.push(")");
        }
    }
}
