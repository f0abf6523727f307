//! Stages contact points of accounts and contacts.

use std::collections::HashMap;

use shoal_core::UnitOfWork;
use uuid::Uuid;

use super::rules::CleanPoints;
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
    let (account_id, contact_id) = owner.columns();
    let tenant_id = unit.tenant();
    if let Some(emails) = points.emails {
        if !is_new {
            clear!(unit, owner, email_address);
        }
        for (position, (email, label)) in (0_i32..).zip(emails) {
            let (id, label) = (unit.new_id(), label.to_owned());
            let (address, normalised) = (email.original, email.normalised);
            let row = email_address::Model {
                tenant_id,
                id,
                account_id,
                contact_id,
                position,
                label,
                address,
                normalised,
            };
            unit.insert::<email_address::Entity>(row);
        }
    }
    if let Some(phones) = points.phones {
        if !is_new {
            clear!(unit, owner, phone_number);
        }
        for (position, (phone, label)) in (0_i32..).zip(phones) {
            let row = phone_number::Model {
                tenant_id,
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
    if let Some(addresses) = points.addresses {
        if !is_new {
            clear!(unit, owner, postal_address);
        }
        for (position, (address, label)) in (0_i32..).zip(addresses) {
            let row = postal_address::Model {
                tenant_id,
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
    replace_tags(unit, owner, is_new, points.tags, tags);
    if let Some(external_ids) = points.external_ids {
        if !is_new {
            clear!(unit, owner, external_id);
        }
        for (system, key) in external_ids {
            let id = unit.new_id();
            unit.insert::<external_id::Entity>(external_id::Model {
                tenant_id,
                id,
                account_id,
                contact_id,
                system,
                key,
            });
        }
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
