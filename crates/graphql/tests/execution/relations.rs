//! Every kind of relation, and who is not there.

use serde_json::{Value as Json, json};

use crate::common::on_both;

#[tokio::test]
async fn relations_of_every_kind() {
    on_both(async |library| {
        let query = "{ books { nodes { title
            author { name } shelf { code } sequel { title } prequels { nodes { title } }
            tags(orderBy: {name: DESC}) { nodes { name } totalCount } readers { nodes { name } totalCount }
            keeper { name } stuck { nodes { text } } } } }";
        let none = json!({"nodes": [], "totalCount": 0});
        let empty = json!({"nodes": []});
        let expected = json!({"books": {"nodes": [
            {"title": "Alpha", "author": {"name": "Ann"}, "shelf": {"code": "A1"}, "sequel": {"title": "Beta"},
             "prequels": empty,
             "tags": {"nodes": [{"name": "Red thing"}, {"name": "Blue thing"}], "totalCount": 2},
             "readers": {"nodes": [{"name": "Rita"}], "totalCount": 1}, "keeper": {"name": "Sam"},
             "stuck": {"nodes": [{"text": "note 1"}]}},
            {"title": "Beta", "author": {"name": "Ann"}, "shelf": {"code": "A1"}, "sequel": {"title": "Gamma"},
             "prequels": {"nodes": [{"title": "Alpha"}]},
             "tags": {"nodes": [{"name": "Red thing"}], "totalCount": 1}, "readers": none, "keeper": null,
             "stuck": {"nodes": [{"text": "note 4"}]}},
            {"title": "Gamma", "author": {"name": "Bo"}, "shelf": {"code": "B2"}, "sequel": null,
             "prequels": {"nodes": [{"title": "Beta"}]}, "tags": none,
             "readers": {"nodes": [{"name": "Sam"}], "totalCount": 1}, "keeper": null, "stuck": empty},
            {"title": "Delta", "author": null, "shelf": {"code": "B2"}, "sequel": null, "prequels": empty,
             "tags": none, "readers": none, "keeper": null, "stuck": empty},
            {"title": "Epsilon", "author": null, "shelf": {"code": "B2"}, "sequel": null, "prequels": empty,
             "tags": none, "readers": none, "keeper": null, "stuck": empty},
        ]}});
        library.expect_counted(query, 11, expected).await;
    })
    .await;
}

#[tokio::test]
async fn any_record_finds_the_type_of_each_row() {
    on_both(async |library| {
        let query = "{ notes { nodes { text subject { __typename name ... on Author { born } }
            item { __typename ... on Book { title author { name } } ... on Tag { colour } } } } }";
        let expected = json!({"notes": {"nodes": [
            {"text": "note 1", "subject": {"__typename": "Author", "name": "Ann", "born": "1960-05-01"},
             "item": {"__typename": "Book", "title": "Alpha", "author": {"name": "Ann"}}},
            {"text": "note 2", "subject": {"__typename": "Reader", "name": "Rita"},
             "item": {"__typename": "Tag", "colour": "BLUE"}},
            {"text": "note 3", "subject": null, "item": null},
            {"text": "note 4", "subject": null, "item": {"__typename": "Book", "title": "Beta",
             "author": {"name": "Ann"}}},
            {"text": "note 5", "subject": null, "item": null},
            {"text": "note 6", "subject": {"__typename": "Tag", "name": "Red thing"}, "item": null},
        ]}});
        library.expect_counted(query, 7, expected).await;
    })
    .await;
}

#[tokio::test]
async fn a_plain_list_has_its_own_order() {
    on_both(async |library| {
        let query = r"{ authors { nodes { name awards { year title }
            best: awards(orderBy: {year: DESC}, first: 1, filter: {year: {gt: 1990}}) { title }
            same: awards(orderBy: []) { year } none: awards(first: 0) { year } } } }";
        let expected = json!({"authors": {"nodes": [
            {"name": "Ann", "awards": [{"year": 1999, "title": "Silver"}, {"year": 2001, "title": "Gold"}],
             "best": [{"title": "Gold"}], "same": [{"year": 1999}, {"year": 2001}], "none": []},
            {"name": "Bo", "awards": [], "best": [], "same": [], "none": []},
        ]}});
        library.expect(query, expected).await;
    })
    .await;
}

#[tokio::test]
async fn a_list_may_be_ordered_by_a_column_that_is_no_field() {
    on_both(async |library| {
        let at = r#"book(id: "00000000-0000-0000-0000-000000000301")"#;
        let query =
            format!("{{ {at} {{ words(first: 1) {{ nodes {{ name }} pageInfo {{ endCursor }} }} }} }}");
        let data = library.data(&query, Json::Null).await;
        let page = &data["book"]["words"];
        assert_eq!(page["nodes"], json!([{"name": "Blue thing"}]), "{}", library.backend);
        let query =
            format!("query($a: String) {{ {at} {{ words(after: $a) {{ nodes {{ name }} totalCount }} }} }}");
        let rest = library.data(&query, json!({"a": page["pageInfo"]["endCursor"]})).await;
        let expected = json!({"words": {"nodes": [{"name": "Red thing"}], "totalCount": 2}});
        assert_eq!(rest["book"], expected, "{}", library.backend);
    })
    .await;
}

#[tokio::test]
async fn deleted_records_are_there_when_asked_for() {
    on_both(async |library| {
        for (word, names) in [("EXCLUDE", vec!["Alpha", "Beta"]), ("ONLY", vec!["Zeta"]), ("INCLUDE", vec!["Alpha", "Beta", "Zeta"])] {
            let nodes: Vec<_> = names.iter().map(|title| json!({ "title": title })).collect();
            let list = json!({"nodes": nodes, "totalCount": names.len()});
            let query = format!(
                r#"{{ author(id: "00000000-0000-0000-0000-000000000201") {{
                    books(deleted: {word}) {{ nodes {{ title }} totalCount }} }} }}"#
            );
            library.expect(&query, json!({"author": {"books": list}})).await;
            let query = format!(
                r#"{{ books(deleted: {word}, filter: {{authorId: {{eq: "00000000-0000-0000-0000-000000000201"}}}})
                    {{ nodes {{ title }} totalCount }} }}"#
            );
            library.expect(&query, json!({ "books": list })).await;
        }
        // Through a table between, too: the tag stands on a deleted book.
        let query = r#"{ tag(id: "00000000-0000-0000-0000-000000000401") {
            books { nodes { title } totalCount } all: books(deleted: INCLUDE) { nodes { title } totalCount }
            gone: books(deleted: ONLY) { totalCount nodes { title } } } }"#;
        let expected = json!({"tag": {
            "books": {"nodes": [{"title": "Alpha"}, {"title": "Beta"}], "totalCount": 2},
            "all": {"nodes": [{"title": "Alpha"}, {"title": "Beta"}, {"title": "Zeta"}], "totalCount": 3},
            "gone": {"totalCount": 1, "nodes": [{"title": "Zeta"}]}}});
        library.expect(query, expected).await;
        let query = r#"{ author(id: "00000000-0000-0000-0000-000000000203") { name }
            node(id: "00000000-0000-0000-0000-000000000203") { id } }"#;
        library.expect(query, json!({"author": null, "node": null})).await;
    })
    .await;
}
