//! Many clients at once: somebody wins, nobody breaks a rule, and nothing is an internal error.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use futures::future::join_all;
use serde_json::{Value as Json, json};
use shoal_testkit::{Answer, TestApp};
use tokio::sync::Notify;

use crate::support::{Record, account, change, change_many, contact, in_parallel, texts, try_change};

in_parallel!(
    one_of_many_updates_wins,
    either_the_update_or_the_deletion_wins,
    one_external_id_makes_one_record,
    one_name_makes_one_tag,
    no_cycle_by_two_at_once,
    no_ring_by_three_at_once,
    one_primary_role_of_many,
    one_account_of_many,
    batches_in_opposite_order_do_not_block_each_other,
    roles_and_contacts_do_not_block_each_other,
    paging_while_others_write,
);

/// `"ok"`, or the code of the error.
fn outcome(answer: &Answer) -> String {
    if answer.errors().is_empty() { "ok".to_owned() } else { answer.code().to_owned() }
}

/// Sends all inputs at once: how often each outcome came.
async fn race(app: &TestApp, mutation: &str, inputs: Vec<Json>) -> Vec<(String, usize)> {
    let answers = join_all(inputs.into_iter().map(|input| try_change(app, mutation, input, "id"))).await;
    let mut outcomes: Vec<String> = answers.iter().map(outcome).collect();
    outcomes.sort();
    outcomes.chunk_by(|one, other| one == other).map(|same| (same[0].clone(), same.len())).collect()
}

fn times(outcomes: &[(&str, usize)]) -> Vec<(String, usize)> {
    outcomes.iter().map(|(outcome, count)| ((*outcome).to_owned(), *count)).collect()
}

async fn one_of_many_updates_wins(app: TestApp) {
    let one = account(&app, "A").await;
    let inputs = (0..16).map(|number| one.update(&json!({"name": format!("B{number}")}))).collect();
    assert_eq!(race(&app, "accountUpdate", inputs).await, times(&[("CONFLICT", 15), ("ok", 1)]));
    let data = app.data("{ accounts { nodes { version } } }", json!({})).await;
    assert_eq!(data["accounts"]["nodes"], json!([{"version": 2}]));
}

async fn either_the_update_or_the_deletion_wins(app: TestApp) {
    for _ in 0..8 {
        let one = contact(&app, json!({"givenName": "A"})).await;
        let update = try_change(&app, "contactUpdate", one.update(&json!({"givenName": "B"})), "id");
        let delete = try_change(&app, "contactDelete", one.input(), "id");
        let (update, delete) = tokio::join!(update, delete);
        let outcomes = (outcome(&update), outcome(&delete));
        let fine = [("ok", "CONFLICT"), ("NOT_FOUND", "ok")];
        assert!(fine.contains(&(outcomes.0.as_str(), outcomes.1.as_str())), "{outcomes:?}");
    }
}

async fn one_external_id_makes_one_record(app: TestApp) {
    let input = |number: usize| json!({"externalId": {"system": "erp", "key": "1"}, "name": format!("A{}", number % 4), "tags": ["t"]});
    assert_eq!(race(&app, "accountUpsert", (0..12).map(input).collect()).await, times(&[("ok", 12)]));
    let data = app.data("{ accounts { totalCount } tags { totalCount } }", json!({})).await;
    assert_eq!(data, json!({"accounts": {"totalCount": 1}, "tags": {"totalCount": 1}}));
    let row = |number: usize| json!({"name": "B", "externalIds": [{"system": "erp", "key": "2"}], "employees": number});
    assert_eq!(
        race(&app, "accountCreate", (0..6).map(row).collect()).await,
        times(&[("DUPLICATE", 5), ("ok", 1)])
    );
}

async fn one_name_makes_one_tag(app: TestApp) {
    let input = |number: usize| {
        let mut tags = vec!["Fish", "fish ", "Ship", "Port", "Sea"];
        tags.rotate_left(number % 5);
        json!({"givenName": "A", "tags": tags})
    };
    assert_eq!(race(&app, "contactCreate", (0..12).map(input).collect()).await, times(&[("ok", 12)]));
    let data = app.data("{ tags { nodes { contacts { totalCount } } } }", json!({})).await;
    assert_eq!(data["tags"]["nodes"], json!(vec![json!({"contacts": {"totalCount": 12}}); 4]));
}

async fn no_cycle_by_two_at_once(app: TestApp) {
    for _ in 0..10 {
        let (a, b) = (account(&app, "A").await, account(&app, "B").await);
        let inputs = vec![a.update(&json!({"parentId": b.id})), b.update(&json!({"parentId": a.id}))];
        assert_eq!(race(&app, "accountUpdate", inputs).await, times(&[("VALIDATION", 1), ("ok", 1)]));
    }
}

