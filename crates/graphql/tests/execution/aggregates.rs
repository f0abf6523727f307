//! Sums, counts and groups.

use serde_json::{Value as Json, json};

use crate::common::data::plain_book;
use crate::common::entities::book;
use crate::common::{Backend, Library, on_both};

#[tokio::test]
async fn sums_wider_than_64_bits() {
    for backend in Backend::ALL {
        let library = Library::empty(backend).await;
        let books = (1..=3).map(|number| book::Model {
            copies: i64::MAX,
            downloads: Some(i64::MIN),
            late_fee: i64::MAX,
            cost_amount: i64::MIN,
            ..plain_book(number, "x")
        });
        library.context.insert_models::<book::Entity>(&books.collect::<Vec<_>>()).await;
        let query =
            "{ booksAggregate { count sum { copies lateFee cost { amount } } avg { copies downloads lateFee }
            min { downloads } max { lateFee } } }";
        let body = library.ask(query, Json::Null).await;
        let expected = json!([{"count": 3,
            "sum": {"copies": null, "lateFee": "276701161105643274.21", "cost": [{"amount": "-276701161105643274.24"}]},
            "avg": {"copies": 9.223_372_036_854_776e18, "downloads": -9.223_372_036_854_776e18,
                    "lateFee": "92233720368547758.07"},
            "min": {"downloads": i64::MIN}, "max": {"lateFee": "92233720368547758.07"}}]);
        assert_eq!(body["data"]["booksAggregate"], expected, "{backend}: {body}");
        assert_eq!(body["errors"][0]["extensions"]["code"], "LIMIT_EXCEEDED", "{backend}: {body}");
        assert_eq!(body["errors"][0]["path"], json!(["booksAggregate", 0, "sum", "copies"]), "{backend}");
    }
}

#[tokio::test]
async fn groups_come_in_the_order_of_their_keys() {
    on_both(async |library| {
        let query = "{ booksAggregate(groupBy: [{author: {field: NAME}}, {field: GENRE}]) { keys count
            sum { pages price { amount currency } } avg { pages } max { published } } }";
        let group = |author: Json, genre: &str, count: u32, pages: (u32, f64), price: Json, published: Json| {
            json!({"keys": [author, genre], "count": count, "sum": {"pages": pages.0, "price": price},
                   "avg": {"pages": pages.1}, "max": {"published": published}})
        };
        let expected = json!({"booksAggregate": [
            group(json!("Ann"), "NOVEL", 1, (100, 100.0), json!([{"amount": "12.50", "currency": "EUR"}]), json!("2020-12-31")),
            group(json!("Ann"), "POETRY", 1, (13, 13.0), json!([{"amount": "900", "currency": "JPY"}]), Json::Null),
            group(json!("Bo"), "NOVEL", 1, (14, 14.0), json!([]), Json::Null),
            group(Json::Null, "NOVEL", 2, (100, 50.0), json!([]), Json::Null),
        ]});
        library.expect(query, expected).await;
        library
            .expect(
                "{ booksAggregate(groupBy: [{published: WEEK}], filter: {published: {isNull: false}}) { keys count } }",
                json!({"booksAggregate": [{"keys": ["2020-W53"], "count": 1}]}),
            )
            .await;
        library
            .expect(
                "{ booksAggregate(groupBy: [{keeper: {field: NAME}}], first: 1) { keys count } }",
                json!({"booksAggregate": [{"keys": ["Sam"], "count": 1}]}),
            )
            .await;
        library.expect("{ booksAggregate(first: 0) { count } }", json!({"booksAggregate": [{"count": 5}]})).await;
        library
            .expect("{ booksAggregate(filter: {pages: {gt: 9999}}) { keys count sum { pages } } }",
                json!({"booksAggregate": [{"keys": [], "count": 0, "sum": {"pages": null}}]}))
            .await;
    })
    .await;
}
