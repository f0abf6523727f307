//! Stages contact points of accounts and contacts.

use std::collections::HashMap;

use shoal_core::UnitOfWork;
use shoal_core::value::email::Email;
use shoal_core::value::phone::Phone;
use uuid::Uuid;

use super::rules::{Address, CleanPoints};
use super::{email_address, phone_number, postal_address};
use crate::external_id;
use crate::tag::{self, tagging};

/// Whose contact points they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    Account(Uuid),
    Contact(Uuid),
}

impl Owner {
    /// Values of the columns `account_id` and `contact_id`.
    fn columns(self) -> (Option<Uuid>, Option<Uuid>) {
        match self {
            Self::Account(id) => (Some(id), None),
            Self::Contact(id) => (None, Some(id)),
        }
    }

    fn id(self) -> Uuid {
        match self {
            Self::Account(id) | Self::Contact(id) => id,
        }
    }
}

/// Stages that the rows of a list go which belong to the owner.
macro_rules! clear {
    ($unit:ident, $owner:ident, $entity:ident) => {
        let column = match $owner {
            Owner::Account(_) => $entity::Column::AccountId,
            Owner::Contact(_) => $entity::Column::ContactId,
        };
        $unit.delete_where::<$entity::Entity>(column, $owner.id());
    };
}

/// Stages the lists that are given in place of those there are. `tags` has the id of each name's key.
pub(crate) fn replace(
    unit: &mut UnitOfWork,
    owner: Owner,
    is_new: bool,
    points: CleanPoints,
    tags: &HashMap<String, Uuid>,
) {
    if let Some(emails) = points.emails {
        if !is_new {
            clear!(unit, owner, email_address);
        }
        insert_emails(unit, owner, emails);
    }
    if let Some(phones) = points.phones {
        if !is_new {
            clear!(unit, owner, phone_number);
        }
        insert_phones(unit, owner, phones);
    }
    if let Some(addresses) = points.addresses {
        if !is_new {
            clear!(unit, owner, postal_address);
        }
        insert_addresses(unit, owner, addresses);
    }
    replace_tags(unit, owner, is_new, points.tags, tags);
    if let Some(external_ids) = points.external_ids {
        if !is_new {
            clear!(unit, owner, external_id);
        }
        let (account_id, contact_id) = owner.columns();
        for (system, key) in external_ids {
            let (tenant_id, id) = (unit.tenant(), unit.new_id());
            let row = external_id::Model { tenant_id, id, account_id, contact_id, system, key };
            unit.insert::<external_id::Entity>(row);
        }
    }
}

fn insert_emails(unit: &mut UnitOfWork, owner: Owner, emails: Vec<(Email, &'static str)>) {
    let (account_id, contact_id) = owner.columns();
    for (position, (email, label)) in (0_i32..).zip(emails) {
        let row = email_address::Model {
            tenant_id: unit.tenant(),
            id: unit.new_id(),
            account_id,
            contact_id,
            position,
            label: label.to_owned(),
            address: email.original,
            normalised: email.normalised,
        };
        unit.insert::<email_address::Entity>(row);
    }
}

fn insert_phones(unit: &mut UnitOfWork, owner: Owner, phones: Vec<(Phone, &'static str)>) {
    let (account_id, contact_id) = owner.columns();
    for (position, (phone, label)) in (0_i32..).zip(phones) {
        let row = phone_number::Model {
            tenant_id: unit.tenant(),
            id: unit.new_id(),
            account_id,
            contact_id,
            position,
            label: label.to_owned(),
            number: phone.original,
            e164: phone.e164,
            extension: phone.extension,
            valid: phone.valid,
            digits: phone.digits,
        };
        unit.insert::<phone_number::Entity>(row);
    }
}

fn insert_addresses(unit: &mut UnitOfWork, owner: Owner, addresses: Vec<(Address, &'static str)>) {
    let (account_id, contact_id) = owner.columns();
    for (position, (address, label)) in (0_i32..).zip(addresses) {
        let row = postal_address::Model {
            tenant_id: unit.tenant(),
            id: unit.new_id(),
            account_id,
            contact_id,
            position,
            label: label.to_owned(),
            street: address.street,
            postal_code: address.postal_code,
            city: address.city,
            region: address.region,
            country: address.country,
        };
        unit.insert::<postal_address::Entity>(row);
    }
}

fn replace_tags(
    unit: &mut UnitOfWork,
    owner: Owner,
    is_new: bool,
    names: Option<Vec<String>>,
    tags: &HashMap<String, Uuid>,
) {
    let Some(names) = names else { return };
    let tenant_id = unit.tenant();
    let ids = names.iter().filter_map(|name| tags.get(&tag::service::key(name)).copied());
    match owner {
        Owner::Account(account_id) => {
            if !is_new {
                unit.delete_where::<tagging::account::Entity>(
                    tagging::account::Column::AccountId,
                    account_id,
                );
            }
            for tag_id in ids {
                unit.insert::<tagging::account::Entity>(tagging::account::Model {
                    tenant_id,
                    account_id,
                    tag_id,
                });
            }
        }
        Owner::Contact(contact_id) => {
            if !is_new {
                unit.delete_where::<tagging::contact::Entity>(
                    tagging::contact::Column::ContactId,
                    contact_id,
                );
            }
            for tag_id in ids {
                unit.insert::<tagging::contact::Entity>(tagging::contact::Model {
                    tenant_id,
                    contact_id,
                    tag_id,
                });
            }
        }
    }
}
