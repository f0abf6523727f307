//! A card's cells.

use calcard::common::IanaString as _;
use calcard::vcard::{VCard, VCardEntry, VCardParameterName, VCardParameterValue, VCardProperty, VCardValue};
use calcard::{Entry, Parser};

use crate::cards::{self, Part, Property};
use crate::error::{RowError, RowErrorCode};
use crate::list;

/// Which columns are read, in their order.
pub(super) struct Columns(Vec<(String, Part)>);

impl Columns {
    pub(super) fn all() -> Self {
        Self(cards::columns(cards::READ))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Drops columns that are not used; the names of the others.
    pub(super) fn keep(&mut self, used: &[bool]) -> Vec<String> {
        let mut used = used.iter();
        self.0.retain(|_| used.next().is_some_and(|used| *used));
        self.0.iter().map(|(name, _)| name.clone()).collect()
    }

    /// The cells of a card in plain form.
    pub(super) fn cells(&self, card: &str) -> Result<Vec<String>, RowError> {
        let Entry::VCard(card) = Parser::new(card).entry() else {
            return Err(RowError::new(RowErrorCode::BrokenCard, "the card can't be read"));
        };
        Ok(self.0.iter().map(|(_, part)| cell(&card, *part)).collect())
    }
}

fn cell(card: &VCard, part: Part) -> String {
    let first = |name: &VCardProperty| card.property(name);
    let nth = |property: Property, at| entries(card, &property.name()).nth(at);
    match part {
        Part::Text(property) => {
            first(&property.name()).map(|entry| text(entry, property)).unwrap_or_default()
        }
        Part::List(property) => {
            let name = property.name();
            list::join(entries(card, &name).flat_map(|entry| entry.values.iter().map(plain)))
        }
        Part::Name(at) => component(first(&VCardProperty::N), at),
        Part::Organization => component(first(&VCardProperty::Org), 0),
        Part::Department => {
            let values = first(&VCardProperty::Org).map(|entry| entry.values.as_slice()).unwrap_or_default();
            joined(values.iter().skip(1).map(plain), ", ")
        }
        Part::Nth(property, at) => nth(property, at).map(|entry| text(entry, property)).unwrap_or_default(),
        Part::NthType(property, at) => nth(property, at).map(types).unwrap_or_default(),
        Part::Address(at, part) => component(nth(Property::Address, at), part),
    }
}

/// Those that say something.
fn entries<'a>(card: &'a VCard, name: &VCardProperty) -> impl Iterator<Item = &'a VCardEntry> {
    let says_something = |entry: &&VCardEntry| entry.values.iter().any(|value| !plain(value).is_empty());
    card.entries.iter().filter(move |entry| entry.name == *name).filter(says_something)
}

/// A value that is one text. Where the parser saw several, they belong together again.
fn text(entry: &VCardEntry, property: Property) -> String {
    let text = joined(entry.values.iter().map(plain), ",");
    let scheme = match property {
        Property::Phone => "tel:",
        Property::Email => "mailto:",
        _ => return text,
    };
    match text.split_at_checked(scheme.len()) {
        Some((start, rest)) if start.eq_ignore_ascii_case(scheme) => rest.to_owned(),
        _ => text,
    }
}

fn component(entry: Option<&VCardEntry>, at: usize) -> String {
    entry.and_then(|entry| entry.values.get(at)).map(plain).unwrap_or_default()
}

fn plain(value: &VCardValue) -> String {
    match value {
        VCardValue::Component(parts) => joined(parts.iter().cloned(), ", "),
        VCardValue::Integer(number) => number.to_string(),
        VCardValue::Float(number) => number.to_string(),
        VCardValue::Boolean(value) => value.to_string(),
        VCardValue::Binary(data) => String::from_utf8(data.data.clone()).unwrap_or_default(),
        other => other.as_text().unwrap_or_default().to_owned(),
    }
}

/// `work; cell`: what an address or number is for. That it is preferred is told by the order.
fn types(entry: &VCardEntry) -> String {
    let types = entry.parameters(&VCardParameterName::Type).filter_map(|value| match value {
        VCardParameterValue::Type(known) => Some(known.as_str().to_ascii_lowercase()),
        VCardParameterValue::Text(other) => Some(other.to_ascii_lowercase()),
        _ => None,
    });
    list::join(types.filter(|name| name != "internet" && name != "pref"))
}

fn joined(values: impl Iterator<Item = String>, separator: &str) -> String {
    values.filter(|value| !value.is_empty()).collect::<Vec<_>>().join(separator)
}
