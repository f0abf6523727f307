//! What other modules may use: the entities, to relate to and to look records up, and what is said where
//! one is not there. How records change stays here.

/// Accounts.
pub mod account {
    pub use crate::account::{Column, Entity, Model, NOT_FOUND};
}

/// Contacts.
pub mod contact {
    pub use crate::contact::{Column, Entity, Model, NOT_FOUND};
}

/// What contacts are at accounts.
pub mod contact_role {
    pub use crate::contact_role::{Column, Entity, Model, NOT_FOUND};
}

/// Interactions, which other modules refer to.
pub mod interaction {
    pub use crate::interaction::{Column, Entity, Model, NOT_FOUND};
}
