//! Paging visits each record once, in order, from both ends, whatever happens meanwhile.

use std::cmp::Ordering;
use std::collections::HashSet;

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::common::entities::book;
use crate::common::world::{BOOK_FIELDS, Cell, Numbers, World, cell, random_book, written};
use crate::common::{Backend, Library, fold, runner, runtime, stored};

/// One step of an order: a field and whether it descends.
type Step = (&'static str, bool);

fn orders() -> impl Strategy<Value = Vec<Step>> {
    let names: Vec<&str> = BOOK_FIELDS.iter().map(|(name, _)| *name).chain(["id"]).collect();
    prop::collection::vec((select(names), any::<bool>()), 0..4)
}

fn order_by(steps: &[Step]) -> Json {
    steps.iter().map(|(name, descending)| json!({*name: if *descending { "DESC" } else { "ASC" }})).collect()
}

fn sort_value(book: &book::Model, field: &str) -> Option<Cell> {
    match cell(book, field) {
        Some(Cell::Text(text)) if matches!(field, "title" | "subtitle") => Some(Cell::Text(fold(&text))),
        other => other,
    }
}

/// Order of the API: nulls last whichever way, ids break ties the way of the last step.
fn compare(left: &book::Model, right: &book::Model, steps: &[Step]) -> Ordering {
    for (field, descending) in steps {
        let order = match (sort_value(left, field), sort_value(right, field)) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (left, right) => {
                let order = left.partial_cmp(&right).expect("comparable");
                if *descending { order.reverse() } else { order }
            }
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    // A field that is named again says nothing new.
    let fresh = |position: &usize| !steps[..*position].iter().any(|(field, _)| *field == steps[*position].0);
    let last = (0..steps.len()).rev().find(fresh);
    let order = left.id.cmp(&right.id);
    if last.is_some_and(|last| steps[last].1) { order.reverse() } else { order }
}

fn sorted<'w>(books: impl Iterator<Item = &'w book::Model>, steps: &[Step]) -> Vec<String> {
    let mut books: Vec<_> = books.collect();
    books.sort_by(|left, right| compare(left, right, steps));
    books.iter().map(|book| book.id.to_string()).collect()
}

const FORWARDS: &str =
    "query($n: Int, $c: String, $o: [BookOrder!]) { page: books(first: $n, after: $c, orderBy: $o) {
    edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";
const BACKWARDS: &str =
    "query($n: Int, $c: String, $o: [BookOrder!]) { page: books(last: $n, before: $c, orderBy: $o) {
    edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";

fn ids(page: &Json) -> Vec<String> {
    let edges = page["edges"].as_array().expect("edges");
    edges.iter().map(|edge| edge["node"]["id"].as_str().expect("an id").to_owned()).collect()
}

/// All ids in the order of the list, page by page; `between` runs between two pages.
async fn walk(
    library: &Library,
    steps: &[Step],
    size: usize,
    backwards: bool,
    mut between: impl AsyncFnMut(&Library),
) -> Vec<String> {
    let (mut all, mut cursor) = (Vec::new(), Json::Null);
    for number in 0..1_000 {
        let query = if backwards { BACKWARDS } else { FORWARDS };
        let variables = json!({"n": size, "c": cursor, "o": order_by(steps)});
        let page = library.data(query, variables).await["page"].take();
        let (info, edges) = (&page["pageInfo"], page["edges"].as_array().expect("edges"));
        assert!(edges.len() <= size);
        let ends = edges.first().zip(edges.last());
        let cursors =
            ends.map_or((&Json::Null, &Json::Null), |(first, last)| (&first["cursor"], &last["cursor"]));
        assert_eq!((&info["startCursor"], &info["endCursor"]), cursors, "{}", library.backend);
        let (more, behind) =
            if backwards { ("hasPreviousPage", "hasNextPage") } else { ("hasNextPage", "hasPreviousPage") };
        assert_eq!(info[behind], json!(number > 0), "{}: {behind}", library.backend);
        let mut found = ids(&page);
        if backwards {
            found.append(&mut all);
            all = found;
        } else {
            all.append(&mut found);
        }
        if info[more] == json!(false) {
            return all;
        }
        cursor = if backwards { cursors.0.clone() } else { cursors.1.clone() };
        between(library).await;
    }
    panic!("the list has no end")
}

#[test]
fn each_record_is_visited_once_in_order() {
    let runtime = runtime();
    let world = World::random(1, 60);
    let libraries = runtime.block_on(stored(&world));
    let cases = (orders(), 1_usize..25, any::<bool>());
    runner(60)
        .run(&cases, |(steps, size, backwards)| {
            let expected = sorted(world.visible(), &steps);
            for library in &libraries {
                let found = runtime.block_on(walk(library, &steps, size, backwards, async |_| {}));
                prop_assert_eq!(&found, &expected, "{}", library.backend);
            }
            Ok(())
        })
        .expect("pages are right");
}

#[test]
fn each_field_orders_alone() {
    let runtime = runtime();
    let world = World::random(2, 60);
    let libraries = runtime.block_on(stored(&world));
    for (field, _) in BOOK_FIELDS {
        for descending in [false, true] {
            let steps = [(field, descending)];
            let expected = sorted(world.visible(), &steps);
            for (library, backwards) in
                libraries.iter().zip([false, true]).chain(libraries.iter().zip([true, false]))
            {
                let found = runtime.block_on(walk(library, &steps, 13, backwards, async |_| {}));
                assert_eq!(found, expected, "{}: {field} {descending} {backwards}", library.backend);
            }
        }
    }
}

#[test]
fn a_stretch_between_two_cursors() {
    let runtime = runtime();
    let world = World::random(3, 40);
    let libraries = runtime.block_on(stored(&world));
    let query = "query($o: [BookOrder!], $f: Int, $l: Int, $a: String, $b: String) {
        page: books(first: $f, last: $l, after: $a, before: $b, orderBy: $o) { edges { cursor node { id } } } }";
    let cases = (orders(), 0_usize..40, 0_usize..40, 0_usize..12, any::<bool>());
    runner(40)
        .run(&cases, |(steps, after, before, size, backwards)| {
            let expected = sorted(world.visible(), &steps);
            let (after, before) = (after % expected.len(), before % expected.len());
            let mut stretch: Vec<_> = expected.iter().take(before).skip(after + 1).cloned().collect();
            if backwards {
                stretch.drain(..stretch.len().saturating_sub(size));
            } else {
                stretch.truncate(size);
            }
            for library in &libraries {
                let found = runtime.block_on(async {
                    let all = library.data(query, json!({"o": order_by(&steps), "f": 100})).await;
                    let edges = &all["page"]["edges"];
                    let (a, b) = (&edges[after]["cursor"], &edges[before]["cursor"]);
                    let size = if backwards { json!({ "l": size }) } else { json!({ "f": size }) };
                    let mut variables = json!({"o": order_by(&steps), "a": a, "b": b});
                    variables
                        .as_object_mut()
                        .expect("object")
                        .extend(size.as_object().expect("object").clone());
                    ids(&library.data(query, variables).await["page"])
                });
                prop_assert_eq!(&found, &stretch, "{}", library.backend);
            }
            Ok(())
        })
        .expect("stretches are right");
}

