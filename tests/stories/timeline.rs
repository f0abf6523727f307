//! One history for each customer, whoever looks.

use serde_json::{Value as Json, json};
use shoal_core::role::EMPLOYEE;
use shoal_testkit::{Backend, SqlLog, TestApp};

use crate::bulk::{execute, literal};
use crate::leaks::seed::{Whose, report, unit};
use crate::plans::plan;
use crate::staff::with_rights;
use crate::support::{Record, account, both_databases, change, change_many, contact, texts, with_property};

both_databases!(
    a_customer_has_one_history,
    changes_that_one_may_not_read_are_not_named,
    interactions_move_with_what_is_said_of_them,
    other_companies_see_nothing,
    pages_are_stable,
    a_long_history_is_read_by_index,
    many_histories_take_few_statements,
);

mod property {
    use super::{a_purged_module_leaves_no_history, what_one_may_not_see_is_masked};
    use crate::support::with_property;

    crate::support::both_databases!(
        with with_property, what_one_may_not_see_is_masked, a_purged_module_leaves_no_history,
    );
}

const ENTRY: &str = "at kind kindTitle masked changed actor { email } record { __typename id }
    source { __typename timelineTitle ... on Interaction { body } }";

/// The entries of a contact, with these arguments of the list.
async fn history(app: &TestApp, contact: &str, arguments: &str) -> Vec<Json> {
    entries(app, contact, arguments, ENTRY).await
}

async fn entries(app: &TestApp, contact: &str, arguments: &str, fields: &str) -> Vec<Json> {
    let arguments = if arguments.is_empty() { "first: 50" } else { arguments };
    let document = format!(
        "query($id: ID!) {{ contact(id: $id) {{ timeline({arguments}) {{ nodes {{ id {fields} }} }} }} }}"
    );
    let data = app.data(&document, json!({"id": contact})).await;
    data["contact"]["timeline"]["nodes"].as_array().unwrap_or_else(|| panic!("{data}")).clone()
}

fn kinds(entries: &[Json]) -> Vec<&str> {
    entries.iter().map(|entry| entry["kind"].as_str().unwrap()).collect()
}

/// A note about a contact, at a time.
pub async fn note(app: &TestApp, contact: &str, at: &str, subject: &str) -> Record {
    let input = json!({"kind": "NOTE", "contactIds": [contact], "at": at, "subject": subject});
    Record::of(&change(app, "interactionCreate", input, "id version").await)
}

async fn a_customer_has_one_history(app: TestApp) {
    let acme = account(&app, "Acme").await;
    let anna = contact(&app, json!({"givenName": "Anna", "accountId": acme.id})).await;
    let renamed = json!({"givenName": "Ann", "tags": ["vip"]});
    let anna = Record::of(&change(&app, "contactUpdate", anna.update(&renamed), "id version").await);
    let gone = change(&app, "contactDelete", anna.input(), "id").await;
    assert_eq!(gone, Json::Null);
    let deleted = Record { version: anna.version + 1, ..anna.clone() };
    change(&app, "contactRestore", deleted.input(), "id").await;
    let call = json!({"kind": "CALL", "contactIds": [anna.id, anna.id], "accountId": acme.id,
        "at": "2026-03-03T10:00:00Z", "subject": "Prices", "body": "Wants a discount"});
    change(&app, "interactionCreate", call, "id").await;
    note(&app, &anna.id, "2026-01-01T00:00:00Z", "Long ago").await;
    let entries = history(&app, &anna.id, "").await;
    let expected =
        ["contacts.call", "core.restored", "core.deleted", "core.updated", "core.created", "contacts.note"];
    assert_eq!(kinds(&entries), expected, "the newest first, by when it was");
    let mut call = entries[0].clone();
    call.as_object_mut().unwrap().shift_remove("id");
    let admin = json!({"email": "admin@company.example"});
    assert_eq!(
        call,
        json!({
            "at": "2026-03-03T10:00:00Z", "kind": "contacts.call", "kindTitle": "Call", "masked": false, "changed": [],
            "actor": admin, "record": {"__typename": "Contact", "id": anna.id},
            "source": {"__typename": "Interaction", "timelineTitle": "Prices", "body": "Wants a discount"},
        })
    );
    assert_eq!(entries[3]["changed"], json!(["displayName", "givenName", "tags"]));
    assert_eq!((&entries[3]["actor"], &entries[3]["source"]), (&admin, &Json::Null));
    assert_eq!(entries[3]["masked"], false, "it tells of the contact itself");
    // The account has its own.
    let data = app.data("{ accounts { nodes { timeline { nodes { kind } totalCount } } } }", json!({})).await;
    let of_account = &data["accounts"]["nodes"][0]["timeline"];
    assert_eq!(
        (texts(&of_account["nodes"], "kind"), &of_account["totalCount"]),
        (vec!["contacts.call".to_owned(), "core.created".to_owned()], &json!(2))
    );
    // Filters and the other order.
    let few = history(
        &app,
        &anna.id,
        "filter: {kind: {in: [\"contacts.note\", \"contacts.call\"]}}, orderBy: {at: ASC}",
    )
    .await;
    assert_eq!(kinds(&few), ["contacts.note", "contacts.call"]);
    let old = history(&app, &anna.id, "filter: {at: {lt: \"2026-02-01T00:00:00Z\"}}").await;
    assert_eq!(kinds(&old), ["contacts.note"]);
    let reader = app.user("ru@company.example", EMPLOYEE).await;
    change(&reader, "viewerUpdate", json!({"language": "ru"}), "id").await;
    assert_eq!(history(&reader, &anna.id, "first: 1").await[0]["kindTitle"], "Звонок");
    let known = reader.data("{ timelineKinds { name title } }", json!({})).await["timelineKinds"].clone();
    assert!(
        known.as_array().unwrap().contains(&json!({"name": "core.updated", "title": "Изменено"})),
        "{known}"
    );
}

