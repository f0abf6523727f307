//! What operations cost, before they run.

use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value as Json, json};
use shoal_graphql::context::Context;
use shoal_graphql::engine::{Engine, Limits};
use shoal_graphql::request::{Outcome, Request, Response};

use crate::common::data::{BOOK, TAG, id};
use crate::common::world::World;
use crate::common::{Backend, Library, TEXT, runner, runtime, stored};
use crate::oracle::{FRAGMENTS, selection, type_of};
use crate::values::desk;

fn request(query: &str, variables: &Json) -> Request {
    let variables = variables.as_object().cloned();
    Request { query: query.to_owned(), variables, with_cost: true, ..Request::default() }
}

async fn answer(library: &Library, query: &str, variables: &Json) -> (Response, Json) {
    let response = library.execute(&request(query, variables)).await;
    let body = serde_json::from_slice(&response.body).expect("JSON");
    (response, body)
}

async fn cost(library: &Library, query: &str, variables: &Json) -> u64 {
    let (response, body) = answer(library, query, variables).await;
    assert_eq!(response.outcome, Outcome::Executed, "{query}: {body}");
    let limit = Limits::default().cost;
    let told = json!({"requested": response.cost, "limit": limit, "actual": response.spent});
    assert!(response.spent <= response.cost, "{query}: {body}");
    assert_eq!(body["extensions"]["cost"].to_string(), told.to_string(), "{query}");
    response.cost
}

const BY_NUMBER: &str =
    "query($n: Int) { books(first: $n) { nodes { tags(first: $n) { nodes { name } } } } }";

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
async fn costs_of_all_kinds() {
    let library = desk::filled(Backend::Sqlite).await;
    let cases = [
        ("{ __typename }", 0),
        ("{ __schema { queryType { name } } a: __type(name: \"Book\") { name } }", 20),
        // A statement and a record.
        ("{ book(id: ID) { title } }", 2),
        ("{ book(id: ID) { title author { name } tags { totalCount } } }", 5),
        ("{ shelves { __typename pageInfo { __typename } } }", 0),
        ("{ shelves { totalCount } }", 1),
        ("{ shelves { nodes { code } } }", 21),
        ("{ shelves { totalCount nodes { code } edges { cursor } pageInfo { hasNextPage } } }", 22),
        ("{ shelves(first: 0) { nodes { code } } }", 1),
        ("{ shelves(last: 7) { nodes { code } } }", 8),
        ("{ a: shelves(first: 2) { nodes { code } } b: shelves(first: 3) { nodes { code } } }", 7),
        // Refused when it comes to it: counted as the most that is not.
        ("{ shelves(first: 2000000000) { nodes { code } } }", 1_001),
        ("{ shelves(first: -5) { nodes { code } } }", 1),
        // Relations: to one as many as the parents, to many so many for each.
        ("{ books(first: 10) { nodes { author { name } } } }", 22),
        ("{ books(first: 10) { nodes { a: author { name } b: author { born } } } }", 22),
        ("{ books(first: 10) { nodes { keeper { name } } } }", 22),
        ("{ books(first: 10) { nodes { tags { nodes { name } } } } }", 212),
        (
            "{ books(first: 10) { nodes { tags(first: 3) { totalCount nodes { books(first: 2) { nodes { id } } } } } } }",
            104,
        ),
        ("{ authors(first: 10) { nodes { awards { title } } } }", 1_012),
        ("{ authors(first: 10) { nodes { awards(first: 5) { title } } } }", 62),
        // Any record: a statement for each type, below it the type that costs most, but all its statements.
        ("{ notes(first: 10) { nodes { subject { name } } } }", 24),
        (
            "{ notes(first: 10) { nodes { item { ... on Book { author { name } } ... on Tag { books(first: 4) { nodes { id } } } } } } }",
            11 + 12 + 2 + 40,
        ),
        ("{ node(id: ID) { id } }", 3),
        (
            "{ node(id: ID) { ... on Book { author { name } } ... on Shelf { books(first: 9) { nodes { id } } } } }",
            13,
        ),
        ("{ booksAggregate { count } }", 10),
        (
            "{ booksAggregate { count sum { pages price { amount } } max { price { amount } cost { amount } } } }",
            12,
        ),
        // What a query declares, and references to records.
        ("{ today greeting(name: \"x\") }", 2),
        ("{ reports { title } }", 10),
        ("{ report(name: \"x\") { author { name } } }", 3),
        ("{ report(name: \"x\") { a: author { name } b: author { born awards(first: 2) { title } } } }", 6),
        ("{ reports { books { title } } }", 111),
        ("{ reports { parts { parts { book { author { name } } } } } }", 10 + 101 + 101),
        ("{ favourite { name } writers(ids: []) { name } }", 3 + 1 + 101),
        ("mutation { tagCreate(input: {name: \"x\"}) { id } }", 11),
        ("mutation { tagCreate(input: {name: \"x\"}) { tag { name } } }", 13),
        ("mutation { tagCreateMany(input: []) { results { id } } }", 10),
        (
            "mutation { tagCreateMany(input: [{name: \"x\"}, {name: \"y\"}]) { results { tag { books(first: 3) { nodes { id } } } } } }",
            10 + 2 + 3 + 7,
        ),
        ("mutation { tagKeyCreate(input: {id: ID, how: \"x\"}) { key { secret shelf { code } } } }", 13),
    ];
    for (query, expected) in cases {
        let query = query.replace("ID)", "\"00000000-0000-0000-0000-000000000301\")");
        let query = query.replace("id: ID,", "id: \"00000000-0000-0000-0000-000000000401\",");
        assert_eq!(cost(&library, &query, &Json::Null).await, expected, "{query}");
    }
}

