//! Sets of modules: what is there, and what a document is told that needs more.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use shoal_graphql::compose::{Compositions, ModuleSet};
use shoal_graphql::declare::{Registry, column};

use crate::common::entities::tag;
use crate::common::{Backend, Library};
use crate::rights::schema::Coordinates;
use crate::values::desk;

const MODULES: [&str; 7] = ["desk", "library", "loans", "notes", "people", "readers", "tags"];

fn compositions() -> Compositions {
    Compositions::new(desk::registry()).expect("the desk composes")
}

/// Every set of modules.
fn subsets() -> impl Iterator<Item = ModuleSet> {
    let chosen = |bits: usize| (0..MODULES.len()).filter(move |bit| bits >> bit & 1 == 1);
    (0..1 << MODULES.len()).map(move |bits| chosen(bits).map(|bit| MODULES[bit]).collect())
}

/// `Type`, `Type.field` and `Type.field(argument)` of a schema.
fn names(sdl: &str) -> BTreeSet<String> {
    Coordinates::of(sdl).names()
}

#[test]
fn every_set_composes() {
    let compositions = compositions();
    let all = names(&compositions.all().sdl());
    assert_eq!(compositions.modules().iter().collect::<Vec<_>>(), MODULES);
    for set in subsets() {
        let catalog = compositions.catalog(&set);
        let expected: Vec<_> =
            compositions.all().entities.iter().map(|entity| entity.declaration.module).collect();
        let expected = expected.into_iter().filter(|module| set.contains(module)).count();
        assert_eq!(catalog.entities.len(), expected, "{set:?}");
        // What cannot be asked for is not there, and nothing is there that the whole has not.
        let names = names(&catalog.sdl());
        assert!(names.is_subset(&all), "{set:?}: {:?}", names.difference(&all).collect::<Vec<_>>());
        assert!(names.contains("Query.node"), "{set:?}");
        for (name, module) in [
            ("Author", "people"),
            ("Tag", "tags"),
            ("Book.isHeavy", "loans"),
            ("Mutation.bookDescribe", "library"),
        ] {
            if !set.contains(module) {
                assert!(!names.contains(name), "{set:?} has {name}");
            }
        }
        let both = |name: &str, modules: &[&str]| {
            let expected = modules.iter().all(|module| set.contains(module));
            assert_eq!(names.contains(name), expected, "{name} in {set:?}");
        };
        both("Book.author", &["library", "people"]);
        both("Book.readers", &["library", "readers", "loans"]);
        both("BookFilter.tags", &["library", "tags"]);
        both("Mutation.tagCreate", &["library", "tags"]);
        // Queries and outputs, what mutations tell, subscriptions.
        both("Query.report", &["desk"]);
        both("Query.favourite", &["desk", "people"]);
        both("Report.editor", &["desk", "people"]);
        both("Part.book", &["desk", "library"]);
        both("Book.marks", &["desk", "library"]);
        both("TagKeyCreatePayload.key", &["desk", "tags"]);
        both("TagKeyCreateResult.shelf", &["desk", "tags", "library"]);
        both("Key.shelf", &["desk", "tags", "library"]);
        both("Subscription.bookChanged", &["library"]);
        both("TagChange.tag", &["tags"]);
        let has_pair = set.contains("library") || set.contains("people");
        assert_eq!(names.contains("Query.pair"), has_pair && set.contains("desk"), "{set:?}");
        assert_eq!(names.contains("Pair"), has_pair && set.contains("desk"), "{set:?}");
        both(
            "Named.name",
            &[
                "library",
                if set.contains("people") {
                    "people"
                } else if set.contains("tags") {
                    "tags"
                } else {
                    "readers"
                },
            ],
        );
        let has_item = set.contains("library");
        assert_eq!(names.contains("Item"), has_item, "a book or a tag in {set:?}");
        assert_eq!(names.contains("Note.item"), has_item && set.contains("notes"), "{set:?}");
    }
}

#[test]
fn what_the_whole_says_does_not_depend_on_who_asks() {
    let compositions = Arc::new(compositions());
    let set: ModuleSet = ["library", "tags", "a module that nobody knows"].into_iter().collect();
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let (compositions, set) = (Arc::clone(&compositions), set.clone());
            std::thread::spawn(move || compositions.catalog(&set))
        })
        .collect();
    let catalogs: Vec<_> = threads.into_iter().map(|thread| thread.join().expect("no panic")).collect();
    assert!(catalogs.iter().all(|catalog| Arc::ptr_eq(catalog, &catalogs[0])), "composed once");
    let same: ModuleSet = ["tags", "library"].into_iter().collect();
    assert!(Arc::ptr_eq(&compositions.catalog(&same), &catalogs[0]));
    let all: ModuleSet = MODULES.into_iter().collect();
    assert!(Arc::ptr_eq(&compositions.catalog(&all), &compositions.all()));
}

