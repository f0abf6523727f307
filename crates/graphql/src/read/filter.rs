//! Filters. Logic has two values: a condition on a missing value does not hold, and `not` turns that round, so that
//! `not: {tier: {eq: GOLD}}` finds those without a tier. `not` is pushed down to the leaves, which keeps indexes usable.

use super::Scope;
use super::condition::Deleted;
use super::join::Ends;
use crate::catalog::{Entity, Relation};
use crate::database::Sql;
use crate::declare::RelationKind;
use crate::error::{FieldError, Refusal, code};
use crate::message::Message;
use crate::value::{Input, InputMap};

/// A filter may go through so many relations: PostgreSQL takes them for tables that could be joined in any order, and
/// twelve of them, in whatever company, kept it planning for a quarter of a second, twenty for several.
const MOST_RELATIONS: usize = 6;

/// A name for each table of a statement.
#[derive(Debug, Default)]
pub(super) struct Aliases(usize);

impl Aliases {
    fn next(&mut self) -> String {
        self.0 += 1;
        format!("f{}", self.0)
    }
}

/// Writes the conditions of one filter.
pub(super) struct FilterWriter<'s, 'a> {
    pub scope: &'s Scope<'a>,
    pub sql: &'s mut Sql,
    aliases: Aliases,
    conditions: usize,
}

/// `Err` carries where in the filter the mistake is.
pub(super) type Written = Result<(), Refusal>;

pub(super) fn wrong(code: &'static str, message: impl Into<Message>) -> Refusal {
    Refusal::validation(vec![FieldError { path: Vec::new(), code, message: message.into() }])
}

/// The same refusal seen from one level further out.
pub(crate) fn under(mut refusal: Refusal, segment: &str) -> Refusal {
    let fields = std::mem::take(&mut refusal.fields);
    if fields.is_empty() {
        return refusal;
    }
    let moved = Refusal::validation(fields.into_iter().map(|field| field.under(segment)).collect());
    Refusal { code: refusal.code, ..moved }
}

impl<'s, 'a> FilterWriter<'s, 'a> {
    pub(super) fn new(scope: &'s Scope<'a>, sql: &'s mut Sql) -> Self {
        Self { scope, sql, aliases: Aliases::default(), conditions: 0 }
    }

    /// Writes the filter on the rows called `alias`, or its opposite.
    pub(super) fn filter(
        &mut self,
        entity: &Entity,
        alias: &str,
        filter: &InputMap,
        negated: bool,
    ) -> Written {
        self.join(filter.iter(), if negated { " OR " } else { " AND " }, !negated, |writer, (name, value)| {
            writer.entry(entity, alias, name, value, negated).map_err(|refusal| under(refusal, name))
        })
    }

    /// Writes the parts with a word between them; `empty` is the answer if there is none.
    fn join<T>(
        &mut self,
        parts: impl Iterator<Item = T>,
        word: &str,
        empty: bool,
        mut write: impl FnMut(&mut Self, T) -> Written,
    ) -> Written {
        self.sql.push("(");
        let mut first = true;
        for part in parts {
            if !first {
                self.sql.push(word);
            }
            first = false;
            write(self, part)?;
        }
        if first {
            self.sql.push(if empty { "1 = 1" } else { "1 = 0" });
        }
        self.sql.push(")");
        Ok(())
    }

    fn entry(&mut self, entity: &Entity, alias: &str, name: &str, value: &Input, negated: bool) -> Written {
        self.conditions += 1;
        if self.conditions > self.scope.limits.filter {
            let message = format!("a filter may have at most {} conditions", self.scope.limits.filter);
            return Err(Refusal::new(code::LIMIT_EXCEEDED, message));
        }
        if *value == Input::Null {
            return Err(wrong("NULL", "null is not a condition; leave the field out, or use isNull"));
        }
        match (name, value) {
            ("and" | "or", Input::List(parts)) => {
                let all = (name == "and") != negated;
                self.join(
                    parts.iter().enumerate(),
                    if all { " AND " } else { " OR " },
                    all,
                    |writer, (position, part)| {
                        let Input::Object(part) = part else { return Ok(()) };
                        writer
                            .filter(entity, alias, part, negated)
                            .map_err(|refusal| under(refusal, &position.to_string()))
                    },
                )
            }
            ("search", Input::Text(text)) if !entity.search.is_empty() => {
                self.search(entity, alias, text, negated)
            }
            ("not", Input::Object(part)) => self.filter(entity, alias, part, !negated),
            (_, Input::Object(operators)) => {
                if let Some(column) = entity.column(name) {
                    self.column(column, alias, operators, negated)
                } else if let Some(money) = entity.money(name) {
                    self.money(money, alias, operators, negated)
                } else if let Some(relation) = entity.relation(name) {
                    self.relation(entity, relation, alias, operators, negated)
                } else {
                    Err(wrong("UNKNOWN_FIELD", "there is no such condition"))
                }
            }
            _ => Err(wrong("TYPE", "expected an object")),
        }
    }

