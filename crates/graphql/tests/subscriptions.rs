//! Subscriptions to changes of records.

use std::fmt::Write as _;
use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use shoal_graphql::context::{Context, Predicate};
use shoal_graphql::declare::{Change, ChangeKind, NoArguments, QueryDeclaration, Registry};
use shoal_graphql::engine::Subscription;
use shoal_graphql::request::{Outcome, Request};
use uuid::Uuid;

use crate::common::data::{BOOK, TAG, id};
use crate::common::world::World;
use crate::common::{Backend, Library, on_both, runner, runtime, stored};

fn change(kind: ChangeKind, id: Uuid) -> Change {
    Change { kind, id, fields: vec!["title".to_owned(), "titleSort".to_owned(), "author".to_owned()] }
}

fn request(query: &str, variables: &Json) -> Request {
    let variables = variables.as_object().cloned();
    Request { query: query.to_owned(), variables, id: Some("req-7".to_owned()), ..Request::default() }
}

impl Library {
    fn subscribe(&self, query: &str, variables: impl Into<Json>) -> Result<Subscription, Json> {
        let variables = variables.into();
        let context: Arc<dyn Context> = Arc::new(self.context.clone());
        self.engine.subscribe(&request(query, &variables), &context).map_err(|response| {
            assert_eq!(response.outcome, Outcome::Refused, "{query}");
            serde_json::from_slice(&response.body).expect("JSON")
        })
    }

    /// What is told of each change, and the number of statements.
    async fn tell(&self, subscription: &Subscription, changes: &[Change]) -> (Vec<Option<Json>>, u32) {
        let context: Arc<dyn Context> = Arc::new(self.context.clone());
        let responses = self.engine.changes(subscription, &context, changes).await;
        let statements = responses.iter().flatten().map(|response| response.statements).sum();
        let told = responses.into_iter().map(|response| {
            let response = response?;
            assert_eq!(response.outcome, Outcome::Executed);
            let body: Json = serde_json::from_slice(&response.body).expect("JSON");
            let errors = body["errors"].as_array().map_or(0, Vec::len);
            assert_eq!(usize::try_from(response.errors).expect("few"), errors, "{body}");
            Some(body)
        });
        (told.collect(), statements)
    }
}

#[tokio::test]
async fn changes_are_told_as_they_are_asked_for() {
    on_both(async |library| {
        let query = "subscription Watch($label: Boolean!) { c: bookChanged { ...C __typename } }
            fragment C on BookChange { kind id changedFields b: book { title label @include(if: $label)
              author { name } } book { tags { nodes { name } } } }";
        let subscription = library.subscribe(query, json!({"label": false})).expect("subscribed");
        assert_eq!((subscription.entity(), subscription.operation_name()), ("Book", Some("Watch")));
        let book = |number: u128| id(BOOK, number);
        let changes = [
            change(ChangeKind::Updated, book(1)),
            change(ChangeKind::Created, book(77)),
            // Deleted, whatever is said of it.
            change(ChangeKind::Updated, book(6)),
            change(ChangeKind::Deleted, book(2)),
            Change { kind: ChangeKind::Restored, id: book(1), fields: Vec::new() },
        ];
        let (told, statements) = library.tell(&subscription, &changes).await;
        let body = |kind: &str, number: u128, fields: Json, b: Json, tags: Json| {
            json!({"data": {"c": {"kind": kind, "id": book(number), "changedFields": fields, "b": b, "book": tags,
                "__typename": "BookChange"}}})
        };
        let alpha = json!({"title": "Alpha", "author": {"name": "Ann"}});
        let tags = json!({"tags": {"nodes": [{"name": "Red thing"}, {"name": "Blue thing"}]}});
        // Columns that are no fields are not told.
        let fields = || json!(["title", "author"]);
        let expected = [
            Some(body("UPDATED", 1, fields(), alpha.clone(), tags.clone())),
            None,
            Some(body("UPDATED", 6, fields(), Json::Null, Json::Null)),
            Some(body("DELETED", 2, fields(), Json::Null, Json::Null)),
            Some(body("RESTORED", 1, json!([]), alpha, tags)),
        ];
        let text = |told: &[Option<Json>]| format!("{told:#?}");
        assert_eq!(text(&told), text(&expected), "{}", library.backend);
        assert_eq!(statements, 3, "{}", library.backend);
        // A field that fails stops at the record.
        let subscription = library.subscribe(query, json!({"label": true})).expect("subscribed");
        let (told, _) = library.tell(&subscription, &[change(ChangeKind::Updated, book(2))]).await;
        let told = told[0].as_ref().expect("visible");
        assert_eq!(told["data"]["c"]["b"], Json::Null, "{told}");
        assert_eq!(told["data"]["c"]["book"], json!({"tags": {"nodes": [{"name": "Red thing"}]}}), "{told}");
        let expected = json!([{"message": "nobody wrote a label", "locations": [{"line": 2, "column": 78}],
            "path": ["c", "b", "label"], "extensions": {"code": "LIBRARY_UNLABELLED", "requestId": "req-7"}}]);
        assert_eq!(told["errors"], expected, "{}", library.backend);
    })
    .await;
}