#[test]
fn few_sets_are_remembered() {
    let mut registry = Registry::default();
    let names: Vec<&'static str> = (0..70).map(|number| &*format!("module{number}").leak()).collect();
    for name in &names {
        registry.module(name);
    }
    registry
        .module("tags")
        .entity::<tag::Entity>("Tag", "A word.")
        .partition(tag::Column::TenantId)
        .right("r")
        .column(column(tag::Column::Id, "The id."));
    let compositions = Compositions::new(registry).expect("it composes");
    let set = |name: &'static str| -> ModuleSet { ["tags", name].into_iter().collect() };
    let first = compositions.catalog(&set(names[0]));
    let second = compositions.catalog(&set(names[1]));
    for name in &names[2..64] {
        compositions.catalog(&set(name));
    }
    assert!(Arc::ptr_eq(&first, &compositions.catalog(&set(names[0]))), "64 sets are remembered");
    compositions.catalog(&set(names[64]));
    assert!(Arc::ptr_eq(&first, &compositions.catalog(&set(names[0]))), "it was asked for lately");
    assert!(!Arc::ptr_eq(&second, &compositions.catalog(&set(names[1]))), "the oldest goes");
}

#[test]
fn conflicts_are_found_in_the_whole() {
    let mut registry = Registry::default();
    let declare = |registry: &mut Registry, module| {
        registry
            .module(module)
            .entity::<tag::Entity>("Tag", "A word.")
            .partition(tag::Column::TenantId)
            .right("r")
            .column(column(tag::Column::Id, "The id."));
    };
    declare(&mut registry, "first");
    declare(&mut registry, "second");
    let error = Compositions::new(registry).expect_err("two tags").to_string();
    assert!(error.contains("first") && error.contains("second"), "{error}");
}

/// Which modules are on, what is asked with which variables, and which modules are missed where.
type Case =
    (&'static [&'static str], &'static str, fn() -> Json, &'static [(&'static str, &'static [(u64, u64)])]);

const CASES: &[Case] = &[
    (&["library"], "{ books { totalCount } tags { totalCount } }", || json!({}), &[("tags", &[(1, 24)])]),
    (&["library"], "{ b: books { nodes { author { name } } } }", || json!({}), &[("people", &[(1, 22)])]),
    (
        &["library"],
        "{ books { nodes { author { name } tags { nodes { name } } } } }",
        || json!({}),
        &[("people", &[(1, 19)]), ("tags", &[(1, 35)])],
    ),
    // Two modules, one field: the relation is of the one, its other side of the other.
    (
        &["library"],
        "{ books { nodes { readers { nodes { name } } } } }",
        || json!({}),
        &[("loans", &[(1, 19)]), ("readers", &[(1, 19)])],
    ),
    (&["library", "readers"], "{ books { nodes { isHeavy } } }", || json!({}), &[("loans", &[(1, 19)])]),
    // Types of fragments.
    (
        &["library"],
        "query($id: ID!) { node(id: $id) { ...T } } fragment T on Tag { name }",
        || json!({"id": "00000000-0000-0000-0000-000000000401"}),
        &[("tags", &[(1, 58)])],
    ),
    (
        &["library", "notes"],
        "{ notes { nodes { subject { ... on Author { born } } } } }",
        || json!({}),
        &[("people", &[(1, 36)])],
    ),
    // Filters, orders and groups: literals and variables.
    (
        &["library", "loans"],
        "{ books(filter: {readers: {some: {born: {isNull: true}}}}) { totalCount } }",
        || json!({}),
        &[("readers", &[(1, 27)])],
    ),
    (
        &["library"],
        "query($f: BookFilter) { books(filter: $f) { totalCount } }",
        || json!({"f": {"or": [{"author": {"name": {"eq": "x"}}}, {"tags": {"none": {}}}]}}),
        &[("people", &[]), ("tags", &[])],
    ),
    (
        &["library"],
        "query($f: TagFilter) { books(filter: {tags: {some: $f}}) { totalCount } }",
        || json!({}),
        &[("tags", &[(1, 7), (1, 45)])],
    ),
    (
        &["library"],
        "query($g: [BookGroupBy!]) { booksAggregate(groupBy: $g) { count } }",
        || json!({"g": [{"author": {"field": "NAME"}}]}),
        &[("people", &[])],
    ),
    // Enums, and inputs of mutations.
    (
        &["library"],
        "query($c: Colour) { books { totalCount } tags(filter: {colour: {eq: $c}}) { totalCount } }",
        || json!({"c": "RED"}),
        &[("tags", &[(1, 42)])],
    ),
    (
        &["people"],
        "mutation($i: TagCreate!) { tagCreate(input: $i) { id } }",
        || json!({"i": {"name": "new"}}),
        &[("library", &[(1, 28)]), ("tags", &[(1, 28)])],
    ),
    (&[], "{ authors { totalCount } }", || json!({}), &[("people", &[(1, 3)])]),
    // Values, what stands in them, and changes.
    (&["library"], "{ greeting }", || json!({}), &[("desk", &[(1, 3)])]),
    (
        &["desk"],
        "{ report(name: \"x\") { author { name } books { id } } favourite { name } }",
        || json!({}),
        &[("library", &[(1, 39)]), ("people", &[(1, 23), (1, 54)])],
    ),
    (
        &["desk", "tags"],
        "mutation { tagKeyCreate(input: {id: \"00000000-0000-0000-0000-000000000401\", how: \"keep\"}) { key { secret shelf { id } } } }",
        || json!({}),
        &[("library", &[(1, 106)])],
    ),
    (
        &["tags"],
        "subscription { bookChanged { book { title author { name } } } }",
        || json!({}),
        &[("library", &[(1, 16)]), ("people", &[(1, 43)])],
    ),
    (
        &["library"],
        "subscription($f: BookFilter) { bookChanged(filter: $f) { kind } }",
        || json!({"f": {"tags": {"some": {}}}}),
        &[("tags", &[])],
    ),
    // Introspection of the type itself is no use of the module.
    (&[], "{ __type(name: \"Author\") { name } }", || json!({}), &[]),
];

