//! Values beside the record of a mutation.

use serde_json::{Value as Json, json};

use super::desk::{on_both, tag_id};

#[tokio::test]
async fn a_value_beside_the_record() {
    on_both(async |library| {
        let query = format!(
            "mutation {{ tagKeyCreate(input: {{id: \"{}\", how: \"x\"}}) {{ __typename id tag {{ name }} number
             key {{ __typename secret shelf {{ code }} }} again: key {{ shelf {{ position }} }} }} }}",
            tag_id(1)
        );
        let (body, statements) = library.ask_counted(&query, Json::Null).await;
        let expected = json!({"data": {"tagKeyCreate": {"__typename": "TagKeyCreatePayload", "id": tag_id(1),
            "tag": {"name": "Red thing"}, "number": 0,
            "key": {"__typename": "Key", "secret": "secret 0", "shelf": {"code": "A1"}},
            "again": {"shelf": {"position": 1}}}}});
        assert_eq!(body.to_string(), expected.to_string(), "{}", library.backend);
        assert_eq!(statements, 2, "{}", library.backend);
    })
    .await;
}

#[tokio::test]
async fn values_of_many_rows() {
    on_both(async |library| {
        let rows: Vec<Json> = ["x", "refuse", "keep", "broken", "lost"]
            .iter()
            .map(|how| json!({"id": tag_id(1), "how": how}))
            .collect();
        let query = "mutation($rows: [KeyCreate!]!) { tagKeyCreateMany(input: $rows) { __typename results { __typename
            number error { code } key { secret weight shelf { code } } } } }";
        let body = library.ask(query, json!({ "rows": rows })).await;
        let result = |number: Json, error: Json, key: Json| json!({"__typename": "TagKeyCreateResult",
            "number": number, "error": error, "key": key});
        let null = || Json::Null;
        let expected = json!({"tagKeyCreateMany": {"__typename": "TagKeyCreateManyPayload", "results": [
            result(json!(0), null(), json!({"secret": "secret 0", "weight": 0.5, "shelf": {"code": "A1"}})),
            result(null(), json!({"code": "VALIDATION"}), null()),
            result(null(), null(), null()),
            result(json!(3), null(), null()),
            result(json!(4), null(), json!({"secret": "secret 4", "weight": 0.5, "shelf": null})),
        ]}});
        assert_eq!(body["data"], expected, "{}", library.backend);
        let path = json!(["tagKeyCreateMany", "results", 3, "key", "weight"]);
        assert_eq!(body["errors"][0]["path"], path, "{}: {body}", library.backend);
        assert_eq!(body["errors"].as_array().map(Vec::len), Some(1), "{}", library.backend);
    })
    .await;
}

#[tokio::test]
async fn a_refused_row_tells_nothing() {
    on_both(async |library| {
        let query =
            "mutation($id: ID!) { tagKeyCreate(input: {id: $id, how: \"refuse\"}) { key { secret } } }";
        let body = library.ask(query, json!({"id": tag_id(1)})).await;
        assert_eq!(body["data"], json!({"tagKeyCreate": null}), "{}", library.backend);
        assert_eq!(body["errors"][0]["extensions"]["fields"][0]["path"], json!(["input", "how"]), "{body}");
    })
    .await;
}

/// A handler that tells what it has not declared is our fault.
#[tokio::test]
async fn values_must_be_declared() {
    on_both(async |library| {
        for how in ["other", "unknown"] {
            let query = "mutation($i: KeyCreate!) { tagKeyCreate(input: $i) { id } }";
            let body = library.ask(query, json!({"i": {"id": tag_id(1), "how": how}})).await;
            assert_eq!(body["data"], json!({"tagKeyCreate": null}), "{}: {how}", library.backend);
            assert_eq!(body["errors"][0]["extensions"]["code"], "INTERNAL", "{}: {how}", library.backend);
        }
    })
    .await;
}

/// Mutations of the same entity without values of their own share its payload types.
#[tokio::test]
async fn other_payloads_stay_as_they_are() {
    on_both(async |library| {
        let query = "mutation { tagCreate(input: {name: \"x\"}) { __typename tag { name } } }";
        let expected = json!({"tagCreate": {"__typename": "TagPayload", "tag": {"name": "x"}}});
        assert_eq!(library.data(query, Json::Null).await, expected, "{}", library.backend);
    })
    .await;
}
