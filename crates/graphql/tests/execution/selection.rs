//! Aliases, fragments, merging, conditions, `__typename`.

use serde_json::{Value as Json, json};

use crate::common::{Library, on_both};

#[tokio::test]
async fn a_record_with_every_kind_of_column() {
    on_both(async |library| {
        let query = r#"{ book(id: "00000000-0000-0000-0000-000000000301") {
            __typename id title subtitle isbn pages volume copies downloads weight rating available signed acquired
            published createdAt lentAt lateFee factor genre state settings meta token deletedAt
            cost { __typename amount currency } price { currency amount } label summary isHeavy } }"#;
        let expected = json!({"book": {
            "__typename": "Book", "id": "00000000-0000-0000-0000-000000000301", "title": "Alpha",
            "subtitle": "The \"first\"\n\u{1F600}", "isbn": "isbn-1", "pages": 100, "volume": 1,
            "copies": 9_007_199_254_740_993_i64, "downloads": i64::MIN, "weight": 1.5, "rating": 4.25,
            "available": true, "signed": false, "acquired": "2020-01-02", "published": "2020-12-31",
            "createdAt": "2026-01-02T03:04:05Z", "lentAt": "2026-02-03T04:05:06.000007Z", "lateFee": "1.50",
            "factor": "-1.2345", "genre": "NOVEL", "state": "USED",
            "settings": {"a": {"y": 1.5}, "b": [1, null, "x"]}, "meta": "text",
            "token": "00000000-0000-0000-0000-000000000007", "deletedAt": null,
            "cost": {"__typename": "Money", "amount": "10.00", "currency": "EUR"},
            "price": {"currency": "EUR", "amount": "12.50"}, "label": "isbn-1 (100)", "summary": "Alpha happens",
            "isHeavy": true,
        }});
        library.expect_counted(query, 1, expected).await;
    })
    .await;
}

const ALPHA: &str = r#"book(id: "00000000-0000-0000-0000-000000000301")"#;

async fn expect_alpha(library: &Library, selection: &str, expected: Json) {
    library.expect(&format!("{{ {ALPHA} {{ {selection} }} }}"), json!({ "book": expected })).await;
}

#[tokio::test]
async fn fields_merge_in_the_order_in_which_they_are_met() {
    on_both(async |library| {
        let cases = [
            ("b: title a: pages title", json!({"b": "Alpha", "a": 100, "title": "Alpha"})),
            ("title pages title", json!({"title": "Alpha", "pages": 100})),
            (
                "author { name } pages author { born name }",
                json!({"author": {"name": "Ann", "born": "1960-05-01"}, "pages": 100}),
            ),
            (
                "... { author { x: name } } ... on Book { author { name } title }",
                json!({"author": {"x": "Ann", "name": "Ann"}, "title": "Alpha"}),
            ),
            (
                "one: author { name } two: author { id } price { amount } p: price { c: currency amount }",
                json!({"one": {"name": "Ann"}, "two": {"id": "00000000-0000-0000-0000-000000000201"},
                    "price": {"amount": "12.50"}, "p": {"c": "EUR", "amount": "12.50"}}),
            ),
            (
                "tags(first: 1) { nodes { name } } all: tags { edges { node { n: name } } totalCount }
                 tags(first: 1) { nodes { colour } pageInfo { hasNextPage } }",
                json!({"tags": {"nodes": [{"name": "Red thing", "colour": "RED"}], "pageInfo": {"hasNextPage": true}},
                    "all": {"edges": [{"node": {"n": "Red thing"}}, {"node": {"n": "Blue thing"}}],
                    "totalCount": 2}}),
            ),
        ];
        for (selection, expected) in cases {
            expect_alpha(library, selection, expected).await;
        }
    })
    .await;
}

#[tokio::test]
async fn fragments_apply_to_their_types() {
    on_both(async |library| {
        let query = r#"
            query { node(id: "00000000-0000-0000-0000-000000000301") { ...Any ... on Named { no: name } } }
            fragment Any on Node { __typename id ...OnBook ... on Author { name } ... on Item { ...InItem } }
            fragment OnBook on Book { title author { ...Who } }
            fragment Who on Named { name ... on Author { born } ... on Reader { no: id } ... @include(if: true) { again: name } }
            fragment InItem on Item { ... on Tag { no: name } ... on Book { pages } }"#;
        let expected = json!({"node": {"__typename": "Book", "id": "00000000-0000-0000-0000-000000000301",
            "title": "Alpha", "author": {"name": "Ann", "born": "1960-05-01", "again": "Ann"}, "pages": 100}});
        library.expect(query, expected).await;
    })
    .await;
}

