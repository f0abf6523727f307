//! Search terms are what a rebuild makes, whatever happens.

use futures::future::{join, join_all};
use serde_json::json;
use shoal_core::RequestContext;
use shoal_testkit::{Program, TestApp};
use uuid::Uuid;

use crate::bulk::{execute, literal};
use crate::catalogue::rows;
use crate::search::{found, hits, people};
use crate::support::{Record, both_databases, change, contact, try_change};

both_databases!(
    terms_are_as_if_they_were_made_anew,
    a_rebuild_and_32_writers,
    a_rebuild_sweeps_what_is_of_nothing,
    the_command_line_makes_terms_anew,
    nothing_is_left_of_a_purged_module,
);

const VERSION: &str =
    "query($id: ID!) { contacts(filter: {id: {eq: $id}}, deleted: INCLUDE) { nodes { id version } } }";

/// All terms of the company.
async fn terms(app: &TestApp) -> Vec<String> {
    let tenant = literal(app, app.tenant_id());
    let sql = format!(
        "SELECT token, rank, record_id, field, source FROM core_term WHERE tenant_id = {tenant} ORDER BY 1, 2, 3, 4, 5"
    );
    let row = |row: &sea_orm::QueryResult| {
        let id: Uuid = row.try_get_by_index(2).unwrap();
        let text: String = row.try_get_by_index(0).unwrap();
        let (rank, field): (i32, i32) = (row.try_get_by_index(1).unwrap(), row.try_get_by_index(3).unwrap());
        format!("{text} {rank} {id} {field} {}", row.try_get_by_index::<i64>(4).unwrap())
    };
    rows(app, &sql).await.iter().map(row).collect()
}

async fn forget_terms(app: &TestApp) {
    execute(app, &format!("DELETE FROM core_term WHERE tenant_id = {}", literal(app, app.tenant_id()))).await;
    assert_eq!(terms(app).await, [""; 0]);
}

async fn rebuild(app: &TestApp) {
    let context = RequestContext::system(app.kernel(), app.company());
    let mut at = shoal_core::search::rebuild(&context, None).await.unwrap();
    while at.is_some() {
        at = shoal_core::search::rebuild(&context, at).await.unwrap();
    }
}

/// Random changes of random contacts: the terms are those of a rebuild, and of one of an empty table.
async fn terms_are_as_if_they_were_made_anew(app: TestApp) {
    let mut state = 42_u64;
    let mut random = |end: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % end
    };
    let names = ["Anna", "张", "三丰", "Иванов", "Müller-Lüdenscheidt", "O'Brien", "Li", "欧阳"];
    let mails = ["anna@one.example", "lee@one.example", "li.san@two.example"];
    let numbers = ["+8613800138000", "+491711234567", "12345"];
    let mut known: Vec<(Record, bool)> = Vec::new();
    for _ in 0..60 {
        let mut fields = json!({"givenName": names[random(8)], "familyName": names[random(8)]});
        if random(2) == 0 {
            let emails = (0..random(3)).map(|_| json!({"address": mails[random(3)]}));
            fields["emails"] = emails.collect();
        }
        if random(2) == 0 {
            fields["phones"] = json!([{"number": numbers[random(3)], "country": "US"}]);
        }
        let position = random(known.len() + 1);
        match known.get(position).cloned() {
            None => known.push((contact(&app, fields).await, false)),
            Some((record, deleted)) => {
                let (mutation, input) = match (deleted, random(3)) {
                    (true, _) => ("contactRestore", record.input()),
                    (false, 0) => ("contactDelete", record.input()),
                    (false, _) => ("contactUpdate", record.update(&fields)),
                };
                change(&app, mutation, input, "id").await;
                let record =
                    app.data(VERSION, json!({"id": record.id})).await["contacts"]["nodes"][0].clone();
                known[position] = (Record::of(&record), mutation == "contactDelete");
            }
        }
    }
    let written = terms(&app).await;
    assert!(written.len() > 100, "{}", written.len());
    rebuild(&app).await;
    assert_eq!(terms(&app).await, written);
    forget_terms(&app).await;
    rebuild(&app).await;
    assert_eq!(terms(&app).await, written);
}

