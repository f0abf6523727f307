//! Queries that answer values.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};
use shoal_graphql::context::Predicate;

use super::desk::{self, on_both};
use crate::common::Backend;
use crate::common::data::{AUTHOR, BOOK, id};

#[tokio::test]
async fn everything_that_an_answer_may_hold() {
    on_both(async |library| {
        let query = "{ report(name: \"x\", words: [\"a\", \"b\"]) { __typename title pages copies ratio open token day at
            fee price { __typename currency amount } costs { amount currency } raw genre genres rows type
            parts { name weight maybe book { title } parts { name parts { name } book { title } } } best { name }
            author { name } editor { name } books { title } places { title } } }";
        let expected = json!({"report": {
            "__typename": "Report", "title": "\"x\"", "pages": 12, "copies": 9_007_199_254_740_993_i64, "ratio": 0.25,
            "open": true, "token": "00000000-0000-0000-0000-000000000007", "day": "2026-03-01",
            "at": "2026-03-01T09:30:00.500Z", "fee": "12.30",
            "price": {"__typename": "Money", "currency": "EUR", "amount": "12.50"},
            "costs": [{"amount": "3", "currency": "JPY"}, {"amount": "0.125", "currency": "USD"},
                {"amount": "1.000", "currency": "KWD"}],
            "raw": {"a": [1, null]}, "genre": "POETRY", "genres": ["NOVEL", null], "rows": [["a", "b"], []],
            "type": null,
            "parts": [
                {"name": "part 1", "weight": 1.5, "maybe": null, "book": {"title": "Alpha"}, "parts": []},
                {"name": "part 2", "weight": 2.0, "maybe": null, "book": {"title": "Beta"}, "parts": [
                    {"name": "part 3", "parts": [], "book": {"title": "Gamma"}},
                    // Deleted.
                    {"name": "part 6", "parts": [], "book": null},
                ]},
            ],
            "best": null, "author": {"name": "Ann"}, "editor": null,
            // In a list of records those that are not there are left out.
            "books": [{"title": "Beta"}, {"title": "Alpha"}, {"title": "Beta"}],
            "places": [null, null, {"title": "Alpha"}],
        }});
        let body = library.ask(query, Json::Null).await;
        assert_eq!(body["data"].to_string(), expected.to_string(), "{}", library.backend);
        // A number that is none, where null may stand.
        assert_eq!(body["errors"][0]["path"], json!(["report", "parts", 1, "maybe"]), "{}", library.backend);
        assert_eq!(body["errors"].as_array().map(Vec::len), Some(1), "{body}");
    })
    .await;
}

#[tokio::test]
async fn a_computed_list_knows_who_asks() {
    for backend in Backend::ALL {
        let mut library = desk::filled(backend).await;
        let query = "{ books(first: 2, orderBy: [{isbn: ASC}]) { nodes { marks } } }";
        let nodes = json!([{"marks": ["isbn-1", "100"]}, {"marks": ["isbn-2", "13"]}]);
        library.expect_counted(query, 1, json!({"books": {"nodes": nodes}})).await;
        library.context.rights = ["library.book.read"].into_iter().collect();
        let nodes = json!([{"marks": ["isbn-1", null]}, {"marks": ["isbn-2", null]}]);
        library.expect_counted(query, 1, json!({"books": {"nodes": nodes}})).await;
    }
}

#[tokio::test]
async fn one_statement_for_each_place_and_level() {
    let cases = [
        ("{ report(name: \"x\") { title author { __typename } } }", 1),
        ("{ report(name: \"x\") { title parts { name } } }", 0),
        ("{ reports { author { name } } }", 1),
        ("{ reports { a: author { name } author { born awards { title } } } }", 2),
        (
            "{ reports { a: parts { book { title } } b: parts { book { pages } x: book { author { name } } } } }",
            2,
        ),
        ("{ reports { parts { book { title } parts { book { title } } } } }", 2),
        ("{ reports { author { name } editor { name } books { title tags { nodes { name } } } } }", 4),
        ("{ reports { best { book { title } } } }", 0),
        ("{ a: reports { author { name } } b: reports { author { name } } }", 2),
        ("{ favourite { name books { nodes { title } } } }", 2),
        ("{ writers(ids: []) { name } }", 0),
        ("{ greeting(name: \"x\") today }", 0),
    ];
    on_both(async |library| {
        for (query, statements) in cases {
            let (body, used) = library.ask_counted(query, Json::Null).await;
            assert!(body.get("errors").is_none(), "{}: {query}: {body}", library.backend);
            assert_eq!(used, statements, "{}: {query}", library.backend);
        }
    })
    .await;
}

