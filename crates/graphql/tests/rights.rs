//! Rights: what a caller lacks is refused before anything runs, and not told of.

#[path = "rights/schema.rs"]
pub mod schema;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Value as Json, json};
use shoal_graphql::catalog::RightPlace;
use shoal_graphql::context::RightSet;

use crate::common::{Backend, Library};
use crate::values::desk;
use schema::{Coordinates, introspected};

/// Every right that the library names.
fn rights(library: &Library) -> BTreeSet<&'static str> {
    library.engine.catalog().rights().into_iter().map(|used| used.right).collect()
}

fn without(library: &Library, lacking: &[&str]) -> RightSet {
    rights(library).into_iter().filter(|right| !lacking.contains(right)).collect()
}

/// All but one, each alone, none.
fn cases(library: &Library) -> Vec<(String, RightSet)> {
    let rights = rights(library);
    let mut cases = vec![("nothing".to_owned(), RightSet::from_iter([""; 0]))];
    for right in &rights {
        cases.push((format!("all but {right}"), without(library, &[right])));
        cases.push((format!("only {right}"), [*right].into_iter().collect()));
    }
    cases
}

#[test]
fn sets_of_rights() {
    let set: RightSet = ["b", "a", "b"].into_iter().collect();
    assert_eq!(set, ["a", "b"].into_iter().map(str::to_owned).collect());
    assert!(set.holds("a") && set.holds("b") && !set.holds("c") && !set.holds(""));
    assert!(RightSet::all().holds("c") && RightSet::all() != set);
    assert!(set.allows(None) && set.allows(Some("a")) && !set.allows(Some("c")));
}

/// Both directions: what is shown can be used, and what is not shown is refused.
#[tokio::test]
async fn what_is_shown_is_what_is_not_refused() {
    let mut library = Library::empty(Backend::Sqlite).await;
    desk::open(&mut library);
    let probes = Coordinates::of(&library.engine.catalog().sdl()).probes();
    assert!(probes.len() > 5_000, "{}", probes.len());
    for (number, (case, rights)) in cases(&library).into_iter().enumerate() {
        let shown = Coordinates::of(&library.engine.catalog().sdl_for(&rights)).names();
        library.context.rights = rights;
        let mut refused = 0;
        for (position, probe) in probes.iter().enumerate() {
            let missing: Vec<_> = probe.names.iter().filter(|name| !shown.contains(*name)).collect();
            // All of them in all cases would take long: what one right changes is tried each time, the rest in turns.
            let in_turns = missing.is_empty() || !case.starts_with("all but");
            if in_turns && position % 8 != number % 8 {
                continue;
            }
            let (body, statements) = library.try_counted(&probe.query, probe.variables.clone()).await;
            let errors = body["errors"].as_array().cloned().unwrap_or_default();
            let is_forbidden = |error: &Json| error["extensions"]["code"] == "FORBIDDEN";
            let told = || format!("{case}: {} {}: {missing:?}: {body}", probe.query, probe.variables);
            if missing.is_empty() {
                assert!(!errors.iter().any(is_forbidden), "shown, but refused: {}", told());
            } else {
                refused += 1;
                assert!(!errors.is_empty() && errors.iter().all(is_forbidden), "not shown: {}", told());
                assert!(errors.iter().all(|error| error["path"].is_array()), "{}", told());
                assert_eq!((body.get("data"), statements), (None, 0), "{}", told());
            }
        }
        assert!(refused > 0, "{case}");
    }
}

