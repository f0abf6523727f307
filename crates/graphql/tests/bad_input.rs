//! What is not acceptable is refused with a clear code and message, in bounded time, without a panic.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use shoal_graphql::declare::{Registry, any_record, column};
use shoal_graphql::engine::{Engine, Limits};

use crate::common::entities::{reader, shelf, tag};
use crate::common::{Backend, Library, TEXT, on_both};

/// Answers as text for a snapshot: the cases in a row.
async fn told(library: &Library, cases: &[(&str, Json)]) -> String {
    let mut text = String::new();
    for (query, variables) in cases {
        let body = library.ask(query, variables.clone()).await;
        let given = if variables.is_null() { String::new() } else { format!("  with {variables}") };
        let shown = query.escape_debug().to_string().replace("\\\"", "\"");
        let _ = writeln!(text, "{shown}{given}\n{body:#}\n");
    }
    text
}

#[tokio::test]
async fn documents_that_do_not_fit() {
    let library = Library::filled(Backend::Sqlite).await;
    let cases = [
        "",
        "{",
        "{ books { nodes { titel } } }",
        "{ books { nodes } }",
        "{ books { nodes { title { x } } } }",
        "{ bocks { totalCount } }",
        "{ books(frist: 1) { totalCount } }",
        "{ books(first: \"x\") { totalCount } }",
        "{ books(first: 1.5) { totalCount } }",
        "{ books(first: 99999999999999999999) { totalCount } }",
        "{ books(orderBy: {title: UP}) { totalCount } }",
        "{ books(filter: {titel: {eq: \"x\"}}) { totalCount } }",
        "{ books(filter: {genre: {eq: \"NOVEL\"}}) { totalCount } }",
        "{ book { title } }",
        "{ book(id: null) { title } }",
        "{ book(id: $id) { title } }",
        "query($id: ID!) { __typename }",
        "query($f: Int) { books(first: 1, filter: {pages: {eq: $f}}, last: $g) { totalCount } }",
        "query($f: String) { books(first: $f) { totalCount } }",
        "query($f: Int) { book(id: $f) { title } }",
        "query($f: Nothing) { __typename }",
        "query($f: Book) { __typename }",
        "query($f: Int = \"x\") { books(first: $f) { totalCount } }",
        "{ books { nodes { ... on Shelf { code } } } }",
        "{ ...F }",
        "{ ...F } fragment F on Nothing { x }",
        "{ __typename ...F } fragment F on Query { __typename ...F }",
        "{ __typename @skip }",
        "{ __typename @nothing }",
        "{ __typename @skip(if: true) @skip(if: true) }",
        "{ books(first: 1, first: 1) { totalCount } }",
        "{ books(filter: {pages: {eq: 1, eq: 1}}) { totalCount } }",
        "query A { __typename } query A { __typename }",
        "query($a: Int, $a: Int) { books(first: $a) { totalCount } }",
        "{ ...F ...F } fragment F on Query { __typename } fragment F on Query { __typename }",
        "{ a: books { totalCount } a: shelves { totalCount } }",
        "{ books { nodes { x: title x: pages } } }",
        "subscription { books { totalCount } }",
        "mutation { books { totalCount } }",
        "type Query { x: Int }",
        "{ \u{0} }",
        "{ __type { name } }",
    ];
    let cases: Vec<_> = cases.iter().map(|query| (*query, Json::Null)).collect();
    insta::assert_snapshot!("documents", told(&library, &cases).await);
}

/// What the message of each mistake proposes.
#[tokio::test]
async fn names_that_are_nearly_right() {
    let library = Library::empty(Backend::Sqlite).await;
    let cases = [
        "{ boks { totalCount } }",
        "{ books { totalcount nodes { TITLE acquird page x titleOfTheBook } } }",
        "{ node(id: \"x\") { ide } }",
        "{ books(frist: 1, orderby: {titel: ASC}) { totalCount } }",
        "{ books(orderBy: {title: asc}) { totalCount } }",
        "{ books(orderBy: {title: UP}) { totalCount } }",
        "{ books(filter: {genre: {eq: NOVLE}, page: {eq: 1}}) { totalCount } }",
        "{ books(filter: {pages: {gto: 1}}) { totalCount } }",
        "mutation { tagCreate(input: {nam: \"x\"}) { id } }",
        "mutation { tagCreat(input: {name: \"x\"}) { id } }",
        "query($f: BooksFilter) { books(filter: $f) { totalCount } }",
        "query($f: Strin, $g: Bok) { __typename }",
        "{ node(id: \"x\") { ... on Bok { title } ... on int { x } ... on __Typ { name } } }",
        "{ books { nodes { ...F } } } fragment F on book { title }",
        "{ __typename @skip(of: true) @skop(if: true) }",
        "{ __schema { typs { name } } __type(nam: \"Book\") { name } }",
    ];
    let mut text = String::new();
    for query in cases {
        let body = library.ask(query, Json::Null).await;
        let _ = writeln!(text, "{query}");
        for error in body["errors"].as_array().expect("it is refused") {
            let _ = writeln!(text, "    {}", error["message"].as_str().unwrap_or_default());
        }
    }
    insta::assert_snapshot!("names", text);
}

