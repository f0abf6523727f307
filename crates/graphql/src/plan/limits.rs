//! How large a document may be. Fragments are measured once each, so that nested spreads cannot cost more to measure
//! than they are long.

use std::collections::HashMap;

use apollo_compiler::ExecutableDocument;
use apollo_compiler::executable::{Field, Operation, Selection, SelectionSet};

use crate::error::{ResponseError, code};

/// The limits of one engine. All are inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Nesting of fields.
    pub depth: usize,
    /// Fields with an alias, after fragments are expanded.
    pub aliases: usize,
    /// Fields at the root, after fragments are expanded.
    pub root_fields: usize,
    /// Fields in all, after fragments are expanded.
    pub fields: usize,
    /// Directives, after fragments are expanded.
    pub directives: usize,
    /// Tokens of the text; spaces, commas and comments count too.
    pub tokens: usize,
    /// Records of one page, and groups of an aggregate.
    pub page: u32,
    /// Records of one level of a request: parents times records for each.
    pub records: usize,
    /// What an operation may cost at most, worked out before it runs; the README of this crate says how.
    pub cost: u64,
    /// Rows of one mutation.
    pub rows: usize,
    /// Conditions in one filter, and how deep they nest together.
    pub filter: usize,
    /// Whether documents may ask for the schema. If not, errors do not tell of it either.
    pub introspection: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 15,
            aliases: 100,
            root_fields: 50,
            fields: 5_000,
            directives: 200,
            tokens: 10_000,
            page: 1_000,
            records: 100_000,
            // Ten full levels. It bounds what may be there; `records` bounds what is there, level by level. A page of
            // 1,000 records with three of their lists (of up to 100) costs 301,004, and usually reads a few thousand.
            cost: 1_000_000,
            rows: 1_000,
            filter: 200,
            introspection: true,
        }
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Size {
    depth: usize,
    aliases: usize,
    fields: usize,
    directives: usize,
    introspects: bool,
}

impl Size {
    fn add(&mut self, other: Self) {
        self.depth = self.depth.max(other.depth);
        self.aliases = self.aliases.saturating_add(other.aliases);
        self.fields = self.fields.saturating_add(other.fields);
        self.directives = self.directives.saturating_add(other.directives);
        self.introspects |= other.introspects;
    }
}

/// Refuses an operation that is too large. The document must be valid: it has no cycles.
pub(super) fn check(
    document: &ExecutableDocument,
    operation: &Operation,
    limits: &Limits,
) -> Result<(), ResponseError> {
    let mut known = HashMap::new();
    let size = measure(document, &operation.selection_set, &mut known);
    if size.introspects && !limits.introspection {
        let message = "the schema cannot be asked for here: introspection is switched off";
        return Err(ResponseError::request(code::FORBIDDEN, message));
    }
    let mut roots = HashMap::new();
    let root_fields = count_roots(document, &operation.selection_set, &mut roots);
    let within = |what: &str, found: usize, limit: usize| {
        if found <= limit {
            return Ok(());
        }
        let message = format!("the operation has {what} {found}; at most {limit} are allowed");
        Err(ResponseError::request(code::LIMIT_EXCEEDED, message))
    };
    within("depth", size.depth, limits.depth + introspection_allowance(operation))?;
    within("aliases", size.aliases, limits.aliases)?;
    within("root fields", root_fields, limits.root_fields)?;
    within("fields", size.fields, limits.fields)?;
    within("directives", size.directives, limits.directives)
}

/// The usual introspection query nests `ofType` deeper than data needs to be; the language library bounds what is
/// dangerous in it.
fn introspection_allowance(operation: &Operation) -> usize {
    let introspects = |selection: &Selection| selection.as_field().is_some_and(|field| asks_schema(field));
    if operation.selection_set.selections.iter().all(introspects) { 10 } else { 0 }
}

/// These fields exist at the root of queries only.
fn asks_schema(field: &Field) -> bool {
    matches!(field.name.as_str(), "__schema" | "__type")
}

fn measure<'d>(
    document: &'d ExecutableDocument,
    set: &'d SelectionSet,
    known: &mut HashMap<&'d str, Size>,
) -> Size {
    let mut size = Size::default();
    for selection in &set.selections {
        size.directives = size.directives.saturating_add(selection.directives().len());
        match selection {
            Selection::Field(field) => {
                let mut inner = measure(document, &field.selection_set, known);
                inner.depth += 1;
                inner.fields = inner.fields.saturating_add(1);
                inner.introspects |= asks_schema(field);
                inner.aliases = inner.aliases.saturating_add(usize::from(field.alias.is_some()));
                size.add(inner);
            }
            Selection::InlineFragment(inline) => size.add(measure(document, &inline.selection_set, known)),
            Selection::FragmentSpread(spread) => {
                let name = spread.fragment_name.as_str();
                let inner = match (known.get(name), document.fragments.get(name)) {
                    (Some(size), _) => *size,
                    (None, Some(fragment)) => {
                        let size = measure(document, &fragment.selection_set, known);
                        known.insert(name, size);
                        size
                    }
                    (None, None) => Size::default(),
                };
                size.add(inner);
            }
        }
    }
    size
}

fn count_roots<'d>(
    document: &'d ExecutableDocument,
    set: &'d SelectionSet,
    known: &mut HashMap<&'d str, usize>,
) -> usize {
    let mut count = 0_usize;
    for selection in &set.selections {
        count = count.saturating_add(match selection {
            Selection::Field(_) => 1,
            Selection::InlineFragment(inline) => count_roots(document, &inline.selection_set, known),
            Selection::FragmentSpread(spread) => {
                let name = spread.fragment_name.as_str();
                match (known.get(name), document.fragments.get(name)) {
                    (Some(count), _) => *count,
                    (None, Some(fragment)) => {
                        let count = count_roots(document, &fragment.selection_set, known);
                        known.insert(name, count);
                        count
                    }
                    (None, None) => 0,
                }
            }
        });
    }
    count
}
