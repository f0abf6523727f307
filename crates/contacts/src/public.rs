//! What other modules may use: the entities, to relate to and to look records up, what is said where one is not there, and
//! how rows of files name them. How records change stays here.

/// Accounts.
pub mod account {
    pub use crate::account::{Column, Entity, Model, NOT_FOUND};
    pub use crate::import::account_reference as reference;
}

/// Contacts.
pub mod contact {
    pub use crate::contact::{Column, Entity, Model, NOT_FOUND};
    pub use crate::import::contact_reference as reference;
}

/// What contacts are at accounts.
pub mod contact_role {
    pub use crate::contact_role::{Column, Entity, Model, NOT_FOUND};
}

/// Interactions, which other modules refer to.
pub mod interaction {
    pub use crate::interaction::{Column, Entity, Model, NOT_FOUND};
}
