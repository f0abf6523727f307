//! Coercion of variables against `apollo-compiler`, on values that fit, nearly fit and do not.
//!
//! Where the two are meant to differ, the generated values keep away: the library takes anything for scalars of one's
//! own (`Long`, `Decimal`, `Date`, …) and any text or number for `ID`, and knows no `@oneOf`.

use std::sync::atomic::{AtomicUsize, Ordering};

use apollo_compiler::response::JsonMap;
use apollo_compiler::{ExecutableDocument, Schema, request};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value as Json, json};

use crate::common::{Backend, Library, runner, runtime};

/// A type of a variable, with values that mostly fit.
#[derive(Clone, Debug)]
enum Type {
    Named(&'static str),
    List(Box<Type>),
    NotNull(Box<Type>),
}

impl Type {
    fn text(&self) -> String {
        match self {
            Self::Named(name) => (*name).to_owned(),
            Self::List(item) => format!("[{}]", item.text()),
            Self::NotNull(inner) => format!("{}!", inner.text()),
        }
    }
}

fn types() -> BoxedStrategy<Type> {
    let named = select(vec![
        "Int",
        "Float",
        "String",
        "Boolean",
        "Genre",
        "TagCreate",
        "MoneyFilter",
        "IntFilter",
        "BookFilter",
    ])
    .prop_map(Type::Named);
    let list = named.clone().prop_map(|ty| Type::List(Box::new(Type::NotNull(Box::new(ty)))));
    let nullable = prop_oneof![2 => named, 1 => list];
    prop_oneof![2 => nullable.clone(), 1 => nullable.prop_map(|ty| Type::NotNull(Box::new(ty)))].boxed()
}

/// Any small JSON.
fn anything() -> BoxedStrategy<Json> {
    prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(|value| json!(value)),
        select(vec![
            json!(0),
            json!(-7),
            json!(i32::MAX),
            json!(i64::from(i32::MAX) + 1),
            json!(1.5),
            json!(1e300)
        ]),
        select(vec!["", "a", "NOVEL", "novel", "RED", "1"]).prop_map(|text| json!(text)),
        select(vec![
            json!([]),
            json!({}),
            json!([null]),
            json!({"name": "x"}),
            json!({"x": 1}),
            json!([[1]])
        ]),
    ]
    .boxed()
}

fn fitting(ty: &Type) -> BoxedStrategy<Json> {
    let fits = match ty {
        Type::NotNull(inner) => return fitting_value(inner),
        other => fitting_value(other),
    };
    prop_oneof![1 => Just(Json::Null), 5 => fits].boxed()
}