#[tokio::test]
async fn a_filter_and_rows_that_are_hidden() {
    for backend in Backend::ALL {
        let mut library = Library::filled(backend).await;
        let changes: Vec<Change> =
            (1..=7).map(|number| change(ChangeKind::Deleted, id(BOOK, number))).collect();
        let told = async |library: &Library, filter: Json| -> Vec<bool> {
            let query = "subscription($f: BookFilter) { bookChanged(filter: $f) { kind } }";
            let subscription = library.subscribe(query, json!({ "f": filter })).expect("subscribed");
            let (told, statements) = library.tell(&subscription, &changes).await;
            assert!(statements <= 1);
            told.iter().map(Option::is_some).collect()
        };
        let all = [true, true, true, true, true, true, false];
        assert_eq!(told(&library, Json::Null).await, all, "{backend}");
        // The filter holds of deleted ones as of others.
        let by_ann = json!({"author": {"name": {"eq": "Ann"}}});
        let expected = [true, true, false, false, false, true, false];
        assert_eq!(told(&library, by_ann.clone()).await, expected, "{backend}");
        let visible = Predicate::AnyOf("isbn".to_owned(), vec!["isbn-1".into(), "isbn-3".into()]);
        library.context.predicates.insert("Book".to_owned(), visible);
        let expected = [true, false, true, false, false, false, false];
        assert_eq!(told(&library, Json::Null).await, expected, "{backend}");
        library.context.predicates.insert("Author".to_owned(), Predicate::Nothing);
        assert_eq!(told(&library, by_ann).await, [false; 7], "{backend}");
        library.context.tenant = id(0, 1);
        assert_eq!(told(&library, Json::Null).await, [false; 7], "{backend}");
    }
}

#[tokio::test]
async fn only_fields_that_may_be_read_are_told() {
    let mut library = Library::filled(Backend::Sqlite).await;
    let fields = ["title", "rating", "cost", "summary", "sequel", "author", "tags", "stuck", "nothing"];
    let fields = fields.map(str::to_owned).to_vec();
    let changes = [Change { kind: ChangeKind::Updated, id: id(BOOK, 1), fields }];
    let query = "subscription { bookChanged { changedFields } }";
    let subscription = library.subscribe(query, Json::Null).expect("subscribed");
    let told = async |library: &Library| -> Json {
        let (told, _) = library.tell(&subscription, &changes).await;
        told[0].as_ref().expect("told")["data"]["bookChanged"]["changedFields"].clone()
    };
    let all = json!(["title", "rating", "cost", "summary", "sequel", "author", "tags", "stuck"]);
    assert_eq!(told(&library).await, all);
    library.context.rights = ["library.book.read", "library.tag.read"].into_iter().collect();
    assert_eq!(told(&library).await, json!(["title", "tags"]));
    let rights = ["library.book.read", "library.cost.read", "library.sequel.read", "library.author.read"];
    library.context.rights = rights.into_iter().collect();
    assert_eq!(told(&library).await, json!(["title", "cost", "sequel", "author"]));
}

#[tokio::test]
async fn a_subscription_ends_with_the_right_to_it() {
    let mut library = Library::filled(Backend::Sqlite).await;
    let query = "subscription Watch { bookChanged { kind book { rating } } }";
    let subscription = library.subscribe(query, Json::Null).expect("subscribed");
    let changes = [1, 2].map(|number| change(ChangeKind::Updated, id(BOOK, number)));
    assert!(library.tell(&subscription, &changes).await.0.iter().all(Option::is_some));
    library.context.rights = ["library.book.read"].into_iter().collect();
    let context: Arc<dyn Context> = Arc::new(library.context.clone());
    let told = library.engine.changes(&subscription, &context, &changes).await;
    let [Some(over), None] = told.as_slice() else { panic!("{told:?}") };
    let body: Json = serde_json::from_slice(&over.body).expect("JSON");
    assert_eq!((over.outcome, over.statements, over.errors), (Outcome::Refused, 0, 1), "{body}");
    assert_eq!(over.operation_name.as_deref(), Some("Watch"));
    assert_eq!(body["errors"][0]["path"], json!(["bookChanged", "book", "rating"]), "{body}");
    let extensions = json!({"code": "FORBIDDEN", "requestId": "req-7"});
    assert_eq!((&body["errors"][0]["extensions"], body.get("data")), (&extensions, None), "{body}");
}

