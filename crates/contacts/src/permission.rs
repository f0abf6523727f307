//! Rights of the module.

/// Read accounts.
pub const ACCOUNT_READ: &str = "contacts.account.read";
/// Create accounts.
pub const ACCOUNT_CREATE: &str = "contacts.account.create";
/// Change accounts.
pub const ACCOUNT_UPDATE: &str = "contacts.account.update";
/// Delete and restore accounts.
pub const ACCOUNT_DELETE: &str = "contacts.account.delete";
/// Read contacts.
pub const CONTACT_READ: &str = "contacts.contact.read";
/// Create contacts.
pub const CONTACT_CREATE: &str = "contacts.contact.create";
/// Change contacts, their roles included.
pub const CONTACT_UPDATE: &str = "contacts.contact.update";
/// Delete and restore contacts.
pub const CONTACT_DELETE: &str = "contacts.contact.delete";
/// Read tags.
pub const TAG_READ: &str = "contacts.tag.read";
