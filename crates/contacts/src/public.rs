//! What other modules may use: the entities, to relate to and to look records up. How records change stays here.

/// Accounts.
pub mod account {
    pub use crate::account::{Column, Entity, Model};
}

/// Contacts.
pub mod contact {
    pub use crate::contact::{Column, Entity, Model};
}

/// What contacts are at accounts.
pub mod contact_role {
    pub use crate::contact_role::{Column, Entity, Model};
}
