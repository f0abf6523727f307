//! Closed lists of the module.

shoal_graphql::choices! {
    /// How important an account is; price books go by it.
    pub enum AccountTier {
        /// The most important.
        Gold => "GOLD",
        /// Important.
        Silver => "SILVER",
        /// All others that have a tier.
        Bronze => "BRONZE",
    }

    /// How far the relationship has come.
    pub enum LifecycleStage {
        /// Known, nothing more.
        Subscriber => "SUBSCRIBER",
        /// Has shown interest.
        Lead => "LEAD",
        /// May buy: there is a need and a budget.
        Prospect => "PROSPECT",
        /// Has bought.
        Customer => "CUSTOMER",
        /// Recommends us.
        Advocate => "ADVOCATE",
        /// Was a customer.
        Former => "FORMER",
    }

    /// What a contact is at an account.
    pub enum ContactRoleKind {
        /// Works there; nothing more is known.
        Employee => "EMPLOYEE",
        /// Decides.
        DecisionMaker => "DECISION_MAKER",
        /// Advises those who decide.
        Influencer => "INFLUENCER",
        /// Buys: negotiates and orders.
        Buyer => "BUYER",
        /// Uses what is bought.
        User => "USER",
        /// Pays.
        Payer => "PAYER",
        /// Rents.
        Resident => "RESIDENT",
        /// Owns a part.
        Owner => "OWNER",
        /// Sits on the owners' committee.
        CommitteeMember => "COMMITTEE_MEMBER",
    }

    /// What an e-mail address, phone or postal address is for.
    pub enum ContactPointLabel {
        /// At work.
        Work => "WORK",
        /// At home.
        Home => "HOME",
        /// On the move.
        Mobile => "MOBILE",
        /// Takes faxes.
        Fax => "FAX",
        /// Takes bills.
        Billing => "BILLING",
        /// Takes deliveries.
        Shipping => "SHIPPING",
        /// Anything else.
        Other => "OTHER",
    }

    /// What an interaction was.
    pub enum InteractionKind {
        /// A call.
        Call => "CALL",
        /// A visit, theirs or ours.
        Visit => "VISIT",
        /// A mail.
        Email => "EMAIL",
        /// A text message.
        Sms => "SMS",
        /// A conversation in a messenger or on a page.
        Chat => "CHAT",
        /// Something that somebody wants others to know.
        Note => "NOTE",
        /// A form that they filled in on a page.
        WebForm => "WEB_FORM",
    }

    /// Who turned to whom.
    pub enum InteractionDirection {
        /// They to us.
        In => "IN",
        /// We to them.
        Out => "OUT",
    }

    /// What an upsert does when the record it finds is deleted.
    pub enum OnDeleted {
        /// Restores and updates it.
        Restore => "RESTORE",
        /// Leaves it deleted, takes the external id from it and creates a new one.
        Create => "CREATE",
        /// Refuses with NOT_FOUND.
        Error => "ERROR",
    }
}
