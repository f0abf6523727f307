//! API keys in the API.

use chrono::{DateTime, Utc};
use shoal_graphql::declare::{
    ModuleRegistry, MutationDeclaration, Patch, column, through, to_many_through, to_one,
};
use uuid::Uuid;

use super::{Column, Entity, service};
use crate::permission::{API_KEY_MANAGE, API_KEY_READ};
use crate::{role, user};

shoal_graphql::input! {
    /// A new API key.
    pub struct ApiKeyCreate {
        /// What it is for.
        pub name: String,
        /// What it may do; one role or more, none with more rights than you.
        pub role_ids: Vec<Uuid>,
        /// When it ends by itself, ten years from now at most; never if absent.
        pub expires_at: Option<DateTime<Utc>>,
    }

    /// A change of an API key. What is absent stays as it is; null clears.
    pub struct ApiKeyUpdate {
        /// The key. It must not have been revoked, nor have more rights than you.
        pub id: Uuid,
        /// The version that was read; if the key has changed since, the answer is CONFLICT.
        pub expected_version: i32,
        /// What it is for.
        pub name: Patch<String>,
        /// All its roles from now on; one or more, none with more rights than you.
        pub role_ids: Patch<Vec<Uuid>>,
        /// When it ends by itself, ten years from now at most; never if null.
        pub expires_at: Patch<Option<DateTime<Utc>>>,
    }

    /// An API key to revoke.
    pub struct ApiKeyRevoke {
        /// The key.
        pub id: Uuid,
    }
}

pub(crate) fn declare(api: &mut ModuleRegistry<'_>) {
    declare_entity(api);
    api.mutation(
        MutationDeclaration::new::<Entity, ApiKeyCreate, _, _>(
            "apiKeyCreate",
            "Makes an API key.",
            API_KEY_MANAGE,
            service::create,
        )
        .returning::<String>(
            "secret",
            "What the program presents as `Authorization: Bearer …`. Shown only this once.",
        ),
    )
    .mutation(MutationDeclaration::new::<Entity, ApiKeyUpdate, _, _>(
        "apiKeyUpdate",
        "Changes an API key. Its secret stays as it is.",
        API_KEY_MANAGE,
        service::update,
    ))
    .mutation(MutationDeclaration::new::<Entity, ApiKeyRevoke, _, _>(
        "apiKeyRevoke",
        "Revokes an API key for ever, whatever its rights. Within a second it counts nowhere any more.",
        API_KEY_MANAGE,
        service::revoke,
    ));
}

fn declare_entity(api: &mut ModuleRegistry<'_>) {
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
    .relation(to_one::<user::Entity>(
        "createdBy",
        "Who made it; null if another key or the operator did. Keys are the company's: this one goes on when they are no \
         longer active, and may be revoked then.",
        Column::CreatedBy,
    ))
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
