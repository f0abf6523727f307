//! Aggregates against an oracle in memory.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use chrono::{Datelike as _, NaiveDate};
use proptest::prelude::*;
use proptest::sample::select;
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

use crate::common::entities::book;
use crate::common::world::{BOOK_FIELDS, CURRENCIES, Cell, Of, World, cell, written};
use crate::common::{TEXT, runner, runtime, stored};

/// A key: how it sorts (nulls last) and how it reads.
#[derive(Clone, Debug)]
struct Key(Option<Cell>, Json);

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        let nulls = self.0.is_none().cmp(&other.0.is_none());
        nulls.then_with(|| self.0.partial_cmp(&other.0).expect("comparable"))
    }
}

fn key(cell: Option<Cell>, of: Of) -> Key {
    let written = match written(cell.as_ref(), of) {
        Json::String(text) => Json::String(text),
        Json::Null => Json::Null,
        other => Json::String(other.to_string()),
    };
    Key(cell, written)
}

fn bucket(day: NaiveDate, name: &str) -> String {
    match name {
        "DAY" => day.to_string(),
        "WEEK" => format!("{:04}-W{:02}", day.iso_week().year(), day.iso_week().week()),
        "MONTH" => format!("{:04}-{:02}", day.year(), day.month()),
        "QUARTER" => format!("{:04}-Q{}", day.year(), day.month0() / 3 + 1),
        _ => format!("{:04}", day.year()),
    }
}

fn group_steps() -> impl Strategy<Value = Vec<Json>> {
    let names: Vec<_> =
        BOOK_FIELDS.iter().map(|(name, _)| shoal_graphql::catalog::upper_case(name)).collect();
    let field = select(names).prop_map(|name| json!({ "field": name }));
    let buckets =
        (select(vec!["acquired", "published"]), select(vec!["DAY", "WEEK", "MONTH", "QUARTER", "YEAR"]));
    let date = buckets.prop_map(|(name, bucket)| json!({ name: bucket })).boxed();
    let step = prop_oneof![
        4 => field.clone(),
        3 => date.clone(),
        1 => Just(json!({"author": {"field": "NAME"}})),
        1 => Just(json!({"author": {"born": "YEAR"}})),
        1 => prop_oneof![field.boxed(), date].prop_map(|inner| json!({ "sequel": inner })),
    ];
    prop::collection::vec(step, 0..4)
}

fn key_of(world: &World, book: &book::Model, step: &Json) -> Key {
    let (name, value) = step.as_object().expect("object").iter().next().expect("one");
    match (name.as_str(), value) {
        ("field", Json::String(field)) => {
            let (name, of) = BOOK_FIELDS
                .iter()
                .find(|(name, _)| shoal_graphql::catalog::upper_case(name) == *field)
                .expect("a field");
            key(cell(book, name), *of)
        }
        ("author", inner) => {
            let author = world.author(book);
            let cell = match inner.get("field") {
                Some(_) => author.map(|author| Cell::Text(author.name.clone())),
                None => author.and_then(|author| author.born).map(|born| Cell::Text(bucket(born, "YEAR"))),
            };
            key(cell, Of::Text)
        }
        ("sequel", inner) => match world.sequel(book) {
            Some(sequel) => key_of(world, sequel, inner),
            None => key(None, Of::Text),
        },
        (name, value) => {
            let Some(Cell::Day(day)) = cell(book, name) else { return key(None, Of::Text) };
            key(Some(Cell::Text(bucket(day, value.as_str().expect("a bucket")))), Of::Text)
        }
    }
}

fn mean(sum: i128, count: usize, scale: u32) -> Decimal {
    Decimal::from_i128_with_scale(sum, scale) / Decimal::from(count)
}

/// What the group says about a whole number: `(sum, avg, min, max)`.
fn whole(numbers: &[i128], of: Of) -> [Json; 4] {
    let (Some(min), Some(max)) = (numbers.iter().min(), numbers.iter().max()) else {
        return [Json::Null, Json::Null, Json::Null, Json::Null];
    };
    let sum: i128 = numbers.iter().sum();
    let extreme = |number: &i128| written(Some(&Cell::Number(*number)), of);
    let (sum, average) = if let Of::Decimal(scale) = of {
        let mean = mean(sum, numbers.len(), scale).round_dp(scale + 4).normalize();
        (json!(Decimal::from_i128_with_scale(sum, scale).to_string()), json!(mean.to_string()))
    } else {
        let mean: f64 = mean(sum, numbers.len(), 0).to_string().parse().expect("a number");
        (i64::try_from(sum).map_or(Json::Null, |sum| json!(sum)), json!(mean))
    };
    [sum, average, extreme(min), extreme(max)]
}

fn money(books: &[&book::Model]) -> [Json; 4] {
    let mut answer = [json!([]), json!([]), json!([]), json!([])];
    for code in CURRENCIES {
        let of_code = books.iter().filter(|book| book.price_currency.as_deref() == Some(code));
        let amounts: Vec<i128> = of_code.filter_map(|book| book.price_amount).map(i128::from).collect();
        let (Some(min), Some(max)) = (amounts.iter().min(), amounts.iter().max()) else { continue };
        let digits = (TEXT.currency_digits)(code).expect("known");
        let sum: i128 = amounts.iter().sum();
        let units = |units: i128| Decimal::from_i128_with_scale(units, digits);
        let average = mean(sum, amounts.len(), digits)
            .round_dp_with_strategy(digits, rust_decimal::RoundingStrategy::MidpointAwayFromZero);
        for (list, amount) in answer.iter_mut().zip([units(sum), average, units(*min), units(*max)]) {
            let amount = json!({"amount": amount.to_string(), "currency": code});
            list.as_array_mut().expect("list").push(amount);
        }
    }
    answer
}

