//! E-mail addresses, phones and postal addresses of accounts and contacts.

pub mod email_address;
pub mod graphql;
pub mod phone_number;
pub mod postal_address;
pub(crate) mod rules;
pub mod service;
pub(crate) mod stored;