#[test]
fn pages_of_each_parent() {
    let runtime = runtime();
    let world = World::random(4, 60);
    let libraries = runtime.block_on(stored(&world));
    let forwards = "query($o: [BookOrder!], $n: Int, $c: String) { authors { nodes { id page: books(first: $n, after: $c, orderBy: $o) {
        edges { cursor node { id } } totalCount pageInfo { hasNextPage hasPreviousPage } } } } }";
    let backwards = "query($o: [BookOrder!], $n: Int, $c: String) { authors { nodes { id page: books(last: $n, before: $c, orderBy: $o) {
        edges { cursor node { id } } totalCount pageInfo { hasNextPage hasPreviousPage } } } } }";
    let cases = (orders(), 0_usize..8, any::<bool>());
    runner(40)
        .run(&cases, |(steps, size, back)| {
            for library in &libraries {
                let query = if back { backwards } else { forwards };
                let variables = json!({"o": order_by(&steps), "n": size});
                let data = runtime.block_on(library.data(query, variables));
                for author in data["authors"]["nodes"].as_array().expect("authors") {
                    let own = world.visible().filter(|book| {
                        book.author_id.is_some_and(|id| author["id"] == json!(id.to_string()))
                    });
                    let all = sorted(own, &steps);
                    let expected: Vec<_> = if back {
                        all.iter().skip(all.len().saturating_sub(size)).cloned().collect()
                    } else {
                        all.iter().take(size).cloned().collect()
                    };
                    let page = &author["page"];
                    prop_assert_eq!(&ids(page), &expected, "{}", library.backend);
                    prop_assert_eq!(&page["totalCount"], &json!(all.len()));
                    let more = all.len() > size;
                    let info = json!({"hasNextPage": more && !back, "hasPreviousPage": more && back});
                    prop_assert_eq!(&page["pageInfo"], &info, "{}", library.backend);
                    // The next page of this parent: the cursor also stands in the others' lists.
                    let next = page["edges"]
                        .as_array()
                        .and_then(|edges| if back { edges.first() } else { edges.last() });
                    if let Some(next) = next.filter(|_| more) {
                        let variables = json!({"o": order_by(&steps), "n": size, "c": next["cursor"]});
                        let data = runtime.block_on(library.data(query, variables));
                        let same = data["authors"]["nodes"]
                            .as_array()
                            .and_then(|nodes| nodes.iter().find(|node| node["id"] == author["id"]));
                        let rest = &all[..all.len() - size];
                        let expected: Vec<_> = if back {
                            rest.iter().skip(rest.len().saturating_sub(size)).cloned().collect()
                        } else {
                            all.iter().skip(size).take(size).cloned().collect()
                        };
                        prop_assert_eq!(
                            ids(&same.expect("the author")["page"]),
                            expected,
                            "{}",
                            library.backend
                        );
                    }
                }
            }
            Ok(())
        })
        .expect("pages of parents are right");
}