fn object(fields: Vec<(&'static str, BoxedStrategy<Json>)>) -> BoxedStrategy<Json> {
    let fields: Vec<_> = fields
        .into_iter()
        .map(|(name, value)| prop::option::weighted(0.7, value.prop_map(move |value| (name, value))))
        .collect();
    fields
        .prop_map(|fields| {
            let given = fields.into_iter().flatten().map(|(name, value)| (name.to_owned(), value));
            Json::Object(given.collect())
        })
        .boxed()
}

fn fitting_value(ty: &Type) -> BoxedStrategy<Json> {
    let named = |name: &'static str| fitting(&Type::Named(name));
    let exact = match ty {
        Type::NotNull(inner) => fitting_value(inner),
        Type::List(item) => {
            let single = fitting(item);
            prop_oneof![3 => prop::collection::vec(fitting(item), 0..3).prop_map(Json::Array), 1 => single]
                .boxed()
        }
        Type::Named("Int") => any::<i32>().prop_map(|value| json!(value)).boxed(),
        Type::Named("Float") => {
            prop_oneof![any::<i32>().prop_map(|n| json!(n)), (-1e9..1e9).prop_map(|n: f64| json!(n))].boxed()
        }
        Type::Named("String") => select(vec!["", "a", "\u{1F600}"]).prop_map(|text| json!(text)).boxed(),
        Type::Named("Boolean") => any::<bool>().prop_map(|value| json!(value)).boxed(),
        Type::Named("Genre") => select(vec!["NOVEL", "POETRY"]).prop_map(|text| json!(text)).boxed(),
        Type::Named("TagCreate") => object(vec![
            ("name", fitting_value(&Type::Named("String"))),
            ("colour", select(vec![json!("RED"), json!("BLUE"), Json::Null]).boxed()),
        ]),
        Type::Named("MoneyFilter") => object(vec![
            (
                "currency",
                prop::collection::vec(fitting_value(&Type::Named("String")), 0..3)
                    .prop_map(Json::Array)
                    .boxed(),
            ),
            ("eq", Just(json!({"amount": "1.5", "currency": "EUR"})).boxed()),
            ("isNull", named("Boolean")),
        ]),
        Type::Named("IntFilter") => object(vec![
            ("eq", named("Int")),
            ("in", fitting(&Type::List(Box::new(Type::NotNull(Box::new(Type::Named("Int"))))))),
            ("isNull", named("Boolean")),
        ]),
        Type::Named(_) => object(vec![
            ("pages", named("IntFilter")),
            ("price", named("MoneyFilter")),
            ("not", object(vec![("volume", named("IntFilter"))])),
            (
                "and",
                prop::collection::vec(object(vec![("pages", named("IntFilter"))]), 0..2)
                    .prop_map(Json::Array)
                    .boxed(),
            ),
        ]),
    };
    prop_oneof![12 => exact, 1 => anything()].boxed()
}

/// A type, an optional default and an optional value.
fn cases() -> BoxedStrategy<(Type, Option<Json>, Option<Json>)> {
    types()
        .prop_flat_map(|ty| {
            let default = prop::option::weighted(0.2, Just(json!(null)));
            let value = prop::option::weighted(0.9, fitting(&ty));
            (Just(ty), default, value)
        })
        .boxed()
}

#[test]
fn variables_are_taken_and_refused_as_the_library_does() {
    let runtime = runtime();
    let library = runtime.block_on(Library::empty(Backend::Sqlite));
    let sdl = library.engine.catalog().sdl();
    let schema = Schema::parse_and_validate(sdl.to_string(), "schema").expect("valid");
    let compared = AtomicUsize::new(0);
    runner(1_500)
        .run(&cases(), |(ty, default, value)| {
            let default = default
                .filter(|_| !matches!(ty, Type::NotNull(_)))
                .map_or_else(String::new, |_| " = null".to_owned());
            let operation = if ty.text().contains("TagCreate") { "mutation" } else { "query" };
            let query = format!(
                "{operation}($v: {}{default}) {{ __typename @include(if: true) ... @skip(if: true) {{ {} }} }}",
                ty.text(),
                used(&ty)
            );
            let Ok(document) = ExecutableDocument::parse_and_validate(&schema, query.as_str(), "query")
            else {
                // A variable that no field takes: coercion comes after validation.
                return Ok(());
            };
            let mut given = serde_json::Map::new();
            given.extend(value.clone().map(|value| ("v".to_owned(), value)));
            let map: JsonMap = serde_json::from_value(Json::Object(given.clone())).expect("JSON");
            let operation = document.operations.get(None).expect("one");
            let theirs = request::coerce_variable_values(&schema, operation, &map);
            let ours = runtime.block_on(library.ask(&query, Json::Object(given)));
            // The library lets a nullable variable whose default is null stand where null may not (5.8.5).
            if ours["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION" {
                return Ok(());
            }
            prop_assert_eq!(
                ours.get("errors").is_none(),
                theirs.is_ok(),
                "{} {:?}: {} {:?}",
                query,
                value,
                ours,
                theirs.err()
            );
            compared.fetch_add(1, Ordering::Relaxed);
            Ok(())
        })
        .expect("coercion is right");
    assert!(compared.into_inner() > 400, "too few cases reach coercion");
}

/// A field that takes a variable of this type, if there is one.
fn used(ty: &Type) -> &'static str {
    match ty.text().trim_end_matches('!') {
        "Int" => "books(first: $v) { totalCount }",
        "BookFilter" => "books(filter: $v) { totalCount }",
        "IntFilter" => "books(filter: {pages: $v}) { totalCount }",
        "MoneyFilter" => "books(filter: {price: $v}) { totalCount }",
        "Boolean" => "books(filter: {available: {eq: $v}}) { totalCount }",
        "String" => "books(filter: {title: {eq: $v}}) { totalCount }",
        "Float" => "books(filter: {weight: {eq: $v}}) { totalCount }",
        "Genre" => "books(filter: {genre: {eq: $v}}) { totalCount }",
        "[Int!]" => "books(filter: {pages: {in: $v}}) { totalCount }",
        "[Float!]" => "books(filter: {weight: {in: $v}}) { totalCount }",
        "[String!]" => "books(filter: {title: {in: $v}}) { totalCount }",
        "[Genre!]" => "books(filter: {genre: {in: $v}}) { totalCount }",
        "[BookFilter!]" => "books(filter: {and: $v}) { totalCount }",
        "TagCreate" => "tagCreate(input: $v) { id }",
        "[TagCreate!]" => "tagCreateMany(input: $v) { results { id } }",
        _ => "x: __typename",
    }
}
