//! Cleans what was given: pure.

use shoal_core::value::email::Email;
use shoal_core::value::phone::Phone;
use shoal_core::value::{country, region, text};
use shoal_graphql::declare::Patch;
use shoal_graphql::message;
use shoal_graphql::value::Choice as _;

use super::graphql::{ContactPoints, EmailAddressInput, PhoneNumberInput, PostalAddressInput};
use crate::choices::ContactPointLabel;
use crate::external_id::graphql::ExternalIdInput;
use crate::rules::{LINE, Mistakes};
use crate::tag;

/// Items of one list.
const MOST_ITEMS: usize = 50;

/// A clean list with labels; `None` leaves the list there is.
type List<T> = Option<Vec<(T, &'static str)>>;

/// Contact points that can be stored.
#[derive(Debug, Default, Clone)]
pub(crate) struct CleanPoints {
    pub emails: List<Email>,
    pub phones: List<Phone>,
    pub addresses: List<Address>,
    pub tags: Option<Vec<String>>,
    /// `(system, key)`
    pub external_ids: Option<Vec<(String, String)>>,
}

/// A postal address that can be stored.
#[derive(Debug, Default, Clone)]
pub(crate) struct Address {
    pub street: Option<String>,
    pub postal_code: Option<String>,
    pub city: Option<String>,
    pub region: Option<String>,
    pub country: Option<String>,
}

impl CleanPoints {
    /// Lists that a later change gives replace those of an earlier one.
    pub(crate) fn replace_by(&mut self, later: Self) {
        self.emails = later.emails.or(self.emails.take());
        self.phones = later.phones.or(self.phones.take());
        self.addresses = later.addresses.or(self.addresses.take());
        self.tags = later.tags.or(self.tags.take());
        self.external_ids = later.external_ids.or(self.external_ids.take());
    }
}

/// Cleans all lists. A phone without a prefix is of its own country, else that of the first address, else `home`.
pub(crate) fn clean(points: &ContactPoints, home: Option<&str>, mistakes: &mut Mistakes) -> CleanPoints {
    let addresses = list(&points.addresses, "addresses", mistakes, address);
    let first_country =
        addresses.as_ref().and_then(|list| list.first()).and_then(|(address, _)| address.country.clone());
    let phone = |at: (&str, usize), input: &PhoneNumberInput, mistakes: &mut Mistakes| {
        let country = match input.country.as_deref() {
            Some(code) => Some(mistakes.check_item((at.0, at.1, "country"), country::parse(code))?),
            None => first_country.as_deref(),
        };
        let phone =
            mistakes.check_item((at.0, at.1, "number"), Phone::parse(&input.number, country, home))?;
        Some((phone, label(input.label)))
    };
    CleanPoints {
        emails: list(&points.emails, "emails", mistakes, email),
        phones: list(&points.phones, "phones", mistakes, phone),
        addresses,
        tags: points.tags.given().map(|names| tag::service::clean(names, mistakes)),
        external_ids: list(&points.external_ids, "externalIds", mistakes, external_id),
    }
}

fn list<I, T>(
    given: &Patch<Vec<I>>,
    name: &'static str,
    mistakes: &mut Mistakes,
    clean: impl Fn((&str, usize), &I, &mut Mistakes) -> Option<T>,
) -> Option<Vec<T>> {
    let items = given.given()?;
    if items.len() > MOST_ITEMS {
        mistakes.add(
            name,
            "TOO_MANY",
            message!("contacts-list-too-long", "at most {most}", most = MOST_ITEMS),
        );
        return None;
    }
    Some(
        items
            .iter()
            .enumerate()
            .filter_map(|(position, item)| clean((name, position), item, mistakes))
            .collect(),
    )
}

fn label(label: Option<ContactPointLabel>) -> &'static str {
    label.unwrap_or(ContactPointLabel::Work).code()
}

fn email(
    at: (&str, usize),
    input: &EmailAddressInput,
    mistakes: &mut Mistakes,
) -> Option<(Email, &'static str)> {
    let email = mistakes.check_item((at.0, at.1, "address"), Email::parse(&input.address))?;
    Some((email, label(input.label)))
}

#[expect(clippy::unnecessary_wraps, reason = "as the others that `list` takes")]
fn address(
    at: (&str, usize),
    input: &PostalAddressInput,
    mistakes: &mut Mistakes,
) -> Option<(Address, &'static str)> {
    let mut line = |field: &'static str, value: Option<&String>| {
        let clean = mistakes.check_item((at.0, at.1, field), text::line(value?, LINE))?;
        Some(clean).filter(|text| !text.is_empty())
    };
    let postal_code = line("postalCode", input.postal_code.as_ref());
    let city = line("city", input.city.as_ref());
    let state = line("region", input.region.as_ref());
    let street = input
        .street
        .as_ref()
        .and_then(|street| mistakes.check_item((at.0, at.1, "street"), text::lines(street, LINE)))
        .filter(|text| !text.is_empty());
    let given = input.country.as_deref().map(text::trim).filter(|country| !country.is_empty());
    let country = given.and_then(|name| {
        // Names of countries are understood too: files have them.
        let code = region::of(name).map_or_else(|| country::parse(name), Ok);
        mistakes.check_item((at.0, at.1, "country"), code)
    });
    let country = country.map(str::to_owned);
    Some((Address { street, postal_code, city, region: state, country }, label(input.label)))
}

fn external_id(
    at: (&str, usize),
    input: &ExternalIdInput,
    mistakes: &mut Mistakes,
) -> Option<(String, String)> {
    let system = mistakes.check_item((at.0, at.1, "system"), text::line(&input.system, LINE));
    let key = mistakes.check_item((at.0, at.1, "key"), text::line(&input.key, LINE));
    let (system, key) = system.zip(key)?;
    for (field, value) in [("system", &system), ("key", &key)] {
        if value.is_empty() {
            mistakes.check_item::<()>((at.0, at.1, field), Err(shoal_core::value::ValueError::TextEmpty));
            return None;
        }
    }
    Some((system, key))
}