#[tokio::test]
async fn an_entity_without_soft_deletion() {
    on_both(async |library| {
        let query = "subscription { tagChanged { kind tag { name } } }";
        let subscription = library.subscribe(query, Json::Null).expect("subscribed");
        let changes = [change(ChangeKind::Created, id(TAG, 1)), change(ChangeKind::Deleted, id(TAG, 8))];
        let (told, _) = library.tell(&subscription, &changes).await;
        let expected = json!({"data": {"tagChanged": {"kind": "CREATED", "tag": {"name": "Red thing"}}}});
        assert_eq!(told, [Some(expected), None], "{}", library.backend);
        assert_eq!(library.tell(&subscription, &[]).await.0, [], "{}", library.backend);
    })
    .await;
}

#[tokio::test]
async fn one_statement_for_each_level() {
    let cases = [
        ("kind id", 1),
        ("book { title }", 1),
        ("a: book { title } b: book { pages author { name } }", 2),
        ("book { author { name awards { title } } tags { totalCount nodes { name } } }", 5),
    ];
    on_both(async |library| {
        let changes: Vec<Change> =
            (1..=6).map(|number| change(ChangeKind::Updated, id(BOOK, number))).collect();
        for (fields, expected) in cases {
            let query = format!("subscription {{ bookChanged {{ {fields} }} }}");
            let subscription = library.subscribe(&query, Json::Null).expect("subscribed");
            let (told, statements) = library.tell(&subscription, &changes).await;
            assert!(told.iter().all(Option::is_some), "{}: {fields}", library.backend);
            assert_eq!(statements, expected, "{}: {fields}", library.backend);
        }
    })
    .await;
}

/// A subscriber must know that something may have been missed.
#[tokio::test]
async fn a_lost_table_is_told() {
    on_both(async |library| {
        let query = "subscription { bookChanged { kind } }";
        let subscription = library.subscribe(query, Json::Null).expect("subscribed");
        library.context.run("DROP TABLE lib_book").await;
        let (told, _) = library.tell(&subscription, &[change(ChangeKind::Updated, id(BOOK, 1))]).await;
        let told = told[0].as_ref().expect("an error");
        assert_eq!(told["data"], Json::Null, "{told}");
        assert_eq!(told["errors"][0]["path"], json!(["bookChanged"]), "{told}");
        assert_eq!(told["errors"][0]["extensions"]["code"], "INTERNAL", "{told}");
        assert!(!told.to_string().contains("lib_book"), "{told}");
    })
    .await;
}

#[tokio::test]
async fn documents_that_do_not_fit() {
    let library = Library::filled(Backend::Sqlite).await;
    let id = "query($f: BookFilter) { books(filter: $f) { totalCount } }";
    let cases = [
        ("subscription { bookChanged { kind } tagChanged { kind } }", json!({})),
        ("subscription { a: bookChanged { kind } b: bookChanged { kind } }", json!({})),
        (
            "subscription { bookChanged { kind } ...F } fragment F on Subscription { tagChanged { kind } }",
            json!({}),
        ),
        ("subscription { __typename }", json!({})),
        ("subscription { bookChanged { kind } __typename }", json!({})),
        ("subscription { bookChanged @skip(if: true) { kind } }", json!({})),
        ("subscription($x: Boolean!) { bookChanged @include(if: $x) { kind } }", json!({"x": false})),
        ("subscription { bookChanged }", json!({})),
        ("subscription { bookChanged { book } }", json!({})),
        ("subscription { bookChange { kind } }", json!({})),
        ("subscription { authorChanged { kind } }", json!({})),
        ("subscription { bookChanged(filter: {titel: {eq: \"x\"}}) { kind } }", json!({})),
        ("subscription { bookChanged(filter: {title: null}) { kind } }", json!({})),
        (
            "subscription { b: bookChanged(filter: {or: [{price: {eq: {amount: \"1.234\", currency: \"EUR\"}}}]}) { kind } }",
            json!({}),
        ),
        ("subscription($f: BookFilter!) { bookChanged(filter: $f) { kind } }", json!({})),
        (
            "subscription($f: BookFilter!) { bookChanged(filter: $f) { kind } }",
            json!({"f": {"pages": {"eq": "x"}}}),
        ),
        (id, json!({})),
        ("mutation { tagCreate(input: {name: \"x\"}) { id } }", json!({})),
    ];
    let mut text = String::new();
    for (query, variables) in cases {
        let body = library.subscribe(query, variables).err().unwrap_or_else(|| panic!("{query} is fine"));
        assert!(body.get("data").is_none(), "{query}: {body}");
        let errors = body["errors"].as_array().expect("errors").iter().map(|error| {
            let (path, code) = (&error["path"], &error["extensions"]["code"]);
            format!("  {path} {} {}\n", code.as_str().unwrap_or_default(), error["message"])
        });
        let _ = writeln!(text, "{query}\n{}", errors.collect::<String>());
    }
    insta::assert_snapshot!(text);
}

