//! Tables whose rows make terms.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::Value;
use shoal_graphql::catalog::{Catalog, search_code};
use shoal_graphql::declare::{RelationKind, Searchable};
use uuid::Uuid;

use super::term::Model;
use super::tokens::{Token, tokens};

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
        let owner = |(column, _): &(String, String)| match value(column) {
            Some(Value::Uuid(Some(id))) => Some(id),
            _ => None,
        };
        let (records, source) = match self.wholes.as_slice() {
            [] => (vec![id], 0),
            wholes => (wholes.iter().filter_map(owner).collect(), part(id)),
        };
        let mut terms = BTreeSet::new();
        let mut said: Vec<(i32, Token, bool)> = Vec::new();
        for field in &self.fields {
            let Some(Value::String(Some(text))) = value(&field.column) else { continue };
            let chinese = crate::value::has_han(&text);
            for token in tokens(field.kind, &text) {
                let rank = field.kind.place() + if token.inside { Searchable::KINDS } else { 0 };
                let repeats = |(known, longer, of_all): &(i32, Token, bool)| {
                    *of_all && *known == rank && says(&longer.text, &token.text, chinese)
                };
                // A given name stands in the whole name already.
                if said.iter().any(repeats) {
                    continue;
                }
                terms.extend(records.iter().map(|record_id| Model {
                    tenant_id,
                    rank,
                    token: token.text.clone(),
                    record_id: *record_id,
                    field: field.code,
                    source,
                }));
                said.push((rank, token, !field.restricted));
            }
        }
        terms
    }

    /// Whether it makes terms for records of a table, and by which column it says which.
    pub(crate) fn column_of(&self, table: &str) -> Option<&str> {
        if self.wholes.is_empty() {
            return (self.table == table).then_some("id");
        }
        self.wholes.iter().find(|(_, whole)| whole == table).map(|(column, _)| column.as_str())
    }
}

/// Whether whoever is found by `token` is found by `longer` just as well: the word ends where the token does. Of Chinese it
/// does so everywhere.
fn says(longer: &str, token: &str, chinese: bool) -> bool {
    longer.strip_prefix(token).is_some_and(|rest| chinese || rest.is_empty() || rest.starts_with(' '))
}

/// A part's id as terms have it: what is random of it, without the sign.
fn part(id: Uuid) -> i64 {
    i64::try_from(id.as_u64_pair().1 & (u64::MAX >> 1)).unwrap_or_default()
}
