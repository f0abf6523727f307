//! Large tables in one statement each, copied from a few records that came through the API.

use sea_orm::ConnectionTrait as _;
use serde_json::json;
use shoal_testkit::{Backend, TestApp};
use uuid::Uuid;

use crate::support::change;

/// Runs a statement of the test's own.
pub async fn execute(app: &TestApp, sql: &str) {
    let done = app.database().writer().execute_unprepared(sql).await;
    assert!(done.is_ok(), "{sql}: {done:?}");
}

/// An id as SQL writes it.
pub fn literal(app: &TestApp, id: Uuid) -> String {
    match app.backend() {
        Backend::Sqlite => format!("x'{}'", id.simple()),
        Backend::Postgres => format!("'{id}'::uuid"),
    }
}

/// `count` contacts with an account each (twenty contacts share one), one tag on every tenth, beside one account, one
/// contact and one tag from the API. Names are `Name 000017`, accounts `Account 000017`.
pub async fn people(app: &TestApp, count: u32) {
    let account = change(app, "accountCreate", json!({"name": "Account", "industry": "Fish"}), "id").await;
    let one = json!({
        "givenName": "Given", "familyName": "Family", "jobTitle": "Job", "birthday": "1990-01-01",
        "accountId": account["id"], "tags": ["tag"],
    });
    change(app, "contactCreate", one, "id").await;
    let (contacts, accounts) = (Series::new(app, 1, count), Series::new(app, 2, count / 20));
    let roles = Series::new(app, 3, count);
    let (number, short) = (contacts.padded(6), accounts.padded(6));
    let account_of = Series::id_text(app, 2, "(n % GREATEST_ACCOUNTS) + 1")
        .replace("GREATEST_ACCOUNTS", &(count / 20).to_string());
    copy(
        app,
        "contacts_account",
        &accounts,
        &[
            ("id", accounts.id.clone()),
            ("name", format!("'Account ' || {short}")),
            ("name_sort", format!("'account ' || {short}")),
        ],
    )
    .await;
    copy(
        app,
        "contacts_contact",
        &contacts,
        &[
            ("id", contacts.id.clone()),
            ("display_name", format!("'Name ' || {number}")),
            ("display_name_sort", format!("'name ' || {number}")),
            ("given_name", format!("'Given ' || {number}")),
            ("given_name_sort", format!("'given ' || {number}")),
            ("family_name", format!("CASE WHEN n % 4 = 0 THEN NULL ELSE 'Family ' || {number} END")),
            ("family_name_sort", format!("CASE WHEN n % 4 = 0 THEN NULL ELSE 'family ' || {number} END")),
        ],
    )
    .await;
    copy(
        app,
        "contacts_contact_role",
        &roles,
        &[("id", roles.id.clone()), ("contact_id", contacts.id.clone()), ("account_id", account_of)],
    )
    .await;
    copy(
        app,
        "contacts_contact_tag",
        &Series { every: 10, ..contacts.clone() },
        &[("contact_id", contacts.id)],
    )
    .await;
    execute(app, "ANALYZE").await;
}

/// Numbers `n` from 1, and the ids made of them.
#[derive(Debug, Clone)]
struct Series {
    numbers: String,
    id: String,
    postgres: bool,
    every: u32,
}

impl Series {
    fn new(app: &TestApp, kind: u32, count: u32) -> Self {
        let postgres = app.backend() == Backend::Postgres;
        let numbers = if postgres {
            format!("SELECT generate_series(1, {count}) AS n")
        } else {
            format!(
                "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {count}) SELECT n FROM s"
            )
        };
        Self { numbers, id: Self::id_text(app, kind, "n"), postgres, every: 1 }
    }

    /// The id of the record of this kind whose number an expression gives.
    fn id_text(app: &TestApp, kind: u32, number: &str) -> String {
        if app.backend() == Backend::Postgres {
            format!("('01900000-0000-7000-900{kind}-' || lpad(to_hex({number}), 12, '0'))::uuid")
        } else {
            format!("unhex('0190000000007000900{kind}' || printf('%012x', {number}))")
        }
    }

    fn padded(&self, width: u32) -> String {
        if self.postgres {
            format!("lpad(n::text, {width}, '0')")
        } else {
            format!("printf('%0{width}d', n)")
        }
    }
}

/// Copies the first row of a table once per number, with other values in some columns.
async fn copy(app: &TestApp, table: &str, series: &Series, values: &[(&str, String)]) {
    let columns = crate::catalogue::columns(app, table).await;
    let value = |column: &String| {
        let other = values.iter().find(|(name, _)| name == column);
        other.map_or_else(|| format!("one.\"{column}\""), |(_, value)| value.clone())
    };
    let (names, list): (Vec<_>, Vec<_>) =
        columns.iter().map(|column| (format!("\"{column}\""), value(column))).unzip();
    let sql = format!(
        "INSERT INTO {table} ({}) SELECT {} FROM ({}) AS numbers, (SELECT * FROM {table} LIMIT 1) AS one WHERE n % {} = 0",
        names.join(", "),
        list.join(", "),
        series.numbers,
        series.every,
    );
    execute(app, &sql).await;
}
