//! Users in the API.

use shoal_graphql::declare::{
    ModuleRegistry, MutationDeclaration, Patch, column, through, to_many, to_many_through,
};
use uuid::Uuid;

use super::{Column, Entity, service};
use crate::permission::{ROLE_READ, USER_MANAGE, USER_READ};
use crate::{api_key, role, team};

shoal_graphql::choices! {
    /// What a link is for.
    pub enum UserLinkPurpose {
        /// To choose a first password. It works for seven days.
        Invitation => "INVITATION",
        /// To choose another password. It works for two hours.
        Reset => "RESET",
    }
}

shoal_graphql::input! {
    /// Somebody who is to work with Shoal.
    pub struct UserInvite {
        /// The address they will sign in with.
        pub email: String,
        /// What colleagues call them.
        pub name: String,
        /// IETF tag of the language they read; the company's if absent.
        pub language: Option<String>,
        /// IANA name of the zone they are in; the company's if absent.
        pub time_zone: Option<String>,
        /// Their roles; that of every employee if absent. Others need the right core.role.manage, and no role may have
        /// more rights than you.
        pub role_ids: Option<Vec<Uuid>>,
        /// Their teams; none if absent. Needs the right core.team.manage.
        pub team_ids: Option<Vec<Uuid>>,
    }

    /// A change of what is known of somebody. What is absent stays as it is; null clears.
    pub struct UserUpdate {
        /// The user.
        pub id: Uuid,
        /// The version that was read; if the user has changed since, the answer is CONFLICT.
        pub expected_version: i32,
        /// The address they sign in with; links that were sent to the old one do not work any more. Refused for somebody
        /// with more rights than you.
        pub email: Patch<String>,
        /// What colleagues call them.
        pub name: Patch<String>,
        /// IETF tag of the language they read; the company's if null.
        pub language: Patch<Option<String>>,
        /// IANA name of the zone they are in; the company's if null.
        pub time_zone: Patch<Option<String>>,
        /// All their roles from now on. Needs the right core.role.manage; no role that is given or taken may have more
        /// rights than you. Links that were made before do not work any more if these are more rights than they had.
        pub role_ids: Patch<Vec<Uuid>>,
        /// All their teams from now on. Needs the right core.team.manage.
        pub team_ids: Patch<Vec<Uuid>>,
        /// Whether they may sign in. False ends all their sessions at once; what they own stays theirs.
        pub active: Patch<bool>,
    }

    /// Somebody who needs a link to choose a password.
    pub struct UserLink {
        /// The user.
        pub id: Uuid,
        /// What the link is for.
        pub purpose: UserLinkPurpose,
    }

    /// What people change of themselves. What is absent stays as it is; null clears.
    pub struct ViewerUpdate {
        /// What colleagues call you.
        pub name: Patch<String>,
        /// IETF tag of the language you read; the company's if null.
        pub language: Patch<Option<String>>,
        /// IANA name of the zone you are in; the company's if null.
        pub time_zone: Patch<Option<String>>,
    }
}

const LINK: &str = "Where they choose a password, from the address of Shoal on: /auth/link/…. Shown only this once; send it to them.";

pub(crate) fn declare(api: &mut ModuleRegistry<'_>) {
    declare_entity(api);
    api.mutation(
        MutationDeclaration::new::<Entity, UserInvite, _, _>(
            "userInvite",
            "Adds somebody, who can come in by the link. DUPLICATE if the address is known here.",
            USER_MANAGE,
            service::invite,
        )
        .many("userInviteMany", "Adds people; each row has its own result and link.")
        .returning::<String>("link", LINK),
    )
    .mutation(
        MutationDeclaration::new::<Entity, UserUpdate, _, _>(
            "userUpdate",
            "Changes what is known of somebody, what they may do, and whether they may come in. LAST_ADMINISTRATOR if \
             nobody would be left who may do everything.",
            USER_MANAGE,
            service::update,
        )
        .many("userUpdateMany", "Changes people; each row has its own result."),
    )
    .mutation(
        MutationDeclaration::new::<Entity, UserLink, _, _>(
            "userLink",
            "Makes a link by which somebody chooses a password. Refused for somebody with more rights than you, and, once \
             they have come in, unless you hold all their rights for all records: you could come in as them, and reach \
             what is theirs. By mail, people get such a link themselves (`POST /auth/forgotten`).",
            USER_MANAGE,
            service::link,
        )
        .returning::<String>("link", LINK),
    )
    .mutation(MutationDeclaration::new::<Entity, ViewerUpdate, _, _>(
        "viewerUpdate",
        "Changes what is known of yourself.",
        USER_READ,
        service::update_viewer,
    ));
}

fn declare_entity(api: &mut ModuleRegistry<'_>) {
    api.entity::<Entity>("User", "A person who works with Shoal.")
        .partition(Column::TenantId)
        .right(USER_READ)
        .changes()
        .column(column(Column::Id, "Stays the same for ever.").filterable())
        .column(column(Column::Email, "The address they sign in with.").filterable().personal())
        .column(
            column(Column::Name, "What colleagues call them.")
                .filterable()
                .sorted_by(Column::NameSort)
                .personal(),
        )
        .column(column(Column::Language, "IETF tag of the language they read; the company's if null."))
        .column(column(Column::TimeZone, "IANA name of the zone they are in; the company's if null."))
        .column(column(Column::Active, "Whether they may sign in.").filterable())
        .column(column(Column::CreatedAt, "When they were invited."))
        .column(column(Column::UpdatedAt, "When something of this was last changed."))
        .column(column(Column::Version, "Counts changes, from 1; an update names the version it builds on."))
        .relation(
            to_many_through::<team::Entity>(
                "teams",
                "Their teams.",
                through::<team::member::Entity>(team::member::Column::UserId, team::member::Column::TeamId)
                    .unique(),
            )
            .as_list()
            .ordered_by(team::Column::NameSort),
        )
        .relation(
            to_many_through::<role::Entity>(
                "roles",
                "Their roles.",
                through::<super::role::Entity>(super::role::Column::UserId, super::role::Column::RoleId)
                    .unique(),
            )
            .as_list()
            .ordered_by(role::Column::NameSort)
            .right(ROLE_READ),
        )
        .relation(to_many::<api_key::Entity>(
            "apiKeysMade",
            "The API keys that they made. Keys go on when their maker is no longer active: ask for those that were not \
             revoked when you let somebody go.",
            api_key::Column::CreatedBy,
        ));
}