#[tokio::test]
async fn a_request_without_a_stream() {
    let library = Library::filled(Backend::Sqlite).await;
    let body = library.ask("subscription { bookChanged { kind } }", Json::Null).await;
    let message = "a subscription needs a transport that streams: a web socket (graphql-transport-ws) or server-sent \
                   events (text/event-stream)";
    assert_eq!(body["errors"][0]["message"], message);
    assert!(body.get("data").is_none(), "{body}");
    let is = |query: &str| library.engine.is_subscription(&request(query, &Json::Null));
    assert!(is("subscription { bookChanged { kind } }"));
    assert!(!is("{ __typename }"));
    assert!(!is("subscription { nothing }"));
}

#[tokio::test]
async fn subscribers_that_ask_the_same() {
    let library = Library::filled(Backend::Sqlite).await;
    let query = "subscription A($f: BookFilter) { bookChanged(filter: $f) { kind } }";
    let subscribe = |query: &str, variables: Json| library.subscribe(query, variables).expect("subscribed");
    let first = subscribe(query, json!({"f": {"pages": {"eq": 1}, "title": {"eq": "x"}}}));
    // The order in which a client names fields does not matter, nor what it adds.
    let second = subscribe(query, json!({"f": {"title": {"eq": "x"}, "pages": {"eq": 1}}, "unused": 1}));
    assert!(first.same_as(&second) && first.key() == second.key());
    for (query, variables) in [
        (query, json!({})),
        (query, json!({"f": null})),
        (query, json!({"f": {"pages": {"eq": 2}, "title": {"eq": "x"}}})),
        ("subscription A($f: BookFilter) { bookChanged(filter: $f) { id } }", json!({})),
    ] {
        let other = subscribe(query, variables);
        assert!(!first.same_as(&other) && first.key() != other.key(), "{query}");
    }
}

#[test]
fn a_schema_that_offers_no_changes() {
    let mut registry = Registry::default();
    registry
        .module("first")
        .query(QueryDeclaration::new("one", "One.", None, async |_, _: NoArguments| Ok(1_i32)));
    let sdl = registry.compose().expect("one composes").sdl();
    assert!(!sdl.contains("Subscription") && !sdl.contains("ChangeKind"), "{sdl}");
}

/// What is told are exactly the changes of records that the list has, in the shape in which it has them.
#[test]
fn changes_agree_with_lists() {
    let runtime = runtime();
    let world = World::random(17, 30);
    let libraries = runtime.block_on(stored(&world));
    let fields = "id title genre author { name } tags(first: 2) { totalCount nodes { name } }";
    let filters = (0_i32..60, any::<bool>(), proptest::sample::select(vec!["NOVEL", "POETRY", "SCIENCE"]));
    runner(40)
        .run(&filters, |(pages, not, genre)| {
            let inner =
                json!({"or": [{"pages": {"lt": pages}}, {"genre": {"eq": genre}}, {"tags": {"some": {}}}]});
            let filter = if not { json!({ "not": inner }) } else { inner };
            for library in &libraries {
                let list = format!(
                    "query($f: BookFilter) {{ books(filter: $f, first: 100) {{ nodes {{ {fields} }} }} }}"
                );
                let listed = runtime.block_on(library.data(&list, json!({ "f": filter })));
                let watch = format!(
                    "subscription($f: BookFilter) {{ bookChanged(filter: $f) {{ book {{ {fields} }} }} }}"
                );
                let subscription = library.subscribe(&watch, json!({ "f": filter })).expect("subscribed");
                let changes: Vec<Change> =
                    world.books.iter().map(|book| change(ChangeKind::Updated, book.id)).collect();
                let (told, _) = runtime.block_on(library.tell(&subscription, &changes));
                let mut told: Vec<Json> = told
                    .into_iter()
                    .flatten()
                    .map(|mut body| body["data"]["bookChanged"]["book"].take())
                    // Deleted ones are told, but without the record.
                    .filter(|book| !book.is_null())
                    .collect();
                told.sort_by_key(|book| book["id"].to_string());
                let mut listed = listed["books"]["nodes"].as_array().cloned().unwrap_or_default();
                listed.sort_by_key(|book| book["id"].to_string());
                prop_assert_eq!(told, listed, "{}: {}", library.backend, filter);
            }
            Ok(())
        })
        .expect("agreement");
}