#[tokio::test]
async fn documents_that_need_more_modules() {
    let mut library = desk::filled(Backend::Sqlite).await;
    for (modules, query, variables, expected) in CASES {
        library.enable(modules);
        let (body, statements) = library.try_counted(query, variables()).await;
        let found: Vec<Json> = body["errors"].as_array().cloned().unwrap_or_default();
        let expected: Vec<Json> = expected
            .iter()
            .map(|(module, locations)| {
                let mut error = json!({"message": format!("the module \"{module}\" is not enabled")});
                if !locations.is_empty() {
                    error["locations"] = locations
                        .iter()
                        .map(|(line, column)| json!({"line": line, "column": column}))
                        .collect();
                }
                error["extensions"] = json!({"code": "MODULE_DISABLED", "module": module});
                error
            })
            .collect();
        assert_eq!(json!(found), json!(expected), "{modules:?}: {query}");
        if !expected.is_empty() {
            assert_eq!((body.get("data"), statements), (None, 0), "{query}");
        }
        library.enable(&MODULES);
        let body = library.try_counted(query, variables()).await.0;
        assert!(body.get("errors").is_none(), "{query}: {body}");
    }
}

/// What a document names decides, wherever it stands; and what it is told is enough, and needed.
#[tokio::test]
async fn any_document_on_any_set() {
    let mut library = Library::empty(Backend::Sqlite).await;
    desk::open(&mut library);
    let whole = Coordinates::of(&library.compositions.all().sdl());
    let probes = whole.probes();
    let disabled = |body: &Json| -> Vec<&'static str> {
        let errors = body["errors"].as_array().cloned().unwrap_or_default();
        let errors = errors.iter().filter(|error| error["extensions"]["code"] == "MODULE_DISABLED");
        let named = errors.map(|error| error["extensions"]["module"].clone());
        named.map(|name| *MODULES.iter().find(|known| name == **known).expect("a module")).collect()
    };
    let mut refused = 0;
    for (number, set) in subsets().enumerate() {
        let enabled: Vec<_> = set.iter().collect();
        let there = names(&library.compositions.catalog(&set).sdl());
        for probe in probes.iter().skip(number).step_by(397) {
            library.enable(&enabled);
            let body = library.try_counted(&probe.query, probe.variables.clone()).await.0;
            let (missed, query) = (disabled(&body), &probe.query);
            let is_there = probe.names.iter().all(|name| there.contains(name));
            assert_eq!(missed.is_empty(), is_there, "{enabled:?}: {query}: {body}");
            if is_there {
                continue;
            }
            refused += 1;
            assert_eq!(body["errors"].as_array().map(Vec::len), Some(missed.len()), "{query}: {body}");
            assert!(
                body.get("data").is_none() && !missed.iter().any(|name| enabled.contains(name)),
                "{body}"
            );
            let enough: Vec<_> = enabled.iter().chain(&missed).copied().collect();
            library.enable(&enough);
            let body = library.try_counted(&probe.query, probe.variables.clone()).await.0;
            assert!(disabled(&body).is_empty(), "{enough:?}: {query}: {body}");
        }
    }
    assert!(refused > 300, "{refused}");
}

