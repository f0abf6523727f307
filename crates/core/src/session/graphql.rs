//! Sessions in the API.

use shoal_graphql::declare::{ModuleRegistry, MutationDeclaration, column, to_one};
use uuid::Uuid;

use super::{Column, Entity, service};
use crate::permission::{SESSION_READ, SESSION_REVOKE};
use crate::user;

shoal_graphql::input! {
    /// A session to end.
    pub struct SessionRevoke {
        /// The session.
        pub id: Uuid,
    }
}

pub(crate) fn declare(api: &mut ModuleRegistry<'_>) {
    api.entity::<Entity>("Session", "Somebody is signed in on a device.")
        .partition(Column::TenantId)
        .right(SESSION_READ)
        .owned_by(Column::UserId, None)
        .column(column(Column::Id, "Stays the same for ever.").filterable())
        .column(column(Column::Device, "What the browser or program calls itself.").personal())
        .column(column(Column::Address, "The internet address it was started from.").personal())
        .column(column(Column::CreatedAt, "When they signed in."))
        .column(column(Column::UsedAt, "When it was last used, to some minutes.").filterable().orderable())
        .column(column(Column::ExpiresAt, "When it ends by itself."))
        .column(column(Column::RevokedAt, "When it was ended; null if it was not.").filterable())
        .relation(to_one::<user::Entity>("user", "Who is signed in.", Column::UserId));
    api.mutation(
        MutationDeclaration::new::<Entity, SessionRevoke, _, _>(
            "sessionRevoke",
            "Ends a session: one's own, or with the right scope anybody's. Within a second it counts nowhere any more.",
            SESSION_REVOKE,
            service::revoke,
        )
        .many("sessionRevokeMany", "Ends sessions; each row has its own result."),
    );
}
