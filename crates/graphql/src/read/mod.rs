//! Plans as SQL: filters, orders, pages, relations, aggregates. One statement per relation and level.

pub(crate) mod aggregate;
mod change;
pub(crate) mod condition;
pub(crate) mod cursor;
mod filter;
mod join;
pub(crate) mod list;
mod operator;
pub(crate) mod order;
pub(crate) mod relation;
pub mod search;

pub(crate) use self::filter::under;
use crate::catalog::{Catalog, Entity};
use crate::context::Context;
use crate::database::Dialect;
use crate::plan::limits::Limits;

/// How text is folded for comparison with stored sort keys; given by whoever stores the keys.
#[derive(Debug, Clone, Copy)]
pub struct TextRules {
    /// The part of a sort key that a piece of text becomes.
    pub fold: fn(&str) -> String,
    /// True if the text must be compared as it is (Chinese characters): its sound is not enough.
    pub is_literal: fn(&str) -> bool,
    /// The table of search terms.
    pub terms: &'static str,
    /// The words of a search.
    pub words: fn(&str) -> Result<Vec<search::Word>, crate::message::Message>,
    /// Digits after the point of a currency; `None` if there is no such currency.
    pub currency_digits: fn(&str) -> Option<u32>,
}

/// What writing a statement needs to know about the request.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub catalog: &'a Catalog,
    pub context: &'a dyn Context,
    pub limits: &'a Limits,
    pub text: &'a TextRules,
}

impl<'a> Scope<'a> {
    pub(crate) fn dialect(&self) -> Dialect {
        self.context.reader().dialect()
    }

    /// True if the caller may read records of this entity.
    pub(crate) fn may_read(&self, entity: &Entity) -> bool {
        self.context.rights().allows(entity.declaration.right)
    }

    pub(crate) fn entity(&self, index: usize) -> &'a Entity {
        &self.catalog.entities[index]
    }
}
