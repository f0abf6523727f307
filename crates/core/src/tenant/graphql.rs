//! Companies in the API.

use shoal_graphql::declare::{ModuleRegistry, column};

use super::{Column, Entity};
use crate::permission::TENANT_READ;

pub(crate) fn declare(api: &mut ModuleRegistry<'_>) {
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