#[tokio::test]
async fn long_names_are_not_compared() {
    let library = Library::empty(Backend::Sqlite).await;
    let name = "x".repeat(1_000_000);
    let started = Instant::now();
    for (query, variables) in [
        (format!("{{ {name} }}"), Json::Null),
        ("query($f: BookFilter) { books(filter: $f) { totalCount } }".to_owned(), json!({"f": {name: 1}})),
    ] {
        let body = library.ask(&query, variables).await;
        assert!(!body["errors"][0]["message"].as_str().expect("it is refused").contains("did you mean"));
    }
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
async fn values_that_do_not_fit() {
    on_both(async |library| {
        let list = "query($f: BookFilter, $o: [BookOrder!], $n: Int, $l: Int, $a: String, $b: String, $d: Deleted! = EXCLUDE) {
            books(filter: $f, orderBy: $o, first: $n, last: $l, after: $a, before: $b, deleted: $d) { totalCount } }";
        let tag = "mutation($t: TagCreate!) { tagCreate(input: $t) { id } }";
        let cases = [
            (list, json!({"n": "x"})),
            (list, json!({"n": -1})),
            (list, json!({"n": 1001})),
            (list, json!({"n": 2_147_483_648_i64})),
            (list, json!({"n": 1.5})),
            (list, json!({"n": 1, "l": 1})),
            (list, json!({"l": -1})),
            (list, json!({"a": ""})),
            (list, json!({"a": "!"})),
            (list, json!({"b": "bnVsbA"})),
            (list, json!({"d": null})),
            (list, json!({"d": "GONE"})),
            (list, json!({"o": [{}]})),
            (list, json!({"o": [{"title": "ASC", "pages": "ASC"}]})),
            (list, json!({"o": {"title": null}})),
            (list, json!({"o": [null]})),
            (list, json!({"o": {"settings": "ASC"}})),
            (list, json!({"o": vec![json!({"title": "ASC"}); 9]})),
            (list, json!({"f": []})),
            (list, json!({"f": {"titel": {"eq": "x"}}})),
            (list, json!({"f": {"pages": {"eq": null}}})),
            (list, json!({"f": {"pages": null}})),
            (list, json!({"f": {"and": null}})),
            (list, json!({"f": {"or": [{"pages": {"in": [1, "x", null]}}, {"title": {"eq": 1}}]}})),
            (list, json!({"f": {"genre": {"in": ["NOVEL", "Novel"]}}})),
            (list, json!({"f": {"title": {"eq": "a\u{0}b"}}})),
            (list, json!({"f": {"lateFee": {"eq": "1.005"}}})),
            (list, json!({"f": {"lateFee": {"gt": "92233720368547758.08"}}})),
            (list, json!({"f": {"lateFee": {"gt": "1e400"}}})),
            (list, json!({"f": {"lateFee": {"gt": 1}}})),
            (list, json!({"f": {"price": {"eq": {"amount": "1.5", "currency": "JPY"}}}})),
            (list, json!({"f": {"price": {"eq": {"amount": "1.5", "currency": "XXX"}}}})),
            (list, json!({"f": {"price": {"eq": {"amount": "1.5"}}}})),
            (list, json!({"f": {"acquired": {"eq": "2026-02-30"}}})),
            (list, json!({"f": {"acquired": {"eq": "2026-2-3"}}})),
            (list, json!({"f": {"acquired": {"eq": "0000-01-01"}}})),
            (list, json!({"f": {"createdAt": {"eq": "2026-02-03 00:00"}}})),
            (list, json!({"f": {"createdAt": {"eq": "+12026-02-03T00:00:00Z"}}})),
            (list, json!({"f": {"copies": {"eq": 9_223_372_036_854_775_808_u64}}})),
            (list, json!({"f": {"copies": {"eq": 9_007_199_254_740_994.0}}})),
            (list, json!({"f": {"token": {"eq": "x"}}})),
            (list, json!({"f": {"token": {"eq": 5}}})),
            (list, json!({"f": {"available": {"eq": "true"}}})),
            (list, json!({"f": {"or": vec![json!({"pages": {"eq": 1}}); 201]}})),
            (tag, json!({})),
            (tag, json!({ "t": null })),
            (tag, json!({"t": {"name": null, "colour": "GREEN", "x": 1}})),
            (tag, json!({"t": "x".repeat(60)})),
            ("query($i: ID!) { book(id: $i) { id } }", json!({"i": "00000000-0000-0000-0000-00000000000"})),
            ("query($o: OrderDirection) { books(orderBy: {title: $o}) { totalCount } }", json!({"o": "ASC"})),
            ("{ books(orderBy: [{title: ASC, pages: DESC}]) { totalCount } }", Json::Null),
            ("{ books(orderBy: {}) { totalCount } }", Json::Null),
            ("{ books(filter: {title: {eq: \"\\u0000\"}}) { totalCount } }", Json::Null),
            ("query($x: Int) { books(filter: {acquired: {eq: \"x\"}}) { totalCount } shelves(first: $x) { totalCount } }", Json::Null),
            ("{ booksAggregate(groupBy: [{field: GENRE}, {field: STATE}, {field: PAGES}, {field: ISBN}, {field: TITLE}]) { count } }", Json::Null),
        ];
        // The same words on both databases.
        insta::assert_snapshot!("values", told(library, &cases).await);
    })
    .await;
}

