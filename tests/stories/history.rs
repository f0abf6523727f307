//! What the audit says of each kind of change, and to whom; and how both databases find what is to be told.

use sea_orm::ConnectionTrait as _;
use serde_json::{Value as Json, json};
use shoal_core::module::Modules;
use shoal_core::outbox;
use shoal_testkit::{Backend, Options, SqlLog, TestApp};

use crate::bulk::execute;
use crate::plans::plan;
use crate::support::{Record, account, both_databases, change, contact};

both_databases!(the_audit_tells_each_change, large_queues_are_read_by_index);

/// `(action, changes)` of a record, oldest first; each entry names the administrator and the request.
async fn audit(app: &TestApp, record: &str) -> Vec<(String, Json)> {
    let query = "query($id: ID!) { auditEntries(orderBy: {id: ASC}, filter: {recordId: {eq: $id}}) { nodes {
        action changes actorKind at requestId user { id } } } }";
    let data = app.data(query, json!({"id": record})).await;
    let nodes = data["auditEntries"]["nodes"].as_array().unwrap();
    let entry = |node: &Json| {
        assert_eq!(node["actorKind"], "USER");
        assert_eq!(node["user"]["id"], json!(app.user_id()));
        assert_eq!(node["at"], "2026-03-02T09:30:00Z");
        assert!(node["requestId"].is_string());
        (node["action"].as_str().unwrap().to_owned(), node["changes"].clone())
    };
    nodes.iter().map(entry).collect()
}

async fn the_audit_tells_each_change(app: TestApp) {
    let firm = account(&app, "Firm").await;
    let one = json!({
        "familyName": "Lee", "jobTitle": "Clerk", "tags": ["a"], "emails": [{"address": "a@b.example"}]
    });
    let one = contact(&app, one).await;
    let renamed = json!({"familyName": "Li", "givenName": "An", "birthday": "1990-01-01"});
    let one = Record::of(&change(&app, "contactUpdate", one.update(&renamed), "id version").await);
    let lists = json!({"tags": ["b"], "emails": []});
    let one = Record::of(&change(&app, "contactUpdate", one.update(&lists), "id version").await);
    change(&app, "contactDelete", one.input(), "id").await;
    let deleted = Record { version: one.version + 1, ..one.clone() };
    let one = Record::of(&change(&app, "contactRestore", deleted.input(), "id version").await);
    let moved = json!({"contactId": one.id, "accountId": firm.id, "role": "EMPLOYEE"});
    let role = change(&app, "contactRoleCreate", moved, "id version").await;
    let told = audit(&app, &one.id).await;
    let codes: Vec<&str> = told.iter().map(|(action, _)| action.as_str()).collect();
    assert_eq!(codes, ["CREATED", "UPDATED", "UPDATED", "DELETED", "RESTORED"], "{told:?}");
    assert_eq!(told[0].1, Json::Null);
    let expected = json!({
        "displayName": ["Lee", "An Li"], "familyName": ["Lee", "Li"], "givenName": [null, "An"],
        "birthday": [null, "1990-01-01"],
    });
    assert_eq!(told[1].1, expected);
    assert_eq!(told[2].1["tags"], json!([[["a"]], [["b"]]]), "{told:?}");
    assert_eq!(told[2].1["emails"][1], json!([]), "{told:?}");
    assert_eq!(told[2].1.as_object().unwrap().len(), 2, "{told:?}");
    assert_eq!((&told[3].1, &told[4].1), (&Json::Null, &Json::Null));
    let of_role = audit(&app, role["id"].as_str().unwrap()).await;
    assert_eq!(of_role, [("CREATED".to_owned(), Json::Null)]);
}

fn modules() -> Modules {
    Modules::new().with(shoal_contacts::Contacts).with(shoal_tests::Witness)
}

/// So many events there are; one in ten could not be told, and one in a thousand is to be told yet.
const EVENTS: u32 = 50_000;