async fn changes_that_one_may_not_read_are_not_named(app: TestApp) {
    let anna = contact(&app, json!({"givenName": "Anna"})).await;
    let more = json!({"givenName": "Ann", "emails": [{"address": "a@b.example"}]});
    change(&app, "contactUpdate", anna.update(&more), "id").await;
    let rights = ["contacts.contact.read", "core.timeline.read"];
    let reader = with_rights(&app, "reader", &rights).await;
    let document = "{ contacts { nodes { timeline { nodes { kind changed } } } } }";
    let entries = reader.data(document, json!({})).await["contacts"]["nodes"][0]["timeline"]["nodes"].clone();
    assert_eq!(entries[0], json!({"kind": "core.updated", "changed": ["displayName", "givenName"]}));
    assert_eq!(
        history(&app, &anna.id, "").await[0]["changed"],
        json!(["displayName", "givenName", "emails"])
    );
    // Without the right nothing of it is there.
    let stranger = with_rights(&app, "stranger", &rights[..1]).await;
    assert_eq!(stranger.graphql(document, json!({})).await.code(), "FORBIDDEN");
}

async fn interactions_move_with_what_is_said_of_them(app: TestApp) {
    let [anna, bob] =
        [contact(&app, json!({"givenName": "Anna"})).await, contact(&app, json!({"givenName": "Bob"})).await];
    let acme = account(&app, "Acme").await;
    let about = async |id: &str| -> Vec<String> {
        let entries = history(&app, id, "filter: {kind: {startsWith: \"contacts.\"}}").await;
        entries.iter().map(|entry| entry["at"].as_str().unwrap().to_owned()).collect()
    };
    let one = note(&app, &anna.id, "2026-01-01T00:00:00Z", "One").await;
    let entry = history(&app, &anna.id, "last: 1").await[0]["id"].clone();
    // Other words leave the entry what it is.
    let words = one.update(&json!({"subject": "Two"}));
    let one = Record::of(&change(&app, "interactionUpdate", words, "id version").await);
    assert_eq!(history(&app, &anna.id, "last: 1").await[0]["id"], entry);
    let moved =
        one.update(&json!({"contactIds": [bob.id], "accountId": acme.id, "at": "2026-02-01T00:00:00Z"}));
    let one = Record::of(&change(&app, "interactionUpdate", moved, "id version").await);
    assert_eq!(
        (about(&anna.id).await, about(&bob.id).await),
        (vec![], vec!["2026-02-01T00:00:00Z".to_owned()])
    );
    change(&app, "interactionDelete", one.input(), "id").await;
    assert_eq!(about(&bob.id).await, [""; 0]);
    let deleted = Record { version: one.version + 1, ..one };
    change(&app, "interactionRestore", deleted.input(), "id").await;
    assert_eq!(about(&bob.id).await, ["2026-02-01T00:00:00Z"]);
    assert_eq!(
        history(&app, &bob.id, "first: 1, orderBy: {at: ASC}").await[0]["source"]["timelineTitle"],
        "Two"
    );
}

