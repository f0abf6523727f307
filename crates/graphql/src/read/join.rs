//! The other side of a relation inside of a condition.

use super::Scope;
use crate::catalog::Entity;
use crate::database::Sql;
use crate::declare::RelationKind;

/// Two entities with the names of their rows in a statement.
pub(super) struct Ends<'e> {
    pub from: (&'e Entity, &'e str),
    pub to: (&'e Entity, &'e str),
}

impl Scope<'_> {
    /// Writes `target AS other … WHERE …` for the records on the other side of the row `from`. What makes them visible,
    /// with the leading key, is for the caller to add.
    pub(super) fn joined_by(&self, sql: &mut Sql, ends: &Ends<'_>, kind: &RelationKind) {
        let Ends { from: (entity, alias), to: (target, other) } = *ends;
        sql.name(target.table()).push(" AS ").push(other);
        match kind {
            RelationKind::ToOne { column } => {
                sql.push(" WHERE ").column(other, "id").push(" = ").column(alias, column);
            }
            RelationKind::ToMany { column } => {
                sql.push(" WHERE ").column(other, column).push(" = ").column(alias, "id");
            }
            RelationKind::AnyRecord { type_column, id_column } => {
                sql.push(" WHERE ").column(alias, type_column).push(" = ").bind(target.name());
                sql.push(" AND ").column(other, "id").push(" = ").column(alias, id_column);
            }
            RelationKind::ToManyOfAny { type_column, id_column } => {
                sql.push(" WHERE ").column(other, type_column).push(" = ").bind(entity.name());
                sql.push(" AND ").column(other, id_column).push(" = ").column(alias, "id");
            }
            RelationKind::ToOneThrough(through) | RelationKind::ToManyThrough(through) => {
                let middle = format!("{other}m");
                sql.push(" JOIN ").name(&through.table).push(" AS ").push(&middle).push(" ON ");
                self.partition(sql, &target.partition, &middle);
                sql.push(" AND ").column(&middle, &through.other).push(" = ").column(other, "id");
                self.fixed(sql, &through.conditions, &middle);
                sql.push(" WHERE ").column(&middle, &through.own).push(" = ").column(alias, "id");
            }
        }
    }
}
