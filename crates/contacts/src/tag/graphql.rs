//! Tags in the API.

use shoal_core::DeclareRecord as _;
use shoal_graphql::declare::{ModuleRegistry, column, through, to_many_through};

use super::{Column, Entity, tagging};
use crate::permission::TAG_READ;
use crate::{account, contact};

pub(crate) fn declare(module: &mut ModuleRegistry<'_>) {
    module
        .record::<Entity>(
            "Tag",
            "A short name that people put on accounts and contacts to find them again.",
            TAG_READ,
        )
        .column(
            column(Column::Name, "The name; letter case does not tell tags apart.")
                .filterable()
                .sorted_by(Column::NameSort),
        )
        .column(column(Column::CreatedAt, "When it was first used."))
        .column(column(Column::Version, "Counts changes, from 1."))
        .relation(to_many_through::<account::Entity>(
            "accounts",
            "Accounts with this tag.",
            through::<tagging::account::Entity>(
                tagging::account::Column::TagId,
                tagging::account::Column::AccountId,
            )
            .unique(),
        ))
        .relation(to_many_through::<contact::Entity>(
            "contacts",
            "Contacts with this tag.",
            through::<tagging::contact::Entity>(
                tagging::contact::Column::TagId,
                tagging::contact::Column::ContactId,
            )
            .unique(),
        ));
}