#[tokio::test]
async fn one_of_several_modules_would_do() {
    let mut library = desk::filled(Backend::Sqlite).await;
    // The name of what is named comes with any module that has named things.
    library.enable(&["library", "notes"]);
    let query = "{ notes { nodes { subject { name } } } }";
    let body = library.ask(query, Json::Null).await;
    let errors = body["errors"].as_array().expect("errors");
    assert_eq!(errors.len(), 1, "{body}");
    assert_eq!(errors[0]["extensions"], json!({"code": "MODULE_DISABLED", "module": "people"}), "{body}");
    library.enable(&["library", "notes", "people"]);
    assert!(library.ask(query, Json::Null).await.get("errors").is_none());
}

#[tokio::test]
async fn what_is_wrong_anyway_gets_the_usual_errors() {
    let mut library = desk::filled(Backend::Sqlite).await;
    library.enable(&["library"]);
    for (query, variables, code) in [
        ("{ tags { totalCount } bookz { totalCount } }", json!({}), "GRAPHQL_VALIDATION"),
        ("{ tags { ", json!({}), "GRAPHQL_VALIDATION"),
        (
            "query($f: BookFilter) { books(filter: $f) { totalCount } }",
            json!({"f": {"author": {}, "autor": {}}}),
            "VALIDATION",
        ),
        ("{ tags(first: \"x\") { totalCount } }", json!({}), "GRAPHQL_VALIDATION"),
    ] {
        let body = library.ask(query, variables).await;
        let codes: BTreeSet<_> = body["errors"]
            .as_array()
            .expect("errors")
            .iter()
            .map(|error| error["extensions"]["code"].as_str())
            .collect();
        assert_eq!(codes, BTreeSet::from([Some(code)]), "{query}: {body}");
    }
    // Suggestions are of the set.
    let body = library.ask("{ tagz { totalCount } }", Json::Null).await;
    assert!(!body.to_string().contains("tags"), "{body}");
}

#[tokio::test]
async fn a_large_document_that_does_not_fit_ends_soon() {
    let mut library = desk::filled(Backend::Sqlite).await;
    library.enable(&["library"]);
    let query = |fields: usize| {
        let fields: Vec<_> = (0..fields).map(|number| format!("a{number}: tags {{ totalCount }}")).collect();
        format!("{{ {} }}", fields.join(" "))
    };
    library.ask(&query(1), Json::Null).await;
    let started = Instant::now();
    let body = library.ask(&query(49), Json::Null).await;
    assert_eq!(body["errors"][0]["extensions"]["module"], "tags", "{body}");
    assert!(started.elapsed() < Duration::from_millis(500), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_suspended_module_is_only_read() {
    let mut library = desk::filled(Backend::Sqlite).await;
    library.context.suspended = vec!["library"];
    let body = library.ask("mutation { tagCreate(input: {name: \"new\"}) { id } }", Json::Null).await;
    let error = json!({
        "message": "only reading", "locations": [{"line": 1, "column": 12}], "path": ["tagCreate"],
        "extensions": {"code": "MODULE_SUSPENDED", "module": "library"},
    });
    assert_eq!(body, json!({"errors": [error], "data": {"tagCreate": null}}));
    library.expect("{ tags { totalCount } }", json!({"tags": {"totalCount": 3}})).await;
}

#[tokio::test]
async fn no_module_is_a_schema_too() {
    let mut library = desk::filled(Backend::Sqlite).await;
    library.enable(&[]);
    let query = "{ node(id: \"00000000-0000-0000-0000-000000000401\") { id } __schema { queryType { fields { name } } } }";
    let fields = json!({"queryType": {"fields": [{"name": "node"}]}});
    library.expect_counted(query, 0, json!({"node": null, "__schema": fields})).await;
}

/// A company waits for this when it enables a module.
#[test]
fn many_types_compose_soon() {
    let compositions = compositions();
    let sets: Vec<_> = subsets().filter(|set| set.iter().count() == MODULES.len() - 1).collect();
    let started = Instant::now();
    for set in &sets {
        assert!(compositions.catalog(set).entities.len() > 2, "{set:?}");
    }
    // About 130 types each. Milliseconds in a release; this is without optimisation, beside other tests.
    let each = started.elapsed() / u32::try_from(sets.len()).expect("few");
    assert!(each < Duration::from_millis(500), "{each:?}");
}
