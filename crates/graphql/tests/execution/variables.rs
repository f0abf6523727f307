//! Variables and how they are coerced; choosing an operation.

use serde_json::{Value as Json, json};
use shoal_graphql::request::{Outcome, Request};

use crate::common::{Backend, Library, on_both};

/// What `bookDescribe` was given: its answer is a refusal with the Rust value in words.
async fn described(library: &Library, query: &str, variables: Json) -> String {
    let body = library.ask(query, variables).await;
    body["errors"][0]["message"].as_str().unwrap_or_else(|| panic!("{query}: {body}")).to_owned()
}

#[tokio::test]
async fn absent_is_not_null() {
    let library = Library::empty(Backend::Sqlite).await;
    let whole = "mutation($input: BookDescribe!) { bookDescribe(input: $input) { id } }";
    let part = "mutation($note: String) { bookDescribe(input: {title: \"t\", note: $note}) { id } }";
    let default =
        "mutation($note: String = \"d\") { bookDescribe(input: {title: \"t\", note: $note}) { id } }";
    let cases = [
        (whole, json!({"input": {"title": "t"}}), "note: Keep"),
        (whole, json!({"input": {"title": "t", "note": null}}), "note: Set(None)"),
        (whole, json!({"input": {"title": "t", "note": "n"}}), "note: Set(Some(\"n\"))"),
        (part, json!({}), "note: Keep"),
        (part, json!({ "note": null }), "note: Set(None)"),
        (part, json!({ "note": "n" }), "note: Set(Some(\"n\"))"),
        (default, json!({}), "note: Set(Some(\"d\"))"),
        (default, json!({ "note": null }), "note: Set(None)"),
    ];
    for (query, variables, expected) in cases {
        let said = described(&library, query, variables.clone()).await;
        assert!(said.contains(expected), "{query} {variables}: {said}");
    }
}

#[tokio::test]
async fn every_kind_of_input_arrives() {
    let library = Library::empty(Backend::Sqlite).await;
    let values = json!({"title": "\u{1F600}", "pages": -2_147_483_648_i64, "copies": i64::MAX, "weight": 5e-324,
        "available": false, "acquired": "0001-01-01", "lateFee": "79228162514264337593543950335",
        "cost": {"amount": "1.5", "currency": "EUR"}, "genre": "POETRY", "settings": {"b": [1, {"a": null}]},
        "words": ["a", ""], "rows": [[1, null], null, []], "tags": [{"name": "x", "colour": "RED"}]});
    let expected = "BookDescribe { title: \"\u{1F600}\", pages: Some(-2147483648), \
        copies: Some(9223372036854775807), weight: Some(5e-324), available: Some(false), acquired: Some(0001-01-01), \
        late_fee: Some(79228162514264337593543950335), cost: Some(MoneyInput { amount: 1.5, currency: \"EUR\" }), \
        genre: Some(Poetry), settings: Some(Object {\"b\": Array [Number(1), Object {\"a\": Null}]}), \
        words: Some([\"a\", \"\"]), rows: Some([Some([Some(1), None]), None, Some([])]), \
        tags: Some([TagCreate { name: \"x\", colour: Some(Red) }]), note: Keep }";
    let query = "mutation($input: BookDescribe!) { bookDescribe(input: $input) { id } }";
    assert_eq!(described(&library, query, json!({ "input": values })).await, expected);
    let literal = r#"mutation { bookDescribe(input: {title: "😀", pages: -2147483648, copies: 9223372036854775807,
        weight: 5e-324, available: false, acquired: "0001-01-01", lateFee: "79228162514264337593543950335",
        cost: {currency: "EUR", amount: "1.5"}, genre: POETRY, settings: {b: [1, {a: null}]}, words: ["a", ""],
        rows: [[1, null], null, []], tags: {name: "x", colour: RED}}) { id } }"#;
    assert_eq!(described(&library, literal, Json::Null).await, expected);
    // The same in pieces: variables at every place of a literal.
    let pieces = r#"mutation($t: String!, $w: String!, $r: [Int], $n: Int = 1, $c: Colour, $a: Decimal!) {
        bookDescribe(input: {title: $t, pages: -2147483648, copies: 9223372036854775807, weight: 5e-324,
        available: false, acquired: "0001-01-01", lateFee: "79228162514264337593543950335",
        cost: {currency: "EUR", amount: $a}, genre: POETRY, settings: {b: [1, {a: null}]}, words: [$w, ""],
        rows: [[$n, null], $r, []], tags: [{name: "x", colour: $c}]}) { id } }"#;
    let variables = json!({"t": "\u{1F600}", "w": "a", "c": "RED", "a": "1.5"});
    assert_eq!(described(&library, pieces, variables).await, expected);
}

