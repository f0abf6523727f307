//! Tables whose rows make terms.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::Value;
use shoal_graphql::catalog::{Catalog, search_code, search_ranks};
use shoal_graphql::declare::{RelationKind, Searchable};
use uuid::Uuid;

use super::term::Model;
use super::tokens::{Token, tokens};
use crate::value::has_han;

/// A table whose rows make terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its name.
    pub table: String,
    /// The module that declares it.
    pub module: &'static str,
    /// Columns and what records are found by them.
    pub fields: Vec<Field>,
    /// Of a part: the columns that say whose it is, each with the table of the record.
    pub wholes: Vec<(String, String)>,
}

/// A searchable column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub column: String,
    /// What it is.
    pub kind: Searchable,
    /// What terms call it.
    pub code: i32,
    /// Whether reading it needs a right of its own.
    restricted: bool,
}

/// The sources among all entities, by their tables.
pub(crate) fn sources(catalog: &Catalog) -> BTreeMap<String, Source> {
    let sources = catalog.entities.iter().filter_map(|entity| {
        let declaration = &entity.declaration;
        let field = |column: &shoal_graphql::declare::ColumnDeclaration| {
            Some(Field {
                column: column.column.clone(),
                kind: column.searchable?,
                code: search_code(&declaration.table, &column.column),
                restricted: column.right.is_some(),
            })
        };
        let fields: Vec<Field> = declaration.columns.iter().filter_map(field).collect();
        let whole = |position: &usize| {
            let relation = &entity.relations[*position];
            match (&relation.declaration.kind, relation.targets.as_slice()) {
                (RelationKind::ToOne { column }, [whole]) => {
                    Some((column.clone(), catalog.entities[*whole].table().to_owned()))
                }
                _ => None,
            }
        };
        let wholes = entity.visible_with.iter().filter_map(whole).collect();
        let (table, module) = (declaration.table.clone(), declaration.module);
        (!fields.is_empty()).then(|| (table.clone(), Source { table, module, fields, wholes }))
    });
    sources.collect()
}

impl Source {
    /// The terms of a row with this id, whose columns have these values.
    pub(crate) fn terms(
        &self,
        (tenant_id, id): (Uuid, Uuid),
        value: impl Fn(&str) -> Option<Value>,
    ) -> BTreeSet<Model> {
        let owner = |(column, table): &(String, String)| match value(column) {
            Some(Value::Uuid(Some(id))) => Some((id, search_ranks(table))),
            _ => None,
        };
        let (records, source) = match self.wholes.as_slice() {
            [] => (vec![(id, search_ranks(&self.table))], 0),
            wholes => (wholes.iter().filter_map(owner).collect(), part(id)),
        };
        let mut terms = BTreeSet::new();
        for Found { field, token, .. } in needed(self.found(value)) {
            let rank = field.kind.place() + if token.inside { Searchable::KINDS } else { 0 };
            terms.extend(records.iter().map(|(record_id, ranks)| Model {
                tenant_id,
                rank: ranks + rank,
                token: token.text.clone(),
                record_id: *record_id,
                field: field.code,
                source,
            }));
        }
        terms
    }

    /// All tokens of a row.
    fn found(&self, value: impl Fn(&str) -> Option<Value>) -> Vec<Found<'_>> {
        let mut found = Vec::new();
        for field in &self.fields {
            let Some(Value::String(Some(text))) = value(&field.column) else { continue };
            let chinese = has_han(&text);
            let tokens = tokens(field.kind, &text).into_iter();
            found.extend(tokens.map(|token| Found { field, token, chinese }));
        }
        found
    }

    /// Whether it makes terms for records of a table, and by which column it says which.
    pub(crate) fn column_of(&self, table: &str) -> Option<&str> {
        if self.wholes.is_empty() {
            return (self.table == table).then_some("id");
        }
        self.wholes.iter().find(|(_, whole)| whole == table).map(|(column, _)| column.as_str())
    }
}

/// A token of a field.
struct Found<'s> {
    field: &'s Field,
    token: Token,
    /// Whether the field's text is Chinese.
    chinese: bool,
}

