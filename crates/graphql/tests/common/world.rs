//! Random libraries, kept in memory too.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::data::{AUTHOR, BOOK, SHELF, TAG, day, id, instant, plain_book};
use super::entities::{author, book, book_tag, shelf, tag};
use super::{LibraryContext, TENANT, fold};

pub const TEXTS: [&str; 16] = [
    "",
    "a",
    "A",
    "Ab",
    "aB",
    "b",
    "zebra",
    "Zebra crossing",
    "\u{e4}b",
    "\u{5f20}\u{4e09}",
    "\u{674e}",
    "\u{1F600}\u{1F600}",
    "quote \" and \\",
    "line\nbreak\ttab",
    "100% _",
    "\u{7f}\u{80}\u{ffff}",
];
pub const INTS: [i32; 7] = [i32::MIN, -7, 0, 1, 2, 40, i32::MAX];
pub const LONGS: [i64; 8] =
    [i64::MIN, -9_007_199_254_740_993, -1, 0, 1, 250, 9_007_199_254_740_993, i64::MAX];
pub const FLOATS: [f64; 11] = [
    f64::MIN,
    -1.5,
    0.0,
    5e-324,
    2.225_073_858_507_201_4e-308,
    0.1,
    0.300_000_000_000_000_04,
    1.0,
    123_456.789,
    9_007_199_254_740_993.0,
    f64::MAX,
];
pub const DAYS: [&str; 12] = [
    "0001-01-01",
    "0999-12-31",
    "1969-12-31",
    "1970-01-01",
    "2019-12-29",
    "2019-12-30",
    "2020-02-29",
    "2020-12-31",
    "2021-01-03",
    "2021-01-04",
    "2026-11-21",
    "9999-12-31",
];
pub const INSTANTS: [&str; 8] = [
    "0001-01-01T00:00:00Z",
    "1969-12-31T23:59:59.999999Z",
    "1970-01-01T00:00:00Z",
    "2026-01-01T00:00:00.000001Z",
    "2026-01-01T00:00:00.1Z",
    "2026-01-01T00:00:00.120Z",
    "2026-01-01T00:00:01Z",
    "9999-12-31T23:59:59.999999Z",
];
pub const CURRENCIES: [&str; 3] = ["EUR", "JPY", "KWD"];
pub const GENRES: [&str; 3] = ["NOVEL", "POETRY", "SCIENCE"];
pub const STATES: [&str; 2] = ["NEW", "USED"];

/// Numbers without a pattern (`SplitMix64`, Steele and others 2014).
pub struct Numbers(pub u64);

impl Numbers {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).expect("small")
    }

    pub fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }

    pub fn maybe<T>(&mut self, value: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.below(3) > 0).then(|| value(self))
    }
}

/// All records of a library.
#[derive(Default)]
pub struct World {
    pub books: Vec<book::Model>,
    pub authors: Vec<author::Model>,
    pub tags: Vec<tag::Model>,
    pub shelves: Vec<shelf::Model>,
    pub book_tags: Vec<book_tag::Model>,
}

