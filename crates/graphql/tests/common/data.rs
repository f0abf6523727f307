//! A few records with names that tests can rely on.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;
use uuid::Uuid;

use super::entities::{author, award, book, book_tag, loan, note, reader, shelf, tag};
use super::{LibraryContext, TENANT, fold};

pub const SHELF: u128 = 0x100;
pub const AUTHOR: u128 = 0x200;
pub const BOOK: u128 = 0x300;
pub const TAG: u128 = 0x400;
pub const READER: u128 = 0x500;
pub const NOTE: u128 = 0x600;

/// The id of a record: its kind and its number.
pub fn id(kind: u128, number: u128) -> Uuid {
    Uuid::from_u128(kind + number)
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

pub fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

/// A book with unremarkable values.
pub fn plain_book(number: u128, title: &str) -> book::Model {
    book::Model {
        tenant_id: TENANT,
        id: id(BOOK, number),
        title: title.to_owned(),
        title_sort: fold(title),
        subtitle: None,
        subtitle_sort: None,
        isbn: format!("isbn-{number}"),
        pages: 100,
        volume: None,
        copies: 1,
        downloads: None,
        weight: 0.5,
        rating: None,
        available: true,
        signed: None,
        acquired: day("2020-01-02"),
        published: None,
        created_at: instant("2026-01-02T03:04:05Z"),
        lent_at: None,
        late_fee: 150,
        factor: None,
        cost_amount: 1000,
        cost_currency: "EUR".to_owned(),
        price_amount: None,
        price_currency: None,
        genre: "NOVEL".to_owned(),
        state: None,
        settings: json!({}),
        meta: None,
        token: None,
        shelf_id: id(SHELF, 1),
        author_id: None,
        sequel_id: None,
        deleted_at: None,
    }
}

fn books() -> Vec<book::Model> {
    let deleted_at = Some(instant("2026-02-01T00:00:00Z"));
    vec![
        book::Model {
            subtitle: Some("The \"first\"\n\u{1F600}".to_owned()),
            subtitle_sort: Some("the \"first\"\n\u{1F600}".to_owned()),
            volume: Some(1),
            copies: 9_007_199_254_740_993,
            downloads: Some(i64::MIN),
            weight: 1.5,
            rating: Some(4.25),
            signed: Some(false),
            published: Some(day("2020-12-31")),
            lent_at: Some(instant("2026-02-03T04:05:06.000007Z")),
            factor: Some(-12_345),
            price_amount: Some(1250),
            price_currency: Some("EUR".to_owned()),
            state: Some("USED".to_owned()),
            settings: json!({"a": {"y": 1.5}, "b": [1, null, "x"]}),
            meta: Some(json!("text")),
            token: Some(id(0, 7)),
            author_id: Some(id(AUTHOR, 1)),
            sequel_id: Some(id(BOOK, 2)),
            ..plain_book(1, "Alpha")
        },
        book::Model {
            pages: super::schema::UNLABELLED,
            price_amount: Some(900),
            price_currency: Some("JPY".to_owned()),
            author_id: Some(id(AUTHOR, 1)),
            sequel_id: Some(id(BOOK, 3)),
            genre: "POETRY".to_owned(),
            ..plain_book(2, "Beta")
        },
        book::Model {
            pages: super::schema::UNSUMMED,
            author_id: Some(id(AUTHOR, 2)),
            shelf_id: id(SHELF, 2),
            ..plain_book(3, "Gamma")
        },
        book::Model { pages: 0, shelf_id: id(SHELF, 2), ..plain_book(4, "Delta") },
        book::Model { author_id: Some(id(AUTHOR, 3)), shelf_id: id(SHELF, 2), ..plain_book(5, "Epsilon") },
        book::Model { author_id: Some(id(AUTHOR, 1)), deleted_at, ..plain_book(6, "Zeta") },
    ]
}

fn tag(number: u128, name: &str, colour: Option<&str>) -> tag::Model {
    let colour = colour.map(str::to_owned);
    tag::Model {
        tenant_id: TENANT,
        id: id(TAG, number),
        name: name.to_owned(),
        name_sort: fold(name),
        colour,
    }
}

fn loan(
    number: u128,
    (book, reader): (u128, u128),
    kind: &str,
    from: Option<&str>,
    to: Option<&str>,
) -> loan::Model {
    loan::Model {
        tenant_id: TENANT,
        id: Uuid::from_u128(number),
        book_id: id(BOOK, book),
        reader_id: id(READER, reader),
        kind: kind.to_owned(),
        from_date: from.map(day),
        to_date: to.map(day),
    }
}

fn note(number: u128, subject: Option<(&str, Uuid)>, item: Option<(&str, Uuid)>) -> note::Model {
    note::Model {
        tenant_id: TENANT,
        id: id(NOTE, number),
        text: format!("note {number}"),
        position: i32::try_from(number).expect("small"),
        subject_type: subject.map(|(name, _)| name.to_owned()),
        subject_id: subject.map(|(_, id)| id),
        item_type: item.map(|(name, _)| name.to_owned()),
        item_id: item.map(|(_, id)| id),
    }
}

/// Three shelves, three authors, six books and what goes with them.
pub async fn small(context: &LibraryContext) {
    let shelf = |number: u128, code: &str, room: Option<&str>| shelf::Model {
        tenant_id: TENANT,
        id: id(SHELF, number),
        code: code.to_owned(),
        room: room.map(str::to_owned),
        position: i32::try_from(number).expect("small"),
    };
    let shelves = [shelf(1, "A1", None), shelf(2, "B2", Some("north")), shelf(3, "C3", None)];
    context.insert_models::<shelf::Entity>(&shelves).await;
    let author = |number: u128, name: &str, born: Option<&str>, deleted: Option<&str>| author::Model {
        tenant_id: TENANT,
        id: id(AUTHOR, number),
        name: name.to_owned(),
        name_sort: fold(name),
        born: born.map(day),
        deleted_at: deleted.map(instant),
    };
    let authors = [
        author(1, "Ann", Some("1960-05-01"), None),
        author(2, "Bo", None, None),
        author(3, "Cy", None, Some("2026-02-01T00:00:00Z")),
    ];
    context.insert_models::<author::Entity>(&authors).await;
    let award = |number: u128, year: i32, title: &str| award::Model {
        tenant_id: TENANT,
        id: Uuid::from_u128(number),
        author_id: id(AUTHOR, 1),
        title: title.to_owned(),
        year,
        rank: None,
    };
    context.insert_models::<award::Entity>(&[award(1, 2001, "Gold"), award(2, 1999, "Silver")]).await;
    context.insert_models::<book::Entity>(&books()).await;
    let tags = [tag(1, "Red thing", Some("RED")), tag(2, "Blue thing", Some("BLUE")), tag(3, "Plain", None)];
    context.insert_models::<tag::Entity>(&tags).await;
    let foreign = tag::Model { tenant_id: id(0, 1), ..tag(9, "Not ours", None) };
    context.insert_models::<tag::Entity>(&[foreign]).await;
    let pairs = [(1, 1), (1, 2), (2, 1), (6, 1)].into_iter().enumerate();
    let book_tags: Vec<_> = pairs
        .map(|(number, (book, tag))| book_tag::Model {
            tenant_id: TENANT,
            id: Uuid::from_u128(number as u128),
            book_id: id(BOOK, book),
            tag_id: id(TAG, tag),
        })
        .collect();
    context.insert_models::<book_tag::Entity>(&book_tags).await;
    meetings(context).await;
}

async fn meetings(context: &LibraryContext) {
    let reader = |number: u128, name: &str| reader::Model {
        tenant_id: TENANT,
        id: id(READER, number),
        name: name.to_owned(),
        name_sort: fold(name),
        born: None,
    };
    context.insert_models::<reader::Entity>(&[reader(1, "Rita"), reader(2, "Sam")]).await;
    let loans = [
        loan(1, (1, 1), "LOAN", None, None),
        loan(2, (1, 1), "LOAN", Some("2026-01-01"), None),
        loan(3, (1, 2), "LOAN", Some("2025-01-01"), Some("2025-12-31")),
        loan(4, (3, 2), "LOAN", Some("2026-03-01"), Some("2026-03-01")),
        loan(5, (1, 2), "KEEP", None, None),
    ];
    context.insert_models::<loan::Entity>(&loans).await;
    let notes = [
        note(1, Some(("Author", id(AUTHOR, 1))), Some(("Book", id(BOOK, 1)))),
        note(2, Some(("Reader", id(READER, 1))), Some(("Tag", id(TAG, 2)))),
        note(3, None, None),
        note(4, Some(("Ghost", id(READER, 1))), Some(("Book", id(BOOK, 2)))),
        note(5, Some(("Author", id(AUTHOR, 3))), Some(("Book", id(BOOK, 6)))),
        note(6, Some(("Tag", id(TAG, 1))), None),
    ];
    context.insert_models::<note::Entity>(&notes).await;
}
