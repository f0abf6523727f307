//! Rows that are visible with the records that they are part of.

use std::sync::Arc;

use serde_json::{Value as Json, json};
use shoal_graphql::compose::Compositions;
use shoal_graphql::context::Predicate;
use shoal_graphql::declare::{
    EntityBuilder, ModuleRegistry, MutationDeclaration, Registry, any_record, column, through, to_many,
    to_many_of_any, to_one, to_one_through,
};
use uuid::Uuid;

use crate::common::data::{AUTHOR, BOOK, NOTE, READER, SHELF, TAG, id, plain_book};
use crate::common::entities::{author, award, book, loan, note, reader, shelf, tag};
use crate::common::mutations::TagCreate;
use crate::common::{Backend, Library};
use crate::statements::statements;

fn entity<'a, E: sea_orm::EntityTrait>(
    module: &'a mut ModuleRegistry<'_>,
    name: &'static str,
    tenant: E::Column,
    id: E::Column,
) -> EntityBuilder<'a, E>
where
    E::Column: sea_orm::ColumnTrait,
{
    module
        .entity::<E>(name, "A record.")
        .partition(tenant)
        .right("read")
        .column(column(id, "The id.").filterable())
}

fn author(module: &mut ModuleRegistry<'_>) {
    use author::Column as A;
    entity::<author::Entity>(module, "Author", A::TenantId, A::Id)
        .soft_delete(A::DeletedAt)
        .column(column(A::Name, "The name.").filterable())
        .relation(to_many::<book::Entity>("books", "What they wrote.", book::Column::AuthorId))
        .relation(to_many::<award::Entity>("awards", "What they won.", award::Column::AuthorId).as_list());
}

fn book(module: &mut ModuleRegistry<'_>, visible_with: &[&'static str], either: bool) {
    use book::Column as B;
    let builder = entity::<book::Entity>(module, "Book", B::TenantId, B::Id);
    let visible = if either { EntityBuilder::or_visible_with } else { EntityBuilder::visible_with };
    visible(builder, visible_with)
        .soft_delete(B::DeletedAt)
        .column(column(B::Title, "The title.").filterable().orderable())
        .relation(to_one::<author::Entity>("author", "Who wrote it.", B::AuthorId))
        .relation(to_one::<shelf::Entity>("shelf", "Where it stands.", B::ShelfId))
        .relation(to_one::<book::Entity>("sequel", "What comes next.", B::SequelId))
        .relation(to_many::<book::Entity>("prequels", "What came before.", B::SequelId))
        .relation(to_many_of_any::<note::Entity>(
            "stuck",
            "The notes on it.",
            note::Column::ItemType,
            note::Column::ItemId,
        ));
}