/// Writers create, change, delete and restore while terms are made anew, again and again.
async fn a_rebuild_and_32_writers(app: TestApp) {
    people(&app).await;
    let writer = async |number: usize| {
        let email = |name: &str| json!([{"address": format!("{name}{number}@example.com")}]);
        let fields = json!({"displayName": format!("Anna Writer {number}"), "emails": email("anna")});
        let one = contact(&app, fields).await;
        let fields = json!({"displayName": format!("欧阳 {number}"), "emails": email("ouyang")});
        let one = Record::of(&change(&app, "contactUpdate", one.update(&fields), "id version").await);
        if number.is_multiple_of(3) {
            change(&app, "contactDelete", one.input(), "id").await;
        }
    };
    // The rows that are there already are changed by all: one is first each time.
    let known = app.data("{ contacts { nodes { id version } } }", json!({})).await;
    let known: Vec<Record> = known["contacts"]["nodes"].as_array().unwrap().iter().map(Record::of).collect();
    let rival = async |number: usize| {
        let fields = json!({"displayName": format!("Rival {number}")});
        try_change(&app, "contactUpdate", known[number % known.len()].update(&fields), "id").await;
    };
    let writers = join(join_all((0..32).map(writer)), join_all((0..32).map(rival)));
    let rebuilds = async {
        for _ in 0..5 {
            rebuild(&app).await;
        }
    };
    join(writers, rebuilds).await;
    let written = terms(&app).await;
    forget_terms(&app).await;
    rebuild(&app).await;
    assert_eq!(terms(&app).await, written);
    assert_eq!(hits(&app, "ouyang").await.len(), 21);
    assert_eq!(found(&app, "rival").await.len(), 5);
}

async fn a_rebuild_sweeps_what_is_of_nothing(app: TestApp) {
    people(&app).await;
    let other = app.tenant(2).await;
    people(&other).await;
    let (written, of_other) = (terms(&app).await, terms(&other).await);
    let tenant = literal(&app, app.tenant_id());
    for (record, source) in
        [(literal(&app, Uuid::nil()), "0"), (literal(&app, Uuid::max()), "0"), ("record_id".to_owned(), "7")]
    {
        let sql = format!(
            "INSERT INTO core_term (tenant_id, rank, token, record_id, field, source)
             SELECT DISTINCT tenant_id, rank, token, {record}, field, {source} FROM core_term WHERE tenant_id = {tenant} AND source <> 7"
        );
        execute(&app, &sql).await;
    }
    assert!(terms(&app).await.len() > 2 * written.len());
    rebuild(&app).await;
    assert_eq!(terms(&app).await, written);
    assert_eq!(terms(&other).await, of_other);
}

async fn the_command_line_makes_terms_anew(app: TestApp) {
    people(&app).await;
    let other = app.tenant(2).await;
    people(&other).await;
    let (written, of_other) = (terms(&app).await, terms(&other).await);
    let run = |arguments: &[&str]| {
        let output = Program::new(app.database_url(), [&["search", "rebuild"], arguments].concat()).output();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    forget_terms(&app).await;
    forget_terms(&other).await;
    assert_eq!(found(&app, "smith").await, [""; 0]);
    let said = run(&["--tenant", &app.company().slug, "--json"]);
    assert!(said.contains(&app.company().slug), "{said}");
    assert_eq!((terms(&app).await, terms(&other).await), (written.clone(), Vec::new()));
    run(&[]);
    assert_eq!((terms(&app).await, terms(&other).await), (written, of_other));
    assert_eq!(found(&app, "smith").await, ["Anna Smith"]);
}

async fn nothing_is_left_of_a_purged_module(app: TestApp) {
    people(&app).await;
    assert!(!terms(&app).await.is_empty());
    app.change_module("contacts", "DISABLE", json!({})).await;
    let answer = app.data("{ search(query: \"smith\") { id } }", json!({})).await;
    assert_eq!(answer["search"], json!([]), "of a module that is not there nothing is found");
    app.change_module("contacts", "PURGE", json!({"confirmation": "contacts"})).await;
    app.work().await;
    assert_eq!(terms(&app).await, [""; 0]);
}
