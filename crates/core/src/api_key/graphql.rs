//! API keys in the API.

use shoal_graphql::declare::{ModuleRegistry, column, through, to_many_through};

use super::{Column, Entity};
use crate::permission::API_KEY_READ;
use crate::role;

pub(crate) fn declare(api: &mut ModuleRegistry<'_>) {
    api.entity::<Entity>(
        "ApiKey",
        "A key by which a program comes in. Its secret is shown once, when it is made.",
    )
    .partition(Column::TenantId)
    .right(API_KEY_READ)
    .changes()
    .column(column(Column::Id, "Stays the same for ever.").filterable())
    .column(column(Column::Name, "What it is for.").filterable().sorted_by(Column::NameSort))
    .column(column(Column::Hint, "The last characters of the secret, to tell keys apart."))
    .column(column(Column::ExpiresAt, "When it ends by itself; never if null."))
    .column(column(Column::UsedAt, "When it was last used, to some minutes."))
    .column(column(Column::RevokedAt, "When it was revoked; null if it was not.").filterable())
    .column(column(Column::CreatedAt, "When it was made."))
    .column(column(Column::Version, "Counts changes, from 1."))
    .relation(
        to_many_through::<role::Entity>(
            "roles",
            "What it may do.",
            through::<super::role::Entity>(super::role::Column::ApiKeyId, super::role::Column::RoleId)
                .unique(),
        )
        .as_list()
        .ordered_by(role::Column::NameSort),
    );
}