async fn what_one_may_not_see_is_masked(app: TestApp) {
    app.enable("property").await;
    let own = with_rights(
        &app,
        "own",
        &[
            "contacts.contact.read",
            "contacts.interaction.read:OWN",
            "property.repair.read:OWN",
            "core.timeline.read",
            "core.user.read",
        ],
    )
    .await;
    let none =
        with_rights(&app, "none", &["contacts.contact.read", "core.timeline.read", "core.user.read"]).await;
    let anna = contact(&app, json!({"givenName": "Anna"})).await;
    let flat = unit(&app, "Garden", None).await;
    app.data(
        "mutation { moduleSettingsUpdate(input: {module: \"property\", expectedVersion: 2, settings: {residentsOnly: false}}) { id } }",
        json!({}),
    )
    .await;
    for (number, owner) in [app.user_id(), own.user_id()].into_iter().enumerate() {
        let at = format!("2026-04-0{}T00:00:00Z", number + 1);
        let input =
            json!({"kind": "CHAT", "contactIds": [anna.id], "at": at, "subject": "Secret", "ownerId": owner});
        change(&app, "interactionCreate", input, "id").await;
        report(&app, "Secret", &Whose::new(Some(owner), None), &anna, flat).await;
    }
    let masked = |entry: &Json| {
        assert_eq!(entry["masked"], true);
        let told =
            entry.as_object().unwrap().iter().filter(|(_, value)| !value.is_null() && **value != json!([]));
        told.map(|(name, _)| name.clone()).collect::<Vec<_>>()
    };
    let without_source = &ENTRY[..ENTRY.find("source").unwrap()];
    for (reader, seen, fields) in [(&app, 4, ENTRY), (&own, 2, ENTRY), (&none, 0, without_source)] {
        let entries = entries(reader, &anna.id, "filter: {kind: {notIn: [\"core.created\"]}}", fields).await;
        assert_eq!(
            kinds(&entries),
            ["contacts.chat", "contacts.chat", "property.repair_request", "property.repair_request"],
            "the same history whoever looks"
        );
        let open: Vec<&Json> = entries.iter().filter(|entry| entry["masked"] == false).collect();
        assert_eq!(open.len(), seen);
        for entry in &open {
            assert!(entry["source"]["timelineTitle"].as_str().unwrap().starts_with("Secret"), "{entry}");
            assert_eq!(entry["actor"]["email"], "admin@company.example");
        }
        for entry in entries.iter().filter(|entry| entry["masked"] == true) {
            assert_eq!(masked(entry), ["id", "at", "kind", "kindTitle", "masked", "record"]);
            let by_id =
                format!("query($id: ID!) {{ node(id: $id) {{ ... on TimelineEntry {{ id {fields} }} }} }}");
            assert_eq!(reader.data(&by_id, json!({"id": entry["id"]})).await["node"], *entry);
            // Nothing but the mark is asked for.
            let mark = "query($id: ID!) { node(id: $id) { ... on TimelineEntry { masked actor { id } } } }";
            let told = reader.data(mark, json!({"id": entry["id"]})).await["node"].clone();
            assert_eq!(told, json!({"masked": true, "actor": null}));
        }
    }
    // Who did it cannot be asked for otherwise.
    let by_actor =
        "{ contacts { nodes { timeline(filter: {actor: {email: {eq: \"x\"}}}) { totalCount } } } }";
    assert_eq!(none.graphql(by_actor, json!({})).await.code(), "GRAPHQL_VALIDATION");
    // What a disabled module knows was there all the same.
    app.change_module("property", "DISABLE", json!({})).await;
    let entries = history(&app, &anna.id, "filter: {kind: {startsWith: \"property\"}}").await;
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[0]["kindTitle"], "Repair request");
    assert!(entries.iter().all(|entry| masked(entry).len() == 6), "{entries:?}");
    let known = app.data("{ timelineKinds { name } }", json!({})).await["timelineKinds"].clone();
    assert!(!texts(&known, "name").contains(&"property.repair_request".to_owned()));
    // Whoever may not see the record does not see its history.
    let other = with_rights(&app, "other", &["contacts.contact.read:OWN", "core.timeline.read"]).await;
    let by_id = "query($id: ID!) { node(id: $id) { id } }";
    assert_eq!(other.data(by_id, json!({"id": entries[0]["id"]})).await["node"], Json::Null);
}