#[test]
fn writes_between_pages_hide_and_repeat_nothing() {
    let runtime = runtime();
    let cases = (orders(), 1_usize..8, any::<bool>(), any::<u64>());
    let libraries = runtime.block_on(stored(&World::default()));
    runner(12)
        .run(&cases, |(steps, size, backwards, seed)| {
            for library in &libraries {
                runtime.block_on(async {
                    library.context.run("DELETE FROM lib_book").await;
                    let world = World::random(seed, 40);
                    library.context.insert_models::<book::Entity>(&world.books).await;
                    let mut numbers = Numbers(!seed);
                    let mut gone: HashSet<Uuid> = HashSet::new();
                    let found = walk(library, &steps, size, backwards, async |library| {
                        let book = random_book(&mut numbers, 3, 3);
                        library.context.insert_models::<book::Entity>(&[book]).await;
                        let victim = world.books[numbers.below(world.books.len())].id;
                        gone.insert(victim);
                        let hex = victim.simple();
                        let sql = match library.backend {
                            Backend::Sqlite => format!("DELETE FROM lib_book WHERE id = x'{hex}'"),
                            Backend::Postgres => format!("DELETE FROM lib_book WHERE id = '{hex}'"),
                        };
                        library.context.run(&sql).await;
                    })
                    .await;
                    let distinct: HashSet<_> = found.iter().collect();
                    assert_eq!(distinct.len(), found.len(), "{}: a record came twice", library.backend);
                    let stayed = world.visible().filter(|book| !gone.contains(&book.id));
                    let expected = sorted(stayed, &steps);
                    let kept: Vec<_> = found.into_iter().filter(|id| expected.contains(id)).collect();
                    assert_eq!(kept, expected, "{}: a record was lost", library.backend);
                });
            }
            Ok(())
        })
        .expect("pages are stable");
}

#[test]
fn every_value_comes_back() {
    let runtime = runtime();
    let world = World::random(5, 200);
    let fields: Vec<_> = BOOK_FIELDS.iter().map(|(name, _)| *name).collect();
    let query = format!(
        "{{ books(first: 1000) {{ nodes {{ id settings meta cost {{ amount currency }} price {{ amount currency }} {} }} }} }}",
        fields.join(" ")
    );
    for library in runtime.block_on(stored(&world)) {
        let data = runtime.block_on(library.data(&query, Json::Null));
        let nodes = data["books"]["nodes"].as_array().expect("nodes");
        assert_eq!(nodes.len(), world.visible().count());
        for node in nodes {
            let book =
                world.books.iter().find(|book| node["id"] == json!(book.id.to_string())).expect("known");
            for (field, of) in BOOK_FIELDS {
                let expected = written(cell(book, field).as_ref(), of);
                assert_eq!(node[field].to_string(), expected.to_string(), "{}: {field}", library.backend);
            }
            // A JSON column may hold JSON's null, which is no value.
            assert_eq!(node["settings"], book.settings, "{}", library.backend);
            assert_eq!(node["meta"], book.meta.clone().unwrap_or_default(), "{}", library.backend);
            assert_eq!(node["cost"], money(book.cost_amount, &book.cost_currency), "{}", library.backend);
            let price = book.price_amount.zip(book.price_currency.as_deref());
            let expected = price.map_or(Json::Null, |(amount, currency)| money(amount, currency));
            assert_eq!(node["price"], expected, "{}", library.backend);
        }
    }
}

fn money(units: i64, currency: &str) -> Json {
    let digits = match currency {
        "JPY" => 0,
        "KWD" => 3,
        _ => 2,
    };
    json!({"amount": rust_decimal::Decimal::new(units, digits).to_string(), "currency": currency})
}