/// A book with values from the pools, at a random place among the ids.
pub fn random_book(numbers: &mut Numbers, authors: usize, shelves: usize) -> book::Model {
    let title = numbers.pick(&TEXTS).to_owned();
    let subtitle = numbers.maybe(|n| n.pick(&TEXTS).to_owned());
    let price = numbers.maybe(|n| (n.pick(&LONGS), n.pick(&CURRENCIES).to_owned()));
    let at = |n: &mut Numbers| -> DateTime<Utc> { instant(n.pick(&INSTANTS)) };
    book::Model {
        id: Uuid::from_u64_pair(numbers.next(), numbers.next()),
        title_sort: fold(&title),
        subtitle_sort: subtitle.as_deref().map(fold),
        subtitle,
        isbn: numbers.pick(&TEXTS).to_owned(),
        pages: numbers.pick(&INTS),
        volume: numbers.maybe(|n| n.pick(&INTS)),
        copies: numbers.pick(&LONGS),
        downloads: numbers.maybe(|n| n.pick(&LONGS)),
        weight: numbers.pick(&FLOATS),
        rating: numbers.maybe(|n| n.pick(&FLOATS)),
        available: numbers.below(2) == 0,
        signed: numbers.maybe(|n| n.below(2) == 0),
        acquired: day(numbers.pick(&DAYS)),
        published: numbers.maybe(|n| day(n.pick(&DAYS))),
        created_at: at(numbers),
        lent_at: numbers.maybe(at),
        late_fee: numbers.pick(&LONGS),
        factor: numbers.maybe(|n| n.pick(&LONGS)),
        cost_amount: numbers.pick(&LONGS),
        cost_currency: numbers.pick(&CURRENCIES).to_owned(),
        price_amount: price.as_ref().map(|price| price.0),
        price_currency: price.map(|price| price.1),
        genre: numbers.pick(&GENRES).to_owned(),
        state: numbers.maybe(|n| n.pick(&STATES).to_owned()),
        settings: numbers.pick(&[json!({}), json!([1, 2.5, "x"]), json!(null), json!("\u{1F600}\"")]),
        meta: numbers
            .maybe(|n| n.pick(&[json!({"a": null}), json!(9_007_199_254_740_993_i64), json!(false)])),
        token: numbers.maybe(|n| id(0, n.below(3) as u128)),
        shelf_id: id(SHELF, numbers.below(shelves) as u128),
        author_id: numbers.maybe(|n| id(AUTHOR, n.below(authors) as u128)),
        sequel_id: None,
        deleted_at: (numbers.below(8) == 0).then(|| instant("2026-01-01T00:00:00Z")),
        ..plain_book(0, &title)
    }
}

impl World {
    pub fn random(seed: u64, books: usize) -> Self {
        let mut numbers = Numbers(seed);
        let (authors, tags, shelves) = (7_usize, 5_usize, 4_usize);
        let mut world = Self {
            books: (0..books).map(|_| random_book(&mut numbers, authors, shelves)).collect(),
            ..Self::default()
        };
        for position in 0..books {
            let sequel = world.books[numbers.below(books)].id;
            world.books[position].sequel_id = numbers.maybe(|_| sequel);
        }
        world.authors = (0..authors)
            .map(|number| {
                let name = numbers.pick(&TEXTS);
                author::Model {
                    tenant_id: TENANT,
                    id: id(AUTHOR, number as u128),
                    name: name.to_owned(),
                    name_sort: fold(name),
                    born: numbers.maybe(|n| day(n.pick(&DAYS))),
                    deleted_at: (number == 3).then(|| instant("2026-01-01T00:00:00Z")),
                }
            })
            .collect();
        world.shelves = (0..shelves)
            .map(|number| shelf::Model {
                tenant_id: TENANT,
                id: id(SHELF, number as u128),
                code: numbers.pick(&TEXTS).to_owned(),
                room: numbers.maybe(|n| n.pick(&TEXTS).to_owned()),
                position: numbers.pick(&INTS),
            })
            .collect();
        world.tags = (0..tags)
            .map(|number| {
                let name = numbers.pick(&TEXTS);
                tag::Model {
                    tenant_id: TENANT,
                    id: id(TAG, number as u128),
                    name: name.to_owned(),
                    name_sort: fold(name),
                    colour: numbers.maybe(|n| n.pick(&["RED", "BLUE"]).to_owned()),
                }
            })
            .collect();
        for book in &world.books {
            for tag in &world.tags {
                if numbers.below(4) == 0 {
                    let number = Uuid::from_u128(BOOK + world.book_tags.len() as u128);
                    world.book_tags.push(book_tag::Model {
                        tenant_id: TENANT,
                        id: number,
                        book_id: book.id,
                        tag_id: tag.id,
                    });
                }
            }
        }
        world
    }

    pub async fn store(&self, context: &LibraryContext) {
        context.insert_models::<book::Entity>(&self.books).await;
        context.insert_models::<author::Entity>(&self.authors).await;
        context.insert_models::<shelf::Entity>(&self.shelves).await;
        context.insert_models::<tag::Entity>(&self.tags).await;
        context.insert_models::<book_tag::Entity>(&self.book_tags).await;
    }

    /// Books that are not deleted.
    pub fn visible(&self) -> impl Iterator<Item = &book::Model> {
        self.books.iter().filter(|book| book.deleted_at.is_none())
    }

    pub fn author(&self, book: &book::Model) -> Option<&author::Model> {
        self.authors.iter().find(|author| Some(author.id) == book.author_id && author.deleted_at.is_none())
    }