fn registry(book_with: &[&'static str]) -> Registry {
    registry_of(book_with, false)
}

fn registry_of(book_with: &[&'static str], either: bool) -> Registry {
    let mut registry = Registry::default();
    author(&mut registry.module("people"));
    let mut module = registry.module("library");
    book(&mut module, book_with, either);
    entity::<shelf::Entity>(&mut module, "Shelf", shelf::Column::TenantId, shelf::Column::Id)
        .plural("shelves")
        .column(column(shelf::Column::Code, "The sign.").filterable())
        .relation(to_many::<book::Entity>("books", "What stands there.", book::Column::ShelfId));
    entity::<tag::Entity>(&mut module, "Tag", tag::Column::TenantId, tag::Column::Id);
    entity::<award::Entity>(&mut module, "Award", award::Column::TenantId, award::Column::Id)
        .visible_with(&["author"])
        .column(column(award::Column::Year, "The year.").filterable())
        .relation(to_one::<author::Entity>("author", "Who won it.", award::Column::AuthorId));
    entity::<reader::Entity>(&mut module, "Reader", reader::Column::TenantId, reader::Column::Id)
        .visible_with(&["kept"])
        .relation(to_one_through::<book::Entity>(
            "kept",
            "What they keep.",
            through::<loan::Entity>(loan::Column::ReaderId, loan::Column::BookId)
                .when(loan::Column::Kind, "KEEP"),
        ));
    module.union("Item", "What a note sticks on.", &["Book", "Tag"]);
    entity::<note::Entity>(&mut module, "Note", note::Column::TenantId, note::Column::Id)
        .visible_with(&["item"])
        .relation(any_record(
            "item",
            "What it sticks on.",
            "Item",
            note::Column::ItemType,
            note::Column::ItemId,
        ));
    module.mutation(
        MutationDeclaration::new::<book::Entity, TagCreate, _, _>(
            "bookTouch",
            "Changes nothing of two books.",
            "change",
            async |_, rows: Vec<TagCreate>| {
                let number = |row: &TagCreate| row.name.parse().expect("a number");
                Ok(rows.iter().map(|row| Ok(id(BOOK, number(row)).into())).collect())
            },
        )
        .many("bookTouchMany", "Changes nothing."),
    );
    registry
}

async fn library(backend: Backend, book_with: &[&'static str]) -> Library {
    let mut library = Library::filled(backend).await;
    library.compositions = Arc::new(Compositions::new(registry(book_with)).expect("it composes"));
    library.enable(&["people", "library"]);
    library
}

fn only(ids: &[Uuid]) -> Predicate {
    Predicate::AnyOf("id".to_owned(), ids.iter().map(|id| (*id).into()).collect())
}

fn see(library: &mut Library, predicates: &[(&str, Predicate)]) {
    library.context.predicates =
        predicates.iter().map(|(name, predicate)| ((*name).to_owned(), predicate.clone())).collect();
}

fn ids(kind: u128, numbers: &[u128]) -> Json {
    numbers.iter().map(|number| json!({"id": id(kind, *number).to_string()})).collect()
}

async fn expect(library: &Library, list: &str, arguments: &str, (kind, numbers): (u128, &[u128])) {
    let query = format!("{{ {list}{arguments} {{ nodes {{ id }} totalCount }} }}");
    let expected = json!({list: {"nodes": ids(kind, numbers), "totalCount": numbers.len()}});
    library.expect(&query, expected).await;
}

#[tokio::test]
async fn lists_and_counts() {
    for backend in Backend::ALL {
        let mut library = library(backend, &["author"]).await;
        expect(&library, "books", "", (BOOK, &[1, 2, 3, 4, 5])).await;
        expect(&library, "notes", "", (NOTE, &[1, 2, 3, 4, 5, 6])).await;
        see(&mut library, &[("Author", only(&[id(AUTHOR, 1)]))]);
        expect(&library, "books", "", (BOOK, &[1, 2])).await;
        expect(&library, "books", "(deleted: INCLUDE)", (BOOK, &[1, 2, 6])).await;
        expect(&library, "books", "(orderBy: {title: DESC}, first: 5)", (BOOK, &[2, 1])).await;
        expect(&library, "awards", "", (0, &[1, 2])).await;
        // Two steps up, one of them to any record: what sticks on a tag, on a visible book, on nothing.
        expect(&library, "notes", "", (NOTE, &[1, 2, 4, 5])).await;
        expect(&library, "readers", "", (READER, &[2])).await;
        // The parent's deletion does not count.
        see(&mut library, &[("Author", only(&[id(AUTHOR, 3)]))]);
        expect(&library, "books", "", (BOOK, &[5])).await;
        expect(&library, "awards", "", (0, &[])).await;
        expect(&library, "readers", "", (READER, &[])).await;
        // Both must hold.
        see(
            &mut library,
            &[
                ("Author", only(&[id(AUTHOR, 1)])),
                ("Book", only(&[id(BOOK, 1), id(BOOK, 3)])),
                ("Tag", Predicate::Nothing),
            ],
        );
        expect(&library, "books", "", (BOOK, &[1])).await;
        expect(&library, "notes", "", (NOTE, &[1])).await;
    }
}

#[tokio::test]
async fn one_of_several_parents_is_enough() {
    for backend in Backend::ALL {
        let mut library = library(backend, &["author", "shelf"]).await;
        see(&mut library, &[("Author", only(&[id(AUTHOR, 1)])), ("Shelf", Predicate::Nothing)]);
        expect(&library, "books", "", (BOOK, &[1, 2])).await;
        see(&mut library, &[("Author", only(&[id(AUTHOR, 1)])), ("Shelf", only(&[id(SHELF, 2)]))]);
        expect(&library, "books", "", (BOOK, &[1, 2, 3, 4, 5])).await;
        see(&mut library, &[("Author", Predicate::Nothing), ("Shelf", only(&[id(SHELF, 1)]))]);
        expect(&library, "books", "", (BOOK, &[1, 2])).await;
    }
}

#[tokio::test]
async fn either_by_itself_or_with_another() {
    for backend in Backend::ALL {
        let mut library = Library::filled(backend).await;
        let registry = registry_of(&["author", "shelf"], true);
        library.compositions = Arc::new(Compositions::new(registry).expect("it composes"));
        library.enable(&["people", "library"]);
        // Who may see all books sees them, whatever else.
        see(&mut library, &[("Author", Predicate::Nothing), ("Shelf", Predicate::Nothing)]);
        expect(&library, "books", "", (BOOK, &[1, 2, 3, 4, 5])).await;
        expect(&library, "readers", "", (READER, &[1, 2])).await;
        let own = ("Book", only(&[id(BOOK, 3)]));
        see(&mut library, &[own.clone(), ("Author", only(&[id(AUTHOR, 1)])), ("Shelf", Predicate::Nothing)]);
        expect(&library, "books", "", (BOOK, &[1, 2, 3])).await;
        expect(&library, "books", "(orderBy: {title: DESC}, first: 5)", (BOOK, &[3, 2, 1])).await;
        see(&mut library, &[own, ("Author", Predicate::Nothing), ("Shelf", Predicate::Nothing)]);
        expect(&library, "books", "", (BOOK, &[3])).await;
        // What hangs on a book is visible with it, too.
        expect(&library, "readers", "", (READER, &[])).await;
        // Without the right nothing else helps.
        see(&mut library, &[("Book", Predicate::Nothing)]);
        expect(&library, "books", "", (BOOK, &[])).await;
    }
}

#[tokio::test]
async fn relations_filters_aggregates_and_node() {
    for backend in Backend::ALL {
        let mut library = library(backend, &["author"]).await;
        see(&mut library, &[("Author", only(&[id(AUTHOR, 1)]))]);
        let shelves = json!([
            {"books": {"nodes": [{"title": "Alpha", "sequel": {"title": "Beta"}},
                                 {"title": "Beta", "sequel": null}], "totalCount": 2}},
            {"books": {"nodes": [], "totalCount": 0}},
            {"books": {"nodes": [], "totalCount": 0}},
        ]);
        let query = "{ shelves { nodes { books { nodes { title sequel { title } } totalCount } } } }";
        library.expect(query, json!({"shelves": {"nodes": shelves}})).await;
        let query =
            "{ authors { nodes { name books(orderBy: {title: DESC}) { nodes { title } } awards { id } } } }";
        let ann = json!({"name": "Ann", "books": {"nodes": [{"title": "Beta"}, {"title": "Alpha"}]}, "awards": ids(0, &[1, 2])});
        library.expect(query, json!({"authors": {"nodes": [ann]}})).await;
        let query = "{ notes { nodes { item { __typename ... on Book { title } } } } }";
        let nodes = json!([
            {"item": {"__typename": "Book", "title": "Alpha"}}, {"item": {"__typename": "Tag"}},
            {"item": {"__typename": "Book", "title": "Beta"}}, {"item": null},
        ]);
        library.expect(query, json!({"notes": {"nodes": nodes}})).await;
        expect(&library, "shelves", "(filter: {books: {some: {title: {isNull: false}}}})", (SHELF, &[1]))
            .await;
        expect(&library, "shelves", "(filter: {books: {none: {}}})", (SHELF, &[2, 3])).await;
        expect(&library, "books", "(filter: {sequel: {title: {eq: \"Gamma\"}}})", (BOOK, &[])).await;
        expect(&library, "books", "(filter: {prequels: {some: {}}})", (BOOK, &[2])).await;
        let query = "{ booksAggregate(groupBy: [{sequel: {field: TITLE}}]) { keys count } }";
        let groups = json!([{"keys": ["Beta"], "count": 1}, {"keys": [null], "count": 1}]);
        library.expect(query, json!({"booksAggregate": groups})).await;
        for (number, seen) in [(1, true), (3, false), (6, false)] {
            let query =
                format!("{{ node(id: \"{0}\") {{ id }} book(id: \"{0}\") {{ id }} }}", id(BOOK, number));
            let found = if seen { json!({"id": id(BOOK, number).to_string()}) } else { Json::Null };
            library.expect(&query, json!({"node": found, "book": found})).await;
        }
        let query = "mutation { bookTouchMany(input: [{name: \"1\"}, {name: \"3\"}]) { results { book { title } } } }";
        let results = json!([{"book": {"title": "Alpha"}}, {"book": null}]);
        library.expect(query, json!({"bookTouchMany": {"results": results}})).await;
    }
}

#[tokio::test]
async fn nothing_is_written_where_all_is_visible() {
    let mut library = library(Backend::Sqlite, &["author"]).await;
    let query = "{ notes { nodes { id } } awards { totalCount } }";
    let exists = async |library: &Library| {
        let statements = statements(library, query, Json::Null).await;
        assert!(
            statements.iter().all(|sql| sql.matches("tenant_id").count() > sql.matches("EXISTS").count())
        );
        statements.iter().map(|sql| sql.matches("EXISTS").count()).sum::<usize>()
    };
    assert_eq!(exists(&library).await, 0);
    see(&mut library, &[("Note", only(&[id(NOTE, 1)])), ("Reader", Predicate::Nothing)]);
    assert_eq!(exists(&library).await, 0, "only the parents count");
    see(&mut library, &[("Author", only(&[id(AUTHOR, 1)]))]);
    assert_eq!(exists(&library).await, 4, "a note's book and its author, a note's tag, an award's author");
}

#[tokio::test]
async fn a_parent_of_another_tenant_makes_nothing_visible() {
    for backend in Backend::ALL {
        let mut library = library(backend, &["author"]).await;
        let foreign = author::Model {
            tenant_id: id(0, 1),
            id: id(AUTHOR, 9),
            name: "Not ours".to_owned(),
            name_sort: "not ours".to_owned(),
            born: None,
            deleted_at: None,
        };
        library.context.insert_models::<author::Entity>(&[foreign]).await;
        let ours = book::Model { author_id: Some(id(AUTHOR, 9)), ..plain_book(9, "Ours") };
        library.context.insert_models::<book::Entity>(&[ours]).await;
        see(&mut library, &[("Author", only(&[id(AUTHOR, 9), id(AUTHOR, 2)]))]);
        expect(&library, "books", "", (BOOK, &[3])).await;
    }
}

#[tokio::test]
async fn a_parent_whose_module_is_off_makes_nothing_visible() {
    for backend in Backend::ALL {
        let mut library = library(backend, &["author"]).await;
        library.enable(&["library"]);
        expect(&library, "books", "", (BOOK, &[])).await;
        // A tag is still there.
        expect(&library, "notes", "", (NOTE, &[2])).await;
        expect(&library, "tags", "", (TAG, &[1, 2, 3])).await;
    }
}

#[test]
fn declarations_that_do_not_fit() {
    let told = |book_with: &[&'static str]| match Compositions::new(registry(book_with)) {
        Ok(_) => String::new(),
        Err(error) => error.to_string(),
    };
    assert_eq!(told(&["author", "shelf"]), "");
    let unknown = "module library: the visibility of Book points at the relation {} to one record, which no module declares";
    assert_eq!(told(&["ghost"]), unknown.replace("{}", "ghost"));
    assert_eq!(told(&["title"]), unknown.replace("{}", "title"));
    assert_eq!(told(&["prequels"]), unknown.replace("{}", "prequels"));
    assert_eq!(told(&["sequel"]), "module library: the visibility of Book goes round in a circle");
}

#[test]
fn whose_a_record_is_stands_in_the_catalogue() {
    let declare = |team: bool| {
        let mut registry = Registry::default();
        let mut module = registry.module("library");
        let book = entity::<book::Entity>(&mut module, "Book", book::Column::TenantId, book::Column::Id);
        if team {
            book.owned_by(book::Column::AuthorId, book::Column::ShelfId);
        }
        registry.compose().expect("it composes")
    };
    assert_eq!(declare(false).entities[0].declaration.ownership, None);
    let ownership = declare(true).entities[0].declaration.ownership.clone().expect("an ownership");
    assert_eq!((&*ownership.owner, ownership.team.as_deref()), ("author_id", Some("shelf_id")));
}