/// Copies an event and its delivery again and again.
async fn fill(app: &TestApp) {
    let (numbers, number_id) = match app.backend() {
        Backend::Postgres => (
            format!("SELECT generate_series(1, {EVENTS}) AS n"),
            "('01900000-0000-7000-a000-' || lpad(to_hex(n), 12, '0'))::uuid",
        ),
        Backend::Sqlite => (
            format!(
                "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {EVENTS}) SELECT n FROM s"
            ),
            "unhex('01900000000070009000' || printf('%012x', n))",
        ),
    };
    let event = "name, payload_version, record_type, payload, at, actor_kind";
    let delivery = "handler, attempts, due_at";
    let state = "CASE WHEN n % 1000 = 0 THEN 'PENDING' ELSE 'DEAD' END";
    for sql in [
        format!(
            "INSERT INTO core_commit (tenant_id, id, last_event, events, number, at)
             SELECT tenant_id, {number_id}, {number_id}, 1, n + 1000000, at
             FROM ({numbers}) AS numbers, (SELECT * FROM core_commit LIMIT 1) AS one"
        ),
        format!(
            "INSERT INTO core_event (tenant_id, id, position, record_id, {event})
             SELECT tenant_id, {number_id}, 0, {number_id}, {event}
             FROM ({numbers}) AS numbers, (SELECT * FROM core_event LIMIT 1) AS one"
        ),
        format!(
            "INSERT INTO core_delivery (tenant_id, id, event_id, number, record_id, state, {delivery})
             SELECT tenant_id, {number_id}, {number_id}, n + 1000000, {number_id}, {state}, {delivery}
             FROM ({numbers}) AS numbers, (SELECT * FROM core_delivery LIMIT 1) AS one WHERE n % 10 = 0"
        ),
        "ANALYZE".to_owned(),
    ] {
        execute(app, &sql).await;
    }
}

async fn large_queues_are_read_by_index(app: TestApp) {
    let app = TestApp::start_with(app.backend(), Options { modules, ..Options::default() }).await;
    let bad = contact(&app, json!({"familyName": "Bad", "jobTitle": "refuse"})).await;
    outbox::dispatcher::number(app.kernel()).await.unwrap();
    fill(&app).await;
    change(&app, "contactUpdate", bad.update(&json!({"givenName": "So"})), "id").await;
    let log = SqlLog::start();
    app.deliver().await;
    app.do_job("core.clean_up").await;
    for company in [None, Some(app.company().id)] {
        let told = outbox::feed::after(app.kernel(), 1_000_100, company, 50).await.unwrap();
        assert_eq!(
            told.iter().map(|told| told.number).collect::<Vec<_>>(),
            (1_000_101..1_000_151).collect::<Vec<_>>()
        );
    }
    let seen = log.take();
    let parts = [
        "WITH RECURSIVE queue",
        "WITH oldest",
        "NOT EXISTS",
        "'BLOCKED'",
        "FROM core_commit WHERE tenant_id",
    ];
    for part in parts {
        assert!(seen.iter().any(|sql| sql.contains(part)), "{part}");
    }
    let outbox = |sql: &&String| {
        ["core_commit", "core_event", "core_delivery"].iter().any(|table| sql.contains(table))
    };
    let mut known = std::collections::BTreeSet::new();
    for sql in seen.iter().filter(outbox).filter(|sql| known.insert((*sql).clone())) {
        let steps = plan(&app, sql).await;
        let bad: Vec<&String> = steps.iter().filter(|step| reads_all(app.backend(), step)).collect();
        assert!(bad.is_empty(), "{bad:?}\n{sql}\n{}", steps.join("\n"));
    }
    assert!(known.len() > 6, "{known:?}");
    let left = app.database().writer().execute_unprepared("DELETE FROM core_delivery").await.unwrap();
    assert_eq!(
        left.rows_affected(),
        u64::from(EVENTS / 10 - EVENTS / 1000 + 2),
        "the dead ones, and those about the bad contact"
    );
}

/// Whether a step reads a whole table. What has no number yet and what is pending are indexes of their own.
fn reads_all(backend: Backend, step: &str) -> bool {
    match backend {
        Backend::Postgres => step.contains("Seq Scan on core_"),
        Backend::Sqlite => {
            let table = ["core_commit", "core_event", "core_delivery", "c", "d", "e", "b", "n"];
            let scanned = step.trim().strip_prefix("SCAN ").and_then(|rest| rest.split(' ').next());
            let partial = ["core_commit_unnumbered", "core_commit_number", "core_delivery_next"];
            let reads = scanned.is_some_and(|name| table.contains(&name))
                && !partial.iter().any(|index| step.contains(index));
            reads || step.contains("AUTOMATIC") || step.contains("TEMP B-TREE FOR ORDER BY")
        }
    }
}