    pub fn sequel(&self, book: &book::Model) -> Option<&book::Model> {
        self.visible().find(|other| Some(other.id) == book.sequel_id)
    }

    pub fn tags(&self, book: &book::Model) -> Vec<&tag::Model> {
        let ids: HashSet<Uuid> =
            self.book_tags.iter().filter(|pair| pair.book_id == book.id).map(|pair| pair.tag_id).collect();
        self.tags.iter().filter(|tag| ids.contains(&tag.id)).collect()
    }
}

/// The fields of a book that can order and filter, with what they are.
pub const BOOK_FIELDS: [(&str, Of); 20] = [
    ("title", Of::Sorted),
    ("subtitle", Of::Sorted),
    ("isbn", Of::Text),
    ("pages", Of::Int),
    ("volume", Of::Int),
    ("copies", Of::Long),
    ("downloads", Of::Long),
    ("weight", Of::Float),
    ("rating", Of::Float),
    ("available", Of::Bool),
    ("signed", Of::Bool),
    ("acquired", Of::Day),
    ("published", Of::Day),
    ("createdAt", Of::Instant),
    ("lentAt", Of::Instant),
    ("lateFee", Of::Decimal(2)),
    ("factor", Of::Decimal(4)),
    ("genre", Of::Genre),
    ("state", Of::State),
    ("token", Of::Id),
];

/// What a field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    Sorted,
    Text,
    Int,
    Long,
    Float,
    Bool,
    Day,
    Instant,
    Decimal(u32),
    Genre,
    State,
    Colour,
    Id,
}

/// A value in memory.
#[derive(Clone, Debug, PartialEq, PartialOrd)]
pub enum Cell {
    Text(String),
    Number(i128),
    Float(f64),
    Day(chrono::NaiveDate),
    Instant(DateTime<Utc>),
    Id(Uuid),
}

/// The value of a book's field, `None` if it is null.
pub fn cell(book: &book::Model, field: &str) -> Option<Cell> {
    let text = |text: &str| Some(Cell::Text(text.to_owned()));
    match field {
        "id" => Some(Cell::Id(book.id)),
        "title" => text(&book.title),
        "subtitle" => book.subtitle.as_deref().and_then(text),
        "isbn" => text(&book.isbn),
        "pages" => Some(Cell::Number(book.pages.into())),
        "volume" => book.volume.map(|number| Cell::Number(number.into())),
        "copies" => Some(Cell::Number(book.copies.into())),
        "downloads" => book.downloads.map(|number| Cell::Number(number.into())),
        "weight" => Some(Cell::Float(book.weight)),
        "rating" => book.rating.map(Cell::Float),
        "available" => Some(Cell::Number(book.available.into())),
        "signed" => book.signed.map(|signed| Cell::Number(signed.into())),
        "acquired" => Some(Cell::Day(book.acquired)),
        "published" => book.published.map(Cell::Day),
        "createdAt" => Some(Cell::Instant(book.created_at)),
        "lentAt" => book.lent_at.map(Cell::Instant),
        "lateFee" => Some(Cell::Number(book.late_fee.into())),
        "factor" => book.factor.map(|number| Cell::Number(number.into())),
        "genre" => text(&book.genre),
        "state" => book.state.as_deref().and_then(text),
        "token" => book.token.map(Cell::Id),
        other => panic!("a book has no {other}"),
    }
}

/// The value as the API writes it.
pub fn written(cell: Option<&Cell>, of: Of) -> Json {
    match (cell, of) {
        (None, _) => Json::Null,
        (Some(Cell::Number(number)), Of::Bool) => json!(*number == 1),
        (Some(Cell::Number(number)), Of::Decimal(scale)) => {
            json!(rust_decimal::Decimal::from_i128_with_scale(*number, scale).to_string())
        }
        (Some(Cell::Number(number)), _) => json!(i64::try_from(*number).expect("64 bits")),
        (Some(Cell::Text(text)), _) => json!(text),
        (Some(Cell::Float(number)), _) => json!(number),
        (Some(Cell::Day(day)), _) => json!(day.to_string()),
        (Some(Cell::Instant(at)), _) => json!(at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)),
        (Some(Cell::Id(id)), _) => json!(id.to_string()),
    }
}
