//! The rows of each table.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::DbErr;
use shoal_core::database::Database;
use shoal_core::value::sort_key::{TAIL, has_han, name_sort_key, sort_key};

use super::bulk::{Row, insert};
use super::names::person;
use super::{Kind, Random, Sizes, TAGS_PER_CONTACT, TENANT, account_id, contact_id, id};

const TRACKED: &str = "created_at, updated_at, version";
const STAGES: [&str; 10] = [
    "LEAD",
    "LEAD",
    "LEAD",
    "SUBSCRIBER",
    "SUBSCRIBER",
    "PROSPECT",
    "PROSPECT",
    "CUSTOMER",
    "ADVOCATE",
    "FORMER",
];
const INDUSTRIES: [&str; 6] = ["Banking", "Health care", "Logistics", "Machine tools", "Retail", "Software"];
const JOBS: [&str; 6] =
    ["Buyer", "Chief executive", "Engineer", "Head of purchasing", "Sales manager", "采购经理"];
const LANGUAGES: [&str; 4] = ["en", "de", "ru", "zh-CN"];

pub(super) async fn fill(database: &Database, sizes: Sizes) -> Result<(), DbErr> {
    accounts(database, sizes).await?;
    contacts(database, sizes).await?;
    roles(database, sizes).await?;
    tags(database, sizes).await?;
    taggings(database, sizes).await
}

/// A second after the record before.
fn created(number: usize) -> DateTime<Utc> {
    let seconds = i64::try_from(number).unwrap_or_default();
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::seconds(seconds)
}

fn tracked(row: &mut Row, number: usize) {
    row.instant(created(number)).instant(created(number)).number(1);
}

async fn accounts(database: &Database, sizes: Sizes) -> Result<(), DbErr> {
    let columns = format!(
        "tenant_id, id, name, name_sort, domain, industry, industry_sort, employees, tier, lifecycle_stage, {TRACKED}"
    );
    let (tenant, mut random) = (TENANT, Random::new(1));
    insert(database, ("contacts_account", &columns), sizes.accounts, |row, number| {
        let name = format!("{} & {} {number}", person(&mut random).family, person(&mut random).family);
        let industry = random.pick(&INDUSTRIES);
        // A tenth is gold.
        let tier = match random.below(10) {
            0 => Some("GOLD"),
            1..4 => Some("SILVER"),
            4..8 => Some("BRONZE"),
            _ => None,
        };
        row.id(tenant).id(account_id(number)).text(&name).text(&sort_key(&name));
        row.text(&format!("company-{number}.example")).text(industry).text(&sort_key(industry));
        row.number(random.below(5_000)).optional(tier).text(random.pick(&STAGES));
        tracked(row, number);
    })
    .await
}

async fn contacts(database: &Database, sizes: Sizes) -> Result<(), DbErr> {
    let columns = format!(
        "tenant_id, id, display_name, display_name_sort, given_name, given_name_sort, family_name, family_name_sort, \
         job_title, job_title_sort, language, lifecycle_stage, {TRACKED}"
    );
    let (tenant, mut random) = (TENANT, Random::new(2));
    insert(database, ("contacts_contact", &columns), sizes.contacts, |row, number| {
        let person = person(&mut random);
        let display = person.display();
        row.id(tenant).id(contact_id(number)).text(&display).text(&name_sort_key(&display));
        row.text(&person.given).text(&sort_key(&person.given));
        row.text(&person.family).text(&family_sort_key(&person.family));
        let job = random.pick(&JOBS);
        row.text(job).text(&sort_key(job)).text(random.pick(&LANGUAGES)).text(random.pick(&STAGES));
        tracked(row, number);
    })
    .await
}

/// An e-mail address for each contact, with the name in it.
pub(super) async fn emails(database: &Database, sizes: Sizes) -> Result<(), DbErr> {
    let columns = "tenant_id, id, contact_id, position, label, address, normalised";
    let mut random = Random::new(2);
    insert(database, ("contacts_email_address", columns), sizes.contacts, |row, number| {
        // The random numbers of the names, so that they are the same.
        let person = person(&mut random);
        let _others = (random.pick(&JOBS), random.pick(&LANGUAGES), random.pick(&STAGES));
        let plain = |name: &str| {
            let key = sort_key(name);
            key.split(TAIL).next().unwrap_or_default().replace(|c: char| !c.is_ascii_alphanumeric(), "")
        };
        let (given, family) = (plain(&person.given), plain(&person.family));
        let address = format!("{given}.{family}{}@company-{}.example", number % 97, number % sizes.accounts);
        row.id(TENANT).id(id(Kind::Email, number)).id(contact_id(number)).number(0).text("WORK");
        row.text(&address).text(&address);
    })
    .await
}

/// A phone number for each contact, a quarter of them Chinese.
pub(super) async fn phones(database: &Database, sizes: Sizes) -> Result<(), DbErr> {
    let columns = "tenant_id, id, contact_id, position, label, number, e164, valid, digits";
    let mut random = Random::new(7);
    insert(database, ("contacts_phone_number", columns), sizes.contacts, |row, number| {
        let last = random.below(100_000_000);
        let digits = match random.below(4) {
            0 => format!("861{}{last:08}", ["38", "39", "50", "86"][random.below(4)]),
            1 => format!("7916{:07}", last % 10_000_000),
            _ => format!("49171{:07}", last % 10_000_000),
        };
        row.id(TENANT).id(id(Kind::Phone, number)).id(contact_id(number)).number(0).text("WORK");
        row.text(&format!("+{digits}")).text(&format!("+{digits}")).boolean(true).text(&digits);
    })
    .await
}

/// The sort key of a family name, as the contacts module makes it.
pub(crate) fn family_sort_key(name: &str) -> String {
    if has_han(name) { name_sort_key(name) } else { sort_key(name) }
}

async fn roles(database: &Database, sizes: Sizes) -> Result<(), DbErr> {
    let columns = format!("tenant_id, id, contact_id, account_id, role, is_primary, {TRACKED}");
    let tenant = TENANT;
    insert(database, ("contacts_contact_role", &columns), sizes.contacts, |row, number| {
        // Neighbours are at different accounts, so that a page of contacts has as many accounts.
        row.id(tenant)
            .id(id(Kind::Role, number))
            .id(contact_id(number))
            .id(account_id(number % sizes.accounts));
        row.text("EMPLOYEE").boolean(true);
        tracked(row, number);
    })
    .await
}

async fn tags(database: &Database, sizes: Sizes) -> Result<(), DbErr> {
    let columns = format!("tenant_id, id, name, name_sort, {TRACKED}");
    let tenant = TENANT;
    insert(database, ("contacts_tag", &columns), sizes.tags, |row, number| {
        let name = format!("Tag {number:04}");
        row.id(tenant).id(id(Kind::Tag, number)).text(&name).text(&sort_key(&name));
        tracked(row, number);
    })
    .await
}

async fn taggings(database: &Database, sizes: Sizes) -> Result<(), DbErr> {
    let (tenant, mut random) = (TENANT, Random::new(5));
    let mut first = 0;
    insert(
        database,
        ("contacts_contact_tag", "tenant_id, contact_id, tag_id"),
        sizes.taggings,
        |row, number| {
            let (contact, nth) = (number / TAGS_PER_CONTACT, number % TAGS_PER_CONTACT);
            if nth == 0 {
                first = random.below(sizes.tags);
            }
            // 397 is prime to the number of tags: five different ones.
            let tag = (first + nth * 397) % sizes.tags;
            row.id(tenant).id(contact_id(contact)).id(id(Kind::Tag, tag));
        },
    )
    .await
}
