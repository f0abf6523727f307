//! Fields that are told only if the caller may see another record.

use std::sync::Arc;

use serde_json::{Value as Json, json};
use shoal_graphql::compose::Compositions;
use shoal_graphql::context::Predicate;
use shoal_graphql::declare::{Registry, any_record, column, hidden, to_many, to_one};

use crate::common::data::{BOOK, id};
use crate::common::entities::{author, book, note, tag};
use crate::common::{Backend, Library};
use crate::statements::statements;

/// Books whose author is told with what comes next, and notes that say whether one sees what they stick on.
fn registry(with: &'static str) -> Registry {
    use book::Column as B;
    let mut registry = Registry::default();
    let mut module = registry.module("library");
    let author = module.entity::<author::Entity>("Author", "Who writes.").right("read");
    author
        .partition(author::Column::TenantId)
        .column(column(author::Column::Id, "The id."))
        .column(column(author::Column::Name, "The name.").filterable());
    let book = module.entity::<book::Entity>("Book", "A book.").right("read").partition(B::TenantId);
    book.column(column(B::Id, "The id.").filterable())
        .column(column(B::Title, "The title."))
        .relation(to_one::<author::Entity>("author", "Who wrote it.", B::AuthorId).told_with(with))
        .relation(to_one::<author::Entity>("writer", "Who wrote it.", B::AuthorId))
        .relation(to_one::<book::Entity>("sequel", "What comes next.", B::SequelId))
        .relation(to_many::<book::Entity>("prequels", "What came before.", B::SequelId))
        .computed(hidden("mystery", "Whether what comes next is hidden.", "sequel"));
    let tag = module.entity::<tag::Entity>("Tag", "A tag.").right("tags").partition(tag::Column::TenantId);
    tag.column(column(tag::Column::Id, "The id."));
    module.union("Item", "What a note sticks on.", &["Book", "Tag"]);
    let note =
        module.entity::<note::Entity>("Note", "A note.").right("read").partition(note::Column::TenantId);
    let item = any_record("item", "What.", "Item", note::Column::ItemType, note::Column::ItemId);
    note.column(column(note::Column::Id, "The id.")).relation(item).computed(hidden(
        "hidden",
        "Whether it sticks on what is hidden.",
        "item",
    ));
    registry
}

async fn library(backend: Backend) -> Library {
    let mut library = Library::filled(backend).await;
    library.compositions = Arc::new(Compositions::new(registry("sequel")).expect("it composes"));
    library.enable(&["library"]);
    let some = [1, 2, 4].map(|number| id(BOOK, number).into()).to_vec();
    library.context.predicates =
        [("Book".to_owned(), Predicate::AnyOf("id".to_owned(), some))].into_iter().collect();
    library
}

#[tokio::test]
async fn what_is_hidden_tells_nothing() {
    for backend in Backend::ALL {
        let library = library(backend).await;
        let query = "{ books { nodes { title mystery author { name } writer { name } sequel { title } } } }";
        let writer = |name: &str| json!({"name": name});
        let answer = library.data(query, json!({})).await;
        let nodes = answer["books"]["nodes"].as_array().expect("books");
        let name = nodes[0]["writer"]["name"].as_str().expect("an author").to_owned();
        let book = |title: &str, mystery: bool, author: Json, by: Json, sequel: Json| json!({"title": title, "mystery": mystery, "author": author, "writer": by, "sequel": sequel});
        let expected = [
            book("Alpha", false, writer(&name), writer(&name), json!({"title": "Beta"})),
            book("Beta", true, Json::Null, writer(&name), Json::Null),
            // It names no other.
            book("Delta", false, Json::Null, Json::Null, Json::Null),
        ];
        assert_eq!(nodes[..], expected);
        // Alone, by another name, and in one statement with what is selected of the other.
        let alone = library.data("{ books { nodes { a: mystery by: author { name } } } }", json!({})).await;
        assert_eq!(alone["books"]["nodes"][1], json!({"a": true, "by": null}));
        assert_eq!(alone["books"]["nodes"][0], json!({"a": false, "by": writer(&name)}));
    }
}

#[tokio::test]
async fn records_of_any_type_and_those_without_a_right() {
    for backend in Backend::ALL {
        let mut library = library(backend).await;
        let all = library.data("{ notes { nodes { id hidden item { __typename } } } }", json!({})).await;
        let notes = all["notes"]["nodes"].as_array().expect("notes").clone();
        assert!(notes.iter().any(|note| note["hidden"] == true), "{notes:?}");
        assert!(notes.iter().all(|note| note["hidden"] == false || note["item"].is_null()), "{notes:?}");
        let on_tag = notes.iter().position(|note| note["item"]["__typename"] == "Tag").expect("one on a tag");
        assert_eq!(notes[on_tag]["hidden"], false);
        // Whoever may not read tags is told that there is something, and needs no right to be told.
        library.context.rights = ["read"].into_iter().collect();
        let few = library.data("{ notes { nodes { hidden } } }", json!({})).await;
        assert_eq!(few["notes"]["nodes"][on_tag], json!({"hidden": true}));
    }
}

#[tokio::test]
async fn it_cannot_be_found_out_otherwise() {
    let library = library(Backend::Sqlite).await;
    let by_author = "{ books(filter: {author: {name: {eq: \"x\"}}}) { totalCount } }";
    let refused = library.ask(by_author, json!({})).await;
    assert!(refused["errors"][0]["message"].as_str().expect("an error").contains("author"), "{refused}");
    library.data("{ books(filter: {writer: {name: {eq: \"x\"}}}) { totalCount } }", json!({})).await;
}

#[tokio::test]
async fn the_other_is_read_once() {
    for backend in Backend::ALL {
        let library = library(backend).await;
        let query = "{ books { nodes { mystery author { name } sequel { title } } } }";
        assert_eq!(
            statements(&library, query, json!({})).await.len(),
            3,
            "{backend:?}: books, their authors, their sequels"
        );
    }
}

#[test]
fn it_must_be_a_record_that_the_row_names() {
    for with in ["nothing", "prequels"] {
        let Err(error) = Compositions::new(registry(with)) else { panic!("it composes with {with}") };
        let error = error.to_string();
        assert!(error.contains("Book.author") && error.contains(with), "{error}");
    }
}
