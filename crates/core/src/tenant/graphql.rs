//! Companies in the API.

use shoal_graphql::declare::{ModuleRegistry, MutationDeclaration, Patch, column};

use super::{Column, Entity, update};
use crate::permission::{TENANT_READ, TENANT_UPDATE};

shoal_graphql::input! {
    /// A change of what is known of the company. What is absent stays as it is; null clears.
    pub struct TenantUpdate {
        /// The version that was read; if the company has changed since, the answer is CONFLICT.
        pub expected_version: i32,
        /// Its name.
        pub name: Patch<String>,
        /// Language and country by which things are written, such as zh-CN.
        pub locale: Patch<String>,
        /// IANA name of the zone in which its business days begin, such as Asia/Shanghai.
        pub time_zone: Patch<String>,
        /// ISO 4217 code of the currency of its accounts.
        pub base_currency: Patch<String>,
        /// ISO 3166 code of the country whose phone numbers need no prefix.
        pub phone_region: Patch<Option<String>>,
        /// The month in which its fiscal year begins, 1 to 12.
        pub fiscal_year_start: Patch<i32>,
    }
}

pub(crate) fn declare(api: &mut ModuleRegistry<'_>) {
    api.mutation(MutationDeclaration::new::<Entity, TenantUpdate, _, _>(
        "tenantUpdate",
        "Changes what is known of your company.",
        TENANT_UPDATE,
        update::update,
    ));
    api.entity::<Entity>("Tenant", "A company that works with Shoal: yours.")
        .partition(Column::TenantId)
        .right(TENANT_READ)
        .not_at_root()
        .column(column(Column::Id, "Stays the same for ever."))
        .column(column(Column::Slug, "Its name in addresses and on the command line."))
        .column(column(Column::Name, "Its name."))
        .column(column(Column::Locale, "Language and country by which things are written, such as zh-CN."))
        .column(column(
            Column::TimeZone,
            "IANA name of the zone in which its business days begin, such as Asia/Shanghai.",
        ))
        .column(column(Column::BaseCurrency, "ISO 4217 code of the currency of its accounts."))
        .column(column(
            Column::PhoneRegion,
            "ISO 3166 code of the country whose phone numbers need no prefix.",
        ))
        .column(column(Column::FiscalYearStart, "The month in which its fiscal year begins, 1 to 12."))
        .column(column(Column::CreatedAt, "When it was created."))
        .column(column(Column::Version, "Counts changes, from 1."));
}