#[tokio::test]
async fn cursors_of_another_list() {
    on_both(async |library| {
        let cursor = |data: &Json, list: &str| data[list]["edges"][0]["cursor"].clone();
        let data = library
            .data(
                "{ books(orderBy: {title: ASC}) { edges { cursor } } shelves { edges { cursor } } }",
                Json::Null,
            )
            .await;
        let query =
            "query($a: String, $o: [BookOrder!]) { books(after: $a, orderBy: $o) { nodes { title } } }";
        let cases = [
            (cursor(&data, "books"), json!({"title": "ASC"}), true),
            (cursor(&data, "books"), json!({"title": "DESC"}), false),
            (cursor(&data, "books"), json!({"subtitle": "ASC"}), false),
            (cursor(&data, "books"), json!([{"title": "ASC"}, {"pages": "ASC"}]), false),
            (cursor(&data, "books"), Json::Null, false),
            (cursor(&data, "shelves"), Json::Null, false),
        ];
        for (cursor, order, fits) in cases {
            let body = library.ask(query, json!({"a": cursor, "o": order})).await;
            assert_eq!(body.get("errors").is_none(), fits, "{}: {order} {body}", library.backend);
            if !fits {
                let field = json!({"path": ["after"], "code": "CURSOR",
                    "message": "the cursor does not belong to this list and order"});
                assert_eq!(body["errors"][0]["extensions"]["fields"], json!([field]), "{}", library.backend);
            }
        }
    })
    .await;
}

