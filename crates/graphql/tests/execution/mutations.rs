//! Mutations: one, many, serial.

use serde_json::{Value as Json, json};
use shoal_graphql::request::{Outcome, Request};

use crate::common::on_both;

#[tokio::test]
async fn mutations_run_one_after_another() {
    on_both(async |library| {
        let query = r#"mutation { __typename
            a: tagCreate(input: {name: "One", colour: RED}) { __typename id tag { __typename name colour books { totalCount } } }
            b: tagUpdate(input: {id: "f0000000-0000-0000-0000-000000000000", name: "Two"}) { tag { name colour } }
            c: tagUpdate(input: {id: "f0000000-0000-0000-0000-000000000000", colour: null}) { tag { name colour } }
            d: tagCreate(input: {name: "x"}) { id } }"#;
        let expected = json!({"__typename": "Mutation",
            "a": {"__typename": "TagPayload", "id": "f0000000-0000-0000-0000-000000000000",
                  "tag": {"__typename": "Tag", "name": "One", "colour": "RED", "books": {"totalCount": 0}}},
            "b": {"tag": {"name": "Two", "colour": "RED"}},
            "c": {"tag": {"name": "Two", "colour": null}},
            "d": {"id": "f0000000-0000-0000-0000-000000000001"}});
        library.expect_counted(query, 4, expected).await;
    })
    .await;
}

#[tokio::test]
async fn a_refusal_names_the_input() {
    on_both(async |library| {
        let query = r#"mutation { a: tagCreate(input: {name: ""}) { id }
            b: tagCreate(input: {name: "fault"}) { id } c: tagCreate(input: {name: "fine"}) { tag { name } } }"#;
        let body = library.ask(query, Json::Null).await;
        assert_eq!(body["data"], json!({"a": null, "b": null, "c": {"tag": {"name": "fine"}}}), "{}", library.backend);
        let expected = json!([
            {"message": "name: must not be empty", "locations": [{"line": 1, "column": 12}], "path": ["a"],
             "extensions": {"code": "VALIDATION",
                "fields": [{"path": ["input", "name"], "code": "BLANK", "message": "must not be empty"}]}},
            {"message": "internal error", "locations": [{"line": 2, "column": 13}], "path": ["b"],
             "extensions": {"code": "INTERNAL"}},
        ]);
        assert_eq!(body["errors"], expected, "{}", library.backend);
    })
    .await;
}

#[tokio::test]
async fn many_rows_are_answered_row_by_row() {
    on_both(async |library| {
        let query = "mutation($rows: [TagCreate!]!) { tagCreateMany(input: $rows) { __typename results { __typename
            id tag { name } error { __typename code message fields { __typename path code message } } } } }";
        let rows = json!({"rows": [{"name": "A"}, {"name": ""}, {"name": "B"}]});
        let data = library.data(query, rows).await;
        let result = |id: &str, name: &str| {
            json!({"__typename": "TagResult", "id": id, "tag": {"name": name}, "error": null})
        };
        let wrong = json!({"__typename": "FieldError", "path": ["name"], "code": "BLANK", "message": "must not be empty"});
        let expected = json!({"tagCreateMany": {"__typename": "TagManyPayload", "results": [
            result("f0000000-0000-0000-0000-000000000000", "A"),
            {"__typename": "TagResult", "id": null, "tag": null, "error": {"__typename": "RowError",
                "code": "VALIDATION", "message": "name: must not be empty", "fields": [wrong]}},
            result("f0000000-0000-0000-0000-000000000001", "B"),
        ]}});
        assert_eq!(data, expected, "{}", library.backend);
        let none = library.data(query, json!({"rows": []})).await;
        assert_eq!(none, json!({"tagCreateMany": {"__typename": "TagManyPayload", "results": []}}));
        // A single value stands for a list of one.
        let one = library.data("mutation { tagCreateMany(input: {name: \"C\"}) { results { tag { name } } } }", Json::Null).await;
        assert_eq!(one, json!({"tagCreateMany": {"results": [{"tag": {"name": "C"}}]}}));
        let body = library.ask(query, json!({"rows": vec![json!({"name": "x"}); 1001]})).await;
        assert_eq!(body["errors"][0]["extensions"]["code"], "LIMIT_EXCEEDED", "{}", library.backend);
    })
    .await;
}

#[tokio::test]
async fn a_transport_may_only_read() {
    on_both(async |library| {
        let query = "mutation { tagCreate(input: {name: \"x\"}) { id } }".to_owned();
        let request = Request { query, read_only: true, id: Some("req-1".to_owned()), ..Request::default() };
        let response = library.execute(&request).await;
        assert_eq!(response.outcome, Outcome::MutationRefused, "{}", library.backend);
        let body: Json = serde_json::from_slice(&response.body).expect("JSON");
        assert_eq!(body["errors"][0]["extensions"]["requestId"], "req-1", "{}", library.backend);
        assert_eq!(
            library.data("{ tags { totalCount } }", Json::Null).await,
            json!({"tags": {"totalCount": 3}})
        );
    })
    .await;
}
