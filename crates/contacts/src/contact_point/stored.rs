//! Lists as they are stored, to tell a change from a repetition.

use std::collections::HashMap;

use sea_orm::{EntityTrait, ModelTrait, QueryFilter as _, QueryOrder as _};
use serde_json::{Map, Value as Json};
use shoal_core::value::Phone;
use shoal_core::{TenantEntity, UnitOfWork};
use shoal_graphql::error::Error;
use uuid::Uuid;

use super::rules::CleanPoints;
use super::{email_address, phone_number, postal_address};
use crate::tag::tagging;
use crate::{external_id, tag};

/// A list, item by item, as far as items are compared.
type Items = Vec<Vec<Option<String>>>;

/// The lists of one record.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Stored {
    emails: Items,
    phones: Items,
    addresses: Items,
    tags: Items,
    external_ids: Items,
}

impl Stored {
    /// Drops lists that say what is there already, and remembers the others as being there. The names of the lists
    /// that stay are the answer.
    pub(crate) fn keep_changes(&mut self, points: &mut CleanPoints) -> Vec<&'static str> {
        let mut changed = Vec::new();
        let mut compare = |name, stored: &mut Items, given: Option<Items>| match given {
            Some(given) if given != *stored => {
                *stored = given;
                changed.push(name);
                false
            }
            other => other.is_some(),
        };
        if compare("emails", &mut self.emails, points.emails.as_ref().map(|list| items(list, email))) {
            points.emails = None;
        }
        if compare("phones", &mut self.phones, points.phones.as_ref().map(|list| items(list, phone))) {
            points.phones = None;
        }
        if compare(
            "addresses",
            &mut self.addresses,
            points.addresses.as_ref().map(|list| items(list, address)),
        ) {
            points.addresses = None;
        }
        let tags = points
            .tags
            .as_ref()
            .map(|names| sorted(names.iter().map(|name| vec![Some(tag::service::key(name))])));
        if compare("tags", &mut self.tags, tags) {
            points.tags = None;
        }
        let ids = points.external_ids.as_ref();
        let ids = ids
            .map(|ids| sorted(ids.iter().map(|(system, key)| vec![Some(system.clone()), Some(key.clone())])));
        if compare("externalIds", &mut self.external_ids, ids) {
            points.external_ids = None;
        }
        changed
    }
}

impl Stored {
    /// The lists that are given, for the audit: the name, what was there and what is, both without labels.
    pub(crate) fn compare(&self, points: &CleanPoints) -> Vec<(&'static str, Json, Json)> {
        let mut after = Self::default();
        let mut given = CleanPoints::clone(points);
        after.keep_changes(&mut given);
        let lists = [
            ("emails", points.emails.is_some(), &self.emails, &after.emails),
            ("phones", points.phones.is_some(), &self.phones, &after.phones),
            ("addresses", points.addresses.is_some(), &self.addresses, &after.addresses),
            ("tags", points.tags.is_some(), &self.tags, &after.tags),
            ("externalIds", points.external_ids.is_some(), &self.external_ids, &after.external_ids),
        ];
        let said =
            |items: &Items| Json::from(items.iter().map(|item| Json::from(item.clone())).collect::<Vec<_>>());
        let changed = lists.into_iter().filter(|(_, given, before, after)| *given && before != after);
        changed.map(|(name, _, before, after)| (name, said(before), said(after))).collect()
    }
}

impl Stored {
    /// The lists as inputs, such as `{"emails": [{"address": …, "label": …}], …}`.
    pub(crate) fn image(self) -> Map<String, Json> {
        let objects = |items: Items, names: &[Option<&str>]| {
            let object = |item: Vec<Option<String>>| {
                let fields = names
                    .iter()
                    .zip(item)
                    .filter_map(|(name, text)| Some(((*name)?.to_owned(), text.into())));
                Json::Object(fields.collect())
            };
            Json::Array(items.into_iter().map(object).collect())
        };
        let mut phones = self.phones;
        for phone in &mut phones {
            // Without a prefix, a number needs its country to be the same again.
            phone[2] = phone[1]
                .as_deref()
                .and_then(|e164| Phone::parse(e164, None, None).ok()?.region)
                .map(str::to_owned);
        }
        let tags = self.tags.into_iter().flatten().flatten().map(Json::from).collect();
        let address = ["street", "postalCode", "city", "region", "country", "label"].map(Some);
        [
            ("emails", objects(self.emails, &[Some("address"), None, Some("label")])),
            ("phones", objects(phones, &[Some("number"), None, Some("country"), None, Some("label")])),
            ("addresses", objects(self.addresses, &address)),
            ("tags", Json::Array(tags)),
            ("externalIds", objects(self.external_ids, &[Some("system"), Some("key")])),
        ]
        .into_iter()
        .map(|(name, list)| (name.to_owned(), list))
        .collect()
    }
}