    /// Writes that the record is found by all words of the text, or that it is not.
    fn search(&mut self, entity: &Entity, alias: &str, text: &str, negated: bool) -> Written {
        let words = (self.scope.text.words)(text).map_err(|message| wrong("TOO_LONG", message))?;
        self.sql.push(if negated { "(NOT (" } else { "((" });
        if words.is_empty() {
            self.sql.push("1 = 0");
        }
        for (position, word) in words.iter().enumerate() {
            self.sql.push(if position > 0 { " AND " } else { "" }).column(alias, "id").push(" IN (");
            self.scope.found_by(self.sql, entity, word);
            self.sql.push(")");
        }
        self.sql.push("))");
        Ok(())
    }

    /// Operators of one leaf: each given one must hold.
    pub(super) fn operators(
        &mut self,
        operators: &InputMap,
        negated: bool,
        mut write: impl FnMut(&mut Self, &str, &Input) -> Written,
    ) -> Written {
        self.join(
            operators.iter(),
            if negated { " OR " } else { " AND " },
            !negated,
            |writer, (name, value)| {
                if *value == Input::Null {
                    let refusal =
                        wrong("NULL", "null is not a value to compare with; leave it out, or use isNull");
                    return Err(under(refusal, name));
                }
                write(writer, name, value).map_err(|refusal| under(refusal, name))
            },
        )
    }

    fn relation(
        &mut self,
        entity: &Entity,
        relation: &Relation,
        alias: &str,
        value: &InputMap,
        negated: bool,
    ) -> Written {
        if relation.declaration.kind.is_to_one() {
            return self.exists((entity, alias), relation, value, negated, false);
        }
        self.operators(value, negated, |writer, name, value| {
            let Input::Object(inner) = value else { return Err(wrong("TYPE", "expected an object")) };
            match name {
                "some" => writer.exists((entity, alias), relation, inner, negated, false),
                "none" => writer.exists((entity, alias), relation, inner, !negated, false),
                // Every one is like this: there is none that is not.
                _ => writer.exists((entity, alias), relation, inner, !negated, true),
            }
        })
    }

    /// Writes that there is (or is not) a visible record on the other side for which the filter holds, or
    /// (`opposite`) does not hold.
    fn exists(
        &mut self,
        (entity, alias): (&Entity, &str),
        relation: &Relation,
        filter: &InputMap,
        negated: bool,
        opposite: bool,
    ) -> Written {
        if matches!(relation.declaration.kind, RelationKind::AnyRecord { .. }) {
            return Err(wrong("UNKNOWN_FIELD", "there is no such condition"));
        }
        let Some(target) = relation.targets.first().map(|target| self.scope.entity(*target)) else {
            return Ok(());
        };
        if self.aliases.0 == MOST_RELATIONS {
            let message = format!("a filter may go through at most {MOST_RELATIONS} relations");
            return Err(Refusal::new(code::LIMIT_EXCEEDED, message));
        }
        let other = self.aliases.next();
        self.sql.push(if negated { "NOT EXISTS (SELECT 1 FROM " } else { "EXISTS (SELECT 1 FROM " });
        let ends = Ends { from: (entity, alias), to: (target, &other) };
        self.scope.joined_by(self.sql, &ends, &relation.declaration.kind);
        self.sql.push(" AND ");
        self.scope.visible(self.sql, target, &other, Deleted::Exclude);
        self.sql.push(" AND ");
        self.filter(target, &other, filter, opposite)?;
        self.sql.push(")");
        Ok(())
    }
}