#[tokio::test]
async fn places_are_merged() {
    on_both(async |library| {
        let query = "query($yes: Boolean!) {
            report(name: \"x\") { ...Parts t: title @skip(if: $yes) }
            ... on Query { report(name: \"x\") { parts { ... on Part { w: weight } book { id } } } }
            other: report(name: \"y\") @include(if: $yes) { title }
            none: report(name: \"z\") @skip(if: $yes) { title }
        } fragment Parts on Report { parts { book { title ...B } } } fragment B on Book { pages }";
        let data = library.data(query, json!({"yes": true})).await;
        let part = |title: &str, pages: i32, weight: f64, number: u128| {
            json!({"book": {"title": title, "pages": pages,
            "id": id(BOOK, number)}, "w": weight})
        };
        let expected = json!({
            "report": {"parts": [part("Alpha", 100, 1.5, 1), part("Beta", 13, 2.0, 2)]},
            "other": {"title": "\"y\""},
        });
        assert_eq!(data.to_string(), expected.to_string(), "{}", library.backend);
    })
    .await;
}

#[tokio::test]
async fn roots_of_all_kinds() {
    on_both(async |library| {
        library
            .expect(
                "{ a: greeting b: greeting(name: null) c: greeting(name: \"Eve\") today favourite { name } }",
                json!({"a": null, "b": null, "c": "Hello Eve", "today": "2026-03-01", "favourite": {"name": "Bo"}}),
            )
            .await;
        // An absent variable is an absent argument; a list may be given as one value.
        let query = "query($name: String, $ids: [ID!]!) { greeting(name: $name) writers(ids: $ids) { name } }";
        let ids = json!({"ids": [id(AUTHOR, 2), id(AUTHOR, 9), id(AUTHOR, 3), id(AUTHOR, 1)]});
        let expected = json!({"greeting": null, "writers": [{"name": "Bo"}, {"name": "Ann"}]});
        assert_eq!(library.data(query, ids).await, expected, "{}", library.backend);
        let one = library.data(query, json!({"ids": id(AUTHOR, 1), "name": "x"})).await;
        assert_eq!(one, json!({"greeting": "Hello x", "writers": [{"name": "Ann"}]}), "{}", library.backend);
    })
    .await;
}

#[tokio::test]
async fn hidden_records_are_as_absent() {
    for backend in Backend::ALL {
        let mut library = desk::filled(backend).await;
        library.context.predicates.insert("Author".to_owned(), Predicate::Nothing);
        let visible = Predicate::AnyOf("isbn".to_owned(), vec!["isbn-1".into()]);
        library.context.predicates.insert("Book".to_owned(), visible);
        let expected = json!({"report": {"author": null, "books": [{"title": "Alpha"}],
            "parts": [{"book": {"title": "Alpha"}}, {"book": null}]}, "favourite": null});
        library
            .expect(
                "{ report(name: \"x\") { author { name } books { title } parts { book { title } } } favourite { name } }",
                expected,
            )
            .await;
    }
}

/// Path, code and message of each error.
fn told(body: &Json) -> Vec<String> {
    let errors = body["errors"].as_array().cloned().unwrap_or_default();
    errors
        .iter()
        .map(|error| format!("{} {} {}", error["path"], error["extensions"]["code"], error["message"]))
        .collect()
}

#[tokio::test]
async fn null_goes_out_to_the_nearest_that_may_be_null() {
    let cases = [
        (
            "{ report(name: \"broken\") { title x: ratio } greeting(name: \"x\") }",
            json!({"report": null, "greeting": "Hello x"}),
            vec![r#"["report","x"] "INTERNAL" "internal error""#],
        ),
        (
            "{ report(name: \"broken\") { title best { weight } } }",
            json!({"report": {"title": "\"broken\"", "best": null}}),
            vec![r#"["report","best","weight"] "INTERNAL" "internal error""#],
        ),
        (
            "{ report(name: \"broken\") { parts { weight } } }",
            json!({"report": null}),
            vec![r#"["report","parts",1,"weight"] "INTERNAL" "internal error""#],
        ),
        // A record that fails is null itself, but in a list of records it must not be.
        (
            "{ report(name: \"x\") { parts { book { label } } } }",
            json!({"report": {"parts": [{"book": {"label": "isbn-1 (100)"}}, {"book": null}]}}),
            vec![r#"["report","parts",1,"book","label"] "LIBRARY_UNLABELLED" "nobody wrote a label""#],
        ),
        (
            "{ report(name: \"x\") { books { label } } }",
            json!({"report": null}),
            vec![r#"["report","books",0,"label"] "LIBRARY_UNLABELLED" "nobody wrote a label""#],
        ),
        (
            "{ report(name: \"refused\") { title } today }",
            json!({"report": null, "today": "2026-03-01"}),
            vec![r#"["report"] "VALIDATION" "name: there is no such report""#],
        ),
        (
            "{ report(name: \"fault\") { title } }",
            json!({"report": null}),
            vec![r#"["report"] "INTERNAL" "internal error""#],
        ),
    ];
    on_both(async |library| {
        for (query, data, errors) in &cases {
            let body = library.ask(query, Json::Null).await;
            assert_eq!(body["data"].to_string(), data.to_string(), "{}: {query}: {body}", library.backend);
            assert_eq!(told(&body), *errors, "{}: {query}", library.backend);
            assert!(!body.to_string().contains("secret"), "{}: {body}", library.backend);
        }
    })
    .await;
}

#[tokio::test]
async fn a_refusal_names_the_argument() {
    on_both(async |library| {
        let body = library.ask("{ r: report(name: \"refused\") { title } }", Json::Null).await;
        let expected = json!([{"message": "name: there is no such report", "locations": [{"line": 1, "column": 3}],
            "path": ["r"], "extensions": {"code": "VALIDATION", "fields": [{"path": ["name"],
            "code": "LIBRARY_NO_REPORT", "message": "there is no such report"}]}}]);
        assert_eq!(body["errors"], expected, "{}", library.backend);
        // A nullable variable with a default may be null all the same.
        let query = "query($name: String = \"x\") { report(name: $name) { title } }";
        let body = library.ask(query, json!({"name": null})).await;
        assert_eq!(body["data"], json!({"report": null}), "{}", library.backend);
        assert_eq!(body["errors"][0]["extensions"]["fields"][0]["path"], json!(["name"]), "{body}");
    })
    .await;
}

#[tokio::test]
async fn a_lost_table_takes_what_must_not_be_null() {
    on_both(async |library| {
        library.context.run("DROP TABLE lib_book").await;
        let query = "{ a: report(name: \"x\") { title parts { book { title } } places { title } }
            b: report(name: \"x\") { title books { title } } }";
        let body = library.ask(query, Json::Null).await;
        let expected = json!({"a": {"title": "\"x\"", "parts": [{"book": null}, {"book": null}],
            "places": [null, null, null]}, "b": null});
        assert_eq!(body["data"], expected, "{}", library.backend);
        let fault = |path: &str| format!("{path} \"INTERNAL\" \"internal error\"");
        let paths = [
            r#"["a","parts",0,"book"]"#,
            r#"["a","parts",1,"book"]"#,
            r#"["a","places",0]"#,
            r#"["a","places",2]"#,
            r#"["b","books"]"#,
        ];
        assert_eq!(told(&body), paths.map(fault), "{}", library.backend);
    })
    .await;
}

#[tokio::test]
async fn documents_that_do_not_fit() {
    let library = desk::filled(Backend::Sqlite).await;
    let mut text = String::new();
    for query in [
        "{ report { title } }",
        "{ report(name: \"x\") }",
        "{ report(name: \"x\") { titel } }",
        "{ report(name: \"x\", part: 1) { title } }",
        "{ report(name: 1) { title } }",
        "{ greeting { x } }",
        "{ report(name: \"x\") { title } ... { report(name: \"y\") { title } } }",
        "{ report(name: \"x\") { a: title a: pages } }",
        "{ report(name: \"x\") { ... on Part { name } } }",
        "{ writers { name } }",
        "{ writers(ids: [\"x\"]) { name } }",
        "{ favourite(id: 1) { name } }",
    ] {
        let body = library.ask(query, Json::Null).await;
        assert!(body.get("data").is_none(), "{query}: {body}");
        let _ = writeln!(text, "{query}\n{}", told(&body).join("\n").replace("null ", "  "));
    }
    insta::assert_snapshot!(text);
}

/// What the desk adds to the schema of the library.
#[test]
fn the_schema_of_the_desk() {
    let (with, without) = (desk::catalog().sdl(), crate::common::schema::catalog().sdl());
    let known: std::collections::HashSet<&str> = without.split("\n\n").collect();
    let added: Vec<&str> = with.split("\n\n").filter(|part| !known.contains(part)).collect();
    let types: Vec<String> = added
        .iter()
        .map(|part| {
            // Of what was there before only the fields that are new.
            if ["Query", "Mutation", "Book"].iter().any(|name| part.contains(&format!("\ntype {name} "))) {
                let old: std::collections::HashSet<&str> = without.lines().collect();
                part.lines().filter(|line| !old.contains(line)).collect::<Vec<_>>().join("\n")
            } else {
                (*part).to_owned()
            }
        })
        .collect();
    insta::assert_snapshot!(types.join("\n\n"));
}