#[tokio::test]
async fn variables_count() {
    let library = Library::filled(Backend::Sqlite).await;
    let cases = [(json!({}), 1 + 20 + 1 + 400), (json!({"n": null}), 422), (json!({"n": 3}), 1 + 3 + 1 + 9)];
    for (variables, expected) in cases {
        assert_eq!(cost(&library, BY_NUMBER, &variables).await, expected, "{variables}");
    }
    let many = "mutation($r: [TagCreate!]!, $t: TagCreate!) { a: tagCreateMany(input: $r) { results { id } }
        b: tagCreateMany(input: [$t, $t]) { results { id } } c: tagCreateMany(input: {name: \"z\"}) { results { id } } }";
    let row = json!({"name": "x"});
    let variables = json!({"r": [row, row, row], "t": row});
    assert_eq!(cost(&library, many, &variables).await, 13 + 12 + 11);
    let rows = vec![row.clone(); 1001];
    let (response, body) = answer(&library, many, &json!({"r": rows, "t": row})).await;
    assert_eq!((response.cost, &body["data"]["a"]), (1_010 + 12 + 11, &Json::Null));
}

#[tokio::test]
async fn what_costs_too_much_does_not_run() {
    for backend in Backend::ALL {
        let limits = Limits { cost: 422, ..Limits::default() };
        let library = Library::with_limits(backend, limits).await;
        let (response, body) = answer(&library, BY_NUMBER, &json!({})).await;
        assert_eq!((response.outcome, response.cost), (Outcome::Executed, 422), "{backend}: {body}");
        let (response, body) = answer(&library, BY_NUMBER, &json!({"n": 21})).await;
        let expected = "{\"errors\":[{\"message\":\"the operation has cost 464; at most 422 are allowed\",\
             \"extensions\":{\"code\":\"LIMIT_EXCEEDED\"}}],\"extensions\":{\"cost\":{\"requested\":464,\"limit\":422}}}";
        assert_eq!(String::from_utf8_lossy(&response.body), expected, "{backend}");
        assert_eq!((response.outcome, response.cost), (Outcome::Refused, 464), "{backend}: {body}");
        assert_eq!((response.statements, response.errors), (0, 1), "{backend}");
        // Nothing was spent on it.
        assert_eq!(library.context.allowance.lock().expect("no panic").1, [422], "{backend}");
        let rows = vec![json!({"name": "x"}); 413];
        let many = "mutation($r: [TagCreate!]!) { tagCreateMany(input: $r) { results { id } } }";
        let (_, body) = answer(&library, many, &json!({ "r": rows })).await;
        assert_eq!(body["errors"][0]["extensions"]["code"], "LIMIT_EXCEEDED", "{backend}: {body}");
        assert_eq!(
            library.data("{ tags { totalCount } }", json!({})).await,
            json!({"tags": {"totalCount": 0}})
        );
    }
}

#[tokio::test]
async fn an_allowance_is_spent_before_anything_runs() {
    for backend in Backend::ALL {
        let library = Library::filled(backend).await;
        library.context.allowance.lock().expect("no panic").0 = Some(30);
        let query = "mutation { a: tagCreate(input: {name: \"x\"}) { id } b: tagCreate(input: {name: \"y\"}) { id } }";
        let (response, body) = answer(&library, query, &Json::Null).await;
        assert_eq!((response.outcome, response.cost), (Outcome::Executed, 22), "{backend}: {body}");
        let told = json!({"requested": 22, "limit": 1_000_000, "actual": 22, "remaining": 8});
        assert_eq!(body["extensions"]["cost"], told, "{backend}");
        assert_eq!(response.allowance.map(|allowance| allowance.remaining), Some(8));
        let (response, _) = answer(&library, query, &Json::Null).await;
        let expected = "{\"errors\":[{\"message\":\"you have asked for much in a short time; try again in 9 s\",\
             \"extensions\":{\"code\":\"RATE_LIMITED\",\"retryAfter\":9}}],\
             \"extensions\":{\"cost\":{\"requested\":22,\"limit\":1000000,\"remaining\":8}}}";
        assert_eq!(String::from_utf8_lossy(&response.body), expected, "{backend}");
        let limited = Outcome::RateLimited { retry_after: Some(9) };
        assert_eq!((response.outcome, response.statements, response.errors), (limited, 0, 1));
        let (_, body) = answer(&library, "{ tags { totalCount } }", &Json::Null).await;
        assert_eq!(body["data"], json!({"tags": {"totalCount": 5}}), "{backend}");
        // What is refused for another reason costs nothing.
        let (response, body) = answer(&library, "{ nothing }", &Json::Null).await;
        assert_eq!((response.cost, body.get("extensions")), (0, None), "{backend}");
        assert_eq!(
            response.allowance.map(|allowance| allowance.remaining),
            Some(7),
            "{backend}: told anyhow"
        );
        assert_eq!(library.context.allowance.lock().expect("no panic").1, [22, 22, 1], "{backend}");
    }
}

#[tokio::test]
async fn what_was_not_read_is_given_back() {
    for backend in Backend::ALL {
        let library = Library::filled(backend).await;
        let left = || library.context.allowance.lock().expect("no panic").0;
        // There are three tags. What does not depend on what is there is not given back.
        for (query, requested, actual) in [
            ("{ tags(first: 50) { nodes { name } } }", 51, 4),
            ("{ tags(first: 5) { nodes { name } } }", 6, 4),
            ("{ tags(first: 2) { nodes { name } } }", 3, 3),
            ("{ book(id: \"00000000-0000-0000-0000-00000000ffff\") { title author { name } } }", 4, 1),
            ("{ booksAggregate { count } tags(first: 20) { nodes { name } } }", 31, 16),
            ("{ __schema { queryType { name } } }", 10, 10),
            ("mutation { tagCreate(input: {name: \"x\"}) { id } }", 11, 11),
        ] {
            library.context.allowance.lock().expect("no panic").0 = Some(100);
            let (response, body) = answer(&library, query, &Json::Null).await;
            assert_eq!(response.errors, 0, "{backend}: {query}: {body}");
            assert_eq!((response.cost, response.spent), (requested, actual), "{backend}: {query}");
            assert_eq!(left(), Some(100 - actual), "{backend}: {query}");
            assert_eq!(body["extensions"]["cost"]["remaining"], 100 - actual, "{backend}: {query}");
        }
    }
}

#[tokio::test]
async fn the_body_tells_the_cost_if_it_is_asked_to() {
    let library = Library::filled(Backend::Sqlite).await;
    let (response, _) = answer(&library, "{ a: tags { totalCount } book(id: 1) { id } }", &Json::Null).await;
    assert!(!String::from_utf8_lossy(&response.body).contains("extensions\":{\"cost"), "refused before");
    let query = "{ books(first: 2) { nodes { label } } }";
    let (response, _) = answer(&library, query, &Json::Null).await;
    let body = String::from_utf8_lossy(&response.body).into_owned();
    let end = ",\"data\":{\"books\":null},\"extensions\":{\"cost\":{\"requested\":3,\"limit\":1000000,\"actual\":3}}}";
    assert!(body.ends_with(end), "{body}");
    assert!(library.ask(query, Json::Null).await.get("extensions").is_none());
}

#[tokio::test]
async fn a_subscription_costs_one_change() {
    let library = Library::filled(Backend::Sqlite).await;
    let context: Arc<dyn Context> = Arc::new(library.context.clone());
    let query = "subscription { bookChanged { book { author { name } tags(first: 3) { nodes { id } } } } }";
    let subscription = library.engine.subscribe(&request(query, &Json::Null), &context).expect("subscribed");
    assert_eq!(library.context.allowance.lock().expect("no panic").1, [8]);
    let change = shoal_graphql::declare::Change {
        kind: shoal_graphql::declare::ChangeKind::Updated,
        id: id(BOOK, 1),
        fields: Vec::new(),
    };
    let told = library.engine.changes(&subscription, &context, &[change]).await;
    let costs = told[0].as_ref().map(|response| (response.cost, response.spent));
    assert_eq!(costs.map(|(cost, spent)| (cost, spent <= 8 && spent > 1)), Some((8, true)), "{costs:?}");
    library.context.allowance.lock().expect("no panic").0 = Some(7);
    let refused = library.engine.subscribe(&request(query, &Json::Null), &context).err().expect("refused");
    assert!(String::from_utf8_lossy(&refused.body).contains("RATE_LIMITED"));
    assert_eq!(refused.outcome, Outcome::RateLimited { retry_after: Some(9) });
}

/// Numbers that would not fit 64 bits.
#[tokio::test]
async fn costs_do_not_wrap() {
    let mut library = Library::filled(Backend::Sqlite).await;
    let limits = Limits { depth: 100, page: 1_000_000_000, ..Limits::default() };
    library.engine = Engine::with_catalog(Arc::clone(library.engine.catalog()), limits, TEXT);
    let open = "books(first: 1000000000) { nodes { tags(first: 1000000000) { nodes { ";
    let query =
        format!("{{ tags(first: 1) {{ nodes {{ {} id {} }} }} }}", open.repeat(5), "} } } }".repeat(5));
    let (response, body) = answer(&library, &query, &Json::Null).await;
    assert_eq!((response.cost, response.statements), (u64::MAX, 0), "{body}");
    assert_eq!(body["extensions"]["cost"]["requested"], json!(u64::MAX));
}

/// A selection in which nothing is selected twice, so that each record that is read is written once at least.
fn each_once(name: &'static str, depth: u32) -> BoxedStrategy<String> {
    let Some(of) = type_of(name) else { return Just("k: __typename".to_owned()).boxed() };
    let mut parts: Vec<BoxedStrategy<String>> = Vec::new();
    for (field, target) in of.ones.iter().take(if depth > 0 { 2 } else { 0 }) {
        let inner = each_once(target, depth - 1);
        parts.push(inner.prop_map(move |inner| format!("{field} {{ {inner} }}")).boxed());
    }
    for (field, target) in of.lists.iter().take(if depth > 0 { 4 } else { 0 }) {
        let window = select(vec!["", "(first: 1)", "(first: 3)", "(last: 2)", "(first: 40)"]);
        let more = select(vec!["", "totalCount", "pageInfo { hasNextPage }"]);
        let list = (each_once(target, depth - 1), window, more).prop_map(move |(inner, window, more)| {
            format!("{field}{window} {{ {more} nodes {{ {inner} }} }}")
        });
        parts.push(list.boxed());
    }
    let some = parts.into_iter().map(|part| prop::option::weighted(0.6, part).boxed()).collect::<Vec<_>>();
    some.prop_map(|parts| {
        format!("k: __typename {}", parts.into_iter().flatten().collect::<Vec<_>>().join(" "))
    })
    .boxed()
}

/// Records in a response: what says which type it is.
fn records(json: &Json) -> u64 {
    match json {
        Json::Array(items) => items.iter().map(records).sum(),
        Json::Object(fields) => {
            u64::from(fields.contains_key("k")) + fields.values().map(records).sum::<u64>()
        }
        _ => 0,
    }
}

#[test]
fn costs_are_never_less_than_what_is_read() {
    let runtime = runtime();
    let mut libraries = runtime.block_on(stored(&World::random(23, 40)));
    let limits = Limits { cost: u64::MAX, ..Limits::default() };
    for library in &mut libraries {
        library.engine = Engine::with_catalog(Arc::clone(library.engine.catalog()), limits, TEXT);
    }
    let most = std::cell::Cell::new(0);
    runner(150)
        .run(&each_once("Query", 4), |selection| {
            let query = format!("{{ {selection} }}");
            for library in &libraries {
                let (response, body) = runtime.block_on(answer(library, &query, &Json::Null));
                prop_assert_eq!(response.errors, 0, "{}: {}", query, body);
                let read = records(&body["data"]) - 1 + u64::from(response.statements);
                prop_assert!(
                    response.cost >= read,
                    "{}: {} < {}: {}",
                    library.backend,
                    response.cost,
                    read,
                    query
                );
                prop_assert!(response.spent <= response.cost && response.spent >= response.statements.into());
                most.set(most.get().max(read));
            }
            Ok(())
        })
        .expect("costs are enough");
    assert!(most.get() > 500, "the documents read next to nothing: {}", most.get());
}

#[test]
fn costs_are_never_less_than_the_statements() {
    let runtime = runtime();
    let mut libraries = runtime.block_on(stored(&World::random(29, 20)));
    let limits = Limits { aliases: 5_000, fields: 50_000, directives: 5_000, ..Limits::default() };
    for library in &mut libraries {
        library.engine = Engine::with_catalog(Arc::clone(library.engine.catalog()), limits, TEXT);
    }
    runner(60)
        .run(&selection("Query", 3), |selection| {
            let query = format!(
                "query($yes: Boolean!, $no: Boolean!) {{ {selection} ... @skip(if: true) {{ books {{ nodes {{
                 ...OnBook @include(if: $yes) author @skip(if: $no) {{ ...OnAuthor }} }} }} }} }} {FRAGMENTS}"
            );
            for library in &libraries {
                let variables = json!({"yes": true, "no": false});
                let (response, _) = runtime.block_on(answer(library, &query, &variables));
                prop_assert_eq!(response.errors, 0, "{}", query);
                prop_assert!(response.cost >= u64::from(response.statements), "{}", query);
            }
            Ok(())
        })
        .expect("costs are enough");
}

/// Ids that stand in this file's documents.
#[test]
fn the_documents_name_records_that_there_are() {
    assert_eq!(id(BOOK, 1).to_string(), "00000000-0000-0000-0000-000000000301");
    assert_eq!(id(TAG, 1).to_string(), "00000000-0000-0000-0000-000000000401");
}