async fn a_purged_module_leaves_no_history(app: TestApp) {
    app.enable("property").await;
    let anna = contact(&app, json!({"givenName": "Anna"})).await;
    let flat = unit(&app, "Garden", None).await;
    app.data(
        "mutation { moduleSettingsUpdate(input: {module: \"property\", expectedVersion: 2, settings: {residentsOnly: false}}) { id } }",
        json!({}),
    )
    .await;
    report(&app, "Roof", &Whose::default(), &anna, flat).await;
    app.change_module("property", "DISABLE", json!({})).await;
    app.change_module("property", "PURGE", json!({"confirmation": "property"})).await;
    app.work().await;
    assert_eq!(kinds(&history(&app, &anna.id, "").await), ["core.created"]);
    let other = with_property(app.backend()).await;
    assert_eq!(history(&other, &contact(&other, json!({"givenName": "B"})).await.id, "").await.len(), 1);
}

async fn other_companies_see_nothing(app: TestApp) {
    let anna = contact(&app, json!({"givenName": "Anna"})).await;
    let entry = history(&app, &anna.id, "").await[0]["id"].clone();
    let stranger = app.tenant(2).await;
    let by_id = "query($id: ID!, $entry: ID!) { contact(id: $id) { id } node(id: $entry) { id } }";
    let found = stranger.data(by_id, json!({"id": anna.id, "entry": entry})).await;
    assert_eq!(found, json!({"contact": null, "node": null}));
}

/// Whatever the size of the pages and the direction, and however many entries are of the same instant.
async fn pages_are_stable(app: TestApp) {
    let anna = contact(&app, json!({"givenName": "Anna"})).await;
    let rows: Vec<Json> = (0..23)
        .map(|number| {
            let at = format!("2026-03-02T09:3{}:00Z", [0, 0, 1, 0, 2][number % 5]);
            json!({"kind": if number % 3 == 0 { "CALL" } else { "NOTE" }, "contactIds": [anna.id], "at": at})
        })
        .collect();
    change_many(&app, "interactionCreateMany", json!(rows), "id").await.expect_data();
    let ids = |entries: Vec<Json>| -> Vec<Json> { entries.iter().map(|entry| entry["id"].clone()).collect() };
    for (filter, most) in [("", 24), ("filter: {kind: {eq: \"contacts.note\"}}, ", 15)] {
        let all = ids(history(&app, &anna.id, &format!("{filter}first: 100")).await);
        assert_eq!(all.len(), most);
        for size in [1, 2, 3, 7, 23] {
            for (end, cursor, way) in [("first", "after", "endCursor"), ("last", "before", "startCursor")] {
                let mut read: Vec<Json> = Vec::new();
                let mut at = Json::Null;
                loop {
                    let document = format!(
                        "query($id: ID!, $at: String) {{ contact(id: $id) {{ timeline({filter}{end}: {size}, {cursor}: $at) {{
                            nodes {{ id }} pageInfo {{ {way} hasNextPage hasPreviousPage }} }} }} }}"
                    );
                    let data = app.data(&document, json!({"id": anna.id, "at": at})).await;
                    let page = &data["contact"]["timeline"];
                    let mut nodes = ids(page["nodes"].as_array().unwrap().clone());
                    if end == "last" {
                        nodes.reverse();
                    }
                    read.extend(nodes);
                    at = page["pageInfo"][way].clone();
                    let more = if end == "first" { "hasNextPage" } else { "hasPreviousPage" };
                    if page["pageInfo"][more] == false {
                        break;
                    }
                }
                if end == "last" {
                    read.reverse();
                }
                assert_eq!(read, all, "{filter}{end} {size}");
            }
        }
    }
}

