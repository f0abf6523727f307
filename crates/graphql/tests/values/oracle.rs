//! Generated documents on nested output objects, answered by async-graphql's executor and by ours: the same bytes.

use std::sync::Arc;

use async_graphql::Value;
use async_graphql::dynamic::{
    Field, FieldFuture, FieldValue, InputValue, Object, ResolverContext, Schema, TypeRef,
};
use proptest::prelude::*;
use serde_json::json;
use shoal_graphql::declare::{QueryDeclaration, Registry};
use shoal_graphql::engine::{Engine, Limits};
use shoal_graphql::{input, output};

use crate::common::{Backend, Library, TEXT, runner, runtime};

output! {
    /// A knot of a tree.
    pub struct Knot {
        /// Its number.
        pub number: i32,
        /// Its name, if it is not the root.
        pub name: Option<String>,
        /// Numbers.
        pub numbers: Vec<i32>,
        /// What hangs on it.
        pub below: Vec<Knot>,
        /// The first of it.
        pub first: Option<Box<Knot>>,
    }
}

input! {
    /// Which tree.
    pub struct TreeArguments {
        /// How deep it is.
        pub depth: i32,
    }
}

const DEEPEST: i32 = 4;

fn knot(number: i32, depth: i32) -> Knot {
    let inner = |place: i32| knot(number * 3 + place, depth - 1);
    Knot {
        number,
        name: (number % 2 == 0).then(|| format!("\u{1F600} \"{number}\"\n")),
        numbers: (0..number % 3).collect(),
        below: if depth > 0 { (0..number % 3).map(inner).collect() } else { Vec::new() },
        first: (depth > 0 && number % 3 != 1).then(|| Box::new(inner(1))),
    }
}

/// Leaves first, then what is nested.
const LEAVES: [&str; 3] = ["number", "name", "numbers"];
const NESTED: [&str; 2] = ["below", "first"];

fn theirs() -> Schema {
    let of = |context: &ResolverContext<'_>| {
        context.parent_value.try_downcast_ref::<Knot>().expect("a knot").clone()
    };
    let knots = Object::new("Knot")
        .field(Field::new("number", TypeRef::named_nn("Int"), move |context| {
            FieldFuture::Value(Some(FieldValue::value(of(&context).number)))
        }))
        .field(Field::new("name", TypeRef::named("String"), move |context| {
            FieldFuture::Value(of(&context).name.map(FieldValue::value))
        }))
        .field(Field::new("numbers", TypeRef::named_nn_list_nn("Int"), move |context| {
            let numbers =
                of(&context).numbers.into_iter().map(|number| FieldValue::value(Value::from(number)));
            FieldFuture::Value(Some(FieldValue::list(numbers)))
        }))
        .field(Field::new("below", TypeRef::named_nn_list_nn("Knot"), move |context| {
            let below = of(&context).below.into_iter().map(FieldValue::owned_any);
            FieldFuture::Value(Some(FieldValue::list(below)))
        }))
        .field(Field::new("first", TypeRef::named("Knot"), move |context| {
            FieldFuture::Value(of(&context).first.map(|first| FieldValue::owned_any(*first)))
        }));
    let tree = Field::new("tree", TypeRef::named("Knot"), |context| {
        let depth = context.args.get("depth").and_then(|depth| depth.i64().ok()).unwrap_or_default();
        FieldFuture::Value(Some(FieldValue::owned_any(knot(2, i32::try_from(depth).expect("small")))))
    });
    let query = Object::new("Query").field(tree.argument(InputValue::new("depth", TypeRef::named_nn("Int"))));
    Schema::build("Query", None, None).register(knots).register(query).finish().expect("their schema")
}

fn selection(depth: u32) -> BoxedStrategy<String> {
    let leaf = (proptest::sample::select(&LEAVES[..]), any::<bool>())
        .prop_map(|(name, alias)| if alias { format!("x_{name}: {name}") } else { name.to_owned() });
    let mut items = vec![leaf.clone().boxed(), leaf.boxed(), Just("...Leaves".to_owned()).boxed()];
    if depth > 0 {
        let nested = (proptest::sample::select(&NESTED[..]), any::<bool>(), selection(depth - 1)).prop_map(
            |(name, alias, inner)| {
                let alias = if alias { format!("y_{name}: ") } else { String::new() };
                format!("{alias}{name} {{ {inner} }}")
            },
        );
        let inline =
            selection(depth - 1).prop_map(|inner| format!("... on Knot @include(if: true) {{ {inner} }}"));
        items.extend([nested.clone().boxed(), nested.boxed(), inline.boxed()]);
    }
    prop::collection::vec(prop::strategy::Union::new(items), 1..5)
        .prop_map(|items| format!("k: __typename {}", items.join(" ")))
        .boxed()
}

#[test]
fn the_same_bytes_as_async_graphql() {
    let runtime = runtime();
    let mut registry = Registry::default();
    registry.module("trees").query(QueryDeclaration::new(
        "tree",
        "A tree.",
        None,
        async |_, arguments: TreeArguments| Ok(knot(2, arguments.depth)),
    ));
    let catalog = Arc::new(registry.compose().expect("trees compose"));
    let mut library = runtime.block_on(Library::empty(Backend::Sqlite));
    let limits = Limits { aliases: 5_000, fields: 50_000, ..Limits::default() };
    library.engine = Engine::with_catalog(catalog, limits, TEXT);
    let theirs = theirs();
    let cases = (selection(4), selection(2), 0..=DEEPEST);
    runner(300)
        .run(&cases, |(one, two, depth)| {
            let query = format!(
                "{{ tree(depth: {depth}) {{ {one} ...Leaves }} a: tree(depth: 1) {{ {two} }} __typename }}
                 fragment Leaves on Knot {{ n: number first {{ z: name }} }}"
            );
            let response = runtime.block_on(theirs.execute(query.as_str()));
            prop_assert!(response.errors.is_empty(), "{}: {:?}", query, response.errors);
            let expected = response.data.into_json().expect("JSON").to_string();
            let found = runtime.block_on(library.data(&query, json!({}))).to_string();
            prop_assert_eq!(found, expected, "{}", query);
            Ok(())
        })
        .expect("the same bytes");
}
