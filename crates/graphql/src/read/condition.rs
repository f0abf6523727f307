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
        self.partition(sql, &entity.partition, alias);
        if let Some(column) = &entity.declaration.deleted {
            match deleted {
                Deleted::Exclude => drop(sql.push(" AND ").column(alias, column).push(" IS NULL")),
                Deleted::Only => drop(sql.push(" AND ").column(alias, column).push(" IS NOT NULL")),
                Deleted::Include => {}
            }
        }
        match self.context.predicate(entity) {
            Predicate::All => {}
            predicate => {
                sql.push(" AND ");
                write_predicate(sql, &predicate, alias);
            }
        }
        self.visible_with(sql, entity, alias);
    }

    /// Writes ` AND …` for an entity that is visible with others. Nothing where all of those are visible.
    fn visible_with(&self, sql: &mut Sql, entity: &Entity, alias: &str) {
        if self.others_are_open(entity) {
            return;
        }
        sql.push(" AND (");
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
                self.context.predicate(target) == Predicate::All && self.others_are_open(target)
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

fn write_predicate(sql: &mut Sql, predicate: &Predicate, alias: &str) {
    match predicate {
        Predicate::All => drop(sql.push("1 = 1")),
        Predicate::Nothing => drop(sql.push("1 = 0")),
        Predicate::AnyOf(_, values) if values.is_empty() => drop(sql.push("1 = 0")),
        Predicate::AnyOf(column, values) => drop(sql.column(alias, column).is_any_of(values.clone())),
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