#[tokio::test]
async fn skip_and_include_in_all_combinations() {
    on_both(async |library| {
        for (skip, include) in [(false, false), (false, true), (true, false), (true, true)] {
            let shown = !skip && include;
            let expected = |shown: bool| if shown { json!({"pages": 100, "title": "Alpha"}) } else { json!({"pages": 100}) };
            let at = format!("@skip(if: {skip}) @include(if: {include})");
            let forms = [
                format!("pages title {at}"),
                format!("pages ... {at} {{ title }}"),
                format!("pages ... on Book {at} {{ title }}"),
            ];
            for form in forms {
                expect_alpha(library, &form, expected(shown)).await;
            }
            let spread =
                format!("{{ {ALPHA} {{ pages ...F {at} }} }} fragment F on Book {{ title }}");
            library.expect(&spread, json!({ "book": expected(shown) })).await;
            // The same document with variables: a plan for each combination.
            let query = format!(
                "query($s: Boolean!, $i: Boolean! = true) {{ {ALPHA} {{ pages title @skip(if: $s) @include(if: $i) }} }}"
            );
            let data = library.data(&query, json!({"s": skip, "i": include})).await;
            assert_eq!(data, json!({ "book": expected(shown) }), "{}", library.backend);
            let data = library.data(&query, json!({ "s": skip })).await;
            assert_eq!(data, json!({ "book": expected(!skip) }), "{}: default of a condition", library.backend);
        }
        library.expect("{ shelves @skip(if: true) { totalCount } }", json!({})).await;
        let query = format!("{{ {ALPHA} {{ author {{ name @skip(if: true) }} title @skip(if: true) title }} }}");
        library.expect(&query, json!({"book": {"author": {}, "title": "Alpha"}})).await;
    })
    .await;
}

#[tokio::test]
async fn a_condition_must_not_be_null() {
    on_both(async |library| {
        let query = format!("query($s: Boolean = false) {{ {ALPHA} {{ pages title @skip(if: $s) }} }}");
        let body = library.ask(&query, json!({ "s": null })).await;
        assert_eq!(body["errors"][0]["extensions"]["code"], "VALIDATION", "{}: {body}", library.backend);
        assert!(body.get("data").is_none(), "{}: {body}", library.backend);
    })
    .await;
}

#[tokio::test]
async fn typename_stands_everywhere() {
    on_both(async |library| {
        let query = r"{ __typename t: __typename
            shelves(first: 1) { __typename edges { __typename node { __typename } } nodes { __typename }
                pageInfo { __typename } }
            booksAggregate { __typename sum { __typename price { __typename } } avg { __typename } min { __typename }
                max { __typename } } }";
        let expected = json!({"__typename": "Query", "t": "Query", "shelves": {
            "__typename": "ShelfConnection",
            "edges": [{"__typename": "ShelfEdge", "node": {"__typename": "Shelf"}}],
            "nodes": [{"__typename": "Shelf"}],
            "pageInfo": {"__typename": "PageInfo"}},
            "booksAggregate": [{"__typename": "BookAggregate",
                "sum": {"__typename": "BookSum", "price": [{"__typename": "Money"}, {"__typename": "Money"}]},
                "avg": {"__typename": "BookAverage"}, "min": {"__typename": "BookMinimum"},
                "max": {"__typename": "BookMaximum"}}]});
        library.expect(query, expected).await;
    })
    .await;
}

#[tokio::test]
async fn root_fields_come_in_the_order_of_the_document() {
    on_both(async |library| {
        let query = r#"{ z: shelves { totalCount } a: book(id: "00000000-0000-0000-0000-0000000003ff") { title }
            __typename m: tags { totalCount } node(id: "00000000-0000-0000-0000-000000000401") { id } }"#;
        let expected = json!({"z": {"totalCount": 3}, "a": null, "__typename": "Query", "m": {"totalCount": 3},
            "node": {"id": "00000000-0000-0000-0000-000000000401"}});
        library.expect(query, expected).await;
    })
    .await;
}