async fn no_ring_by_three_at_once(app: TestApp) {
    for _ in 0..6 {
        let (a, b, c) = (account(&app, "A").await, account(&app, "B").await, account(&app, "C").await);
        let under = |child: &Record, parent: &Record| child.update(&json!({"parentId": parent.id}));
        let outcomes = race(&app, "accountUpdate", vec![under(&a, &b), under(&b, &c), under(&c, &a)]).await;
        assert_eq!(outcomes, times(&[("VALIDATION", 1), ("ok", 2)]));
    }
}

async fn one_primary_role_of_many(app: TestApp) {
    let (company, one) = (account(&app, "A").await, contact(&app, json!({"givenName": "A"})).await);
    let input = json!({"contactId": one.id, "accountId": company.id, "role": "USER", "isPrimary": true});
    assert_eq!(race(&app, "contactRoleCreate", vec![input; 8]).await, times(&[("VALIDATION", 7), ("ok", 1)]));
}

async fn one_account_of_many(app: TestApp) {
    let one = contact(&app, json!({"givenName": "A"})).await;
    let mut inputs = Vec::new();
    for number in 0..8 {
        let company = account(&app, &format!("A{number}")).await;
        inputs.push(one.update(&json!({"accountId": company.id})));
    }
    assert_eq!(race(&app, "contactUpdate", inputs).await, times(&[("CONFLICT", 7), ("ok", 1)]));
    let data =
        app.data("{ contacts { nodes { version roles { totalCount } account { id } } } }", json!({})).await;
    let node = &data["contacts"]["nodes"][0];
    assert_eq!((&node["version"], &node["roles"]["totalCount"]), (&json!(2), &json!(1)));
}

async fn batches_in_opposite_order_do_not_block_each_other(app: TestApp) {
    let rows: Vec<Json> = (0..60).map(|number| json!({"name": format!("A{number}")})).collect();
    let created = change_many(&app, "accountCreateMany", json!(rows), "id version").await;
    let results = created.data()["accountCreateMany"]["results"].as_array().unwrap().clone();
    let records: Vec<Record> = results.iter().map(|result| Record::of(&result["account"])).collect();
    let batch = |number: u32| {
        let mut rows: Vec<Json> = records
            .iter()
            .map(|record| record.update(&json!({"employees": number, "tags": ["x", "y"]})))
            .collect();
        if number.is_multiple_of(2) {
            rows.reverse();
        }
        rows
    };
    let answers =
        join_all((0..6).map(|number| change_many(&app, "accountUpdateMany", json!(batch(number)), "id")))
            .await;
    let mut done = 0;
    for answer in answers {
        let rows = answer.rows("accountUpdateMany");
        assert!(rows.iter().all(|row| row == "ok" || row.starts_with("CONFLICT")), "{rows:?}");
        done += rows.iter().filter(|row| *row == "ok").count();
    }
    assert_eq!(done, 60, "each record is changed by exactly one batch");
}

async fn roles_and_contacts_do_not_block_each_other(app: TestApp) {
    let (a, b) = (account(&app, "A").await, account(&app, "B").await);
    let one = contact(&app, json!({"givenName": "A", "accountId": a.id})).await;
    let data = app.data("{ contactRoles { nodes { id version } } }", json!({})).await;
    let role = Record::of(&data["contactRoles"]["nodes"][0]);
    for round in 0..10 {
        // Whoever comes first: each is refused by its version at worst.
        let target = if round % 2 == 0 { &b } else { &a };
        let moved = try_change(&app, "contactUpdate", one.update(&json!({"accountId": target.id})), "id");
        let changed = try_change(&app, "contactRoleUpdate", role.update(&json!({"role": "BUYER"})), "id");
        let also = json!({"contactId": one.id, "accountId": b.id, "role": "PAYER"});
        let added = try_change(&app, "contactRoleCreate", also, "id");
        let (moved, changed, added) = tokio::join!(moved, changed, added);
        for answer in [moved, changed, added] {
            assert!(["ok", "CONFLICT", "NOT_FOUND"].contains(&outcome(&answer).as_str()), "{answer}");
        }
    }
}

