//! Filters against an oracle in memory, with logic of two values.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value as Json, json};

use crate::common::entities::{author, book, tag};
use crate::common::world::{
    BOOK_FIELDS, CURRENCIES, Cell, DAYS, FLOATS, GENRES, INSTANTS, INTS, LONGS, Of, STATES, TEXTS, World,
    cell, written,
};
use crate::common::{TEXT, data, fold, on_both, runner, runtime, stored};

fn value(of: Of) -> BoxedStrategy<Json> {
    let units = |scale: u32| {
        select(&LONGS[..])
            .prop_map(move |units| written(Some(&Cell::Number(units.into())), Of::Decimal(scale)))
    };
    let texts = |of: &'static [&'static str]| select(of).prop_map(|text| json!(text)).boxed();
    match of {
        Of::Sorted | Of::Text => texts(&TEXTS),
        Of::Int => select(&INTS[..]).prop_map(|number| json!(number)).boxed(),
        Of::Long => select(&LONGS[..]).prop_map(|number| json!(number)).boxed(),
        Of::Float => select(&FLOATS[..]).prop_map(|number| json!(number)).boxed(),
        Of::Bool => any::<bool>().prop_map(|value| json!(value)).boxed(),
        Of::Day => texts(&DAYS),
        Of::Instant => texts(&INSTANTS),
        Of::Decimal(scale) => units(scale).boxed(),
        Of::Genre => texts(&GENRES),
        Of::State => texts(&STATES),
        Of::Colour => texts(&["RED", "BLUE"]),
        Of::Id => (0_u128..4).prop_map(|number| json!(data::id(0, number).to_string())).boxed(),
    }
}

/// `{eq: …}` and so on, one or two operators.
fn operators(of: Of) -> BoxedStrategy<Json> {
    let one = |name: &'static str| value(of).prop_map(move |value| json!({ name: value })).boxed();
    let many = |name: &'static str| {
        prop::collection::vec(value(of), 0..4).prop_map(move |values| json!({ name: values })).boxed()
    };
    let part = |name: &'static str| {
        select(vec!["", "a", "B", "ZEB", "\u{5f20}", "\u{1F600}", "\"", "\\", "%", "_", "g", "\n", "\u{c4}"])
            .prop_map(move |text| json!({ name: text }))
            .boxed()
    };
    let is_null = any::<bool>().prop_map(|value| json!({ "isNull": value })).boxed();
    let mut all = vec![one("eq"), is_null];
    if of != Of::Bool {
        all.extend([one("notEq"), many("in"), many("notIn")]);
    }
    if matches!(of, Of::Int | Of::Long | Of::Float | Of::Day | Of::Instant | Of::Decimal(_)) {
        all.extend([one("lt"), one("lte"), one("gt"), one("gte")]);
    }
    if matches!(of, Of::Sorted | Of::Text) {
        all.extend([part("contains"), part("startsWith"), part("endsWith")]);
    }
    let single = prop::strategy::Union::new(all);
    let pair = (single.clone(), single.clone()).prop_map(|(left, right)| merged(left, &right));
    prop_oneof![5 => single, 1 => pair, 1 => Just(json!({}))].boxed()
}

fn merged(mut left: Json, right: &Json) -> Json {
    left.as_object_mut().expect("object").extend(right.as_object().expect("object").clone());
    left
}

