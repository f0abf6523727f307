//! A module whose queries and mutations answer values: the desk of the library.

use std::any::Any;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde_json::json;
use shoal_graphql::catalog::Catalog;
use shoal_graphql::compose::Compositions;
use shoal_graphql::context::Context;
use shoal_graphql::declare::{
    Done, Handled, ModuleRegistry, Money, MutationDeclaration, NoArguments, QueryDeclaration, Record,
    Registry, computed,
};
use shoal_graphql::engine::{Engine, Limits};
use shoal_graphql::error::{Error, Refusal};
use shoal_graphql::{input, output};
use uuid::Uuid;

use crate::common::data::{AUTHOR, BOOK, SHELF, TAG, day, id, instant};
use crate::common::entities::{author, book, shelf, tag};
use crate::common::schema::{self, Genre};
use crate::common::{Backend, Library, LibraryContext, TEXT};

output! {
    /// Everything that an answer may hold.
    pub struct Report {
        /// A text.
        pub title: String,
        /// A number.
        pub pages: i32,
        /// A large number.
        pub copies: i64,
        /// A fraction; of "broken" reports it is none.
        pub ratio: f64,
        /// Yes or no.
        pub open: bool,
        /// A number of another system.
        pub token: Uuid,
        /// A day.
        pub day: NaiveDate,
        /// An instant.
        pub at: DateTime<Utc>,
        /// An exact number.
        pub fee: Decimal,
        /// An amount.
        pub price: Money,
        /// Amounts.
        pub costs: Vec<Money>,
        /// Anything.
        pub raw: serde_json::Value,
        /// One of several.
        pub genre: Genre,
        /// Several, with gaps.
        pub genres: Vec<Option<Genre>>,
        /// Rows of words.
        pub rows: Vec<Vec<String>>,
        /// Perhaps a text.
        pub r#type: Option<String>,
        /// Parts.
        pub parts: Vec<Part>,
        /// The best part, if there is one.
        pub best: Option<Part>,
        /// Who made it.
        pub author: Record<author::Entity>,
        /// Who may have read it.
        pub editor: Option<Record<author::Entity>>,
        /// What it is about.
        pub books: Vec<Record<book::Entity>>,
        /// The same with gaps.
        pub places: Vec<Option<Record<book::Entity>>>,
    }
    /// A part of a report.
    pub struct Part {
        /// What it is called.
        pub name: String,
        /// How much of it there is.
        pub weight: f64,
        /// How much of it there may be.
        pub maybe: Option<f64>,
        /// What it is about.
        pub book: Record<book::Entity>,
        /// What it is made of.
        pub parts: Vec<Part>,
    }
    /// What goes together, if it does.
    pub struct Pair {
        /// Who wrote it.
        pub author: Record<author::Entity>,
        /// What was written.
        pub books: Vec<Record<book::Entity>>,
    }
    /// A key to a shelf, shown once.
    pub struct Key {
        /// What opens it.
        pub secret: String,
        /// What it opens.
        pub shelf: Record<shelf::Entity>,
        /// How much it weighs.
        pub weight: f64,
    }
}

input! {
    /// Which report.
    pub struct ReportArguments {
        /// What it is called; "refused" and "broken" are not there.
        pub name: String,
        /// How many parts.
        pub parts: Option<i32>,
        /// Words for its rows.
        pub words: Option<Vec<String>>,
    }
    /// Whom to greet.
    pub struct GreetingArguments {
        /// The name.
        pub name: Option<String>,
    }
    /// Which author.
    pub struct WriterArguments {
        /// Their ids.
        pub ids: Vec<Uuid>,
    }
    /// A new key.
    pub struct KeyCreate {
        /// For which tag.
        pub id: Uuid,
        /// What to do: "refuse", "keep", "other" or anything else.
        pub how: String,
    }
}

pub fn part(number: u128) -> Part {
    let name = format!("part {number}");
    Part { name, weight: 1.5, maybe: None, book: id(BOOK, number).into(), parts: Vec::new() }
}

fn report(arguments: ReportArguments) -> Result<Report, Error> {
    let broken = arguments.name == "broken";
    if arguments.name == "refused" {
        return Err(Refusal::field(["name"], "LIBRARY_NO_REPORT", "there is no such report").into());
    }
    if arguments.name == "fault" {
        return Err(Error::fault("secret text"));
    }
    let count = u128::try_from(arguments.parts.unwrap_or(2)).unwrap_or_default();
    let mut parts: Vec<Part> = (1..=count).map(part).collect();
    if let Some(second) = parts.get_mut(1) {
        second.parts = vec![part(3), part(6)];
        second.maybe = Some(f64::NAN);
        second.weight = if broken { f64::INFINITY } else { 2.0 };
    }
    let euros = |amount: &str, currency: &str| Money {
        amount: amount.parse().expect("a number"),
        currency: currency.to_owned(),
    };
    Ok(Report {
        title: format!("\"{}\"", arguments.name),
        pages: 12,
        copies: 9_007_199_254_740_993,
        ratio: if broken { f64::NAN } else { 0.25 },
        open: true,
        token: id(0, 7),
        day: day("2026-03-01"),
        at: instant("2026-03-01T09:30:00.5Z"),
        fee: Decimal::new(1230, 2),
        price: euros("12.5", "EUR"),
        costs: vec![euros("3", "JPY"), euros("0.125", "USD"), euros("1", "KWD")],
        raw: json!({"a": [1, null]}),
        genre: Genre::Poetry,
        genres: vec![Some(Genre::Novel), None],
        rows: vec![arguments.words.unwrap_or_default(), Vec::new()],
        r#type: None,
        best: broken.then(|| Part { weight: f64::NAN, ..part(1) }),
        parts,
        author: id(AUTHOR, 1).into(),
        // Deleted.
        editor: Some(id(AUTHOR, 3).into()),
        books: [2, 6, 1, 99, 2].map(|number| id(BOOK, number).into()).into(),
        places: vec![Some(id(BOOK, 6).into()), None, Some(id(BOOK, 1).into())],
    })
}