fn items<T>(list: &[(T, &'static str)], item: fn(&T) -> Vec<Option<String>>) -> Items {
    let labelled = |(value, label): &(T, &'static str)| {
        let mut item = item(value);
        item.push(Some((*label).to_owned()));
        item
    };
    list.iter().map(labelled).collect()
}

/// Lists without an order of their own.
fn sorted(items: impl Iterator<Item = Vec<Option<String>>>) -> Items {
    let mut items: Items = items.collect();
    items.sort_unstable();
    items
}

fn email(email: &shoal_core::value::email::Email) -> Vec<Option<String>> {
    vec![Some(email.original.clone()), Some(email.normalised.clone())]
}

fn phone(phone: &shoal_core::value::phone::Phone) -> Vec<Option<String>> {
    vec![
        Some(phone.original.clone()),
        phone.e164.clone(),
        phone.extension.clone(),
        Some(phone.digits.clone()),
    ]
}

fn address(address: &super::rules::Address) -> Vec<Option<String>> {
    let super::rules::Address { street, postal_code, city, region, country } = address.clone();
    vec![street, postal_code, city, region, country]
}

/// The lists of records of which some row of a batch gives such a list. `given` says which lists that are.
///
/// # Errors
/// Faults of the database.
pub(crate) async fn load(
    unit: &UnitOfWork,
    of_contacts: bool,
    ids: &[Uuid],
    given: Given,
) -> Result<HashMap<Uuid, Stored>, Error> {
    let mut stored: HashMap<Uuid, Stored> = HashMap::new();
    macro_rules! load {
        ($wanted:expr, $list:ident, $module:path, $order:expr, |$row:ident| $item:expr) => {
            if $wanted && !ids.is_empty() {
                use $module::{Column, Entity};
                let owner = if of_contacts { Column::ContactId } else { Column::AccountId };
                for ($row, record) in rows_of::<Entity>(unit, owner, ids, $order).await? {
                    stored.entry(record).or_default().$list.push($item);
                }
            }
        };
    }
    load!(given.emails, emails, email_address, email_address::Column::Position, |row| vec![
        Some(row.address),
        Some(row.normalised),
        Some(row.label)
    ]);
    load!(given.phones, phones, phone_number, phone_number::Column::Position, |row| vec![
        Some(row.number),
        row.e164,
        row.extension,
        Some(row.digits),
        Some(row.label)
    ]);
    load!(given.addresses, addresses, postal_address, postal_address::Column::Position, |row| vec![
        row.street,
        row.postal_code,
        row.city,
        row.region,
        row.country,
        Some(row.label)
    ]);
    load!(given.external_ids, external_ids, external_id, external_id::Column::Id, |row| vec![
        Some(row.system),
        Some(row.key)
    ]);
    if given.tags && !ids.is_empty() {
        for (record, key) in tags_of(unit, of_contacts, ids).await? {
            stored.entry(record).or_default().tags.push(vec![Some(key)]);
        }
    }
    for lists in stored.values_mut() {
        lists.tags.sort_unstable();
        lists.external_ids.sort_unstable();
    }
    Ok(stored)
}

/// Which lists the rows of a batch give.
#[derive(Debug, Default, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "one for each list")]
pub(crate) struct Given {
    pub emails: bool,
    pub phones: bool,
    pub addresses: bool,
    pub tags: bool,
    pub external_ids: bool,
}

/// The rows of an entity whose `owner` is one of `ids`, in an order, each with its owner.
async fn rows_of<E: TenantEntity>(
    unit: &UnitOfWork,
    owner: E::Column,
    ids: &[Uuid],
    order: E::Column,
) -> Result<Vec<(E::Model, Uuid)>, Error>
where
    E::Model: ModelTrait<Entity = E> + Sync,
{
    let rows = unit
        .find::<E>()
        .filter(unit.any_of(owner, ids.iter().copied()))
        .order_by_asc(order)
        .all(unit.transaction())
        .await?;
    let with_owner = |row: <E as EntityTrait>::Model| match row.get(owner) {
        sea_orm::Value::Uuid(Some(id)) => Some((row, id)),
        _ => None,
    };
    Ok(rows.into_iter().filter_map(with_owner).collect())
}

/// Records and the keys of their tags.
async fn tags_of(unit: &UnitOfWork, of_contacts: bool, ids: &[Uuid]) -> Result<Vec<(Uuid, String)>, Error> {
    let pairs: Vec<(Uuid, Uuid)> = if of_contacts {
        let column = tagging::contact::Column::ContactId;
        let rows = rows_of::<tagging::contact::Entity>(unit, column, ids, column).await?;
        rows.into_iter().map(|(row, record)| (record, row.tag_id)).collect()
    } else {
        let column = tagging::account::Column::AccountId;
        let rows = rows_of::<tagging::account::Entity>(unit, column, ids, column).await?;
        rows.into_iter().map(|(row, record)| (record, row.tag_id)).collect()
    };
    let keys = tag::service::keys(unit, pairs.iter().map(|(_, tag)| *tag).collect()).await?;
    Ok(pairs.into_iter().filter_map(|(record, tag)| Some((record, keys.get(&tag)?.clone()))).collect())
}
