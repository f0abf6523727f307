//! Writes for pgbench: the statements of a unit of work, with ids that the database makes, as each must be new.

use serde_json::{Value as Json, json};
use shoal_core::value::sort_key::name_sort_key;

use super::Script;
use crate::data::TENANT;
use crate::data::{Random, Sizes, account_id, person, tables::family_sort_key};
use crate::scenario::ROWS;

/// How the id of a new contact is made of the transaction's random number and the row's.
const CONTACT_ID: &str = "md5(:run::text || '-' || x.id)::uuid";

/// The transaction that creates `rows` contacts with an e-mail address and a role each.
pub fn script(rows: usize, sizes: Sizes) -> Script {
    let mut random = Random::new(7);
    let people: Vec<Json> = (0..rows.min(ROWS)).map(|number| row(&mut random, number)).collect();
    let people = Json::from(people).to_string().replace('\'', "''");
    let tenant = TENANT;
    let accounts: Vec<String> =
        (0..rows).map(|_| format!("'{}'", account_id(random.below(sizes.accounts)))).collect();
    let (accounts, account) = (accounts.join(","), accounts.first().map(String::as_str).unwrap_or_default());
    let rows = format!(
        "json_to_recordset('{people}'::json) AS x(id int4, display text, display_sort text, given text, \
         given_sort text, family text, family_sort text, email text, now timestamptz)"
    );
    let text = format!(
        "\\set run random(1, 9000000000000000000)\n\
BEGIN;\n\
SELECT id FROM contacts_account WHERE tenant_id = '{tenant}' AND id IN ({accounts}) AND deleted_at IS NULL;\n\
INSERT INTO contacts_contact (tenant_id, id, display_name, display_name_sort, given_name, given_name_sort, \
family_name, family_name_sort, lifecycle_stage, created_at, updated_at, version) \
SELECT '{tenant}', {CONTACT_ID}, display, display_sort, given, given_sort, family, family_sort, 'LEAD', now, now, 1 \
FROM {rows};\n\
INSERT INTO contacts_email_address (tenant_id, id, contact_id, position, label, address, normalised) \
SELECT '{tenant}', gen_random_uuid(), {CONTACT_ID}, 0, 'WORK', email, lower(email) FROM {rows};\n\
INSERT INTO contacts_contact_role (tenant_id, id, contact_id, account_id, role, is_primary, created_at, updated_at, \
version) SELECT '{tenant}', gen_random_uuid(), {CONTACT_ID}, {account}, 'EMPLOYEE', true, now, now, 1 FROM {rows};\n\
COMMIT;\n"
    );
    Script { text, variables: Vec::new() }
}

fn row(random: &mut Random, number: usize) -> Json {
    let person = person(random);
    let display = person.display();
    json!({
        "id": number,
        "display_sort": name_sort_key(&display),
        "display": display,
        "given_sort": name_sort_key(&person.given),
        "given": person.given,
        "family_sort": family_sort_key(&person.family),
        "family": person.family,
        "email": format!("Person.{number}@Company.example"),
        "now": "2026-03-01T09:30:00Z",
    })
}