#[tokio::test]
async fn null_for_a_position_that_must_not_be_null() {
    on_both(async |library| {
        // A nullable variable with a default may stand where null may not, and be null all the same.
        let query = "query($d: Deleted = ONLY) { books(deleted: $d) { totalCount } }";
        let deleted = json!({"books": {"totalCount": 1}});
        assert_eq!(library.data(query, json!({})).await, deleted, "{}", library.backend);
        assert_eq!(library.data(query, json!({"d": "ONLY"})).await, deleted, "{}", library.backend);
        let body = library.ask(query, json!({ "d": null })).await;
        assert_eq!(body["data"], json!({"books": null}), "{}: {body}", library.backend);
        assert_eq!(body["errors"][0]["path"], json!(["books"]), "{}", library.backend);
        assert_eq!(
            body["errors"][0]["extensions"]["fields"][0]["path"],
            json!(["deleted"]),
            "{}",
            library.backend
        );
        // The argument's own default, when the variable is absent.
        let query = "query($d: Deleted!, $f: Int) { books(deleted: $d, first: $f) { totalCount } }";
        let body = library.ask(query, json!({})).await;
        assert_eq!(body["errors"][0]["extensions"]["fields"][0]["code"], "REQUIRED", "{}", library.backend);
        let query = "query($f: Int, $o: [BookOrder!], $w: BookFilter) {
            books(first: $f, orderBy: $o, filter: $w) { totalCount } }";
        for variables in [json!({}), json!({"f": null, "o": null, "w": null})] {
            let all = json!({"books": {"totalCount": 5}});
            assert_eq!(library.data(query, variables).await, all, "{}", library.backend);
        }
    })
    .await;
}

#[tokio::test]
async fn an_operation_is_chosen_by_name() {
    let library = Library::empty(Backend::Sqlite).await;
    let two = "query A { __typename } query B { b: __typename }";
    let cases = [
        (two, Some("B"), Ok(json!({"b": "Query"}))),
        (two, Some("A"), Ok(json!({"__typename": "Query"}))),
        (two, None, Err("the document has several operations; name one as operationName")),
        (two, Some("C"), Err("the document has no operation called C")),
        (two, Some(""), Err("the document has no operation called ")),
        ("{ __typename }", Some("A"), Err("the document has no operation called A")),
        ("fragment F on Query { __typename }", None, Err("fragment `F` must be used in an operation")),
        // A name and a text that together look like another text.
        ("query\n{ __typename }", None, Ok(json!({"__typename": "Query"}))),
        ("{ __typename }", Some("query"), Err("the document has no operation called query")),
    ];
    for (query, name, expected) in cases {
        let request = Request {
            query: query.to_owned(),
            operation_name: name.map(str::to_owned),
            ..Request::default()
        };
        let response = library.execute(&request).await;
        let body: Json = serde_json::from_slice(&response.body).expect("JSON");
        match expected {
            Ok(data) => {
                assert_eq!(body, json!({ "data": data }), "{query} {name:?}");
                assert_eq!(response.outcome, Outcome::Executed);
            }
            Err(message) => {
                assert_eq!(body["errors"][0]["message"], message, "{query} {name:?}: {body}");
                assert_eq!(response.outcome, Outcome::Refused);
                assert!(body.get("data").is_none());
            }
        }
    }
    let request = Request { query: "subscription { a }".to_owned(), ..Request::default() };
    assert_eq!(library.execute(&request).await.outcome, Outcome::Refused);
}
