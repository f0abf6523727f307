//! What stories share: short ways to make records, and to run a story on both databases.

use serde_json::{Value as Json, json};
use shoal_core::module::Modules;
use shoal_testkit::{Backend, Options, TestApp};

/// Shoal with the module of the property managers, which no company has enabled yet.
pub async fn with_property(backend: Backend) -> TestApp {
    let modules = || Modules::new().with(shoal_contacts::Contacts).with(shoal_property::Property);
    TestApp::start_with(backend, Options { modules, ..Options::default() }).await
}

/// Events with their numbers.
pub const NUMBERED: &str = "(SELECT e.*, c.number + e.position AS number FROM core_commit AS c JOIN core_event AS e
    ON e.tenant_id = c.tenant_id AND e.id >= c.id AND e.id <= c.last_event WHERE c.number IS NOT NULL) AS numbered";

/// Runs stories on both databases: `both_databases!(one, two)` makes tests `sqlite::one`, `postgres::one` …. Each
/// story is an `async fn(TestApp)`. With `with start,` in front the application comes from `start(Backend)`.
macro_rules! both_databases {
    (@ $threads:tt, $start:path, $($story:ident),+) => {
        mod sqlite {
            $(#[tokio::test $threads]
            async fn $story() {
                super::$story($start(shoal_testkit::Backend::Sqlite).await).await;
            })+
        }
        mod postgres {
            $(#[tokio::test $threads]
            async fn $story() {
                super::$story($start(shoal_testkit::Backend::Postgres).await).await;
            })+
        }
    };
    (with $start:ident, $($story:ident),+ $(,)?) => {
        crate::support::both_databases!(@ (), super::$start, $($story),+);
    };
    ($($story:ident),+ $(,)?) => {
        crate::support::both_databases!(@ (), shoal_testkit::TestApp::start, $($story),+);
    };
}
pub(crate) use both_databases;

/// As [`both_databases`], with several threads.
macro_rules! in_parallel {
    ($($story:ident),+ $(,)?) => {
        crate::support::both_databases!(
            @ (flavor = "multi_thread", worker_threads = 4), shoal_testkit::TestApp::start, $($story),+
        );
    };
}
pub(crate) use in_parallel;

/// A record's id and version, for what needs them next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub id: String,
    pub version: i64,
}

impl Record {
    /// The record in an answer that selects `id` and `version`.
    #[track_caller]
    pub fn of(json: &Json) -> Self {
        let id = json["id"].as_str().unwrap_or_else(|| panic!("no id: {json}")).to_owned();
        let version = json["version"].as_i64().unwrap_or_else(|| panic!("no version: {json}"));
        Self { id, version }
    }

    /// `RecordVersion`
    pub fn input(&self) -> Json {
        json!({"id": self.id, "expectedVersion": self.version})
    }

    /// The input of an update with these fields.
    pub fn update(&self, fields: &Json) -> Json {
        let mut input = self.input();
        input.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        input
    }
}

/// Runs a mutation with one input, e.g. `accountCreate`: the answer of `selection` under its record's field.
pub async fn change(app: &TestApp, mutation: &str, input: Json, selection: &str) -> Json {
    let data = try_change(app, mutation, input, selection).await.expect_data();
    data[mutation][record_field(mutation)].clone()
}

/// The same, with whatever comes.
pub async fn try_change(
    app: &TestApp,
    mutation: &str,
    input: Json,
    selection: &str,
) -> shoal_testkit::Answer {
    let ty = input_type(mutation);
    let field = record_field(mutation);
    let document =
        format!("mutation($input: {ty}!) {{ {mutation}(input: $input) {{ id {field} {{ {selection} }} }} }}");
    app.graphql(&document, json!({"input": input})).await
}

/// What a mutation of one record refuses, with paths from its input down: `"VALIDATION: name REQUIRED"`.
pub async fn refusal(app: &TestApp, mutation: &str, input: Json) -> String {
    try_change(app, mutation, input, "id").await.refusal().replace(" input.", " ")
}

/// Runs a mutation of many rows, with what became of each and `selection` of the record.
pub async fn change_many(
    app: &TestApp,
    mutation: &str,
    rows: Json,
    selection: &str,
) -> shoal_testkit::Answer {
    let one = mutation.strip_suffix("Many").unwrap();
    let (ty, field) = (input_type(one), record_field(one));
    let document = format!(
        "mutation($rows: [{ty}!]!) {{ {mutation}(input: $rows) {{ results {{
            id {field} {{ {selection} }} error {{ code message fields {{ path code message }} }}
        }} }} }}"
    );
    app.graphql(&document, json!({"rows": rows})).await
}

fn record_field(mutation: &str) -> &'static str {
    let fields = [
        "account",
        "contactRole",
        "contact",
        "interaction",
        "user",
        "team",
        "role",
        "session",
        "apiKey",
        "tenant",
        "import",
        "export",
        "file",
    ];
    let field = fields.into_iter().find(|field| mutation.starts_with(field));
    // The viewer is a user.
    field.unwrap_or("user")
}

fn input_type(mutation: &str) -> String {
    if mutation == "roleDelete" {
        return "RoleDelete".to_owned();
    }
    if ["importCheck", "importStart", "importRevert"].contains(&mutation) {
        return "ImportChoice".to_owned();
    }
    if mutation.starts_with("teamMembers") {
        return "TeamMembers".to_owned();
    }
    if mutation.ends_with("Delete") || mutation.ends_with("Restore") {
        return "RecordVersion".to_owned();
    }
    let (first, rest) = mutation.split_at(1);
    first.to_uppercase() + rest
}

/// An account with this name.
pub async fn account(app: &TestApp, name: &str) -> Record {
    Record::of(&change(app, "accountCreate", json!({"name": name}), "id version").await)
}

/// A contact with these values.
pub async fn contact(app: &TestApp, input: Json) -> Record {
    Record::of(&change(app, "contactCreate", input, "id version").await)
}

/// Strings of one field of the records at `nodes`.
#[track_caller]
pub fn texts(nodes: &Json, field: &str) -> Vec<String> {
    let nodes = nodes.as_array().unwrap_or_else(|| panic!("not a list: {nodes}"));
    nodes.iter().map(|node| node[field].as_str().unwrap_or("null").to_owned()).collect()
}
