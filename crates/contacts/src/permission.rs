//! Rights of the module.

shoal_core::rights! {
    /// Read accounts.
    ACCOUNT_READ = "contacts.account.read" scoped, employees: All;
    /// Create accounts.
    ACCOUNT_CREATE = "contacts.account.create" scoped, employees: All;
    /// Change accounts.
    ACCOUNT_UPDATE = "contacts.account.update" scoped, employees: All;
    /// Say who looks after an account.
    ACCOUNT_ASSIGN = "contacts.account.assign", employees: All;
    /// Delete and restore accounts.
    ACCOUNT_DELETE = "contacts.account.delete" scoped, employees: Own;
    /// Read contacts.
    CONTACT_READ = "contacts.contact.read" scoped, employees: All;
    /// Create contacts.
    CONTACT_CREATE = "contacts.contact.create" scoped, employees: All;
    /// Change contacts, their roles included.
    CONTACT_UPDATE = "contacts.contact.update" scoped, employees: All;
    /// Say who looks after a contact.
    CONTACT_ASSIGN = "contacts.contact.assign", employees: All;
    /// Delete and restore contacts.
    CONTACT_DELETE = "contacts.contact.delete" scoped, employees: Own;
    /// Read what hangs on accounts and contacts: e-mail addresses, phone numbers, postal addresses, external ids, roles.
    DETAIL_READ = "contacts.detail.read", employees: All;
    /// Read interactions.
    INTERACTION_READ = "contacts.interaction.read" scoped, employees: All;
    /// Write interactions down.
    INTERACTION_CREATE = "contacts.interaction.create" scoped, employees: All;
    /// Change interactions.
    INTERACTION_UPDATE = "contacts.interaction.update" scoped, employees: Own;
    /// Say who looks after an interaction.
    INTERACTION_ASSIGN = "contacts.interaction.assign", employees: All;
    /// Delete and restore interactions.
    INTERACTION_DELETE = "contacts.interaction.delete" scoped, employees: Own;
    /// Read tags.
    TAG_READ = "contacts.tag.read", employees: All;
}