#[tokio::test]
async fn introspection_shows_what_the_text_shows() {
    let mut library = Library::empty(Backend::Sqlite).await;
    desk::open(&mut library);
    let query = "{ __schema { types { name kind fields { name } inputFields { name } enumValues { name }
        possibleTypes { name } } } }";
    let whole = Coordinates::of(&library.engine.catalog().sdl()).names();
    for (case, rights) in cases(&library) {
        let sdl = library.engine.catalog().sdl_for(&rights);
        let text = Coordinates::of(&sdl).names();
        assert!(text.is_subset(&whole), "{case}: {:?}", text.difference(&whole).collect::<Vec<_>>());
        library.context.rights = rights;
        let found = introspected(&library.data(query, Json::Null).await);
        let built_in = ["Boolean", "Float", "ID", "Int", "String"];
        let is_known = |name: &&String| !built_in.contains(&name.as_str());
        let text: BTreeSet<_> = text.iter().filter(|name| !name.contains('(')).filter(is_known).collect();
        assert_eq!(found.iter().filter(is_known).collect::<BTreeSet<_>>(), text, "{case}");
    }
    let all: RightSet = rights(&library).into_iter().chain(["another"]).collect();
    assert_eq!(library.engine.catalog().sdl_for(&all), library.engine.catalog().sdl());
    assert_eq!(library.engine.catalog().sdl_for(&RightSet::all()), library.engine.catalog().sdl());
    // A type that nothing leads to is not there; one that is needed otherwise is.
    let few = library.engine.catalog().sdl_for(&["library.tag.read"].into_iter().collect());
    for (name, shown) in [
        ("type Tag ", true),
        ("interface Named ", true),
        ("enum Colour ", true),
        ("type Book ", false),
        ("enum Genre ", false),
        ("input MoneyInput ", false),
        ("type Mutation ", false),
    ] {
        assert_eq!(few.contains(name), shown, "{name}");
    }
    library.context.rights = ["library.tag.read"].into_iter().collect();
    let query = "{ b: __type(name: \"Book\") { name } t: __type(name: \"Tag\") { fields { name } } }";
    let fields = ["id", "name", "colour"].map(|name| json!({"name": name}));
    library.expect_counted(query, 0, json!({"b": null, "t": {"fields": fields}})).await;
}

