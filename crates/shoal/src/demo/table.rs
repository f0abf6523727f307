//! Companies and people as rows of files, with columns as imports propose them.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use shoal_tables::{OutputFormat, TableWriter, Value};

use super::company::{Company, Groups, Person};
use super::world::{Place, World};
use crate::cli::Failure;

/// What the keys of companies and people are of: the seed and a number, counted apart.
const SYSTEM: &str = "demo";

const COMPANY: [&str; 14] = [
    "externalIds.0.system",
    "externalIds.0.key",
    "name",
    "domain",
    "industry",
    "employees",
    "foundedYear",
    "tier",
    "lifecycleStage",
    "annualBudget.amount",
    "annualBudget.currency",
    "tags",
    "phones.0.number",
    "phones.0.label",
];

const PERSON: [&str; 16] = [
    "externalIds.0.system",
    "externalIds.0.key",
    "givenName",
    "familyName",
    "accountId",
    "accountRole",
    "jobTitle",
    "lifecycleStage",
    "birthday",
    "language",
    "timeZone",
    "tags",
    "emails.0.address",
    "emails.0.label",
    "phones.0.number",
    "phones.0.label",
];

/// What follows in both.
const ADDRESS: [&str; 6] = [
    "addresses.0.label",
    "addresses.0.street",
    "addresses.0.city",
    "addresses.0.region",
    "addresses.0.postalCode",
    "addresses.0.country",
];

/// Writes a file of companies and one of so many people, who name their companies by their keys.
pub(super) fn write(
    seed: u64,
    contacts: u64,
    (companies, people): (&Path, &Path),
) -> Result<(u64, u64), Failure> {
    let world = World::read()?;
    let mut companies = table(companies, &COMPANY)?;
    let mut people = table(people, &PERSON)?;
    let mut left = contacts;
    for group in Groups::new(&world, seed) {
        if left == 0 {
            break;
        }
        if let Some(company) = &group.company {
            companies.write_row(&company_row(seed, company))?;
        }
        for person in group.people.iter().take(usize::try_from(left)?) {
            people.write_row(&person_row(seed, person))?;
            left -= 1;
        }
    }
    Ok((companies.finish()?.0.rows, people.finish()?.0.rows))
}

fn table(path: &Path, columns: &[&str]) -> Result<TableWriter<BufWriter<File>>, Failure> {
    let file =
        File::create(path).map_err(|error| format!("{} cannot be written: {error}", path.display()))?;
    let columns = columns.iter().chain(&ADDRESS).map(|&name| name.to_owned()).collect();
    Ok(TableWriter::new(OutputFormat::Csv { byte_order_mark: true }, BufWriter::new(file), columns)?)
}

fn text(text: impl Into<String>) -> Value {
    Value::Text(text.into())
}

fn perhaps<T>(value: Option<T>, of: impl FnOnce(T) -> Value) -> Value {
    value.map_or(Value::Null, of)
}

fn whole(number: usize) -> Value {
    Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

fn address(place: &Place, street: Option<&String>, label: &str) -> [Value; 6] {
    let Some(street) = street else { return [const { Value::Null }; 6] };
    [label, street, &place.city.text, &place.region, &place.postal_code, &place.country].map(text)
}

fn company_row(seed: u64, company: &Company) -> Vec<Value> {
    let own = [
        text(SYSTEM),
        text(format!("{seed}-{}", company.number)),
        text(&company.name),
        text(&company.domain),
        text(&company.industry),
        whole(company.employees),
        whole(company.founded),
        perhaps(company.tier, text),
        text(company.stage),
        perhaps(company.budget, whole),
        perhaps(company.budget, |_| text(&company.place.currency)),
        Value::List(company.tags.clone()),
        text(&company.phone),
        text("WORK"),
    ];
    own.into_iter().chain(address(&company.place, Some(&company.street), "WORK")).collect()
}

fn person_row(seed: u64, person: &Person) -> Vec<Value> {
    let own = [
        text(SYSTEM),
        text(format!("{seed}-{}", person.number)),
        text(&person.given.text),
        text(&person.family.text),
        perhaps(person.company, |number| text(format!("{seed}-{number}"))),
        perhaps(person.role, text),
        perhaps(person.job.as_ref(), text),
        text(person.stage),
        perhaps(person.birthday, Value::Date),
        text(&person.language),
        text(&person.place.time_zone),
        Value::List(person.tags.clone()),
        perhaps(person.emails.first(), text),
        perhaps(person.emails.first(), |_| text(if person.company.is_some() { "WORK" } else { "HOME" })),
        perhaps(person.phone.as_ref(), text),
        perhaps(person.phone.as_ref(), |_| text("MOBILE")),
    ];
    own.into_iter().chain(address(&person.place, person.street.as_ref(), "HOME")).collect()
}