/// Those tokens of a row without which it would be found by less, or stand further behind.
fn needed(mut found: Vec<Found<'_>>) -> Vec<Found<'_>> {
    // What covers a token stands behind it: what is longer, what begins a word, what was declared earlier.
    found.reverse();
    found.sort_by(|one, other| {
        let key = |found: &Found<'_>| (found.field.kind.place(), !found.token.inside);
        let (one_key, other_key) = (key(one), key(other));
        (one_key.0, &one.token.text, one_key.1).cmp(&(other_key.0, &other.token.text, other_key.1))
    });
    let is_covered = |position: usize| {
        let this = &found[position];
        let near = found[position + 1..].iter().take_while(|other| {
            other.field.kind.place() == this.field.kind.place()
                && other.token.text.starts_with(&this.token.text)
        });
        near.into_iter().any(|other| covers(other, this))
    };
    let covered: Vec<bool> = (0..found.len()).map(is_covered).collect();
    found.into_iter().zip(covered).filter_map(|(found, covered)| (!covered).then_some(found)).collect()
}

/// Whether every word that finds the one token finds the other, whose text it begins, in a place that is as good: what is
/// a whole word in the one is so in the other. Of Chinese no place is the end of a word.
fn covers(longer: &Found<'_>, token: &Found<'_>) -> bool {
    if longer.field.restricted && longer.field.code != token.field.code {
        return false;
    }
    let rest = longer.token.text.strip_prefix(&token.token.text).unwrap_or_default();
    token.token.inside
        || (!longer.token.inside && (token.chinese || rest.is_empty() || rest.starts_with(' ')))
}

/// A part's id as terms have it: what is random of it, without the sign.
fn part(id: Uuid) -> i64 {
    i64::try_from(id.as_u64_pair().1 & (u64::MAX >> 1)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(column: &str, kind: Searchable, restricted: bool) -> Field {
        Field { column: column.to_owned(), kind, code: search_code("table", column), restricted }
    }

    /// The tokens of a row; those from inside words in brackets.
    fn said(fields: &[(Field, &str)]) -> Vec<String> {
        let source = Source {
            table: "table".to_owned(),
            module: "module",
            fields: fields.iter().map(|(field, _)| field.clone()).collect(),
            wholes: Vec::new(),
        };
        let value = |column: &str| {
            let field = fields.iter().find(|(field, _)| field.column == column);
            field.map(|(_, text)| Value::from(*text))
        };
        let terms = source.terms((Uuid::nil(), Uuid::nil()), value).into_iter();
        terms
            .map(|term| {
                let is_inside = term.rank % (2 * Searchable::KINDS) >= Searchable::KINDS;
                if is_inside { format!("({})", term.token) } else { term.token }
            })
            .collect()
    }

    fn person(display: &str, given: &str, family: &str) -> Vec<String> {
        let name = |column, text| (field(column, Searchable::Person, false), text);
        said(&[name("display_name", display), name("given_name", given), name("family_name", family)])
    }

    #[test]
    fn nothing_is_said_twice() {
        assert_eq!(
            person("Anna Smith", "Anna", "Smith"),
            ["anna smith", "smith", "(ith)", "(mith)", "(nna)"]
        );
        assert_eq!(person("张三", "三", "张"), ["san", "zhangsan", "zs", "三", "张三"]);
        assert_eq!(
            person("Anna", "Ann", ""),
            ["ann", "anna", "(nna)"],
            "a whole word stands before a beginning"
        );
        assert_eq!(person("Banana", "", ""), ["banana", "(anana)", "(nana)"]);
        let email = |address| said(&[(field("address", Searchable::Email, false), address)]);
        assert_eq!(
            email("anna.smith@example.com"),
            ["anna smith example com", "example com", "smith example com", "(mith)"]
        );
        let phone = said(&[(field("digits", Searchable::Phone, false), "4917112")]);
        assert_eq!(phone, ["4917112", "(17112)", "(7112)", "(917112)"]);
    }

    #[test]
    fn what_not_everybody_may_read_makes_nothing_superfluous() {
        let name = field("name", Searchable::Name, false);
        let secret = field("secret", Searchable::Name, true);
        assert_eq!(said(&[(secret.clone(), "Ann Lee"), (name.clone(), "Ann")]), ["ann", "ann lee", "lee"]);
        assert_eq!(said(&[(name, "Ann Lee"), (secret, "Ann")]), ["ann lee", "lee"]);
    }
}