async fn a_long_history_is_read_by_index(app: TestApp) {
    let anna = contact(&app, json!({"givenName": "Anna"})).await;
    let (id, record) = (literal(&app, app.tenant_id()), literal(&app, anna.id.parse().unwrap()));
    let (numbers, entry, minute) = match app.backend() {
        Backend::Postgres => (
            "SELECT generate_series(1, 100000) AS n",
            "('01900000-0000-7000-9009-' || lpad(to_hex(n), 12, '0'))::uuid",
            "e.at - n * interval '1 minute'",
        ),
        Backend::Sqlite => (
            "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 100000) SELECT n FROM s",
            "unhex('01900000000070009009' || printf('%012x', n))",
            "strftime('%Y-%m-%dT%H:%M:%S', e.at, '-' || n || ' minutes') || substr(e.at, 20)",
        ),
    };
    let sql = format!(
        "INSERT INTO core_timeline_entry (tenant_id, id, record_type, record_id, at, kind, source_type, source_id)
         SELECT e.tenant_id, {entry}, e.record_type, e.record_id, {minute},
            CASE WHEN n % 1000 = 0 THEN 'contacts.visit' ELSE 'contacts.note' END, 'Interaction', {entry}
         FROM ({numbers}) AS numbers, core_timeline_entry AS e WHERE e.tenant_id = {id} AND e.record_id = {record}"
    );
    execute(&app, &sql).await;
    execute(&app, "ANALYZE").await;
    let log = SqlLog::start();
    for filter in ["", "filter: {kind: {eq: \"contacts.visit\"}}, "] {
        let mut after = Json::Null;
        for _ in 0..2 {
            log.take();
            let document = format!(
                "query($id: ID!, $after: String) {{ contact(id: $id) {{
                    timeline({filter}first: 20, after: $after) {{ nodes {{ kind }} pageInfo {{ endCursor }} }} }} }}"
            );
            let data = app.data(&document, json!({"id": anna.id, "after": after})).await;
            let page = &data["contact"]["timeline"];
            assert_eq!(page["nodes"].as_array().unwrap().len(), 20);
            after = page["pageInfo"]["endCursor"].clone();
            let read: Vec<String> =
                log.take().into_iter().filter(|sql| sql.contains("core_timeline_entry")).collect();
            let [sql] = read.as_slice() else { panic!("{read:?}") };
            let steps = plan(&app, sql).await;
            let by_index = steps.iter().any(|step| step.contains("core_timeline_entry_"));
            let bad = ["Seq Scan", "Sort", "TEMP B-TREE", "SCAN t"];
            let bad = steps.iter().any(|step| bad.iter().any(|bad| step.contains(bad)));
            assert!(by_index && !bad, "{sql}\n{}", steps.join("\n"));
        }
    }
}

async fn many_histories_take_few_statements(app: TestApp) {
    let rows: Vec<Json> = (0..30).map(|number| json!({"givenName": format!("C{number}")})).collect();
    let made = change_many(&app, "contactCreateMany", json!(rows), "id").await.expect_data();
    let ids = made["contactCreateMany"]["results"].as_array().unwrap().iter().map(|row| row["id"].clone());
    let rows: Vec<Json> =
        ids.map(|id| json!({"kind": "NOTE", "contactIds": [id], "subject": "Hello"})).collect();
    change_many(&app, "interactionCreateMany", json!(rows), "id").await.expect_data();
    let log = SqlLog::start();
    let document =
        format!("{{ contacts(first: 30) {{ nodes {{ timeline(first: 5) {{ nodes {{ {ENTRY} }} }} }} }} }}");
    let data = app.data(&document, json!({})).await;
    let contacts = data["contacts"]["nodes"].as_array().unwrap();
    assert!(
        contacts
            .iter()
            .all(|contact| texts(&contact["timeline"]["nodes"], "kind") == ["contacts.note", "core.created"])
    );
    // Contacts, entries, and of these the records, the sources and the actors.
    let statements = log.take();
    assert_eq!(statements.iter().filter(|sql| sql.starts_with("SELECT")).count(), 5, "{statements:#?}");
}