fn field(names: Vec<(&'static str, Of)>) -> BoxedStrategy<Json> {
    select(names)
        .prop_flat_map(|(name, of)| operators(of).prop_map(move |operators| json!({ name: operators })))
        .boxed()
}

fn price() -> BoxedStrategy<Json> {
    let amount = (select(&LONGS[..]), select(&CURRENCIES[..])).prop_map(|(units, currency)| {
        let amount = rust_decimal::Decimal::new(units, (TEXT.currency_digits)(currency).expect("known"));
        json!({"amount": amount.to_string(), "currency": currency})
    });
    let compared = (select(vec!["eq", "lt", "lte", "gt", "gte"]), amount)
        .prop_map(|(operator, amount)| json!({ operator: amount }));
    let currency =
        prop::collection::vec(select(&CURRENCIES[..]), 0..3).prop_map(|codes| json!({ "currency": codes }));
    let is_null = any::<bool>().prop_map(|value| json!({ "isNull": value }));
    (select(vec!["price", "cost"]), prop_oneof![compared, currency, is_null])
        .prop_map(|(name, operators)| json!({ name: operators }))
        .boxed()
}

fn combined(leaf: BoxedStrategy<Json>) -> BoxedStrategy<Json> {
    leaf.prop_recursive(3, 12, 3, |inner| {
        let list = prop::collection::vec(inner.clone(), 0..3);
        prop_oneof![
            (select(vec!["and", "or"]), list).prop_map(|(word, list)| json!({ word: list })),
            inner.clone().prop_map(|part| json!({ "not": part })),
            (inner.clone(), inner).prop_map(|(left, right)| merged(left, &right)),
        ]
    })
    .boxed()
}

fn related(book: &BoxedStrategy<Json>) -> BoxedStrategy<Json> {
    let author = combined(field(vec![("name", Of::Sorted), ("born", Of::Day)]));
    let tag = combined(field(vec![("name", Of::Sorted), ("colour", Of::Colour)]));
    let of_list = |inner: BoxedStrategy<Json>| {
        (select(vec!["some", "none", "every"]), inner)
            .prop_map(|(word, inner)| json!({ word: inner }))
            .boxed()
    };
    prop_oneof![
        author.prop_map(|filter| json!({ "author": filter })),
        of_list(tag).prop_map(|filter| json!({ "tags": filter })),
        book.clone().prop_map(|filter| json!({ "sequel": filter })),
        of_list(book.clone()).prop_map(|filter| json!({ "prequels": filter })),
    ]
    .boxed()
}

fn filters() -> BoxedStrategy<Json> {
    let leaf = prop_oneof![6 => field(BOOK_FIELDS.to_vec()), 1 => price()].boxed();
    let simple = combined(leaf.clone());
    combined(prop_oneof![2 => leaf, 1 => related(&simple)].boxed())
}

/// A record of the oracle.
#[derive(Clone, Copy)]
enum Record<'w> {
    Book(&'w book::Model),
    Author(&'w author::Model),
    Tag(&'w tag::Model),
}

impl Record<'_> {
    fn cell(self, field: &str) -> Option<Cell> {
        let text = |text: &String| Cell::Text(text.clone());
        match (self, field) {
            (Self::Book(book), _) => cell(book, field),
            (Self::Author(author), "born") => author.born.map(Cell::Day),
            (Self::Author(author), _) => Some(text(&author.name)),
            (Self::Tag(tag), "colour") => tag.colour.as_ref().map(text),
            (Self::Tag(tag), _) => Some(text(&tag.name)),
        }
    }
}

fn of(record: Record<'_>, field: &str) -> Of {
    match record {
        Record::Book(_) => BOOK_FIELDS.iter().find(|(name, _)| *name == field).expect("a field").1,
        _ if field == "born" => Of::Day,
        _ if field == "colour" => Of::Colour,
        _ => Of::Sorted,
    }
}

fn holds(world: &World, record: Record<'_>, filter: &Json) -> bool {
    let all = |list: &Json| list.as_array().expect("list").iter().all(|part| holds(world, record, part));
    filter.as_object().expect("object").iter().all(|(name, value)| match (name.as_str(), record) {
        ("and", _) => all(value),
        ("or", _) => value.as_array().expect("list").iter().any(|part| holds(world, record, part)),
        ("not", _) => !holds(world, record, value),
        ("author", Record::Book(book)) => {
            world.author(book).is_some_and(|author| holds(world, Record::Author(author), value))
        }
        ("sequel", Record::Book(book)) => {
            world.sequel(book).is_some_and(|sequel| holds(world, Record::Book(sequel), value))
        }
        ("tags", Record::Book(book)) => {
            list_holds(value, &world.tags(book), |tag, filter| holds(world, Record::Tag(tag), filter))
        }
        ("prequels", Record::Book(book)) => {
            let prequels: Vec<_> = world.visible().filter(|other| other.sequel_id == Some(book.id)).collect();
            list_holds(value, &prequels, |book, filter| holds(world, Record::Book(book), filter))
        }
        ("price", Record::Book(book)) => {
            money_holds(value, book.price_amount, book.price_currency.as_deref())
        }
        ("cost", Record::Book(book)) => money_holds(value, Some(book.cost_amount), Some(&book.cost_currency)),
        (field, _) => operators_hold(value, record.cell(field).as_ref(), of(record, field)),
    })
}

fn list_holds<T: Copy>(value: &Json, records: &[T], holds: impl Fn(T, &Json) -> bool) -> bool {
    value.as_object().expect("object").iter().all(|(word, filter)| match word.as_str() {
        "some" => records.iter().any(|record| holds(*record, filter)),
        "none" => !records.iter().any(|record| holds(*record, filter)),
        _ => records.iter().all(|record| holds(*record, filter)),
    })
}

/// A value of the API as it is in memory.
fn parsed(value: &Json, of: Of) -> Cell {
    let text = || value.as_str().expect("text");
    match of {
        Of::Sorted | Of::Text | Of::Genre | Of::State | Of::Colour => Cell::Text(text().to_owned()),
        Of::Int | Of::Long => Cell::Number(value.as_i64().expect("number").into()),
        Of::Float => Cell::Float(value.as_f64().expect("number")),
        Of::Bool => Cell::Number(value.as_bool().expect("bool").into()),
        Of::Day => Cell::Day(data::day(text())),
        Of::Instant => Cell::Instant(data::instant(text())),
        Of::Id => Cell::Id(text().parse().expect("id")),
        Of::Decimal(scale) => {
            let mut number: rust_decimal::Decimal = text().parse().expect("decimal");
            number.rescale(scale);
            Cell::Number(number.mantissa())
        }
    }
}

fn operators_hold(operators: &Json, cell: Option<&Cell>, of: Of) -> bool {
    operators.as_object().expect("object").iter().all(|(operator, value)| {
        let among = || value.as_array().expect("list").iter().any(|value| cell == Some(&parsed(value, of)));
        match operator.as_str() {
            "isNull" => cell.is_none() == value.as_bool().expect("bool"),
            "eq" => cell == Some(&parsed(value, of)),
            "notEq" => cell != Some(&parsed(value, of)),
            "in" => among(),
            "notIn" => !among(),
            "lt" => cell.is_some_and(|cell| *cell < parsed(value, of)),
            "lte" => cell.is_some_and(|cell| *cell <= parsed(value, of)),
            "gt" => cell.is_some_and(|cell| *cell > parsed(value, of)),
            "gte" => cell.is_some_and(|cell| *cell >= parsed(value, of)),
            part => {
                let Some(Cell::Text(text)) = cell else { return false };
                let wanted = value.as_str().expect("text");
                let folds = of == Of::Sorted && !(TEXT.is_literal)(wanted);
                let (text, wanted) =
                    if folds { (fold(text), fold(wanted)) } else { (text.clone(), wanted.to_owned()) };
                match part {
                    "contains" => text.contains(&wanted),
                    "startsWith" => text.starts_with(&wanted),
                    _ => text.ends_with(&wanted),
                }
            }
        }
    })
}

fn money_holds(operators: &Json, amount: Option<i64>, currency: Option<&str>) -> bool {
    operators.as_object().expect("object").iter().all(|(operator, value)| {
        let money = amount.zip(currency);
        match operator.as_str() {
            "isNull" => money.is_none() == value.as_bool().expect("bool"),
            "currency" => money
                .is_some_and(|(_, code)| value.as_array().expect("list").iter().any(|known| known == code)),
            _ => money.is_some_and(|(units, code)| {
                let digits = (TEXT.currency_digits)(code).expect("known");
                let amount = rust_decimal::Decimal::new(units, digits);
                let wanted = value["amount"].as_str().expect("text").parse().expect("decimal");
                value["currency"] == code
                    && match operator.as_str() {
                        "eq" => amount == wanted,
                        "lt" => amount < wanted,
                        "lte" => amount <= wanted,
                        "gt" => amount > wanted,
                        _ => amount >= wanted,
                    }
            }),
        }
    })
}

#[test]
fn filters_find_what_the_oracle_finds() {
    let runtime = runtime();
    let world = World::random(11, 50);
    let libraries = runtime.block_on(stored(&world));
    let query = "query($f: BookFilter) { books(filter: $f, first: 1000) { totalCount nodes { id } } }";
    runner(600)
        .run(&filters(), |filter| {
            let mut expected: Vec<_> = world
                .visible()
                .filter(|book| holds(&world, Record::Book(book), &filter))
                .map(|book| book.id)
                .collect();
            expected.sort_unstable();
            let nodes: Vec<_> = expected.iter().map(|id| json!({"id": id.to_string()})).collect();
            let expected = json!({"books": {"totalCount": nodes.len(), "nodes": nodes}});
            for library in &libraries {
                let data = runtime.block_on(library.data(query, json!({ "f": filter })));
                prop_assert_eq!(&data, &expected, "{}: {}", library.backend, filter);
            }
            Ok(())
        })
        .expect("filters are right");
}

#[tokio::test]
async fn filters_through_dated_and_polymorphic_relations() {
    let cases = [
        (r#"{readers: {some: {name: {eq: "Rita"}}}}"#, vec!["Alpha"]),
        (r"{readers: {some: {}}}", vec!["Alpha", "Gamma"]),
        (r#"{readers: {none: {name: {contains: "A"}}}}"#, vec!["Beta", "Delta", "Epsilon"]),
        (r#"{readers: {every: {name: {eq: "Sam"}}}}"#, vec!["Beta", "Gamma", "Delta", "Epsilon"]),
        (r#"{keeper: {name: {startsWith: "s"}}}"#, vec!["Alpha"]),
        (r"{not: {keeper: {}}}", vec!["Beta", "Gamma", "Delta", "Epsilon"]),
        (r#"{stuck: {some: {text: {endsWith: "4"}}}}"#, vec!["Beta"]),
        (r"{author: {notes: {some: {position: {eq: 1}}}}}", vec!["Alpha", "Beta"]),
        (r"{author: {awards: {some: {year: {lt: 2000}}, none: {year: {gt: 2001}}}}}", vec!["Alpha", "Beta"]),
        // Cy is deleted: nobody can be found through him, and his book has no author.
        (r#"{author: {name: {eq: "Cy"}}}"#, vec![]),
        (r#"{not: {author: {name: {notEq: "Cy"}}}}"#, vec!["Delta", "Epsilon"]),
        (
            r#"{shelf: {books: {every: {not: {author: {name: {eq: "Ann"}}}}}}}"#,
            vec!["Gamma", "Delta", "Epsilon"],
        ),
        (r#"{sequel: {sequel: {author: {name: {eq: "Bo"}}}}}"#, vec!["Alpha"]),
    ];
    on_both(async |library| {
        for (filter, titles) in &cases {
            let nodes: Vec<_> = titles.iter().map(|title| json!({ "title": title })).collect();
            let query = format!("{{ books(filter: {filter}) {{ nodes {{ title }} totalCount }} }}");
            library.expect(&query, json!({"books": {"nodes": nodes, "totalCount": titles.len()}})).await;
        }
    })
    .await;
}
