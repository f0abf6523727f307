//! E-mail addresses, phones and postal addresses in the API.

use shoal_graphql::declare::{ModuleRegistry, Patch, Searchable, column, to_one};

use super::{email_address, phone_number, postal_address};
use crate::choices::ContactPointLabel;
use crate::external_id::graphql::ExternalIdInput;
use crate::permission::DETAIL_READ;
use crate::{account, contact};

shoal_graphql::input! {
    /// An e-mail address.
    pub struct EmailAddressInput {
        /// The address.
        pub address: String,
        /// What it is for; WORK if absent.
        pub label: Option<ContactPointLabel>,
    }

    /// A phone number.
    pub struct PhoneNumberInput {
        /// The number, with or without its country's prefix.
        pub number: String,
        /// Country of a number without a prefix, ISO 3166 code; if absent, that of the first address, then the company's.
        pub country: Option<String>,
        /// What it is for; WORK if absent.
        pub label: Option<ContactPointLabel>,
    }

    /// A postal address.
    pub struct PostalAddressInput {
        /// Street and number; may have several lines.
        pub street: Option<String>,
        /// Postal code.
        pub postal_code: Option<String>,
        /// Town.
        pub city: Option<String>,
        /// State or province.
        pub region: Option<String>,
        /// ISO 3166 code of the country.
        pub country: Option<String>,
        /// What it is for; WORK if absent.
        pub label: Option<ContactPointLabel>,
    }

    /// How to reach somebody and what they are called elsewhere. A list that is given replaces the one there was.
    pub struct ContactPoints {
        /// E-mail addresses, the most important first.
        pub emails: Patch<Vec<EmailAddressInput>>,
        /// Phone numbers, the most important first.
        pub phones: Patch<Vec<PhoneNumberInput>>,
        /// Postal addresses, the most important first.
        pub addresses: Patch<Vec<PostalAddressInput>>,
        /// Names of tags; those that do not exist are made.
        pub tags: Patch<Vec<String>>,
        /// What other systems call the record.
        pub external_ids: Patch<Vec<ExternalIdInput>>,
    }
}

pub(crate) fn declare(module: &mut ModuleRegistry<'_>) {
    email_addresses(module);
    phone_numbers(module);
    postal_addresses(module);
}

fn email_addresses(module: &mut ModuleRegistry<'_>) {
    use email_address::{Column, Entity};
    module
        .entity::<Entity>("EmailAddress", "An e-mail address of an account or a contact.")
        .partition(Column::TenantId)
        .right(DETAIL_READ)
        .visible_with(&["account", "contact"])
        .not_at_root()
        .plural("emailAddresses")
        .column(column(Column::Id, "Stays the same until the list is replaced."))
        .column(column(Column::Address, "The address as it was given: what mail is sent to.").personal())
        .column(
            column(Column::Normalised, "The address in small letters: what is compared.")
                .filterable()
                .searchable(Searchable::Email)
                .personal(),
        )
        .column(column(Column::Label, "What it is for.").choice::<ContactPointLabel>().filterable())
        .column(
            column(Column::Position, "Place in the list, from 0; the first is the main one.").filterable(),
        )
        .relation(to_one::<account::Entity>("account", "The account, if it is one's.", Column::AccountId))
        .relation(to_one::<contact::Entity>("contact", "The contact, if it is one's.", Column::ContactId));
}

fn phone_numbers(module: &mut ModuleRegistry<'_>) {
    use phone_number::{Column, Entity};
    module
        .entity::<Entity>("PhoneNumber", "A phone number of an account or a contact.")
        .partition(Column::TenantId)
        .right(DETAIL_READ)
        .visible_with(&["account", "contact"])
        .not_at_root()
        .column(column(Column::Id, "Stays the same until the list is replaced."))
        .column(column(Column::Number, "The number as it was given.").personal())
        .column(
            column(Column::E164, "The number in E.164, such as +4930123456; null if it is not valid.")
                .filterable()
                .personal(),
        )
        .column(
            column(Column::Digits, "The digits of `e164`, else those of the number: what is searched.")
                .searchable(Searchable::Phone)
                .personal(),
        )
        .column(column(Column::Extension, "The extension, if one was given.").personal())
        .column(column(Column::Valid, "Whether the country has such a number.").filterable())
        .column(column(Column::Label, "What it is for.").choice::<ContactPointLabel>().filterable())
        .column(
            column(Column::Position, "Place in the list, from 0; the first is the main one.").filterable(),
        )
        .relation(to_one::<account::Entity>("account", "The account, if it is one's.", Column::AccountId))
        .relation(to_one::<contact::Entity>("contact", "The contact, if it is one's.", Column::ContactId));
}

fn postal_addresses(module: &mut ModuleRegistry<'_>) {
    use postal_address::{Column, Entity};
    module
        .entity::<Entity>("PostalAddress", "A postal address of an account or a contact.")
        .partition(Column::TenantId)
        .right(DETAIL_READ)
        .visible_with(&["account", "contact"])
        .not_at_root()
        .plural("postalAddresses")
        .column(column(Column::Id, "Stays the same until the list is replaced."))
        .column(column(Column::Street, "Street and number; may have several lines.").personal())
        .column(column(Column::PostalCode, "Postal code.").filterable().personal())
        .column(column(Column::City, "Town.").filterable())
        .column(column(Column::Region, "State or province.").filterable())
        .column(column(Column::Country, "ISO 3166 code of the country.").filterable())
        .column(column(Column::Label, "What it is for.").choice::<ContactPointLabel>().filterable())
        .column(
            column(Column::Position, "Place in the list, from 0; the first is the main one.").filterable(),
        )
        .relation(to_one::<account::Entity>("account", "The account, if it is one's.", Column::AccountId))
        .relation(to_one::<contact::Entity>("contact", "The contact, if it is one's.", Column::ContactId));
}