fn numbers(books: &[&book::Model], field: &str) -> Vec<i128> {
    let number = |book: &&book::Model| match cell(book, field) {
        Some(Cell::Number(number)) => Some(number),
        _ => None,
    };
    books.iter().filter_map(number).collect()
}

fn expected(world: &World, steps: &[Json]) -> Vec<Json> {
    let mut groups: BTreeMap<Vec<Key>, Vec<&book::Model>> = BTreeMap::new();
    for book in world.visible() {
        let keys = steps.iter().map(|step| key_of(world, book, step)).collect();
        groups.entry(keys).or_default().push(book);
    }
    let describe = |(keys, books): (Vec<Key>, Vec<&book::Model>)| {
        let [fee, factor, copies, volume, price] = [
            whole(&numbers(&books, "lateFee"), Of::Decimal(2)),
            whole(&numbers(&books, "factor"), Of::Decimal(4)),
            whole(&numbers(&books, "copies"), Of::Long),
            whole(&numbers(&books, "volume"), Of::Int),
            money(&books),
        ];
        let part = |at: usize| json!({"lateFee": fee[at], "factor": factor[at], "copies": copies[at], "volume": volume[at], "price": price[at]});
        let days: Vec<_> = books.iter().filter_map(|book| book.published).collect();
        let instants: Vec<_> = books.iter().map(|book| book.created_at).collect();
        let day = |day: Option<&NaiveDate>| json!(day.map(ToString::to_string));
        let instant = |at: Option<&chrono::DateTime<chrono::Utc>>| {
            written(at.map(|at| Cell::Instant(*at)).as_ref(), Of::Instant)
        };
        let (mut min, mut max) = (part(2), part(3));
        min["published"] = day(days.iter().min());
        max["published"] = day(days.iter().max());
        min["createdAt"] = instant(instants.iter().min());
        max["createdAt"] = instant(instants.iter().max());
        let keys: Vec<_> = keys.into_iter().map(|key| key.1).collect();
        json!({"keys": keys, "count": books.len(), "sum": part(0), "avg": part(1), "min": min, "max": max})
    };
    groups.into_iter().map(describe).collect()
}

const QUERY: &str =
    "query($g: [BookGroupBy!]) { groups: booksAggregate(groupBy: $g, first: 1000) { keys count
    sum { lateFee factor copies volume price { amount currency } }
    avg { lateFee factor copies volume price { amount currency } }
    min { lateFee factor copies volume price { amount currency } published createdAt }
    max { lateFee factor copies volume price { amount currency } published createdAt } } }";

#[test]
fn aggregates_say_what_the_oracle_says() {
    let runtime = runtime();
    let world = World::random(21, 80);
    let libraries = runtime.block_on(stored(&world));
    runner(150)
        .run(&group_steps(), |steps| {
            let expected = Json::Array(expected(&world, &steps));
            for library in &libraries {
                // Sums beyond 64 bits are errors beside null, so the whole response is taken.
                let body = runtime.block_on(library.ask(QUERY, json!({ "g": steps })));
                let errors = body["errors"].as_array().cloned().unwrap_or_default();
                for error in errors {
                    prop_assert_eq!(
                        &error["extensions"]["code"],
                        "LIMIT_EXCEEDED",
                        "{}: {}",
                        library.backend,
                        error
                    );
                }
                prop_assert_eq!(
                    body["data"]["groups"].to_string(),
                    expected.to_string(),
                    "{}",
                    library.backend
                );
            }
            Ok(())
        })
        .expect("aggregates are right");
}

#[test]
fn floats_add_up() {
    let runtime = runtime();
    let mut world = World::random(22, 60);
    for book in &mut world.books {
        book.weight = f64::from(book.pages) / 8.0;
        book.rating = book.volume.map(|volume| f64::from(volume) * 0.5);
    }
    let query =
        "{ groups: booksAggregate(groupBy: [{field: GENRE}]) { sum { weight rating } avg { weight rating }
        min { rating } max { weight } } }";
    let groups: Vec<_> = ["NOVEL", "POETRY", "SCIENCE"]
        .iter()
        .map(|genre| {
            let books: Vec<_> = world.visible().filter(|book| book.genre == *genre).collect();
            let weights: Vec<_> = books.iter().map(|book| book.weight).collect();
            let ratings: Vec<_> = books.iter().filter_map(|book| book.rating).collect();
            let count = |list: &[f64]| f64::from(u32::try_from(list.len()).expect("few"));
            let (weight, rating): (f64, f64) = (weights.iter().sum(), ratings.iter().sum());
            json!({"sum": {"weight": weight, "rating": rating},
                "avg": {"weight": weight / count(&weights), "rating": rating / count(&ratings)},
                "min": {"rating": ratings.iter().copied().reduce(f64::min)},
                "max": {"weight": weights.iter().copied().reduce(f64::max)}})
        })
        .collect();
    for library in runtime.block_on(stored(&world)) {
        let data = runtime.block_on(library.data(query, Json::Null));
        assert_eq!(data, json!({ "groups": groups }), "{}", library.backend);
    }
}
