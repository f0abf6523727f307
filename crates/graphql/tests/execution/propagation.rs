//! Null propagation, paths, partial data.

use serde_json::{Value as Json, json};

use crate::common::on_both;

/// Path, code and message of each error.
fn told(body: &Json) -> Vec<(String, String, String)> {
    let errors = body["errors"].as_array().cloned().unwrap_or_default();
    errors
        .iter()
        .map(|error| {
            let path = error["path"].as_array().cloned().unwrap_or_default();
            let path: Vec<_> = path.iter().map(|part| part.to_string().replace('"', "")).collect();
            let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
            (path.join("."), text(&error["extensions"]["code"]), text(&error["message"]))
        })
        .collect()
}

const UNLABELLED: (&str, &str) = ("LIBRARY_UNLABELLED", "nobody wrote a label");
const FAULT: (&str, &str) = ("INTERNAL", "internal error");

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
async fn null_goes_out_to_the_nearest_that_may_be_null() {
    let cases = [
        // A nullable field that fails: nothing else is lost.
        (
            "{ books { nodes { title summary } } }",
            json!({"books": {"nodes": [{"title": "Alpha", "summary": "Alpha happens"},
                {"title": "Beta", "summary": "Beta happens"}, {"title": "Gamma", "summary": null},
                {"title": "Delta", "summary": null}, {"title": "Epsilon", "summary": "Epsilon happens"}]}}),
            vec![("books.nodes.2.summary", FAULT)],
        ),
        // A field that must not be null, in a list of nodes that must not be: the whole connection goes.
        (
            "{ books { totalCount nodes { label } } }",
            json!({"books": null}),
            vec![("books.nodes.1.label", UNLABELLED)],
        ),
        (
            "{ books { edges { node { x: label } } } shelves { totalCount } }",
            json!({"books": null, "shelves": {"totalCount": 3}}),
            vec![("books.edges.1.node.x", UNLABELLED)],
        ),
        // A relation to one stops it.
        (
            "{ books(first: 2) { nodes { title sequel { title label } } } }",
            json!({"books": {"nodes": [{"title": "Alpha", "sequel": null},
                {"title": "Beta", "sequel": {"title": "Gamma", "label": "isbn-3 (14)"}}]}}),
            vec![("books.nodes.0.sequel.label", UNLABELLED)],
        ),
        // Inside a list inside a connection inside a relation to one.
        (
            "{ books(first: 1) { nodes { title author { name books { nodes { label } } } } } }",
            json!({"books": {"nodes": [{"title": "Alpha", "author": null}]}}),
            vec![("books.nodes.0.author.books.nodes.1.label", UNLABELLED)],
        ),
        // Several that fail, each for itself.
        (
            "{ a: books(first: 1) { nodes { sequel { label } x: sequel { y: label } } }
               b: books(first: 3) { nodes { summary } } }",
            json!({"a": {"nodes": [{"sequel": null, "x": null}]},
                "b": {"nodes": [{"summary": "Alpha happens"}, {"summary": "Beta happens"}, {"summary": null}]}}),
            vec![
                ("a.nodes.0.sequel.label", UNLABELLED),
                ("a.nodes.0.x.y", UNLABELLED),
                ("b.nodes.2.summary", FAULT),
            ],
        ),
        (
            r#"{ node(id: "00000000-0000-0000-0000-000000000302") { id ... on Book { label } } }"#,
            json!({"node": null}),
            vec![("node.label", UNLABELLED)],
        ),
        (
            "{ notes(first: 4) { nodes { item { ... on Book { label } ... on Tag { name } } } } }",
            json!({"notes": {"nodes": [{"item": {"label": "isbn-1 (100)"}}, {"item": {"name": "Blue thing"}},
                {"item": null}, {"item": null}]}}),
            vec![("notes.nodes.3.item.label", UNLABELLED)],
        ),
        // A mistake in the arguments of one root field leaves the others alone.
        (
            "{ books(first: -1) { nodes { title } } shelves { totalCount } }",
            json!({"books": null, "shelves": {"totalCount": 3}}),
            vec![("books", ("VALIDATION", "first: must not be negative"))],
        ),
        (
            r#"{ shelves(first: 1) { nodes { code books(after: "no") { nodes { title } } } } }"#,
            json!({"shelves": null}),
            vec![(
                "shelves.nodes.0.books",
                ("VALIDATION", "after: the cursor does not belong to this list and order"),
            )],
        ),
    ];
    on_both(async |library| {
        for (query, data, errors) in &cases {
            let body = library.ask(query, Json::Null).await;
            assert_eq!(body["data"].to_string(), data.to_string(), "{}: {query}: {body}", library.backend);
            let expected: Vec<_> = errors
                .iter()
                .map(|(path, (code, message))| {
                    ((*path).to_owned(), (*code).to_owned(), (*message).to_owned())
                })
                .collect();
            assert_eq!(told(&body), expected, "{}: {query}", library.backend);
        }
    })
    .await;
}

#[tokio::test]
async fn an_error_says_where_in_the_document() {
    on_both(async |library| {
        let body = library.ask("{\n  books(first: 3) {\n    nodes { x: summary }\n  }\n}", Json::Null).await;
        assert_eq!(body["errors"][0]["locations"], json!([{"line": 3, "column": 13}]), "{}", library.backend);
        assert!(!body.to_string().contains("secret"), "{}: {body}", library.backend);
        assert_eq!(body.as_object().and_then(|body| body.keys().next()).map(String::as_str), Some("errors"));
    })
    .await;
}

#[tokio::test]
async fn a_lost_table_is_our_fault_and_says_nothing() {
    on_both(async |library| {
        library.context.run("DROP TABLE lib_award").await;
        let query = "{ authors { nodes { name awards { title } } } shelves { totalCount } }";
        let body = library.ask(query, Json::Null).await;
        assert_eq!(
            body["data"],
            json!({"authors": null, "shelves": {"totalCount": 3}}),
            "{}",
            library.backend
        );
        let path = "authors.nodes.0.awards".to_owned();
        assert_eq!(told(&body), [(path, FAULT.0.to_owned(), FAULT.1.to_owned())], "{}", library.backend);
        assert!(!body.to_string().contains("lib_award"), "{}: {body}", library.backend);
    })
    .await;
}