/// Who is there all the time is on exactly one page, and nobody is on two, whoever comes and goes meanwhile.
async fn paging_while_others_write(app: TestApp) {
    // Three of each name: the pages also end between people of the same name.
    let people = |numbers: Range<usize>| -> Vec<Json> {
        numbers.map(|number| json!({"displayName": name(number / 3)})).collect()
    };
    let (mut staying, mut leaving) = (Vec::new(), [Vec::new(), Vec::new()]);
    for start in [0, 1_000] {
        for (number, one) in create(&app, people(start..start + 1_000)).await.into_iter().enumerate() {
            match number % 10 {
                writer @ 0..2 => leaving[writer].push(one),
                _ => staying.push(one.id),
            }
        }
    }
    let (written, walked) = (Notify::new(), AtomicBool::new(false));
    let write = |mut leaving: Vec<Record>| {
        let (app, written, walked) = (&app, &written, &walked);
        async move {
            // Each place is far from the one before, and soon every part of the list was met.
            let places = (0..).map(|step: usize| step * 387);
            for place in places.take_while(|_| !walked.load(Relaxed)) {
                let names = [0, 150, 300, 450].map(|further| name((place + further) % 667));
                let rows = names.iter().map(|name| json!({"displayName": name})).collect();
                let mut gone = create(app, rows).await.split_off(2);
                if !leaving.is_empty() {
                    gone.push(leaving.swap_remove(place % leaving.len()));
                }
                let gone: Vec<Json> = gone.iter().map(Record::input).collect();
                let deleted = change_many(app, "contactDeleteMany", json!(gone), "id").await;
                assert!(deleted.rows("contactDeleteMany").iter().all(|row| row == "ok"), "{deleted}");
                written.notify_waiters();
            }
        }
    };
    let read = async {
        for page in ["first: 20, after", "last: 20, before"] {
            let mut seen = walk(&app, page, &written).await;
            if page.starts_with("last") {
                seen.reverse();
            }
            // By name and then by id, without end: nobody comes a second time.
            assert!(seen.is_sorted_by(|one, next| one < next), "{page}");
            let seen: HashSet<String> = seen.into_iter().map(|(_, id)| id).collect();
            let missing = staying.iter().filter(|id| !seen.contains(*id)).count();
            assert_eq!(missing, 0, "{page}");
        }
        walked.store(true, Relaxed);
    };
    let [first, second] = leaving;
    tokio::join!(read, write(first), write(second));
}

fn name(number: usize) -> String {
    format!("K{number:04}")
}

/// Contacts with these inputs.
async fn create(app: &TestApp, rows: Vec<Json>) -> Vec<Record> {
    let created = change_many(app, "contactCreateMany", json!(rows), "id version").await;
    let results = created.data()["contactCreateMany"]["results"].as_array().unwrap();
    results.iter().map(|result| Record::of(&result["contact"])).collect()
}

/// Names and ids in the order in which the pages show them. At every fourth page it waits for the next write to end, so
/// that the writes are in the midst of it however busy the machine is.
async fn walk(app: &TestApp, page: &str, written: &Notify) -> Vec<(String, String)> {
    let query = format!(
        "query($at: String) {{ contacts({page}: $at, orderBy: {{displayName: ASC}}) {{
            nodes {{ displayName id }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }}
        }} }}"
    );
    let forwards = page.starts_with("first");
    let (more, cursor) =
        if forwards { ("hasNextPage", "endCursor") } else { ("hasPreviousPage", "startCursor") };
    let (mut seen, mut at) = (Vec::new(), Json::Null);
    for number in 1.. {
        if number % 4 == 0 {
            written.notified().await;
        }
        let data = app.data(&query, json!({"at": at})).await;
        let page = &data["contacts"];
        let names = texts(&page["nodes"], "displayName");
        let mut people: Vec<_> = names.into_iter().zip(texts(&page["nodes"], "id")).collect();
        if !forwards {
            people.reverse();
        }
        seen.extend(people);
        if page["pageInfo"][more] != true {
            break;
        }
        at = page["pageInfo"][cursor].clone();
    }
    seen
}

/// The oldest trick: change the same record again and again, each time by what was just read.
#[tokio::test(flavor = "multi_thread")]
async fn counting_up_loses_nothing() {
    for backend in shoal_testkit::Backend::ALL {
        let app = TestApp::start(backend).await;
        let one = change(&app, "accountCreate", json!({"name": "A", "employees": 0}), "id version").await;
        let id = one["id"].as_str().unwrap();
        let client = || async {
            for _ in 0..5 {
                loop {
                    let data = app
                        .data(
                            "query($id: ID!) { account(id: $id) { id version employees } }",
                            json!({"id": id}),
                        )
                        .await;
                    let read = &data["account"];
                    let more = Record::of(read)
                        .update(&json!({"employees": read["employees"].as_i64().unwrap() + 1}));
                    if outcome(&try_change(&app, "accountUpdate", more, "id").await) == "ok" {
                        break;
                    }
                }
            }
        };
        join_all((0..6).map(|_| client())).await;
        let data =
            app.data("query($id: ID!) { account(id: $id) { version employees } }", json!({"id": id})).await;
        assert_eq!(data["account"], json!({"version": 31, "employees": 30}), "{backend}");
    }
}