/// What is asked, with which variables, and which rights are lacking.
type Case = (&'static str, fn() -> Json, &'static [&'static str]);

const DOCUMENTS: &[Case] = &[
    (
        "{ b: books(first: 1) { nodes { title r: rating summary } } }",
        || json!({}),
        &["library.rating.read", "library.summary.read"],
    ),
    (
        "{ books { nodes { ...B } } tags { totalCount } } fragment B on Book { sequel { rating } }",
        || json!({}),
        &["library.rating.read", "library.sequel.read", "library.tag.read"],
    ),
    (
        "{ book(id: \"00000000-0000-0000-0000-000000000301\") { author { name } } node(id: \"00000000-0000-0000-0000-000000000301\") { ... on Book { rating } } }",
        || json!({}),
        &["library.author.read", "library.rating.read"],
    ),
    (
        "{ notes { nodes { subject { name } item { ... on Book { rating } } } } }",
        || json!({}),
        &["library.reader_name.read", "library.rating.read"],
    ),
    ("{ notes { nodes { item { __typename } } } }", || json!({}), &["library.book.read", "library.tag.read"]),
    (
        "query($f: BookFilter, $o: [BookOrder!]) { books(filter: $f, orderBy: $o) { totalCount } }",
        || json!({"f": {"not": {"or": [{"rating": {"gt": 1}}, {"sequel": {"cost": {"isNull": true}}}]}}, "o": [{"title": "ASC"}, {"rating": "DESC"}]}),
        &["library.rating.read", "library.cost.read"],
    ),
    (
        "query($r: FloatFilter) { books(filter: {and: [{rating: $r}, {author: {}}]}) { totalCount } }",
        || json!({"r": {"gt": 1}}),
        &["library.rating.read", "library.author.read"],
    ),
    (
        "query($g: [BookGroupBy!]) { booksAggregate(groupBy: $g) { count sum { rating } avg { cost { amount } } } }",
        || json!({"g": [{"field": "RATING"}, {"acquired": "MONTH"}, {"sequel": {"field": "TITLE"}}]}),
        &["library.rating.read", "library.cost.read", "library.sequel.read"],
    ),
    (
        "mutation($i: BookDescribe!) { tagCreate(input: {name: \"not made\"}) { id } bookDescribe(input: $i) { id } }",
        || json!({"i": {"title": "x", "cost": null, "genre": "NOVEL"}}),
        &["library.cost.update", "library.genre.update"],
    ),
    (
        "mutation { tagCreateMany(input: [{name: \"not made\"}]) { results { t: tag { books(filter: {rating: {gt: 1}}) { totalCount } } } } }",
        || json!({}),
        &["library.tag.read", "library.rating.read"],
    ),
    ("mutation { tagCreate(input: {name: \"not made\"}) { id } }", || json!({}), &["library.tag.create"]),
    (
        "{ report(name: \"x\") { title a: author { name } books { id rating } parts { book { id } } } favourite { born } }",
        || json!({}),
        &["desk.report.read", "library.author.read", "library.rating.read"],
    ),
    ("{ pair { __typename } }", || json!({}), &["library.author.read", "library.book.read"]),
    (
        "mutation($i: KeyCreate!) { tagKeyCreate(input: $i) { number key { shelf { code } } s: shelf { id } } }",
        || json!({"i": {"id": "00000000-0000-0000-0000-000000000401", "how": "make"}}),
        &["desk.key.create", "library.shelf.read"],
    ),
    (
        "subscription($f: BookFilter) { bookChanged(filter: $f) { kind b: book { id rating } } }",
        || json!({"f": {"not": {"rating": {"gt": 1}}}}),
        &["library.rating.read"],
    ),
    ("subscription { bookChanged { kind } }", || json!({}), &["library.book.read"]),
];

#[tokio::test]
async fn refusals() {
    let mut text = String::new();
    let mut library = desk::filled(Backend::Sqlite).await;
    for (query, variables, lacking) in DOCUMENTS {
        library.context.rights = without(&library, lacking);
        let (body, statements) = library.try_counted(query, variables()).await;
        assert_eq!(statements, 0, "{query}");
        let _ = writeln!(text, "{query}\n{}\n  lacking {}", variables(), lacking.join(", "));
        for error in body["errors"].as_array().unwrap_or_else(|| panic!("{query}: {body}")) {
            let _ = writeln!(text, "  {error}");
        }
        text.push('\n');
        // With all rights it is answered.
        library.context.rights = rights(&library).into_iter().collect();
        let reading = !query.starts_with("mutation");
        let body = if reading { library.try_counted(query, variables()).await.0 } else { Json::Null };
        assert!(body.get("errors").is_none(), "{query}: {body}");
    }
    insta::assert_snapshot!(text);
    library.context.rights = RightSet::all();
    library.expect("{ tags { totalCount } }", json!({"tags": {"totalCount": 3}})).await;
}

#[tokio::test]
async fn records_of_types_that_may_not_be_read_are_as_absent() {
    for backend in Backend::ALL {
        let mut library = Library::filled(backend).await;
        library.context.rights = without(&library, &["library.author.read", "library.tag.read"]);
        let query = "{ notes(first: 2) { nodes { subject { __typename id ... on Author { born } } item { __typename } } } }";
        let reader = json!({"__typename": "Reader", "id": "00000000-0000-0000-0000-000000000501"});
        let nodes =
            json!([{"subject": null, "item": {"__typename": "Book"}}, {"subject": reader, "item": null}]);
        // Notes, readers, books: what may not be read is not asked for.
        library.expect_counted(query, 3, json!({"notes": {"nodes": nodes}})).await;
        let query = "query($id: ID!) { node(id: $id) { __typename ... on Author { name } ... on Book { author { name } } } }";
        let author = json!({"id": "00000000-0000-0000-0000-000000000201"});
        let body = library.ask(query, author.clone()).await;
        assert_eq!(body["errors"][0]["path"], json!(["node", "author"]), "{body}");
        let query = "query($id: ID!) { node(id: $id) { __typename ... on Author { name } } }";
        assert_eq!(library.ask(query, author).await, json!({"data": {"node": null}}), "{backend}");
        let book = json!({"id": "00000000-0000-0000-0000-000000000301"});
        assert_eq!(
            library.ask(query, book).await,
            json!({"data": {"node": {"__typename": "Book"}}}),
            "{backend}"
        );
    }
}

#[tokio::test]
async fn mistakes_tell_nothing_of_what_may_not_be_used() {
    let mut library = Library::filled(Backend::Sqlite).await;
    let by_filter = "query($f: BookFilter) { books(filter: $f) { totalCount } }";
    let by_group = "query($g: [BookGroupBy!]) { booksAggregate(groupBy: $g) { count } }";
    let cases = [
        ("{ books { nodes { ratin } } }", json!({}), "rating"),
        ("{ tagz { totalCount } }", json!({}), "tags"),
        ("{ books(filter: {ratin: {gt: 1}}) { totalCount } }", json!({}), "rating"),
        ("{ node(id: \"x\") { ... on Tog { id } } }", json!({}), "Tag"),
        (by_filter, json!({"f": {"ratin": {"gt": 1}}}), "rating"),
        (by_group, json!({"g": [{"field": "RATIN"}]}), "RATING"),
    ];
    for (query, variables, name) in cases {
        library.context.rights = RightSet::all();
        let body = library.ask(query, variables.clone()).await.to_string();
        assert!(body.contains(name), "{query}: {body}");
        library.context.rights = without(&library, &["library.rating.read", "library.tag.read"]);
        let body = library.ask(query, variables).await.to_string();
        assert!(body.contains("errors") && !body.contains(name), "{query}: {body}");
    }
}

#[tokio::test]
async fn a_caller_with_fewer_rights_shares_the_plan() {
    let mut library = Library::filled(Backend::Sqlite).await;
    let query = "query($f: BookFilter) { books(first: 1, filter: $f) { nodes { title rating } } }";
    let variables = json!({"f": {"rating": {"isNull": false}}});
    let full = library.data(query, variables.clone()).await;
    library.context.rights = without(&library, &["library.rating.read"]);
    let body = library.ask(query, variables.clone()).await;
    let errors: Vec<_> =
        body["errors"].as_array().expect("errors").iter().map(|error| &error["path"]).collect();
    assert_eq!(errors, [&json!(["books", "nodes", "rating"]), &json!(["books"])], "{body}");
    library.context.rights = RightSet::all();
    assert_eq!(library.data(query, variables).await, full);
}

#[test]
fn every_right_is_listed_with_its_use() {
    let catalog = desk::catalog();
    let uses = catalog.rights();
    let place = |right: &str| -> Vec<RightPlace> {
        uses.iter().filter(|used| used.right == right).map(|used| used.place.clone()).collect()
    };
    assert_eq!(place("library.author.read"), [RightPlace::Entity("Author"), RightPlace::Entity("Award")]);
    let cost = ["Book.acquired", "Book.cost"].map(|field| RightPlace::Read(field.to_owned()));
    assert_eq!(place("library.cost.read"), cost);
    assert_eq!(place("library.cost.update"), [RightPlace::Write("Book.cost".to_owned())]);
    assert_eq!(place("library.sequel.read"), [RightPlace::Read("Book.sequel".to_owned())]);
    assert_eq!(place("library.summary.read"), [RightPlace::Read("Book.summary".to_owned())]);
    assert_eq!(place("library.tag.create"), [RightPlace::Mutation("tagCreate")]);
    assert_eq!(place("desk.report.read"), [RightPlace::Query("report"), RightPlace::Query("reports")]);
    assert_eq!(uses.iter().find(|used| used.right == "library.tag.read").expect("a use").module, "tags");
}
