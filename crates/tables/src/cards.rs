//! The columns of cards, the same for reading and writing.

use calcard::vcard::VCardProperty;

/// E-mail addresses and phone numbers, and postal addresses, of a card that is read.
pub(crate) const READ: (usize, usize) = (5, 2);

/// The same of a card that is written.
pub(crate) const WRITTEN: (usize, usize) = (50, 50);

/// What a column is of a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// A property that is one text: UID, FN, TITLE, BDAY, NOTE, LANG, TZ.
    Text(Property),
    /// A property that is a list of texts: NICKNAME, CATEGORIES.
    List(Property),
    /// One of the five parts of N.
    Name(usize),
    /// The first part of ORG.
    Organization,
    /// The other parts of ORG.
    Department,
    /// The value of the n-th such property.
    Nth(Property, usize),
    /// Its types.
    NthType(Property, usize),
    /// A part of the n-th postal address.
    Address(usize, usize),
}

/// A property of cards that has columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Property {
    Uid,
    FormattedName,
    Nickname,
    Title,
    Email,
    Phone,
    Address,
    Birthday,
    Note,
    Categories,
    Website,
    Language,
    TimeZone,
}

impl Property {
    pub(crate) fn name(self) -> VCardProperty {
        match self {
            Self::Uid => VCardProperty::Uid,
            Self::FormattedName => VCardProperty::Fn,
            Self::Nickname => VCardProperty::Nickname,
            Self::Title => VCardProperty::Title,
            Self::Email => VCardProperty::Email,
            Self::Phone => VCardProperty::Tel,
            Self::Address => VCardProperty::Adr,
            Self::Birthday => VCardProperty::Bday,
            Self::Note => VCardProperty::Note,
            Self::Categories => VCardProperty::Categories,
            Self::Website => VCardProperty::Url,
            Self::Language => VCardProperty::Lang,
            Self::TimeZone => VCardProperty::Tz,
        }
    }
}

/// All columns that cards with so many numbers and addresses can have, in their order; the README lists them.
pub(crate) fn columns((numbered, addresses): (usize, usize)) -> Vec<(String, Part)> {
    use Property::{
        Address, Birthday, Categories, Email, FormattedName, Language, Nickname, Note, Phone, TimeZone,
        Title, Uid, Website,
    };
    let mut columns =
        vec![("UID".to_owned(), Part::Text(Uid)), ("Formatted name".to_owned(), Part::Text(FormattedName))];
    let names = ["Family name", "Given name", "Additional names", "Honorific prefix", "Honorific suffix"];
    columns.extend(names.iter().enumerate().map(|(at, name)| ((*name).to_owned(), Part::Name(at))));
    columns.push(("Nickname".to_owned(), Part::List(Nickname)));
    columns.push(("Organization".to_owned(), Part::Organization));
    columns.push(("Department".to_owned(), Part::Department));
    columns.push(("Job title".to_owned(), Part::Text(Title)));
    for (name, property) in [("E-mail", Email), ("Phone", Phone)] {
        for at in 0..numbered {
            columns.push((format!("{name} {}", at + 1), Part::Nth(property, at)));
            columns.push((format!("{name} {} type", at + 1), Part::NthType(property, at)));
        }
    }
    let parts = ["PO box", "extended address", "street", "city", "region", "postal code", "country"];
    for at in 0..addresses {
        columns.push((format!("Address {} type", at + 1), Part::NthType(Address, at)));
        for (part, name) in parts.iter().enumerate() {
            columns.push((format!("Address {} {name}", at + 1), Part::Address(at, part)));
        }
    }
    let rest = [("Birthday", Birthday), ("Note", Note)];
    columns.extend(rest.map(|(name, property)| (name.to_owned(), Part::Text(property))));
    columns.push(("Categories".to_owned(), Part::List(Categories)));
    let rest = [("Website", Website), ("Language", Language), ("Time zone", TimeZone)];
    columns.extend(rest.map(|(name, property)| (name.to_owned(), Part::Text(property))));
    columns
}

/// `19800131`, `1980-01-31T00:00:00Z` and `--0131` of the versions' dates as `1980-01-31` and `--01-31`. Whatever else
/// stands there stays as it is.
pub(crate) fn iso_date(text: &str) -> String {
    let text = text.trim();
    let day = text.split_once('T').map_or(text, |(day, _)| day);
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    match (day.len(), day.strip_prefix("--")) {
        (8, None) if is_digits(day) => format!("{}-{}-{}", &day[..4], &day[4..6], &day[6..]),
        (10, None) if is_digits(&basic_date(day)) => day.to_owned(),
        (6, Some(day)) if is_digits(day) => format!("--{}-{}", &day[..2], &day[2..]),
        _ => text.to_owned(),
    }
}

/// `1980-01-31` and `--01-31` as version 4.0 has them.
pub(crate) fn basic_date(text: &str) -> String {
    match text.as_bytes() {
        [b'-', b'-', _, _, b'-', _, _] if text.is_ascii() => format!("--{}", text[2..].replace('-', "")),
        [_, _, _, _, b'-', _, _, b'-', _, _] => text.replace('-', ""),
        _ => text.to_owned(),
    }
}