/// `count` fragments, each of which spreads the next one twice.
fn bomb(count: usize, of: impl Fn(usize) -> String) -> String {
    (0..count).map(of).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
async fn large_documents_end_soon() {
    let library = Library::empty(Backend::Sqlite).await;
    let deep =
        |open: &str, close: &str, count: usize| format!("{}{}", open.repeat(count), close.repeat(count));
    let spreads = |count: usize| {
        let chain = bomb(count, |n| format!("fragment F{n} on Query {{ ...F{} ...F{} }}", n + 1, n + 1));
        format!("{{ ...F0 }} {chain} fragment F{count} on Query {{ __typename }}")
    };
    let nested = |count: usize| {
        let chain = bomb(count, |n| {
            format!("fragment F{n} on Book {{ a: sequel {{ ...F{0} }} b: sequel {{ ...F{0} }} }}", n + 1)
        });
        format!("{{ books {{ nodes {{ ...F0 }} }} }} {chain} fragment F{count} on Book {{ title }}")
    };
    let same = |count: usize| {
        let chain = bomb(count, |n| {
            format!("fragment F{n} on Book {{ sequel {{ ...F{0} }} sequel {{ ...F{0} }} }}", n + 1)
        });
        format!("{{ books {{ nodes {{ ...F0 }} }} }} {chain} fragment F{count} on Book {{ title }}")
    };
    let chain = |count: usize| {
        let links = bomb(count, |n| format!("fragment F{n} on Query {{ ...F{} }}", n + 1));
        format!("{{ ...F0 }} {links} fragment F{count} on Query {{ __typename }}")
    };
    let cases = [
        ("10,000 braces", deep("{ a ", "}", 10_000)),
        ("190 levels", deep("{ a ", "}", 190)),
        ("10,000 brackets", format!("{{ books(filter: {}) {{ totalCount }} }}", deep("[", "]", 10_000))),
        (
            "4,000 objects",
            format!("{{ books(filter: {}1{}) {{ totalCount }} }}", "{not: ".repeat(4_000), "}".repeat(4_000)),
        ),
        (
            "100 objects",
            format!("{{ books(filter: {}{{}}{}) {{ totalCount }} }}", "{not: ".repeat(100), "}".repeat(100)),
        ),
        ("10,000 list types", format!("query($a: {}) {{ __typename }}", deep("[", "]", 10_000))),
        ("100,000 aliases", format!("{{ {} }}", bomb(100_000, |n| format!("a{n}: __typename")))),
        ("1,000 aliases", format!("{{ {} }}", bomb(1_000, |n| format!("a{n}: __typename")))),
        ("4,900 times one field", format!("{{ {} }}", "__typename ".repeat(4_900))),
        ("1,100 times one list", format!("{{ {} }}", "tags{nodes{id}} ".repeat(1_100))),
        ("spreads, doubled 20 times", spreads(20)),
        ("spreads, doubled 400 times", spreads(400)),
        ("relations, doubled 11 times", nested(11)),
        ("relations, doubled 20 times", nested(20)),
        ("same relations, doubled 11 times", same(11)),
        ("same relations, doubled 250 times", same(250)),
        ("a chain of 500 fragments", chain(500)),
        ("a chain of 150 fragments", chain(150)),
        ("300 directives", format!("{{ {} }}", "__typename @skip(if: false) ".repeat(300))),
        ("60 root fields", format!("{{ {} }}", bomb(60, |n| format!("a{n}: __typename")))),
        (
            "a ring of fragments",
            "{ ...A } fragment A on Query { ...B } fragment B on Query { ...C } fragment C on Query { ...A }"
                .to_owned(),
        ),
        ("a megabyte of nothing", format!("{{ __typename }}{}", " ".repeat(1_000_000))),
        (
            "a megabyte of text",
            format!("{{ books(filter: {{title: {{eq: \"{}\"}}}}) {{ totalCount }} }}", "x".repeat(1_000_000)),
        ),
        ("a long number", format!("{{ books(first: {}) {{ totalCount }} }}", "9".repeat(10_000))),
        (
            "introspection in circles",
            format!(
                "{{ __schema {{ types {} }} }}",
                deep("{ fields { type ", "}}", 6).replacen("type }", "type { name } }", 1)
            ),
        ),
        (
            "16 levels",
            format!("{{ books {{ nodes {{ {} title {} }} }} }}", "sequel {".repeat(13), "}".repeat(13)),
        ),
        (
            "15 levels",
            format!("{{ books {{ nodes {{ {} title {} }} }} }}", "sequel {".repeat(12), "}".repeat(12)),
        ),
    ];
    let mut text = String::new();
    for (name, query) in cases {
        let started = Instant::now();
        let body = library.ask(&query, Json::Null).await;
        let took = started.elapsed();
        assert!(took < Duration::from_secs(4), "{name} took {took:?}");
        let errors = body["errors"].as_array().cloned().unwrap_or_default();
        let first = errors.first().map_or_else(
            || "no error".to_owned(),
            |error| {
                let message: String =
                    error["message"].as_str().unwrap_or_default().chars().take(160).collect();
                format!("{} {message}", error["extensions"]["code"].as_str().unwrap_or_default())
            },
        );
        let _ = writeln!(text, "{name}: {} errors; {first}", errors.len());
    }
    insta::assert_snapshot!("large", text);
}

#[tokio::test]
async fn deep_variables_end_soon() {
    let library = Library::empty(Backend::Sqlite).await;
    let mut value = json!({});
    for _ in 0..120 {
        value = json!({ "not": value });
    }
    let query = "query($f: BookFilter) { books(filter: $f) { totalCount } }";
    let body = library.ask(query, json!({ "f": value })).await;
    assert_eq!(body["data"], json!({"books": {"totalCount": 0}}), "{body}");
    for _ in 0..500 {
        value = json!({ "not": value });
    }
    let body = library.ask(query, json!({ "f": value })).await;
    assert_eq!(body["errors"][0]["extensions"]["code"], "LIMIT_EXCEEDED", "{body}");
}

#[tokio::test]
async fn a_level_that_would_fill_the_memory() {
    let limits = Limits { records: 10, ..Limits::default() };
    for backend in Backend::ALL {
        let library = Library::with_limits(backend, limits).await;
        crate::common::data::small(&library.context).await;
        let body =
            library.ask("{ shelves { nodes { books(first: 4) { nodes { title } } } } }", Json::Null).await;
        assert_eq!(body["data"], json!({"shelves": null}), "{backend}");
        assert_eq!(body["errors"][0]["extensions"]["code"], "LIMIT_EXCEEDED", "{backend}: {body}");
        let message = "3 records with up to 4 books each are more than 10; ask for less at once";
        assert_eq!(body["errors"][0]["message"], message, "{backend}");
    }
}

#[test]
fn the_schema_of_the_library() {
    insta::assert_snapshot!("library.graphql", crate::common::schema::catalog().sdl());
}

/// Interfaces multiply: a field of an interface is planned for each of its types, and again below each of them.
#[tokio::test]
async fn interfaces_that_multiply() {
    let mut registry = Registry::default();
    let mut module = registry.module("linked");
    let about = "Another one.";
    module
        .interface("Linked", "Has a link.", &["link"])
        .entity::<tag::Entity>("Tag", "A word.")
        .partition(tag::Column::TenantId)
        .right("r")
        .implements("Linked")
        .column(column(tag::Column::Id, "The id."))
        .relation(any_record("link", about, "Linked", tag::Column::Name, tag::Column::Id));
    module
        .entity::<shelf::Entity>("Shelf", "A board.")
        .partition(shelf::Column::TenantId)
        .right("r")
        .implements("Linked")
        .column(column(shelf::Column::Id, "The id."))
        .relation(any_record("link", about, "Linked", shelf::Column::Code, shelf::Column::Id));
    module
        .entity::<reader::Entity>("Reader", "Someone.")
        .partition(reader::Column::TenantId)
        .right("r")
        .implements("Linked")
        .column(column(reader::Column::Id, "The id."))
        .relation(any_record("link", about, "Linked", reader::Column::Name, reader::Column::Id));
    let catalog = registry.compose().expect("links compose");
    let mut library = Library::empty(Backend::Sqlite).await;
    library.engine = Engine::with_catalog(Arc::new(catalog), Limits::default(), TEXT);
    let query = |levels: usize| {
        let links = format!("{}id{}", "link { ".repeat(levels), " }".repeat(levels));
        format!("{{ node(id: \"00000000-0000-0000-0000-000000000401\") {{ ... on Linked {{ {links} }} }} }}")
    };
    assert_eq!(library.data(&query(3), Json::Null).await, json!({"node": null}));
    let started = Instant::now();
    let body = library.ask(&query(13), Json::Null).await;
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    assert_eq!(body["errors"][0]["extensions"]["code"], "LIMIT_EXCEEDED", "{body}");
}

#[tokio::test]
async fn a_schema_that_is_not_shown() {
    let limits = Limits { introspection: false, ..Limits::default() };
    let library = Library::with_limits(Backend::Sqlite, limits).await;
    for query in [
        "{ __schema { queryType { name } } }",
        "{ shelves { totalCount } ...F } fragment F on Query { ... { a: __type(name: \"Book\") { name } } }",
    ] {
        let body = library.ask(query, Json::Null).await;
        assert_eq!(body["errors"][0]["extensions"]["code"], "FORBIDDEN", "{body}");
        assert!(body.get("data").is_none(), "{body}");
    }
    assert_eq!(library.data("{ __typename }", Json::Null).await, json!({"__typename": "Query"}));
    // What is nearly right is not put right either.
    let by_order = "query($o: [BookOrder!]) { books(orderBy: $o) { totalCount } }";
    for (query, variables) in [
        ("{ shelfs { totalCount } }", json!({})),
        (by_order, json!({"o": [{"titel": "ASC"}]})),
        (by_order, json!({"o": [{"title": "UP"}]})),
    ] {
        let text = library.ask(query, variables).await.to_string();
        for told in ["did you mean", "shelves", "DESC"] {
            assert!(!text.contains(told), "{told}: {text}");
        }
    }
}