pub fn declare(desk: &mut ModuleRegistry<'_>) {
    desk.query(QueryDeclaration::new(
        "report",
        "A report.",
        Some("desk.report.read"),
        async |_, arguments: ReportArguments| report(arguments),
    ))
    .query(QueryDeclaration::new("reports", "Two reports.", Some("desk.report.read"), reports).cost(10))
    .query(QueryDeclaration::new("greeting", "A word.", None, async |_, arguments: GreetingArguments| {
        Ok(arguments.name.map(|name| format!("Hello {name}")))
    }))
    .query(QueryDeclaration::new("favourite", "An author.", None, async |_, _: NoArguments| {
        Ok(Record::<author::Entity>::from(id(AUTHOR, 2)))
    }))
    .query(QueryDeclaration::new("writers", "Authors.", None, async |_, arguments: WriterArguments| {
        Ok(arguments.ids.into_iter().map(Record::<author::Entity>::from).collect::<Vec<_>>())
    }))
    .query(QueryDeclaration::new("pair", "An author and a book.", None, async |_, _: NoArguments| {
        Ok(Some(Pair { author: id(AUTHOR, 1).into(), books: vec![id(BOOK, 1).into()] }))
    }))
    .query(QueryDeclaration::new("today", "The day.", None, today))
    .mutation(
        MutationDeclaration::new::<tag::Entity, KeyCreate, _, _>(
            "tagKeyCreate",
            "Makes a key.",
            "desk.key.create",
            create_keys,
        )
        .many("tagKeyCreateMany", "Makes keys.")
        .returning::<Key>("key", "Shown only this once.")
        .returning::<i32>("number", "How many there are now.")
        .returning::<Record<shelf::Entity>>("shelf", "What it opens."),
    );
    desk.extend::<book::Entity>().computed(computed(
        "marks",
        "What stands on its back: how long it is only for who may know the price.",
        [book::Column::Isbn, book::Column::Pages],
        |row| {
            let isbn: String = row.get(book::Column::Isbn)?;
            let knows = row.context().rights().holds("library.cost.read");
            let pages = knows.then(|| row.get::<i32>(book::Column::Pages)).transpose()?;
            Ok(vec![Some(isbn), pages.map(|pages| pages.to_string())])
        },
    ));
}

async fn reports(_: Arc<dyn Context>, _: NoArguments) -> Result<Vec<Report>, Error> {
    ["one", "two"]
        .map(|name| report(ReportArguments { name: name.to_owned(), parts: Some(2), words: None }))
        .into_iter()
        .collect()
}

async fn today(context: Arc<dyn Context>, _: NoArguments) -> Result<NaiveDate, Error> {
    let context: &dyn Any = &*context;
    Ok(context.downcast_ref::<LibraryContext>().expect("the test's context").today)
}

async fn create_keys(_: Arc<dyn Context>, rows: Vec<KeyCreate>) -> Result<Handled, Error> {
    let made = |(number, row): (usize, KeyCreate)| match row.how.as_str() {
        "refuse" => Err(Refusal::field(["how"], "DESK_NO_KEY", "there is no key")),
        "keep" => Ok(row.id.into()),
        "other" => Ok(Done::from(row.id).with("number", "a text".to_owned())),
        "unknown" => Ok(Done::from(row.id).with("secret", 1_i32)),
        how => {
            let weight = if how == "broken" { f64::NAN } else { 0.5 };
            let shelf = id(SHELF, if how == "lost" { 77 } else { 1 + number as u128 }).into();
            let key = Key { secret: format!("secret {number}"), shelf, weight };
            Ok(Done::from(row.id).with("key", key).with("number", i32::try_from(number).expect("small")))
        }
    };
    Ok(rows.into_iter().enumerate().map(made).collect())
}

/// The library and its desk.
pub fn registry() -> Registry {
    let mut registry = schema::registry();
    declare(&mut registry.module("desk"));
    registry
}

pub fn catalog() -> Catalog {
    registry().compose().expect("the desk composes")
}

/// Opens the desk of a library.
pub fn open(library: &mut Library) {
    library.compositions = Arc::new(Compositions::new(registry()).expect("the desk composes"));
    let modules = library.compositions.modules().clone();
    library.engine = Engine::new(Arc::clone(&library.compositions), modules, Limits::default(), TEXT);
}

/// The filled library with its desk.
pub async fn filled(backend: Backend) -> Library {
    let mut library = Library::filled(backend).await;
    open(&mut library);
    library
}

pub async fn on_both(test: impl AsyncFn(&Library)) {
    for backend in Backend::ALL {
        test(&filled(backend).await).await;
    }
}

/// The id of a tag as it stands in a document.
pub fn tag_id(number: u128) -> String {
    id(TAG, number).to_string()
}
