//! One statement per relation and level, whatever the width.

use serde_json::Value as Json;

use crate::common::on_both;

#[tokio::test]
async fn statements_are_counted() {
    // What is asked, and how many statements it takes.
    let cases = [
        ("{ __typename }", 0),
        ("{ __schema { queryType { name } } }", 0),
        ("{ shelves { nodes { code } } }", 1),
        ("{ shelves { __typename } }", 0),
        ("{ shelves { totalCount } }", 1),
        ("{ shelves { totalCount nodes { code } } }", 2),
        ("{ shelves { pageInfo { hasNextPage } } }", 1),
        ("{ shelves { pageInfo { __typename } } }", 0),
        ("{ shelves { edges { cursor node { code } } nodes { id } pageInfo { endCursor } } }", 1),
        // One for each level, for all shelves, books, authors and awards.
        ("{ shelves { nodes { books { nodes { author { awards { title } } } } } } }", 4),
        ("{ shelves { nodes { books { totalCount nodes { author { name } } } } } }", 4),
        // Nothing to read below an empty level.
        ("{ shelves(filter: {code: {eq: \"no\"}}) { nodes { books { nodes { author { name } } } } } }", 1),
        ("{ books(filter: {isbn: {eq: \"isbn-4\"}}) { nodes { author { awards { title } } } } }", 1),
        // Two aliases with the same arguments share, others do not.
        ("{ books { nodes { a: author { name } b: author { born awards { year } } } } }", 3),
        ("{ books { nodes { a: tags { nodes { name } } b: tags { totalCount nodes { colour } } } } }", 3),
        ("{ books { nodes { a: tags(first: 1) { nodes { name } } b: tags { nodes { colour } } } } }", 3),
        ("{ a: books { nodes { title } } b: books { nodes { title } } }", 2),
        // Through a table between: the join is part of the statement.
        ("{ books { nodes { readers { nodes { books { nodes { title } } } } keeper { name } } } }", 4),
        // Any record: one for each type that there is.
        ("{ notes { nodes { subject { name } } } }", 4),
        (
            "{ node(id: \"00000000-0000-0000-0000-000000000301\") { ... on Book { title author { name } } } }",
            3,
        ),
        (
            "{ node(id: \"00000000-0000-0000-0000-0000000003ff\") { ... on Book { title author { name } } } }",
            1,
        ),
        ("{ booksAggregate { count } }", 1),
        ("{ booksAggregate { count sum { pages price { amount } cost { amount } } } }", 3),
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
